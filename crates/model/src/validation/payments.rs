use crate::Decimal;
use crate::records::{BillPaymentLine, BillPaymentLinkType, PaymentLine, PaymentLinkType};

use super::{Check, line_field};

/// A part of a payment: its own amount, and those of the records that it was used on.
pub(super) trait Part {
    fn amount(&self) -> Decimal;
    /// `None` where a link does not say its amount, or has another currency.
    fn links(&self) -> Option<Decimal>;
    /// Money that has not been used on any record yet.
    fn is_on_account(&self) -> bool;
}

macro_rules! part {
    ($line:ident, $kind:ident) => {
        impl Part for $line<'_> {
            fn amount(&self) -> Decimal {
                self.amount
            }

            fn links(&self) -> Option<Decimal> {
                let is_same_currency = |rate: Option<Decimal>| rate.is_none_or(|rate| rate == Decimal::ONE);
                self.links
                    .iter()
                    .map(|link| link.amount.filter(|_| is_same_currency(link.currency_rate)))
                    .sum()
            }

            fn is_on_account(&self) -> bool {
                let mut links = self.links.iter();
                links.any(|link| {
                    matches!(link.kind, $kind::PaymentOnAccount | $kind::Unlinked) && link.id.is_none()
                })
            }
        }
    };
}

part!(PaymentLine, PaymentLinkType);
part!(BillPaymentLine, BillPaymentLinkType);

/// The lines make the payment, and each line is cancelled out by what it was used on.
pub(super) fn check(check: &mut Check<'_>, total: Option<Decimal>, parts: &[impl Part]) {
    if parts.is_empty() {
        return;
    }
    check.findings.is_open = parts.iter().any(Part::is_on_account);
    let summed: Decimal = parts.iter().map(Part::amount).sum();
    if let Some(total) = total
        && summed != total
    {
        check.error(
            "lines-do-not-make-payment",
            "lines",
            format!("The lines summed ({summed}) are not the payment ({total})."),
        );
    }
    for (index, part) in parts.iter().enumerate() {
        let amount = part.amount();
        if let Some(used) = part.links().filter(|used| *used != -amount) {
            let field = line_field("lines", index, "links");
            let message = format!("The line's amount ({amount}) and its links ({used}) do not cancel out.");
            check.error("payment-line-does-not-cancel-out", &field, message);
        }
    }
}
