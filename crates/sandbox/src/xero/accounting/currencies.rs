//! <https://developer.xero.com/documentation/api/accounting/currencies>

use serde::Serialize;

use crate::ledger::Ledger;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Currency {
    code: String,
    description: String,
}

/// The base currency, then those that the organisation trades in.
pub(super) fn of(ledger: &Ledger) -> Vec<Currency> {
    std::iter::once(&ledger.facts.base_currency)
        .chain(&ledger.facts.foreign_currencies)
        .map(|code| Currency {
            code: code.clone(),
            description: description(code).to_owned(),
        })
        .collect()
}

fn description(code: &str) -> &str {
    match code {
        "AUD" => "Australian Dollar",
        "CAD" => "Canadian Dollar",
        "EUR" => "Euro",
        "GBP" => "British Pound",
        "NZD" => "New Zealand Dollar",
        "USD" => "United States Dollar",
        other => other,
    }
}
