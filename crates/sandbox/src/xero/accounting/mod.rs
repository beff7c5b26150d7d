//! The Accounting API 2.0.

/// Words and lines that documents share.
mod lines;
/// Lists and single records of any table.
mod list;
/// The query of a list.
mod question;
/// What an endpoint over a table is.
mod resource;
/// What clients put into the books.
mod write;

mod accounts;
mod bank_transactions;
mod bank_transfers;
mod contacts;
mod credit_notes;
mod currencies;
mod invoices;
mod items;
mod manual_journals;
mod organisation;
mod payments;
mod purchase_orders;
mod tax_rates;
mod tracking_categories;
mod users;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, header};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(super) use list::Selections;
pub(super) use question::date;
pub(super) use write::Lagging;

use self::list::{find, list, write};
use self::question::Question;
use self::resource::Resource;
use super::call::{Api, Call, Spoiled};
use super::errors::Error;
use super::reports;
use crate::faults::Kind;
use crate::ledger::{self, Ledger};

/// `/api.xro/2.0`.
pub(super) const API: Api = Api {
    base: "/api.xro/2.0",
    scope: "accounting.",
    data_types: about,
    serve,
};

/// The body that answers the call, and the fault that spoiled it, if one did.
type Answered = Result<(Vec<u8>, Option<&'static str>), Error>;

fn serve(method: &Method, call: &Call<'_>, body: &[u8]) -> Result<Response, Error> {
    let (body, fault) = dispatch(method, call, body)?;
    let mut response = body.into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(fault) = fault {
        response.extensions_mut().insert(Spoiled(fault));
    }
    Ok(response)
}

/// The endpoints.
fn dispatch(method: &Method, call: &Call<'_>, body: &[u8]) -> Answered {
    let endpoint = call
        .path
        .first()
        .map(|name| name.to_ascii_lowercase())
        .unwrap_or_default();
    if method == Method::PUT || method == Method::POST {
        return write::answer(method, &endpoint, call, body);
    }
    if method != Method::GET {
        return Err(if data_types(&endpoint, "").is_empty() {
            Error::NotFound
        } else {
            Error::MethodNotAllowed
        });
    }
    if write::is_attachment(call.path) {
        return write::list_attachments(call);
    }
    match endpoint.as_str() {
        "accounts" => table::<ledger::Account>(call),
        "banktransactions" => table::<ledger::BankTransaction>(call),
        "banktransfers" => table::<ledger::Transfer>(call),
        "contacts" => table::<ledger::Contact>(call),
        "creditnotes" => table::<ledger::CreditNote>(call),
        "invoices" => table::<ledger::Invoice>(call),
        "items" => table::<ledger::Item>(call),
        "manualjournals" => table::<ledger::ManualJournal>(call),
        "payments" => table::<ledger::Payment>(call),
        "purchaseorders" => table::<ledger::PurchaseOrder>(call),
        "taxrates" => table::<ledger::TaxRate>(call),
        "trackingcategories" => table::<ledger::TrackingCategory>(call),
        "organisation" | "organisations" => whole(call, "Organisations", |ledger| {
            [organisation::Organisation::of(ledger)]
        }),
        "currencies" => whole(call, "Currencies", currencies::of),
        "users" => whole(call, "Users", users::of),
        "batchpayments" => empty(call, "BatchPayments"),
        "prepayments" => empty(call, "Prepayments"),
        "overpayments" => empty(call, "Overpayments"),
        "reports" => {
            let name = call.path.get(1).map(String::as_str).unwrap_or_default();
            let body = reports::answer(name, call.query, &call.organisation.ledger(), call.now)?;
            Ok((body, None))
        }
        _ => Err(Error::NotFound),
    }
}

fn table<T: Resource>(call: &Call<'_>) -> Answered {
    let mut question = Question::read(call.query, call.headers)?;
    let most = call.organisation.about.page_size;
    question.page_size = most.map_or(question.page_size, |most| question.page_size.min(most));
    let ledger = call.organisation.ledger();
    match call.path {
        [_, id] => Ok((find::<T>(&ledger, &question, id, call.now)?, None)),
        [_] => {
            let fault = call
                .organisation
                .faults
                .strike(&[Kind::ShortList], call.data_types);
            let body = list::<T>(&ledger, &question, call, fault.is_some())?;
            Ok((body, fault.map(|fault| fault.kind.name())))
        }
        _ => Err(Error::NotFound),
    }
}

/// A list that is no table: written whole.
fn whole<R: serde::Serialize>(
    call: &Call<'_>,
    name: &'static str,
    records: impl FnOnce(&Ledger) -> R,
) -> Answered {
    if call.path.len() > 1 {
        return Err(Error::NotFound);
    }
    let records = records(&call.organisation.ledger());
    Ok((write(name, &records, None, call.now)?, None))
}

/// What these books never hold.
fn empty(call: &Call<'_>, name: &'static str) -> Answered {
    // The query is read all the same, so that a wrong one is told.
    Question::read(call.query, call.headers)?;
    if call.path.len() > 1 {
        return Err(Error::NotFound);
    }
    Ok((write(name, &[(); 0], None, call.now)?, None))
}

/// The standard data types that a call could be about.
fn about(path: &[String], query: &str) -> &'static [&'static str] {
    let endpoint = match path {
        [first, report, ..] if first.eq_ignore_ascii_case("reports") => report,
        [first, ..] => first,
        [] => return &[],
    };
    data_types(&endpoint.to_ascii_lowercase(), query)
}

/// The standard data types that a call could be about, by the endpoint's name in lower case and the query.
fn data_types(endpoint: &str, query: &str) -> &'static [&'static str] {
    let (receivable, payable) = match () {
        () if query.contains("ACCREC") && !query.contains("ACCPAY") => (true, false),
        () if query.contains("ACCPAY") && !query.contains("ACCREC") => (false, true),
        () => (true, true),
    };
    match (endpoint, receivable, payable) {
        ("accounts", ..) => &["chartOfAccounts", "bankAccounts"],
        ("banktransactions", ..) => &["accountTransactions", "directCosts", "directIncomes"],
        ("banktransfers", ..) => &["transfers", "accountTransactions"],
        ("contacts", ..) => &["customers", "suppliers"],
        ("creditnotes", true, false) => &["creditNotes"],
        ("creditnotes", false, true) => &["billCreditNotes"],
        ("creditnotes", ..) => &["creditNotes", "billCreditNotes"],
        ("invoices", true, false) => &["invoices"],
        ("invoices", false, true) => &["bills"],
        ("invoices", ..) => &["invoices", "bills"],
        ("items", ..) => &["items"],
        ("manualjournals", ..) => &["journalEntries"],
        ("payments", true, false) => &["payments"],
        ("payments", false, true) => &["billPayments"],
        ("payments" | "batchpayments" | "prepayments" | "overpayments", ..) => &["payments", "billPayments"],
        ("purchaseorders", ..) => &["purchaseOrders"],
        ("taxrates", ..) => &["taxRates"],
        ("trackingcategories", ..) => &["trackingCategories"],
        ("organisation" | "organisations" | "currencies" | "users", ..) => &["company"],
        ("balancesheet", ..) => &["balanceSheet"],
        ("profitandloss", ..) => &["profitAndLoss"],
        ("trialbalance", ..) => &["balanceSheet", "profitAndLoss"],
        ("banksummary", ..) => &["bankAccounts"],
        _ => &[],
    }
}

/// The date that it is where the organisation is.
pub(super) fn today(ledger: &Ledger, now: Timestamp) -> Date {
    let zone = TimeZone::get(&ledger.facts.time_zone).unwrap_or(TimeZone::UTC);
    now.to_zoned(zone).date()
}
