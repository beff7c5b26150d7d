//! Lists and single records of every table, written straight from the ledger.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::Ledger;
use crate::xero::call::Call;
use crate::xero::dates::midnight;
use crate::xero::errors::Error;
use crate::xero::filter::{Fields, Order, Value};
use crate::xero::ids;

/// How many records a paged type lists when no page is asked for.
const UNPAGED_LIMIT: usize = 100;

/// A list's body.
///
/// `short` leaves some rows out, as a platform in trouble does.
pub(super) fn list<T: Resource>(
    ledger: &Ledger,
    question: &Question,
    call: &Call<'_>,
    short: bool,
) -> Result<Vec<u8>, Error> {
    let now = call.now;
    let found = call.sandbox.xero.selections.select::<T>(ledger, question)?;
    let selected = call.sandbox.xero.lagging().shown::<T>(ledger, &found, now);
    let cx = Cx::new(ledger, super::today(ledger, now), question);
    let (rows, pagination, detail) = match question.page {
        _ if !T::PAGED => (&selected[..], None, Detail::Page),
        None => (
            &selected[..selected.len().min(UNPAGED_LIMIT)],
            None,
            Detail::Summary,
        ),
        Some(page) => {
            let start = (page - 1).saturating_mul(question.page_size).min(selected.len());
            let end = start.saturating_add(question.page_size).min(selected.len());
            let pagination = Pagination {
                page,
                page_size: question.page_size,
                page_count: selected.len().div_ceil(question.page_size),
                item_count: selected.len(),
            };
            let detail = if question.summary_only {
                Detail::Summary
            } else {
                Detail::Page
            };
            (&selected[start..end], Some(pagination), detail)
        }
    };
    let kept = rows
        .iter()
        .enumerate()
        .filter(|(place, _)| !(short && place % 10 == 0))
        .map(|(_, index)| *index);
    let records: Vec<u32> = kept.collect();
    let rows = Rows::<T> {
        cx: &cx,
        indices: &records,
        detail,
        table: std::marker::PhantomData,
    };
    write(T::NAME, &rows, pagination, now)
}

/// One record's body, by id or number.
pub(super) fn find<T: Resource>(
    ledger: &Ledger,
    question: &Question,
    id_or_number: &str,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let table = T::table(ledger);
    let record = match Uuid::try_parse(id_or_number) {
        Ok(id) => table.get(id),
        Err(_) => table
            .iter()
            .find(|record| !record.meta().deleted && record.answers_to(id_or_number)),
    };
    let record = record.filter(|record| record.is_found()).ok_or(Error::NotFound)?;
    let cx = Cx::new(ledger, super::today(ledger, now), question);
    write(T::NAME, &[record.wire(&cx, Detail::Single)], None, now)
}

/// The envelope around records.
pub(super) fn write(
    name: &'static str,
    records: &impl Serialize,
    pagination: Option<Pagination>,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let mut body = Vec::with_capacity(64 * 1024);
    let envelope = Envelope {
        name,
        records,
        pagination,
        now,
    };
    serde_json::to_writer(&mut body, &envelope).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(body)
}

struct Envelope<'a, R> {
    name: &'static str,
    records: &'a R,
    pagination: Option<Pagination>,
    now: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    page: usize,
    page_size: usize,
    page_count: usize,
    item_count: usize,
}

impl<R: Serialize> Serialize for Envelope<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Id", &ids::next())?;
        map.serialize_entry("Status", "OK")?;
        map.serialize_entry("ProviderName", "Ledgerline")?;
        map.serialize_entry(
            "DateTimeUTC",
            &format_args!("/Date({})/", self.now.as_millisecond()),
        )?;
        if let Some(pagination) = &self.pagination {
            map.serialize_entry("pagination", pagination)?;
        }
        map.serialize_entry(self.name, self.records)?;
        map.end()
    }
}

/// The chosen records, turned into their wire shape one at a time while they are written.
struct Rows<'c, 'a, T> {
    cx: &'c Cx<'a>,
    indices: &'c [u32],
    detail: Detail,
    table: std::marker::PhantomData<T>,
}

impl<T: Resource> Serialize for Rows<'_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = T::table(self.cx.ledger);
        let mut rows = serializer.serialize_seq(None)?;
        for record in self.indices.iter().filter_map(|index| table.at(*index as usize)) {
            rows.serialize_element(&record.wire(self.cx, self.detail))?;
        }
        rows.end()
    }
}

/// How many selections are remembered.
const REMEMBERED: usize = 32;

/// The latest answers to "which records, in which order", so that the pages of one list are sorted once.
#[derive(Default)]
pub(in crate::xero) struct Selections {
    latest: Mutex<VecDeque<Remembered>>,
}

struct Remembered {
    organisation: Uuid,
    name: &'static str,
    version: u64,
    selection: String,
    indices: Arc<[u32]>,
}

impl Selections {
    fn select<T: Resource>(&self, ledger: &Ledger, question: &Question) -> Result<Arc<[u32]>, Error> {
        let matches = |found: &Remembered| {
            found.organisation == ledger.facts.id
                && found.name == T::NAME
                && found.version == ledger.version
                && found.selection == question.selection
        };
        let known = self
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .find(|r| matches(r))
            .map(|r| r.indices.clone());
        if let Some(indices) = known {
            return Ok(indices);
        }
        let indices: Arc<[u32]> = select::<T>(ledger, question)?.into();
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.truncate(REMEMBERED - 1);
        latest.push_front(Remembered {
            organisation: ledger.facts.id,
            name: T::NAME,
            version: ledger.version,
            selection: question.selection.clone(),
            indices: indices.clone(),
        });
        Ok(indices)
    }
}

fn select<T: Resource>(ledger: &Ledger, question: &Question) -> Result<Vec<u32>, Error> {
    let table = T::table(ledger);
    let since = question.modified_since.filter(|_| T::MODIFIED_SINCE);
    // Xero forgets `If-Modified-Since` for manual journals once an order is asked for.
    let since = since.filter(|_| T::NAME != "ManualJournals" || question.order.is_empty());
    let mut chosen = Vec::new();
    for (index, record) in table.iter().enumerate() {
        let meta = record.meta();
        if !record.is_listed(question)
            || since.is_some_and(|since| changed_at::<T>(record) < since)
            || !(question.ids.is_empty() || question.ids.contains(&meta.id))
        {
            continue;
        }
        if let Some(condition) = &question.condition
            && !condition
                .holds(&Named { ledger, record }, T::TYPE)
                .map_err(|invalid| Error::parameter(invalid.0))?
        {
            continue;
        }
        chosen.push(index as u32);
    }
    if let (Some(first), false) = (table.at(0), question.order.is_empty()) {
        let first = Named {
            ledger,
            record: first,
        };
        for key in &question.order {
            if first.field(&key.path).is_none() {
                return Err(Error::parameter(format!(
                    "No property or field `{}` exists in type `{}`",
                    key.path,
                    T::TYPE
                )));
            }
        }
        chosen.sort_by(
            |left, right| match (table.at(*left as usize), table.at(*right as usize)) {
                (Some(left), Some(right)) => Order::compare(
                    &question.order,
                    &Named { ledger, record: left },
                    &Named {
                        ledger,
                        record: right,
                    },
                )
                .then_with(|| left.meta().id.cmp(&right.meta().id)),
                _ => std::cmp::Ordering::Equal,
            },
        );
    } else if T::PAGED {
        chosen.sort_by_key(|index| {
            table
                .at(*index as usize)
                .map(|record| (record.meta().updated_at, record.meta().id))
        });
    }
    Ok(chosen)
}

/// Bank transfers have no date of change: theirs is the one of their making.
fn changed_at<T: Resource>(record: &T) -> Timestamp {
    if T::NAME == "BankTransfers" {
        record.meta().created_at
    } else {
        record.meta().updated_at
    }
}

/// A record with the ledger that its nested names come from.
struct Named<'a, T> {
    ledger: &'a Ledger,
    record: &'a T,
}

impl<T: Resource> Fields for Named<'_, T> {
    fn field(&self, path: &str) -> Option<Value<'_>> {
        if path == T::ID {
            return Some(Value::Id(self.record.meta().id));
        }
        match path {
            "UpdatedDateUTC" if T::NAME != "BankTransfers" => {
                Some(Value::Instant(self.record.meta().updated_at))
            }
            _ => self.record.field(self.ledger, path),
        }
    }
}

/// A date as filters see it.
pub(super) fn day(date: jiff::civil::Date) -> Value<'static> {
    Value::Instant(midnight(date))
}

/// A text as filters see it; an empty one is null.
pub(super) fn text(text: &str) -> Value<'_> {
    if text.is_empty() {
        Value::Null
    } else {
        Value::Text(text)
    }
}

/// The fields of the contact that a document is for.
pub(super) fn contact_field<'a>(ledger: &'a Ledger, contact: Uuid, path: &str) -> Option<Value<'a>> {
    match path {
        "Contact" => Some(Value::Id(contact)),
        "Contact.ContactID" => Some(Value::Id(contact)),
        "Contact.Name" => Some(
            ledger
                .contacts
                .get(contact)
                .map_or(Value::Null, |found| text(&found.name)),
        ),
        _ => None,
    }
}
