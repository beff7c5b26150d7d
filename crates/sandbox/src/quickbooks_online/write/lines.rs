use rust_decimal::Decimal;
use uuid::Uuid;

use super::Target;
use super::body::{Body, parsed};
use crate::ids;
use crate::ledger::{ActiveStatus, Ledger, Line, LineAmounts, Totals, Tracked, cents};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::tax_rate_of;

/// The lines of a document, and what they come to.
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    pub(super) line_amounts: LineAmounts,
    pub(super) totals: Totals,
    pub(super) currency: String,
    /// Foreign units per base unit.
    pub(super) currency_rate: Decimal,
}

/// Read the lines of a sale, a purchase or a deposit. `currency` is that of the contact.
pub(super) fn read(target: &Target<'_>, body: Body<'_>, currency: Option<&str>) -> Result<Lines, Fault> {
    let ledger = &*target.ledger;
    let is_us = ledger.facts.country_code == "US";
    let line_amounts = match body.text("GlobalTaxCalculation") {
        _ if is_us => LineAmounts::Exclusive,
        "TaxInclusive" => LineAmounts::Inclusive,
        "TaxExcluded" => LineAmounts::Exclusive,
        "NotApplicable" => LineAmounts::NoTax,
        "" if body
            .list("Line")
            .iter()
            .any(|line| detail(*line).reference("TaxCodeRef").is_some()) =>
        {
            LineAmounts::Exclusive
        }
        "" => LineAmounts::NoTax,
        other => {
            return Err(Fault::malformed(format!(
                "GlobalTaxCalculation: '{other}' is none of its values"
            )));
        }
    };
    let department = tracked(ledger, body, "DepartmentRef", 1)?;
    let mut lines = Vec::new();
    for (place, line) in body.list("Line").into_iter().enumerate() {
        match line.text("DetailType") {
            "SalesItemLineDetail"
            | "AccountBasedExpenseLineDetail"
            | "ItemBasedExpenseLineDetail"
            | "DepositLineDetail" => {
                lines.push(read_line(target, line, place, line_amounts, department)?);
            }
            // What they come to is worked out again.
            "SubTotalLineDetail" => {}
            "" => return Err(Fault::missing("Line.DetailType")),
            other => return Err(Fault::not_simulated(&format!("lines of type {other}"))),
        }
    }
    if lines.is_empty() {
        return Err(Fault::missing("Line"));
    }
    let base = &ledger.facts.base_currency;
    let currency = body
        .reference("CurrencyRef")
        .or(currency)
        .unwrap_or(base)
        .to_owned();
    if currency != *base && !ledger.facts.foreign_currencies.contains(&currency) {
        return Err(Fault::reference("Currency", &currency));
    }
    let currency_rate = match body.amount("ExchangeRate")? {
        _ if currency == *base => Decimal::ONE,
        Some(rate) if rate > Decimal::ZERO => Decimal::ONE / rate,
        Some(_) => return Err(Fault::malformed("ExchangeRate has to be above 0")),
        None => crate::generate::habits::usual_currency_rate(ledger, &currency),
    };
    Ok(Lines {
        totals: Totals::of(&lines, line_amounts),
        lines,
        line_amounts,
        currency,
        currency_rate,
    })
}

fn detail(line: Body<'_>) -> Body<'_> {
    line.part(line.text("DetailType"))
}

fn read_line(
    target: &Target<'_>,
    body: Body<'_>,
    place: usize,
    line_amounts: LineAmounts,
    department: Option<Tracked>,
) -> Result<Line, Fault> {
    let ledger = &*target.ledger;
    let detail = detail(body);
    let amount = body.amount("Amount")?.ok_or(Fault::missing("Line.Amount"))?;
    let item = detail.item(ledger, "ItemRef")?;
    let is_sale = body.text("DetailType") == "SalesItemLineDetail";
    let account = match item.and_then(|item| ledger.items.get(item)) {
        Some(item) => {
            let terms = if is_sale { &item.sale } else { &item.purchase };
            let terms = terms
                .as_ref()
                .ok_or_else(|| Fault::business(format!("the item {} has no account for this", item.name)))?;
            terms.account
        }
        None if is_sale => detail.account(ledger, "ItemAccountRef")?.meta.id,
        None => detail.account(ledger, "AccountRef")?.meta.id,
    };
    let tax_code = match detail.reference("TaxCodeRef") {
        // Purchases are not taxed there.
        Some(_) if ledger.facts.country_code == "US" && !is_sale => "NONE".to_owned(),
        Some(reference) => {
            let rate =
                tax_rate_of(ledger, reference).ok_or_else(|| Fault::reference("TaxCode", reference))?;
            if rate.status == ActiveStatus::Archived || rate.meta.deleted {
                return Err(Fault::not_found("TaxCode"));
            }
            rate.code.clone()
        }
        None => "NONE".to_owned(),
    };
    let rate = ledger
        .tax_rate_by_code(&tax_code)
        .map_or(Decimal::ZERO, |rate| rate.effective_rate);
    let quantity = detail.amount("Qty")?;
    let unit_price = detail.amount("UnitPrice")?;
    let (quantity, unit_amount) = match (quantity, unit_price) {
        (Some(quantity), Some(price)) if cents(quantity * price) == cents(amount) => (quantity, price),
        (Some(quantity), Some(price)) if !quantity.is_zero() && !price.is_zero() => {
            return Err(Fault::business("Amount is not equal to UnitPrice * Qty"));
        }
        (Some(quantity), _) if !quantity.is_zero() => (quantity, amount / quantity),
        _ => (Decimal::ONE, amount),
    };
    let mut line = Line {
        id: ids::derived("line", &format!("{} {place}", target.id())),
        description: body.text("Description").to_owned(),
        quantity,
        unit_amount,
        discount_rate: None,
        line_amount: Decimal::ZERO,
        tax_amount: Decimal::ZERO,
        tax_code,
        account,
        item,
        tracking: Vec::new(),
    };
    if line_amounts == LineAmounts::Inclusive {
        // What it comes to with its tax is told apart, or is the amount itself.
        let told = detail.amount("TaxInclusiveAmt")?;
        let gross = told.filter(|gross| !gross.is_zero()).unwrap_or(amount);
        (line.quantity, line.unit_amount) = (Decimal::ONE, gross);
    }
    line.calculate(line_amounts, rate);
    line.tracking.extend(tracked(ledger, detail, "ClassRef", 0)?);
    line.tracking.extend(department);
    Ok(line)
}

/// The option of a dimension that a reference names; none where none is named.
pub(super) fn tracked(
    ledger: &Ledger,
    body: Body<'_>,
    name: &'static str,
    place: usize,
) -> Result<Option<Tracked>, Fault> {
    let Some(id) = body.reference(name) else {
        return Ok(None);
    };
    let unknown = || Fault::reference(if place == 0 { "Class" } else { "Department" }, id);
    let category = ledger.tracking.at(place).ok_or_else(unknown)?;
    let number = parsed(id).ok_or_else(unknown)?;
    let position = (0..category.options.len())
        .find(|position| ledger.option_number(place, *position) == number)
        .ok_or_else(unknown)?;
    let option = category.options.get(position).ok_or_else(unknown)?;
    if option.deleted || option.status == ActiveStatus::Archived {
        return Err(Fault::not_found(if place == 0 { "Class" } else { "Department" }));
    }
    Ok(Some(Tracked {
        category: category.meta.id,
        option: option.id,
    }))
}

/// The account of a line, for what is posted to both sides.
pub(super) fn account_of(ledger: &Ledger, detail: Body<'_>) -> Result<Uuid, Fault> {
    Ok(detail.account(ledger, "AccountRef")?.meta.id)
}
