//! What can be known to be wrong with an expense before anything is sent. Pure.

use ledgerline_model::push::{Expense, Order, TrackingKind};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::push::{CurrencyRule, PushAbout, Referenced, References};

use super::missing::Missing;

const MOST: i64 = 5_000_000;
const MOST_LINES: usize = 100;
const MOST_TRACKING: usize = 10;

/// What is wrong with it whatever the books hold.
pub(super) fn content(expense: &Expense) -> Result<(), String> {
    if !is_currency(&expense.currency) {
        return Err("`currency` must be three capital letters of ISO 4217.".into());
    }
    if expense
        .currency_rate
        .is_some_and(|rate| rate.is_negative() || rate.is_zero())
    {
        return Err("`currencyRate` must be more than 0.".into());
    }
    if expense.lines.is_empty() || expense.lines.len() > MOST_LINES {
        return Err(format!("`lines` must hold 1 to {MOST_LINES} lines."));
    }
    let places = minor_units(&expense.currency);
    for (index, line) in expense.lines.iter().enumerate() {
        for (name, amount) in [("netAmount", line.net), ("taxAmount", line.tax)] {
            if amount.is_negative() || amount > Decimal::from(MOST) {
                return Err(format!("`lines[{index}].{name}` must be from 0 to {MOST}."));
            }
            if amount.normalized().scale() > places {
                return Err(format!(
                    "`lines[{index}].{name}` must have no more than {places} digits after the point in {}.",
                    expense.currency
                ));
            }
        }
        if line.tracking.len() > MOST_TRACKING {
            return Err(format!(
                "`lines[{index}].trackingRefs` must hold no more than {MOST_TRACKING}."
            ));
        }
    }
    Ok(())
}

/// What is wrong with it given the books: what it refers to is there and in use, and the currencies go together.
pub(super) fn order(order: &Order, references: &References, about: &PushAbout) -> Result<(), String> {
    let account = DataType::ChartOfAccounts;
    let bank = in_use(
        references,
        account,
        &order.bank_account,
        "bankAccountRef",
        "account",
    )?;
    let contact = match &order.contact {
        Some(contact) => {
            let data_type = contact.kind.data_type();
            let word = match data_type {
                DataType::Customers => "customer",
                _ => "supplier",
            };
            Some(in_use(references, data_type, &contact.id, "contactRef", word)?)
        }
        None => None,
    };
    for (index, line) in order.lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{index}].{name}");
        in_use(
            references,
            account,
            &line.account,
            &field("accountRef"),
            "account",
        )?;
        if let Some(tax_rate) = &line.tax_rate
            && about.default_tax_rate != Some(tax_rate.as_str())
        {
            in_use(
                references,
                DataType::TaxRates,
                tax_rate,
                &field("taxRateRef"),
                "tax rate",
            )?;
        }
        for (place, tracking) in line.tracking.iter().enumerate() {
            let (data_type, word) = match tracking.kind {
                TrackingKind::Category => (DataType::TrackingCategories, "tracking category"),
                TrackingKind::Customer => (DataType::Customers, "customer"),
            };
            let field = field(&format!("trackingRefs[{place}]"));
            in_use(references, data_type, &tracking.id, &field, word)?;
        }
        if let Some(customer) = &line.invoice_to {
            in_use(
                references,
                DataType::Customers,
                customer,
                &field("invoiceTo"),
                "customer",
            )?;
        }
    }
    currencies(order, bank, contact, references, about.currencies)
}

fn in_use<'a>(
    references: &'a References,
    data_type: DataType,
    id: &str,
    field: &str,
    word: &str,
) -> Result<&'a Referenced, String> {
    let missing = |is_archived| Missing {
        field: field.to_owned(),
        word: word.to_owned(),
        id: id.to_owned(),
        is_archived,
    };
    match references.get(data_type, id) {
        None => Err(missing(false).to_string()),
        Some(found) if found.is_archived => Err(missing(true).to_string()),
        Some(found) => Ok(found),
    }
}

/// The currencies of expense, bank account and contact; what the books do not say is left to the platform.
fn currencies(
    order: &Order,
    bank: &Referenced,
    contact: Option<&Referenced>,
    references: &References,
    rule: CurrencyRule,
) -> Result<(), String> {
    let Some(base) = references.base_currency.as_deref() else {
        return Ok(());
    };
    let spent = order.currency.as_str();
    let of_bank = member(bank, "currency").unwrap_or_else(|| base.to_owned());
    let of_bank = of_bank.as_str();
    if order.kind.is_transfer() {
        let other = order.lines.first();
        let other = other.and_then(|line| references.get(DataType::ChartOfAccounts, &line.account));
        let other = other
            .and_then(|other| member(other, "currency"))
            .unwrap_or_else(|| base.to_owned());
        let fits = match rule {
            CurrencyRule::BankAccount => of_bank == other,
            CurrencyRule::BaseAccountTakesAny => of_bank == base || other == base || of_bank == other,
            CurrencyRule::BaseOnly => of_bank == base && other == base,
        };
        if !fits {
            return Err(format!(
                "`bankAccountRef`: the platform transfers nothing between accounts in {of_bank} and {other}."
            ));
        }
    } else {
        if of_bank != base && spent != base && of_bank != spent {
            return Err(format!(
                "`currency`: {spent} cannot be spent from an account in {of_bank}, since the books are in {base}."
            ));
        }
        let fits = match rule {
            CurrencyRule::BankAccount => true,
            CurrencyRule::BaseAccountTakesAny => of_bank == base || spent == of_bank,
            CurrencyRule::BaseOnly => of_bank == base && spent == base,
        };
        if !fits {
            return Err(format!(
                "`currency`: the platform books no {spent} on an account in {of_bank}."
            ));
        }
        let of_contact = contact.and_then(|contact| member(contact, "defaultCurrency"));
        if let Some(of_contact) = of_contact.filter(|of_contact| of_contact != spent)
            && rule != CurrencyRule::BankAccount
        {
            return Err(format!(
                "`contactRef`: the contact is booked in {of_contact}, not in {spent}."
            ));
        }
    }
    if (spent != base || of_bank != base) && order.currency_rate.is_none() {
        return Err(format!(
            "`currencyRate` is required, since the books are in {base}."
        ));
    }
    Ok(())
}

/// A text of the object's standard form.
fn member(object: &Referenced, name: &str) -> Option<String> {
    let standard: serde_json::Value = serde_json::from_str(&object.standard).ok()?;
    let text = standard.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Digits after the point, by ISO 4217; two for what is not listed.
fn minor_units(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}
