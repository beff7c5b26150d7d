//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/companyinfo>

use jiff::tz::TimeZone;
use ledgerline_model::records::{AddressType, CompanyInfo, Phone, PhoneType, WebLink, WebLinkType};
use ledgerline_model::{DataType, Date};
use ledgerline_platform::{Cx, Error, Read};
use serde::Deserialize;

use super::envelope::Envelope;
use super::names::address;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, PostalAddress, Ref, date, filled, instant};
use super::{Facts, malformed};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    meta_data: Option<MetaData>,
    company_name: Option<String>,
    legal_name: Option<String>,
    company_addr: Option<PostalAddress>,
    legal_addr: Option<PostalAddress>,
    primary_phone: Option<Telephone>,
    web_addr: Option<WebAddress>,
    employer_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Telephone {
    free_form_number: Option<String>,
}

#[derive(Deserialize)]
struct WebAddress {
    #[serde(rename = "URI")]
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Clock {
    default_time_zone: Option<String>,
}

/// What the company has set.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Preferences {
    accounting_info_prefs: Option<Accounting>,
    currency_prefs: Option<Currency>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Accounting {
    book_close_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Currency {
    home_currency: Option<Ref>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let accounting = facts
        .preferences
        .as_ref()
        .and_then(|set| set.accounting_info_prefs.as_ref());
    let closed = accounting.and_then(|set| set.book_close_date.as_deref());
    let home = facts
        .preferences
        .as_ref()
        .and_then(|set| set.currency_prefs.as_ref()?.home_currency.as_ref()?.value.clone());
    let addresses = [
        (wire.company_addr.as_ref(), AddressType::Billing),
        (wire.legal_addr.as_ref(), AddressType::Unknown),
    ];
    let number = wire
        .primary_phone
        .and_then(|phone| filled(phone.free_form_number));
    let url = wire.web_addr.and_then(|web| filled(web.uri));
    // Its own id is 1 in every company: the number of the realm is not in it.
    let record = CompanyInfo {
        company_name: filled(wire.company_name).map(Into::into),
        accounting_platform_ref: Some(facts.realm.as_str().into()),
        company_legal_name: filled(wire.legal_name).map(Into::into),
        addresses: addresses
            .into_iter()
            .filter_map(|(found, kind)| Some(address(found?, kind)))
            .collect(),
        phone_numbers: number
            .into_iter()
            .map(|number| Phone {
                number: Some(number.into()),
                kind: PhoneType::Primary,
            })
            .collect(),
        web_links: url
            .into_iter()
            .map(|url| WebLink {
                kind: WebLinkType::Website,
                url: url.into(),
            })
            .collect(),
        ledger_lock_date: date("BookCloseDate", closed)?,
        registration_number: None,
        tax_number: filled(wire.employer_id).map(Into::into),
        // Only the month is told, by its name in the company's language.
        financial_year_start_date: None,
        base_currency: home.map(Into::into),
        source_urls: None,
        created_date: wire.meta_data.as_ref().and_then(|meta| instant(meta.made())),
        supplemental_data: None,
    };
    let id = facts.realm.clone();
    rows.present(DataType::Company, &id, &record, None)
}

/// The IANA name of the time zone that a company says.
pub(crate) fn zone(company: &str) -> Option<String> {
    let wire: Clock = serde_json::from_str(company).ok()?;
    let name = wire.default_time_zone?;
    TimeZone::get(&name).is_ok().then_some(name)
}

/// The day that it is where the company is, or in UTC where it does not say.
pub(super) async fn today(cx: &Cx, read: &Read<'_>) -> Result<Date, Error> {
    let answer = crate::client::ask_once(cx, read, "SELECT * FROM CompanyInfo").await?;
    let envelope = Envelope::parse(&answer.body, "CompanyInfo")?;
    let zone = envelope.objects.first().and_then(|company| zone(company.get()));
    let zone = zone.and_then(|name| TimeZone::get(&name).ok());
    Ok(cx.clock.now().to_zoned(zone.unwrap_or(TimeZone::UTC)).date())
}

pub(super) async fn preferences(cx: &Cx, read: &Read<'_>) -> Result<Preferences, Error> {
    let answer = crate::client::ask(cx, read, "SELECT * FROM Preferences").await?;
    let envelope = Envelope::parse(&answer.body, "Preferences")?;
    let object = envelope.objects.first();
    let object = object.ok_or_else(|| malformed("there are no preferences".into()))?;
    parse(object.get()).map_err(|flaw| malformed(format!("the preferences: {}", flaw.message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_told_or_it_is_not() {
        for (company, told) in [
            (
                r#"{"Id":"1","DefaultTimeZone":"Australia/Sydney"}"#,
                Some("Australia/Sydney"),
            ),
            (r#"{"Id":"1","DefaultTimeZone":"Pacific (noon)"}"#, None),
            (r#"{"Id":"1"}"#, None),
            ("[]", None),
        ] {
            assert_eq!(zone(company).as_deref(), told, "{company}");
        }
    }
}
