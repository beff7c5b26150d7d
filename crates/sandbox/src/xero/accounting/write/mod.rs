//! Writes: what a client sends is put into the books, or every reason why not is told.
//!
//! PUT makes, POST makes or changes; both take one record or an envelope of them. With `summarizeErrors=false` each
//! record has its own fate and the answer is 200; without it one bad record refuses them all.

/// Amounts, dates and references as they are sent.
mod fields;
/// What was written a moment ago and is not found yet.
mod lag;
/// Lines of documents.
mod lines;
/// One record's fate.
mod outcome;

mod attachments;
mod bank_transactions;
mod bank_transfers;
mod contacts;
mod manual_journals;

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use self::outcome::{Outcome, Refused};
use super::list::write;
use super::question::Question;
use super::resource::{Cx, Resource};
use super::{Answered, today};
use crate::faults::Kind;
use crate::ledger::{self, ActiveStatus, Ledger, Table};
use crate::xero::call::Call;
use crate::xero::errors::Error;
use crate::xero::ids;
use crate::xero::keys::{self, Said};

pub(in crate::xero) use self::attachments::{is_attachment, list as list_attachments};
pub(in crate::xero) use self::lag::Lagging;

/// How many records one call may hold.
const MOST: usize = 500;

/// A type that clients may write.
trait Writable: Resource + Sized {
    /// A record as it is sent.
    type Sent: DeserializeOwned;

    /// The id that it is sent with, if any.
    fn id_of(sent: &Self::Sent) -> Option<Uuid>;

    /// The record that comes of what is sent and, where it changes one, of the `old`; else every reason why not.
    fn build(
        ledger: &Ledger,
        sent: Self::Sent,
        old: Option<&Self>,
        new: New,
    ) -> Result<Change<Self>, Vec<String>>;

    fn table_mut(ledger: &mut Ledger) -> &mut Table<Self>;
}

/// What a write puts into the books.
struct Change<T> {
    record: T,
    /// A contact that had to be made for it.
    contact: Option<ledger::Contact>,
}

impl<T> From<T> for Change<T> {
    fn from(record: T) -> Self {
        Self {
            record,
            contact: None,
        }
    }
}

/// What a record gets when it is written.
#[derive(Clone, Copy)]
struct New {
    id: Uuid,
    at: Timestamp,
    today: Date,
}

impl New {
    /// A further id that belongs to the same record.
    fn another(&self, what: &str) -> Uuid {
        ids::derived(what, &self.id.to_string())
    }
}

/// Answer a PUT or POST.
pub(in crate::xero) fn answer(method: &Method, endpoint: &str, call: &Call<'_>, body: &[u8]) -> Answered {
    if is_attachment(call.path) {
        return attachments::keep(call, body);
    }
    match endpoint {
        "banktransactions" => written::<ledger::BankTransaction>(method, call, body),
        "banktransfers" => written::<ledger::Transfer>(method, call, body),
        "contacts" => written::<ledger::Contact>(method, call, body),
        "manualjournals" => written::<ledger::ManualJournal>(method, call, body),
        _ if super::data_types(endpoint, "").is_empty() => Err(Error::NotFound),
        _ => Err(Error::MethodNotAllowed),
    }
}

/// Write, unless the key says that it was done before; then the first answer is given again.
fn written<T: Writable>(method: &Method, call: &Call<'_>, body: &[u8]) -> Answered {
    let (key, fault) = keys::of(call)?;
    let mut keys = call.sandbox.xero.keys();
    if let Some(answer) = key.as_ref().and_then(|key| keys.get(key)) {
        return answer.map(|body| (body, fault)).map_err(Error::Validation);
    }
    let answer = apply::<T>(method, call, body)?;
    if let Some(key) = key {
        keys.put(key, &answer);
    }
    call.sandbox.keep();
    answer.map(|body| (body, fault)).map_err(Error::Validation)
}

/// The answer, or the body of a refusal of all.
fn apply<T: Writable>(method: &Method, call: &Call<'_>, body: &[u8]) -> Result<Said, Error> {
    let question = Question::read(call.query, call.headers)?;
    let own_fate = !question.summarize_errors;
    let in_path = match call.path {
        [_] => None,
        [_, id] if *method == Method::POST => Some(Uuid::try_parse(id).map_err(|_| Error::NotFound)?),
        _ => return Err(Error::NotFound),
    };
    let sent = elements::<T>(body)?;
    if sent.len() > MOST {
        return Err(Error::parameter(format!(
            "At most {MOST} records can be sent in one call."
        )));
    }
    let lags = call
        .organisation
        .faults
        .strike(&[Kind::SearchLag], call.data_types);
    call.organisation.change(|ledger| {
        let fates = sent.iter().enumerate();
        let fates = fates.map(|(index, raw)| one::<T>(method, ledger, raw, in_path, index, call));
        let fates: Vec<_> = fates.collect::<Result<_, Error>>()?;
        if !own_fate && fates.iter().any(Result::is_err) {
            return Ok(Err(outcome::refusal(
                fates.iter().filter_map(|fate| fate.as_ref().err()),
            )));
        }
        let outcomes: Vec<Outcome> = fates.into_iter().map(|fate| put(ledger, fate)).collect();
        if let Some(lag) = &lags {
            let written = outcomes.iter().filter_map(Outcome::id);
            let lag = lag.lasting(lag::LAG);
            call.sandbox.xero.lagging().hide(written, call.now, lag);
        }
        let cx = Cx::new(ledger, today(ledger, call.now), &question);
        let elements: Vec<_> = outcomes
            .iter()
            .map(|outcome| outcome.wire::<T>(&cx, own_fate))
            .collect();
        write(T::NAME, &elements, None, call.now).map(Ok)
    })
}

/// What would come of one record.
fn one<T: Writable>(
    method: &Method,
    books: &Ledger,
    raw: &RawValue,
    in_path: Option<Uuid>,
    index: usize,
    call: &Call<'_>,
) -> Result<Result<Change<T>, Refused>, Error> {
    let sent: T::Sent = serde_json::from_str(raw.get()).map_err(|error| Error::unreadable(&error))?;
    let id = in_path
        .or_else(|| T::id_of(&sent))
        .filter(|_| *method == Method::POST);
    let new = New {
        id: ids::derived(
            T::TYPE,
            &format!("{}/{}/{index}", call.organisation.id, books.version),
        ),
        at: call.now,
        today: today(books, call.now),
    };
    let old = match id {
        Some(id) => Some(T::table(books).get(id).ok_or(Error::NotFound)?),
        None => None,
    };
    Ok(T::build(books, sent, old, new).map_err(|reasons| Refused {
        sent: serde_json::from_str(raw.get()).unwrap_or_default(),
        reasons,
    }))
}

fn put<T: Writable>(ledger: &mut Ledger, fate: Result<Change<T>, Refused>) -> Outcome {
    let change = match fate {
        Ok(change) => change,
        Err(refused) => return Outcome::Refused(refused),
    };
    if let Some(contact) = change.contact {
        ledger.contacts.put(contact);
    }
    let id = change.record.meta().id;
    T::table_mut(ledger).put(change.record);
    Outcome::Written(id)
}

/// The records of a body: `{"BankTransactions": […]}`, or one of them alone.
fn elements<T: Resource>(body: &[u8]) -> Result<Vec<Box<RawValue>>, Error> {
    let sent: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(body).map_err(|error| Error::unreadable(&error))?;
    match sent.get(T::NAME) {
        Some(list) => serde_json::from_str(list.get()).map_err(|error| Error::unreadable(&error)),
        None => Ok(vec![
            serde_json::value::to_raw_value(&sent).map_err(|error| Error::unreadable(&error))?,
        ]),
    }
}

/// Whether documents of this date are taken; the reason if not.
fn check_date(ledger: &Ledger, date: Date, reasons: &mut Vec<String>) {
    let locked = ledger.facts.period_lock_date.max(ledger.facts.year_end_lock_date);
    if let Some(lock) = locked.filter(|lock| date <= *lock) {
        reasons.push(format!(
            "The document date {date} is not after the lock date {lock}."
        ));
    }
}

/// Whether it is in use.
fn is_active(status: ActiveStatus) -> bool {
    match status {
        ActiveStatus::Active => true,
        ActiveStatus::Archived => false,
    }
}
