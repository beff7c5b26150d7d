//! Create, update (whole or in part), delete, void.

mod body;
mod documents;
mod lines;
mod lists;
mod money;
mod remove;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Kept;
use super::call::{Answered, Call};
use super::errors::Fault;
use super::records::{Cx, Entity, Head, Source, find, heads};
use crate::faults::Kind;
use crate::ids;
use crate::ledger::Ledger;

use body::Body;

/// Answer a write of its own.
pub(super) fn answer(
    call: &Call,
    entity: Entity,
    operation: Option<&str>,
    body: &Value,
) -> Result<Answered, Fault> {
    once(call, || run(call, entity, operation, body))
}

/// Write, unless the same request was answered before: then that answer is given again. Refusals are not kept.
pub(super) fn once(call: &Call, write: impl FnOnce() -> Result<Value, Fault>) -> Result<Answered, Fault> {
    let Some(name) = call.request_id() else {
        return Ok(write()?.into());
    };
    let faults = &call.organisation.faults;
    let fault = faults.strike(&[Kind::KeyIgnored, Kind::KeyExpired], call.data_types);
    let fault_name = fault.as_ref().map(|fault| fault.kind.name());
    let key = (call.organisation.id, name.to_owned());
    // Held while it is written, so that two of one name make one record.
    let mut answers = call.sandbox.quickbooks_online.answers();
    if fault.is_none()
        && let Some(kept) = answers.get(&key)
    {
        return Ok(kept.body.clone().into());
    }
    let body = write()?;
    let kept = Kept {
        at: call.sandbox.clock.now(),
        body: body.clone(),
    };
    answers.insert(key, kept);
    call.sandbox.keep();
    Ok(Answered {
        body,
        fault: fault_name,
    })
}

/// Write once, whatever the request is called.
pub(super) fn run(
    call: &Call,
    entity: Entity,
    operation: Option<&str>,
    body: &Value,
) -> Result<Value, Fault> {
    let now = call.sandbox.clock.now();
    // Some clients wrap the record in its name.
    let body = body.get(entity.name()).unwrap_or(body);
    if !body.is_object() {
        return Err(Fault::malformed("the body is no object"));
    }
    call.organisation.change(|ledger| match operation {
        None | Some("create" | "update") if body.get("Id").is_some() => update(ledger, entity, body, now),
        None | Some("create" | "update") => save(ledger, entity, body, None, now),
        Some("delete") => {
            let head = current(ledger, entity, body)?;
            remove::delete(ledger, entity, &head, now)?;
            Ok(json!({
                entity.name(): { "status": "Deleted", "domain": "QBO", "Id": head.id() },
            }))
        }
        Some("void") => {
            let head = current(ledger, entity, body)?;
            if let Some(answer) = remove::void(ledger, entity, &head, now)? {
                return Ok(answer);
            }
            written(ledger, entity, &head.id())
        }
        Some(other) => Err(Fault::unsupported(other)),
    })
}

/// The record that the body names, in the version that it names.
fn current(ledger: &Ledger, entity: Entity, body: &Value) -> Result<Head, Fault> {
    let text = |name: &'static str| match &body[name] {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Fault::missing(name)),
    };
    let id = text("Id")?;
    let head = find(ledger, entity, &id)
        .filter(|head| !head.deleted)
        .ok_or_else(|| Fault::not_found(entity.name()))?;
    if text("SyncToken")? != head.sync_token.to_string() {
        return Err(Fault::stale());
    }
    Ok(head)
}

/// A body that is sparse changes what it has; any other takes the record's place.
fn update(ledger: &mut Ledger, entity: Entity, body: &Value, now: Timestamp) -> Result<Value, Fault> {
    let head = current(ledger, entity, body)?;
    let whole = if body["sparse"] == true {
        let mut whole = Cx::new(ledger).write(entity, &head);
        if let (Some(whole), Some(changes)) = (whole.as_object_mut(), body.as_object()) {
            for (name, value) in changes {
                whole.insert(name.clone(), value.clone());
            }
        }
        whole
    } else {
        body.clone()
    };
    match entity {
        Entity::Purchase if body["PaymentType"].is_null() => return Err(Fault::missing("PaymentType")),
        Entity::Bill if body["VendorRef"].is_null() => return Err(Fault::missing("VendorRef")),
        _ => {}
    }
    save(ledger, entity, &whole, Some(&head), now)
}

/// Make a record of the body, new or in the place of `former`.
fn save(
    ledger: &mut Ledger,
    entity: Entity,
    body: &Value,
    former: Option<&Head>,
    now: Timestamp,
) -> Result<Value, Fault> {
    let place = match former.map(|head| head.source) {
        None => Place::New(new_id(ledger, entity)),
        Some(Source::Record(id)) => Place::Of(id),
        Some(Source::Option(category, position)) => Place::Option(category, position),
        Some(_) => return Err(Fault::unsupported("update")),
    };
    let mut target = Target {
        ledger,
        entity,
        place,
        now,
    };
    let body_of = Body(body);
    let number = match entity {
        Entity::Account => lists::account(&mut target, body_of),
        Entity::Attachable => lists::attachable(&mut target, body_of),
        Entity::Class | Entity::Department => lists::option(&mut target, body_of),
        Entity::Customer | Entity::Vendor => lists::person(&mut target, body_of),
        Entity::Item => lists::item(&mut target, body_of),
        Entity::Invoice | Entity::Bill => documents::invoice(&mut target, body_of),
        Entity::CreditMemo | Entity::VendorCredit => documents::credit_note(&mut target, body_of),
        Entity::PurchaseOrder => documents::purchase_order(&mut target, body_of),
        Entity::JournalEntry => documents::journal_entry(&mut target, body_of),
        Entity::Purchase | Entity::Deposit | Entity::SalesReceipt => money::transaction(&mut target, body_of),
        Entity::Transfer => money::transfer(&mut target, body_of),
        Entity::Payment | Entity::BillPayment => money::payment(&mut target, body_of),
        Entity::CompanyInfo
        | Entity::Preferences
        | Entity::TaxAgency
        | Entity::TaxCode
        | Entity::TaxRate
        | Entity::Absent(_) => Err(Fault::not_simulated(&format!("writing of {}", entity.name()))),
    }?;
    if let Some(id) = target.record_id() {
        ledger.told.insert(id, remembered(body));
    }
    written(ledger, entity, &number)
}

/// Where a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    New(Uuid),
    Of(Uuid),
    Option(Uuid, usize),
}

/// The books, and where in them something is written.
struct Target<'a> {
    ledger: &'a mut Ledger,
    entity: Entity,
    place: Place,
    now: Timestamp,
}

impl Target<'_> {
    fn record_id(&self) -> Option<Uuid> {
        match self.place {
            Place::New(id) | Place::Of(id) => Some(id),
            Place::Option(..) => None,
        }
    }

    fn id(&self) -> Uuid {
        self.record_id().unwrap_or_default()
    }

    fn is_new(&self) -> bool {
        matches!(self.place, Place::New(_))
    }
}

/// An id that no record has: tables only grow.
fn new_id(ledger: &Ledger, entity: Entity) -> Uuid {
    let count = heads(ledger, entity).len();
    let name = format!("{} {} {count} {}", ledger.facts.id, entity.name(), ledger.version);
    ids::derived("record", &name)
}

/// What the record is written from again, besides the books.
fn remembered(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        for name in [
            "Id",
            "SyncToken",
            "sparse",
            "domain",
            "MetaData",
            "time",
            "LinkedTxn",
        ] {
            fields.remove(name);
        }
        fields.remove(super::upload::SHA256);
    }
    body
}

fn written(ledger: &Ledger, entity: Entity, id: &str) -> Result<Value, Fault> {
    let head = find(ledger, entity, id).ok_or_else(|| Fault::not_found(entity.name()))?;
    Ok(json!({ entity.name(): Cx::new(ledger).write(entity, &head) }))
}
