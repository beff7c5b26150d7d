//! <https://developer.xero.com/documentation/api/accounting/organisation>
//!
//! Only the kept source has: `APIKey`, `PaysTax`, `Version`, `OrganisationType`, `CountryCode`,
//! `IsDemoCompany`, `OrganisationStatus`, `EmployerIdentificationNumber`, sales tax settings, `Timezone`,
//! `OrganisationEntityType`, `Class`, `Edition`, `LineOfBusiness`, `PaymentTerms`, `Addresses.AttentionTo`,
//! `ExternalLinks.{LinkType beyond website or social, Description}`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledgerline_model::records::{Address, AddressType, CompanyInfo, Phone, PhoneType, WebLink, WebLinkType};
use ledgerline_model::{DataType, Instant, LocalDateTime, Timestamp};
use serde::Deserialize;

use super::dates;
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled, joined};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "OrganisationID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    legal_name: Option<Str<'a>>,
    #[serde(borrow)]
    base_currency: Option<Str<'a>>,
    #[serde(borrow)]
    tax_number: Option<Str<'a>>,
    #[serde(borrow)]
    registration_number: Option<Str<'a>>,
    financial_year_end_day: Option<i64>,
    financial_year_end_month: Option<i64>,
    #[serde(borrow)]
    period_lock_date: Option<Str<'a>>,
    #[serde(borrow)]
    end_of_year_lock_date: Option<Str<'a>>,
    #[serde(borrow)]
    short_code: Option<Str<'a>>,
    #[serde(default, borrow)]
    addresses: Vec<AddressWire<'a>>,
    #[serde(default, borrow)]
    phones: Vec<PhoneWire<'a>>,
    #[serde(default, borrow)]
    external_links: Vec<Link<'a>>,
    #[serde(rename = "CreatedDateUTC", borrow)]
    created_date_utc: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PhoneWire<'a> {
    #[serde(rename = "PhoneType", borrow)]
    kind: Option<Str<'a>>,
    #[serde(rename = "PhoneCountryCode", borrow)]
    country: Option<Str<'a>>,
    #[serde(rename = "PhoneAreaCode", borrow)]
    area: Option<Str<'a>>,
    #[serde(rename = "PhoneNumber", borrow)]
    number: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddressWire<'a> {
    #[serde(rename = "AddressType", borrow)]
    kind: Option<Str<'a>>,
    #[serde(rename = "AddressLine1", borrow)]
    line1: Option<Str<'a>>,
    #[serde(rename = "AddressLine2", borrow)]
    line2: Option<Str<'a>>,
    #[serde(rename = "AddressLine3", borrow)]
    line3: Option<Str<'a>>,
    #[serde(rename = "AddressLine4", borrow)]
    line4: Option<Str<'a>>,
    #[serde(borrow)]
    city: Option<Str<'a>>,
    #[serde(borrow)]
    region: Option<Str<'a>>,
    #[serde(borrow)]
    postal_code: Option<Str<'a>>,
    #[serde(borrow)]
    country: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Link<'a> {
    #[serde(rename = "LinkType", borrow)]
    kind: Option<Str<'a>>,
    #[serde(borrow)]
    url: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let period_lock = dates::date(None, wire.period_lock_date.as_ref(), "PeriodLockDate")?;
    let year_lock = dates::date(None, wire.end_of_year_lock_date.as_ref(), "EndOfYearLockDate")?;
    let created = dates::instant(wire.created_date_utc.as_ref(), "CreatedDateUTC")?.map(Instant);
    let id = wire.id.as_str();
    let source_urls = filled(wire.short_code).map(|code| {
        let url = format!("https://go.xero.com/organisationlogin/default.aspx?shortcode={code}");
        BTreeMap::from([("organisation", url)])
    });
    let record = CompanyInfo {
        company_name: filled(wire.name),
        accounting_platform_ref: Some(id.into()),
        company_legal_name: filled(wire.legal_name),
        addresses: wire.addresses.into_iter().map(address).collect(),
        phone_numbers: wire.phones.into_iter().filter_map(phone).collect(),
        web_links: wire.external_links.into_iter().filter_map(web_link).collect(),
        // Nothing before the later of the two may be changed by everyone.
        ledger_lock_date: period_lock.max(year_lock),
        registration_number: filled(wire.registration_number),
        tax_number: filled(wire.tax_number),
        financial_year_start_date: year_start(
            wire.financial_year_end_day,
            wire.financial_year_end_month,
            facts.now,
        ),
        base_currency: filled(wire.base_currency),
        source_urls,
        created_date: created,
        supplemental_data: None,
    };
    rows.present(DataType::Company, id, &record, None)
}

/// The day after the last year end that is before today.
fn year_start(day: Option<i64>, month: Option<i64>, now: Option<Timestamp>) -> Option<LocalDateTime> {
    let today = now?.to_zoned(TimeZone::UTC).date();
    let month = i8::try_from(month?).ok()?;
    let day = i8::try_from(day?).ok()?;
    let start_after_end_in = |year: i16| {
        let first = Date::new(year, month, 1).ok()?;
        // The 29th of February ends on the 28th in most years.
        let end = Date::new(year, month, day.clamp(1, first.days_in_month())).ok()?;
        end.tomorrow().ok()
    };
    let start = start_after_end_in(today.year())
        .filter(|start| *start <= today)
        .or_else(|| start_after_end_in(today.year() - 1))?;
    Some(start.into())
}

fn phone(wire: PhoneWire<'_>) -> Option<Phone<'_>> {
    wire.number
        .as_ref()
        .filter(|number| !number.as_str().is_empty())?;
    Some(Phone {
        kind: match wire.kind.as_ref().map(Str::as_str) {
            Some("DEFAULT" | "OFFICE") => PhoneType::Primary,
            Some("DDI") => PhoneType::Landline,
            Some("MOBILE") => PhoneType::Mobile,
            Some("FAX") => PhoneType::Fax,
            _ => PhoneType::Unknown,
        },
        number: joined([wire.country, wire.area, wire.number], " "),
    })
}

fn address(wire: AddressWire<'_>) -> Address<'_> {
    Address {
        kind: match wire.kind.as_ref().map(Str::as_str) {
            Some("POBOX") => AddressType::Billing,
            Some("STREET" | "DELIVERY") => AddressType::Delivery,
            _ => AddressType::Unknown,
        },
        line1: filled(wire.line1),
        line2: joined([wire.line2, wire.line3, wire.line4], ", "),
        city: filled(wire.city),
        region: filled(wire.region),
        country: filled(wire.country),
        postal_code: filled(wire.postal_code),
    }
}

fn web_link(wire: Link<'_>) -> Option<WebLink<'_>> {
    Some(WebLink {
        kind: match wire.kind.as_ref().map(Str::as_str) {
            Some("Website") => WebLinkType::Website,
            Some("Facebook" | "GooglePlus" | "LinkedIn" | "Twitter") => WebLinkType::Social,
            _ => WebLinkType::Unknown,
        },
        url: filled(wire.url)?,
    })
}
