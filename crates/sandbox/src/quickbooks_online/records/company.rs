use jiff::ToSpan;
use serde_json::{Value, json};

use super::{Cx, Entity, Object};
use crate::ledger::{Address, AddressKind};

/// What there is one of in a company.
pub(super) fn write(cx: &Cx<'_>, entity: Entity, object: &mut Object) {
    match entity {
        Entity::CompanyInfo => company_info(cx, object),
        Entity::Preferences => preferences(cx, object),
        Entity::TaxAgency => {
            object
                .set("DisplayName", "Revenue")
                .set("TaxTrackedOnSales", true)
                .set("TaxTrackedOnPurchases", !cx.is_us);
        }
        _ => {}
    }
}

fn company_info(cx: &Cx<'_>, object: &mut Object) {
    let facts = &cx.ledger.facts;
    let address = facts.addresses.first().map(address);
    let year_start = facts.year_start(facts.created_at.to_zoned(cx.zone.clone()).date());
    object
        .set("CompanyName", facts.name.as_str())
        .set("LegalName", facts.legal_name.as_str())
        .some("CompanyAddr", address.clone())
        .some("LegalAddr", address.clone())
        .some("CustomerCommunicationAddr", address)
        .some("PrimaryPhone", facts.phones.first().map(phone))
        .set("Email", json!({ "Address": "books@company.example" }))
        .set("WebAddr", json!({ "URI": facts.website }))
        .set(
            "CompanyStartDate",
            facts.created_at.to_zoned(cx.zone.clone()).date().to_string(),
        )
        .set("FiscalYearStartMonth", year_start.strftime("%B").to_string())
        .set("Country", facts.country_code.as_str())
        .set("SupportedLanguages", "en")
        .set("DefaultTimeZone", facts.time_zone.as_str())
        .set(
            "NameValue",
            json!([
                { "Name": "NeoEnabled", "Value": "true" },
                { "Name": "OfferingSku", "Value": "QuickBooks Online Plus" },
                { "Name": "SubscriptionStatus", "Value": "SUBSCRIBED" },
            ]),
        );
    if !facts.tax_number.is_empty() {
        object.set("EmployerId", facts.tax_number.as_str());
    }
}

fn preferences(cx: &Cx<'_>, object: &mut Object) {
    let facts = &cx.ledger.facts;
    let year_start = facts.year_start(facts.created_at.to_zoned(cx.zone.clone()).date());
    let mut accounting = json!({
        "FirstMonthOfFiscalYear": year_start.strftime("%B").to_string(),
        "UseAccountNumbers": true,
        "ClassTrackingPerTxn": false,
        "ClassTrackingPerTxnLine": true,
        "TrackDepartments": true,
        "CustomerTerminology": "Customers",
        "DepartmentTerminology": "Location",
    });
    if let Some(lock) = facts.period_lock_date {
        accounting["BookCloseDate"] = lock.to_string().into();
    }
    object
        .set("AccountingInfoPrefs", accounting)
        .set(
            "CurrencyPrefs",
            json!({
                "MultiCurrencyEnabled": !facts.foreign_currencies.is_empty(),
                "HomeCurrency": { "value": facts.base_currency },
            }),
        )
        .set(
            "ReportPrefs",
            json!({ "ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": false }),
        )
        .set(
            "TaxPrefs",
            json!({ "UsingSalesTax": true, "PartnerTaxEnabled": cx.is_us }),
        )
        .set(
            "SalesFormsPrefs",
            json!({ "AllowDiscount": false, "AllowDeposit": false, "AllowEstimates": false, "CustomTxnNumbers": true }),
        );
}

pub(super) fn address(address: &Address) -> Value {
    let mut object = Object::default();
    object
        .text("Line1", &address.line1)
        .text("Line2", &address.line2)
        .text("City", &address.city)
        .text("CountrySubDivisionCode", &address.region)
        .text("PostalCode", &address.postal_code)
        .text("Country", &address.country);
    object.done()
}

pub(super) fn address_of(addresses: &[Address], kind: AddressKind) -> Option<Value> {
    addresses.iter().find(|found| found.kind == kind).map(address)
}

pub(super) fn phone(phone: &crate::ledger::Phone) -> Value {
    let parts = [&phone.country_code, &phone.area_code, &phone.number];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    json!({ "FreeFormNumber": parts.join(" ") })
}

/// The day before: books are closed up to and with it.
pub(in crate::quickbooks_online) fn is_closed(
    ledger: &crate::ledger::Ledger,
    date: jiff::civil::Date,
) -> bool {
    let closed_until = ledger.facts.period_lock_date;
    closed_until.is_some_and(|until| date < until.saturating_add(1.days()))
}
