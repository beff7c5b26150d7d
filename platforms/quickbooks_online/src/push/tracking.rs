use ledgerline_model::push::{Order, OrderLine, TrackingKind};
use ledgerline_platform::Error;
use ledgerline_platform::push::refused;

use super::account::Ref;

/// What a line is tracked by.
#[derive(Default)]
pub(super) struct Tracked {
    pub class: Option<Ref>,
    /// The location: transactions other than journal entries have one for all lines.
    pub department: Option<Ref>,
    pub customer: Option<Ref>,
    /// To be billed on to the customer.
    pub is_billable: bool,
}

const CLASS: &str = "CLASS_";
const DEPARTMENT: &str = "DEPARTMENT_";

pub(super) fn of_line(line: &OrderLine, index: usize) -> Result<Tracked, Error> {
    let field = || format!("lines[{index}].trackingRefs");
    let mut tracked = Tracked::default();
    for tracking in &line.tracking {
        let (place, id) = match tracking.kind {
            TrackingKind::Customer => (&mut tracked.customer, tracking.id.as_str()),
            TrackingKind::Category => {
                if let Some(id) = tracking.id.strip_prefix(CLASS) {
                    (&mut tracked.class, id)
                } else if let Some(id) = tracking.id.strip_prefix(DEPARTMENT) {
                    (&mut tracked.department, id)
                } else {
                    let id = &tracking.id;
                    return Err(refused(
                        field(),
                        format!("`{id}` is neither a class nor a location"),
                    ));
                }
            }
        };
        if place.replace(Ref::to(id)).is_some() {
            return Err(refused(
                field(),
                "QuickBooks tracks a line by one class, one location and one customer",
            ));
        }
    }
    if let Some(customer) = &line.invoice_to {
        tracked.customer = Some(Ref::to(customer.as_str()));
        tracked.is_billable = true;
    }
    Ok(tracked)
}

/// The one location of a transaction.
pub(super) fn department(order: &Order) -> Result<Option<Ref>, Error> {
    let mut department: Option<Ref> = None;
    for (index, line) in order.lines.iter().enumerate() {
        let Some(of_line) = of_line(line, index)?.department else {
            continue;
        };
        match &department {
            Some(other) if *other != of_line => {
                return Err(refused(
                    format!("lines[{index}].trackingRefs"),
                    "QuickBooks has one location for all lines",
                ));
            }
            Some(_) => {}
            None => department = Some(of_line),
        }
    }
    Ok(department)
}
