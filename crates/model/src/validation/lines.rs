use crate::records::{
    AccountRef, CategoryRef, DirectLine, ItemRef, PayableLine, ReceivableLine, TaxRateRef, Tracking,
};
use crate::{DataType, Decimal};

use super::{Check, line_field};

/// A line of any document.
pub(super) trait DocumentLine {
    fn quantity(&self) -> Decimal;
    /// Without tax.
    fn sub_total(&self) -> Option<Decimal>;
    fn tax_amount(&self) -> Option<Decimal>;
    fn account(&self) -> Option<&AccountRef<'_>>;
    fn tax_rate(&self) -> Option<&TaxRateRef<'_>>;
    fn item(&self) -> Option<&ItemRef<'_>>;
    fn categories(&self) -> &[CategoryRef<'_>];
    fn tracking(&self) -> Option<&Tracking<'_>>;
}

macro_rules! document_line {
    ($line:ident, $tracking:expr) => {
        impl DocumentLine for $line<'_> {
            fn quantity(&self) -> Decimal {
                self.quantity
            }

            fn sub_total(&self) -> Option<Decimal> {
                self.sub_total
            }

            fn tax_amount(&self) -> Option<Decimal> {
                self.tax_amount
            }

            fn account(&self) -> Option<&AccountRef<'_>> {
                self.account_ref.as_ref()
            }

            fn tax_rate(&self) -> Option<&TaxRateRef<'_>> {
                self.tax_rate_ref.as_ref()
            }

            fn item(&self) -> Option<&ItemRef<'_>> {
                self.item_ref.as_ref()
            }

            fn categories(&self) -> &[CategoryRef<'_>] {
                &self.tracking_category_refs
            }

            fn tracking(&self) -> Option<&Tracking<'_>> {
                let of: fn(&Self) -> Option<&Tracking<'_>> = $tracking;
                of(self)
            }
        }
    };
}

document_line!(ReceivableLine, |line| line.tracking.as_ref());
document_line!(PayableLine, |line| line.tracking.as_ref());
document_line!(DirectLine, |_| None);

/// Whether a line may have less than none of something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Negative {
    /// Returns and discounts stand among the lines of what is invoiced.
    Legal,
    /// Nobody orders less than nothing.
    Illegal,
}

pub(super) fn check<L: DocumentLine>(check: &mut Check<'_>, lines: &[L], negative: Negative) {
    for (index, line) in lines.iter().enumerate() {
        quantity(check, line, index, negative);
        tracking(check, line, index);
        references(check, line);
    }
}

/// A line of nothing has no amount: only a line that is a mere description has the quantity 0.
fn quantity(check: &mut Check<'_>, line: &impl DocumentLine, index: usize, negative: Negative) {
    let quantity = line.quantity();
    let amount = line.sub_total().unwrap_or(Decimal::ZERO);
    if quantity.is_zero() && !amount.is_zero() {
        let field = line_field("lineItems", index, "quantity");
        check.warn(
            "quantity-zero",
            &field,
            format!("The quantity is 0, the amount {amount}."),
        );
    }
    if quantity.is_negative() && negative == Negative::Illegal {
        let field = line_field("lineItems", index, "quantity");
        check.warn(
            "quantity-negative",
            &field,
            format!("The quantity is {quantity}."),
        );
    }
}

/// A line names a tracking category once, and in both places where lines name them.
fn tracking(check: &mut Check<'_>, line: &impl DocumentLine, index: usize) {
    let categories = line.categories();
    for (place, category) in categories.iter().enumerate() {
        if categories.iter().take(place).any(|other| other.id == category.id) {
            let field = line_field("lineItems", index, "trackingCategoryRefs");
            let message = format!("The tracking category `{}` is named twice.", category.id);
            check.warn("tracking-repeated", &field, message);
        }
    }
    let Some(tracking) = line.tracking() else { return };
    let mut listed = categories.iter().map(|category| &category.id);
    let same = listed.len() == tracking.category_refs.len()
        && listed.all(|id| tracking.category_refs.iter().any(|other| other.id == *id));
    if !same {
        let field = line_field("lineItems", index, "tracking.categoryRefs");
        let message = "They are not the line's `trackingCategoryRefs`.".to_owned();
        check.warn("tracking-contradicts-itself", &field, message);
    }
}

fn references(check: &mut Check<'_>, line: &impl DocumentLine) {
    if let Some(id) = line.account().and_then(|account| account.id.as_ref()) {
        check.refers(DataType::ChartOfAccounts, id, "lineItems.accountRef.id");
    }
    if let Some(rate) = line.tax_rate() {
        check.refers(DataType::TaxRates, &rate.id, "lineItems.taxRateRef.id");
    }
    if let Some(item) = line.item() {
        check.refers(DataType::Items, &item.id, "lineItems.itemRef.id");
    }
    for category in line.categories() {
        check.refers(
            DataType::TrackingCategories,
            &category.id,
            "lineItems.trackingCategoryRefs.id",
        );
    }
}
