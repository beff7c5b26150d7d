use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::fields::tax_rate;
use super::{New, is_active};
use crate::ledger::{Account, Ledger, Line, LineAmounts, SystemRole, Tracked};
use crate::xero::amount::Amount;

/// A line as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SentLine {
    #[serde(default)]
    description: Option<String>,
    quantity: Option<Amount>,
    unit_amount: Option<Amount>,
    line_amount: Option<Amount>,
    tax_amount: Option<Amount>,
    tax_type: Option<String>,
    account_code: Option<String>,
    #[serde(rename = "AccountID")]
    account_id: Option<Uuid>,
    #[serde(default)]
    tracking: Vec<SentTracking>,
}

/// An option of a tracking category, by ids or names.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SentTracking {
    #[serde(rename = "TrackingCategoryID")]
    category_id: Option<Uuid>,
    name: Option<String>,
    #[serde(rename = "TrackingOptionID")]
    option_id: Option<Uuid>,
    option: Option<String>,
}

/// `Inclusive` unless told, as bank transactions are.
pub(super) fn line_amounts(text: Option<&str>) -> Result<LineAmounts, String> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        Some("exclusive") | None => Ok(LineAmounts::Exclusive),
        Some("inclusive") => Ok(LineAmounts::Inclusive),
        Some("notax") => Ok(LineAmounts::NoTax),
        Some(_) => Err("LineAmountTypes takes Exclusive, Inclusive or NoTax.".to_owned()),
    }
}

/// The lines of a document; every reason why one cannot be.
pub(super) fn lines(
    ledger: &Ledger,
    sent: &[SentLine],
    amounts: LineAmounts,
    new: New,
    reasons: &mut Vec<String>,
) -> Vec<Line> {
    if sent.is_empty() {
        reasons.push("One or more line items must be specified.".to_owned());
    }
    let lines = sent.iter().enumerate();
    lines
        .filter_map(|(index, sent)| {
            line(ledger, sent, amounts, new.another(&format!("line {index}")))
                .map_err(|reason| reasons.push(reason))
                .ok()
        })
        .collect()
}

fn line(ledger: &Ledger, sent: &SentLine, amounts: LineAmounts, id: Uuid) -> Result<Line, String> {
    let account = document_account(ledger, sent.account_id, sent.account_code.as_deref())?;
    let description = sent.description.clone().unwrap_or_default();
    if description.trim().is_empty() {
        return Err("Description must not be empty.".to_owned());
    }
    let code = sent.tax_type.clone().unwrap_or_else(|| account.tax_code.clone());
    let rate = tax_rate(ledger, &code)?;
    let quantity = sent.quantity.map_or(Decimal::ONE, |amount| amount.0);
    let unit_amount = match (sent.unit_amount, sent.line_amount) {
        (Some(unit), _) => unit.0,
        (None, Some(whole)) if !quantity.is_zero() => whole.0 / quantity,
        (None, _) => return Err("UnitAmount or LineAmount must be given.".to_owned()),
    };
    let mut line = Line {
        id,
        description,
        quantity,
        unit_amount: unit_amount.round_dp(4),
        discount_rate: None,
        line_amount: Decimal::ZERO,
        tax_amount: Decimal::ZERO,
        tax_code: code,
        account: account.meta.id,
        item: None,
        tracking: tracked(ledger, &sent.tracking)?,
    };
    line.calculate(amounts, rate);
    if let Some(sent) = sent.line_amount
        && sent.0 != line.line_amount
    {
        return Err(format!(
            "The line total {} does not match the expected line total {}.",
            sent.0, line.line_amount
        ));
    }
    if let (Some(tax), LineAmounts::Exclusive | LineAmounts::Inclusive) = (sent.tax_amount, amounts) {
        line.tax_amount = crate::ledger::cents(tax.0);
    }
    Ok(line)
}

/// An account that a document's line may be booked to.
pub(super) fn document_account<'a>(
    ledger: &'a Ledger,
    id: Option<Uuid>,
    code: Option<&str>,
) -> Result<&'a Account, String> {
    let shown = code.map_or_else(|| id.unwrap_or_default().to_string(), str::to_owned);
    let found = match (id, code) {
        (Some(id), _) => ledger.accounts.get(id),
        (None, Some(code)) => ledger.account_by_code(code),
        (None, None) => return Err("Account code must be specified.".to_owned()),
    };
    let not_allowed = |account: &&Account| {
        let booked_by_itself = matches!(
            account.role,
            Some(SystemRole::Receivables | SystemRole::Payables | SystemRole::RetainedEarnings)
        );
        account.bank.is_none() && !booked_by_itself && !account.meta.deleted
    };
    let account = found
        .filter(not_allowed)
        .ok_or_else(|| format!("Account code '{shown}' is not a valid code for this document."))?;
    if is_active(account.status) {
        Ok(account)
    } else {
        Err(format!("Account code '{shown}' has been archived or deleted."))
    }
}

/// The options that a line is tracked by.
pub(super) fn tracked(ledger: &Ledger, sent: &[SentTracking]) -> Result<Vec<Tracked>, String> {
    sent.iter().map(|sent| track(ledger, sent)).collect()
}

fn track(ledger: &Ledger, sent: &SentTracking) -> Result<Tracked, String> {
    let category = ledger
        .tracking
        .iter()
        .filter(|category| is_active(category.status) && !category.meta.deleted)
        .find(|category| match (sent.category_id, &sent.name) {
            (Some(id), _) => category.meta.id == id,
            (None, Some(name)) => category.name == *name,
            (None, None) => false,
        })
        .ok_or("The tracking category could not be found.")?;
    let option = category
        .options
        .iter()
        .filter(|option| is_active(option.status) && !option.deleted)
        .find(|option| match (sent.option_id, &sent.option) {
            (Some(id), _) => option.id == id,
            (None, Some(name)) => option.name == *name,
            (None, None) => false,
        })
        .ok_or_else(|| format!("The tracking option of `{}` could not be found.", category.name))?;
    Ok(Tracked {
        category: category.meta.id,
        option: option.id,
    })
}
