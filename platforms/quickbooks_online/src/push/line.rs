use ledgerline_model::Decimal;
use ledgerline_model::push::Order;
use ledgerline_platform::Error;
use ledgerline_platform::push::{References, text};
use serde::Serialize;

use super::account::Ref;
use super::tax::Taxation;
use super::{account, tracking};

/// A line of a purchase or a bill.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExpenseLine {
    detail_type: &'static str,
    amount: Decimal,
    description: String,
    account_based_expense_line_detail: Detail,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    account_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_code_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_inclusive_amt: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable_status: Option<&'static str>,
}

pub(super) fn lines(
    order: &Order,
    references: &References,
    taxation: Taxation,
) -> Result<Vec<ExpenseLine>, Error> {
    let lines = order.lines.iter().enumerate();
    lines
        .map(|(index, line)| {
            let account = account::find(references, &line.account, &format!("lines[{index}].accountRef"))?;
            let tax = taxation.line(line, index)?;
            let tracked = tracking::of_line(line, index)?;
            let billable_status = tracked.customer.is_some().then_some(if tracked.is_billable {
                "Billable"
            } else {
                "NotBillable"
            });
            Ok(ExpenseLine {
                detail_type: "AccountBasedExpenseLineDetail",
                amount: tax.amount,
                description: text::of_line(order, index),
                account_based_expense_line_detail: Detail {
                    account_ref: account.reference(),
                    tax_code_ref: tax.code,
                    tax_inclusive_amt: tax.inclusive,
                    class_ref: tracked.class,
                    customer_ref: tracked.customer,
                    billable_status,
                },
            })
        })
        .collect()
}
