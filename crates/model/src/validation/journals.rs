use crate::Decimal;
use crate::records::JournalLine;

use super::Check;

/// Debits equal credits. `beside` is what the platform posts to other accounts without listing it among the lines.
pub(super) fn balance(check: &mut Check<'_>, lines: &[JournalLine<'_>], beside: Decimal) {
    let side = |wanted: bool| -> Decimal {
        let amounts = lines.iter().map(|line| line.net_amount);
        amounts.filter(|amount| amount.is_negative() == wanted).sum()
    };
    let (debits, credits) = (side(false), -side(true));
    let left = debits - credits + beside;
    if !left.is_zero() {
        let tax = if beside.is_zero() {
            String::new()
        } else {
            format!(", with {beside} of tax")
        };
        check.error(
            "journal-does-not-balance",
            "journalLines",
            format!("Debits are {debits} and credits {credits}{tax}: they differ by {left}."),
        );
    }
}
