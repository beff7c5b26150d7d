use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::money::refused;
use crate::ledger::{Ledger, Meta};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::{Entity, Head, Source};

/// Take a record out of the books; nothing but its stub stays.
pub(super) fn delete(ledger: &mut Ledger, entity: Entity, head: &Head, now: Timestamp) -> Result<(), Fault> {
    let Source::Record(id) = head.source else {
        return Err(Fault::not_simulated("deletion of this record"));
    };
    let gone = |meta: Option<&mut Meta>| {
        if let Some(meta) = meta {
            meta.deleted = true;
            meta.touch(now);
        }
        Ok(())
    };
    match entity {
        Entity::Invoice | Entity::Bill => ledger.delete_invoice(id, now).map_err(refused),
        Entity::CreditMemo | Entity::VendorCredit => ledger.delete_credit_note(id, now).map_err(refused),
        Entity::Payment | Entity::BillPayment => ledger.delete_payment(id, now).map_err(refused),
        Entity::Purchase | Entity::Deposit | Entity::SalesReceipt => {
            gone(ledger.bank_transactions.get_mut(id).map(|money| &mut money.meta))
        }
        Entity::Transfer => gone(ledger.transfers.get_mut(id).map(|transfer| &mut transfer.meta)),
        Entity::JournalEntry => gone(
            ledger
                .manual_journals
                .get_mut(id)
                .map(|journal| &mut journal.meta),
        ),
        Entity::PurchaseOrder => gone(ledger.purchase_orders.get_mut(id).map(|order| &mut order.meta)),
        Entity::Attachable => gone(ledger.attachments.get_mut(id).map(|file| &mut file.meta)),
        // What is on a list is made inactive instead.
        _ => Err(Fault::unsupported("delete")),
    }
}

/// Let a record come to nothing. What cannot be voided is refused in as many ways as the platform has: an answer here is
/// one that says nothing.
pub(super) fn void(
    ledger: &mut Ledger,
    entity: Entity,
    head: &Head,
    now: Timestamp,
) -> Result<Option<Value>, Fault> {
    let id = match head.source {
        Source::Record(id) => id,
        _ => Uuid::nil(),
    };
    match entity {
        Entity::Invoice => ledger.void_invoice(id, now).map(|()| None).map_err(refused),
        Entity::CreditMemo => ledger.void_credit_note(id, now).map(|()| None).map_err(refused),
        Entity::Bill => Err(Fault::system(StatusCode::OK)),
        Entity::JournalEntry => Ok(Some(json!({ "BatchItemResponse": [] }))),
        _ => Err(Fault::unsupported("void")),
    }
}
