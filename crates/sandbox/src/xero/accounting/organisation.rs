//! <https://developer.xero.com/documentation/api/accounting/organisation>

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::contacts;
use crate::ledger::Ledger;
use crate::xero::dates::{Day, Instant};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Organisation {
    #[serde(rename = "OrganisationID")]
    organisation_id: Uuid,
    name: String,
    legal_name: String,
    pays_tax: bool,
    version: &'static str,
    organisation_type: &'static str,
    organisation_entity_type: &'static str,
    base_currency: String,
    country_code: String,
    is_demo_company: bool,
    organisation_status: &'static str,
    registration_number: String,
    tax_number: String,
    financial_year_end_day: i8,
    financial_year_end_month: i8,
    sales_tax_basis: &'static str,
    sales_tax_period: &'static str,
    default_sales_tax: &'static str,
    default_purchases_tax: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_lock_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_of_year_lock_date: Option<Day>,
    #[serde(rename = "CreatedDateUTC")]
    created: Instant,
    timezone: &'static str,
    short_code: String,
    class: &'static str,
    edition: &'static str,
    line_of_business: String,
    addresses: Value,
    phones: Value,
    external_links: Value,
    payment_terms: Value,
}

impl Organisation {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let facts = &ledger.facts;
        let links = if facts.website.is_empty() {
            json!([])
        } else {
            json!([{ "LinkType": "Website", "Url": facts.website }])
        };
        Self {
            organisation_id: facts.id,
            name: facts.name.clone(),
            legal_name: facts.legal_name.clone(),
            pays_tax: true,
            version: version(&facts.country_code),
            organisation_type: "COMPANY",
            organisation_entity_type: "COMPANY",
            base_currency: facts.base_currency.clone(),
            country_code: facts.country_code.clone(),
            is_demo_company: false,
            organisation_status: "ACTIVE",
            registration_number: facts.registration_number.clone(),
            tax_number: facts.tax_number.clone(),
            financial_year_end_day: facts.year_end_day,
            financial_year_end_month: facts.year_end_month,
            sales_tax_basis: "ACCRUALS",
            sales_tax_period: "QUARTERLY",
            default_sales_tax: "Tax Exclusive",
            default_purchases_tax: "Tax Exclusive",
            period_lock_date: facts.period_lock_date.map(Day),
            end_of_year_lock_date: facts.year_end_lock_date.map(Day),
            created: Instant(facts.created_at),
            timezone: time_zone(&facts.time_zone),
            short_code: facts.short_code.clone(),
            class: "PREMIUM",
            edition: "BUSINESS",
            line_of_business: facts.line_of_business.clone(),
            addresses: as_value(contacts::addresses(&facts.addresses)),
            phones: as_value(contacts::phones(&facts.phones)),
            external_links: links,
            payment_terms: json!({}),
        }
    }
}

fn as_value(part: impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or(Value::Null)
}

fn version(country: &str) -> &'static str {
    match country {
        "AU" => "AU",
        "NZ" => "NZ",
        "GB" => "UK",
        "US" => "US",
        _ => "GLOBAL",
    }
}

/// Xero names time zones in its own way.
fn time_zone(name: &str) -> &'static str {
    match name {
        "Europe/London" | "Europe/Dublin" => "GMTSTANDARDTIME",
        "Europe/Berlin" | "Europe/Amsterdam" | "Europe/Vienna" => "WESTEUROPESTANDARDTIME",
        "Europe/Paris" | "Europe/Madrid" => "ROMANCESTANDARDTIME",
        "America/New_York" => "EASTERNSTANDARDTIME",
        "America/Chicago" => "CENTRALSTANDARDTIME",
        "America/Denver" => "MOUNTAINSTANDARDTIME",
        "America/Los_Angeles" => "PACIFICSTANDARDTIME",
        "Australia/Sydney" | "Australia/Melbourne" => "AUSEASTERNSTANDARDTIME",
        "Pacific/Auckland" => "NEWZEALANDSTANDARDTIME",
        "Asia/Singapore" => "SINGAPORESTANDARDTIME",
        _ => "UTC",
    }
}
