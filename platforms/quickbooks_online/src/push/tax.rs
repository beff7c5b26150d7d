use ledgerline_model::push::{Order, OrderLine};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::Error;
use ledgerline_platform::push::{References, cents, refused};
use serde::Deserialize;

use super::account::Ref;

/// The code that means none.
pub(super) const NONE: &str = "NON";

/// How the tax of an order is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taxation {
    /// Purchases are not taxed: what was paid besides is part of the cost.
    UnitedStates,
    /// No line has any.
    NotApplicable,
    /// Each line with what it comes to with its tax, out of which QuickBooks works the tax by the code: to the cent
    /// in all.
    Inclusive,
    /// Of deposits, whose lines cannot say what they come to with their tax: QuickBooks adds it by the code, and what
    /// was told has to be what it adds.
    Excluded,
}

/// What a line says of its amount and its tax.
pub(super) struct LineTax {
    pub amount: Decimal,
    pub code: Option<Ref>,
    pub inclusive: Option<Decimal>,
}

impl Taxation {
    pub(super) fn of(order: &Order, references: &References) -> Result<Self, Error> {
        if country(references).as_deref() == Some("US") {
            return Ok(Self::UnitedStates);
        }
        let coded = order.lines.iter().filter(|line| code(line).is_some()).count();
        match coded {
            0 => Ok(Self::NotApplicable),
            all if all == order.lines.len() => Ok(Self::Inclusive),
            _ => {
                let bare = order.lines.iter().position(|line| code(line).is_none());
                Err(refused(
                    format!("lines[{}].taxRateRef", bare.unwrap_or_default()),
                    "QuickBooks wants a tax code on every line once one has it",
                ))
            }
        }
    }

    pub(super) fn of_deposit(order: &Order, references: &References) -> Result<Self, Error> {
        let taxation = Self::of(order, references)?;
        if taxation != Self::Inclusive {
            return Ok(taxation);
        }
        for (index, line) in order.lines.iter().enumerate() {
            let field = format!("lines[{index}].taxAmount");
            let id = code(line).unwrap_or_default();
            let rate = rate(references, id).ok_or_else(|| {
                refused(
                    field.as_str(),
                    format!("nobody tells what the tax code `{id}` comes to"),
                )
            })?;
            let added = (line.net * rate * Decimal::of_parts(1, 2)).rounded(2);
            if added != line.tax {
                return Err(refused(
                    field,
                    format!(
                        "QuickBooks adds {added} to deposits by the tax code `{id}`, not {}",
                        line.tax
                    ),
                ));
            }
        }
        Ok(Self::Excluded)
    }

    /// Outside the United States it has to be told.
    pub(super) const fn calculation(self) -> Option<&'static str> {
        match self {
            Self::UnitedStates => None,
            Self::NotApplicable => Some("NotApplicable"),
            Self::Inclusive => Some("TaxInclusive"),
            Self::Excluded => Some("TaxExcluded"),
        }
    }

    pub(super) fn line(self, line: &OrderLine, index: usize) -> Result<LineTax, Error> {
        let net = cents(line.net, format!("lines[{index}].netAmount"))?;
        let tax = cents(line.tax, format!("lines[{index}].taxAmount"))?;
        match self {
            Self::UnitedStates => Ok(LineTax {
                amount: net + tax,
                code: Some(Ref::to(line.tax_rate.as_deref().unwrap_or(NONE))),
                inclusive: None,
            }),
            Self::NotApplicable if !tax.is_zero() => Err(refused(
                format!("lines[{index}].taxRateRef"),
                format!("the line has a tax of {tax}, and no tax code that it is of"),
            )),
            Self::NotApplicable => Ok(LineTax {
                amount: net,
                code: None,
                inclusive: None,
            }),
            Self::Inclusive | Self::Excluded => Ok(LineTax {
                amount: net,
                code: code(line).map(Ref::to),
                inclusive: (self == Self::Inclusive).then_some(net + tax),
            }),
        }
    }
}

fn code(line: &OrderLine) -> Option<&str> {
    line.tax_rate.as_deref().filter(|code| *code != NONE)
}

/// In percent.
fn rate(references: &References, code: &str) -> Option<Decimal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Rate {
        effective_tax_rate: Option<Decimal>,
    }
    let found = references.get(DataType::TaxRates, code)?;
    serde_json::from_str::<Rate>(&found.standard)
        .ok()?
        .effective_tax_rate
}

/// Where the company is.
fn country(references: &References) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Company {
        country: Option<String>,
    }
    let mut objects = references.objects.iter();
    let company = objects.find(|object| object.data_type == DataType::Company)?;
    serde_json::from_str::<Company>(&company.source).ok()?.country
}
