use ledgerline_model::push::{Order, OrderLine, TrackingKind};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::Error;
use ledgerline_platform::push::{References, cents, refused, text};
use serde::{Deserialize, Serialize};

use super::account;
use super::account::LineAccount;

/// A line of a bank transaction: one piece at the net amount, and the tax as it was told, not as Xero would work it
/// out.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LineItem {
    description: String,
    quantity: Decimal,
    unit_amount: Decimal,
    line_amount: Decimal,
    #[serde(flatten)]
    account: LineAccount,
    tax_type: String,
    tax_amount: Decimal,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tracking: Vec<Tracking>,
}

/// An option of a tracking category, by the names of both: lines of bank transactions are read by these.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tracking {
    name: String,
    option: String,
    #[serde(skip)]
    category: String,
}

pub(super) fn items(order: &Order, references: &References) -> Result<Vec<LineItem>, Error> {
    let lines = order.lines.iter().enumerate();
    lines
        .map(|(index, line)| {
            let field = |name: &str| format!("lines[{index}].{name}");
            let account = account::find(references, &line.account, &field("accountRef"))?;
            let net = cents(line.net, field("netAmount"))?;
            let tax = cents(line.tax, field("taxAmount"))?;
            Ok(LineItem {
                description: text::of_line(order, index),
                quantity: Decimal::ONE,
                unit_amount: net,
                line_amount: net,
                account: account.into(),
                tax_type: tax_type(line, references, &field("taxRateRef"))?,
                tax_amount: tax,
                tracking: tracking(line, references, index)?,
            })
        })
        .collect()
}

fn tax_type(line: &OrderLine, references: &References, field: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Rate {
        effective_tax_rate: Option<Decimal>,
    }
    let id = line.tax_rate.as_deref().unwrap_or(NO_TAX);
    let rate = references
        .get(DataType::TaxRates, id)
        .and_then(|found| serde_json::from_str::<Rate>(&found.standard).ok())
        .and_then(|rate| rate.effective_tax_rate);
    let takes_none = rate.map_or(id == NO_TAX, Decimal::is_zero);
    if takes_none && !line.tax.is_zero() {
        return Err(refused(
            field,
            format!(
                "the tax rate `{id}` is of 0 %, and the line has a tax of {}",
                line.tax
            ),
        ));
    }
    Ok(id.to_owned())
}

const NO_TAX: &str = "NONE";

/// The options of a line: two categories at most, each once.
pub(super) fn tracking(
    line: &OrderLine,
    references: &References,
    index: usize,
) -> Result<Vec<Tracking>, Error> {
    let field = || format!("lines[{index}].trackingRefs");
    if line.invoice_to.is_some() {
        return Err(refused(
            format!("lines[{index}].invoiceTo"),
            "Xero has no customer to bill on lines of bank transactions",
        ));
    }
    let mut options: Vec<Tracking> = Vec::new();
    for tracking in &line.tracking {
        match tracking.kind {
            TrackingKind::Customer => {
                return Err(refused(
                    field(),
                    "Xero tracks by options of tracking categories, not by customers",
                ));
            }
            TrackingKind::Category => {
                let option = option(references, &tracking.id, &field())?;
                if options.iter().any(|other| other.category == option.category) {
                    return Err(refused(
                        field(),
                        format!("`{}` is there twice: a line has one option of it", option.name),
                    ));
                }
                options.push(option);
            }
        }
    }
    if options.len() > MOST_CATEGORIES {
        return Err(refused(
            field(),
            format!("Xero tracks a line by {MOST_CATEGORIES} categories at most"),
        ));
    }
    Ok(options)
}

const MOST_CATEGORIES: usize = 2;

fn option(references: &References, id: &str, field: &str) -> Result<Tracking, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Category {
        #[serde(rename = "TrackingCategoryID")]
        id: String,
        name: String,
        #[serde(default)]
        options: Vec<Choice>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Choice {
        #[serde(rename = "TrackingOptionID")]
        id: String,
        name: String,
    }
    let found = references
        .get(DataType::TrackingCategories, id)
        .ok_or_else(|| refused(field, format!("Xero has no tracking option `{id}`")))?;
    let category: Category = serde_json::from_str(&found.source).map_err(|_| {
        refused(
            field,
            format!("the tracking option `{id}` cannot be read as Xero sent it"),
        )
    })?;
    let option = category.options.into_iter().find(|option| option.id == id);
    let option = option.ok_or_else(|| {
        let name = &category.name;
        refused(
            field,
            format!("`{name}` is a tracking category: one of its options has to be named"),
        )
    })?;
    Ok(Tracking {
        name: category.name,
        option: option.name,
        category: category.id,
    })
}
