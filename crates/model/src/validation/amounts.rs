use crate::Decimal;

use super::Check;
use super::lines::DocumentLine;

/// What a document states of its amounts; `None` is what the platform leaves out.
pub(super) struct Amounts<'a> {
    pub sub_total: (&'a str, Option<Decimal>),
    pub tax: (&'a str, Option<Decimal>),
    pub total: (&'a str, Option<Decimal>),
    /// Held back by the payer: some platforms take it off the total.
    pub withheld: Decimal,
}

/// Sub-total and tax make the total; the lines make the sub-total and the tax.
///
/// Amounts are compared exactly but for what rounding needs. A line with more digits than the document may have been
/// rounded in the sum: half a unit of the document's last place each. Tax may be rounded on every line or once on
/// their sum: half a unit of its last place for each taxed line.
pub(super) fn check<L: DocumentLine>(check: &mut Check<'_>, amounts: &Amounts<'_>, lines: &[L]) {
    total(check, amounts);
    if lines.is_empty() {
        return;
    }
    let (field, stated) = amounts.sub_total;
    if let Some(stated) = stated
        && let Some(summed) = sum(lines, DocumentLine::sub_total)
    {
        let finer = lines
            .iter()
            .filter_map(DocumentLine::sub_total)
            .filter(|amount| amount.normalized().scale() > stated.scale().max(CENTS));
        let allowed = half_unit(stated) * count(finer.count());
        compare(
            check,
            "lines-do-not-make-sub-total",
            field,
            "sub-total",
            summed,
            stated,
            allowed,
        );
    }
    let (field, stated) = amounts.tax;
    if let Some(stated) = stated
        && let Some(summed) = sum(lines, DocumentLine::tax_amount)
    {
        let taxed = lines
            .iter()
            .filter_map(DocumentLine::tax_amount)
            .filter(|amount| !amount.is_zero());
        let allowed = half_unit(stated) * count(taxed.count());
        compare(
            check,
            "lines-do-not-make-tax",
            field,
            "tax",
            summed,
            stated,
            allowed,
        );
    }
}

fn total(check: &mut Check<'_>, amounts: &Amounts<'_>) {
    let (field, stated) = amounts.total;
    let (Some(sub_total), Some(tax), Some(total)) = (amounts.sub_total.1, amounts.tax.1, stated) else {
        return;
    };
    let made = sub_total + tax;
    if made != total && made - amounts.withheld != total {
        check.error(
            "total-does-not-add-up",
            field,
            format!("The sub-total ({sub_total}) and the tax ({tax}) make {made}, not the total ({total})."),
        );
    }
}

fn compare(
    check: &mut Check<'_>,
    rule: &'static str,
    field: &str,
    what: &str,
    summed: Decimal,
    stated: Decimal,
    allowed: Decimal,
) {
    if (summed - stated).abs() > allowed {
        check.error(
            rule,
            field,
            format!("The {what} of the lines summed ({summed}) is not that of the document ({stated})."),
        );
    }
}

/// `None` where a line does not say; one that is a mere description need not.
fn sum<L: DocumentLine>(lines: &[L], amount: impl Fn(&L) -> Option<Decimal>) -> Option<Decimal> {
    let of = |line: &L| amount(line).or(line.quantity().is_zero().then_some(Decimal::ZERO));
    lines.iter().map(of).sum()
}

/// Digits after the point that every amount is taken to have.
const CENTS: u32 = 2;

fn half_unit(amount: Decimal) -> Decimal {
    let scale = amount.scale().max(CENTS);
    Decimal::of_parts(5, scale + 1)
}

fn count(lines: usize) -> Decimal {
    Decimal::from(i64::try_from(lines).unwrap_or(i64::MAX))
}
