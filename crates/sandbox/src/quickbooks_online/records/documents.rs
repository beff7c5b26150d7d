use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lines::{Document, On};
use super::{Cx, Object};
use crate::ledger::invoice::SettledBy;
use crate::ledger::{Direction, DocumentStatus, Invoice, List, PurchaseOrderStatus};

/// An invoice to a customer or a bill.
pub(super) fn invoice(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let invoice = cx.ledger.invoices.get(id)?;
    let void = invoice.status == DocumentStatus::Void;
    let document = Document {
        on: on(invoice.direction),
        line_amounts: invoice.line_amounts,
        lines: &invoice.lines,
        totals: invoice.totals,
        currency: &invoice.currency,
        currency_rate: invoice.currency_rate,
        void,
        contact: invoice.contact,
    };
    cx.document(object, &document);
    object
        .text("DocNumber", &invoice.number)
        .set("TxnDate", invoice.date.to_string())
        .set("DueDate", invoice.due_date.to_string())
        .text("PrivateNote", &note(&invoice.reference, void))
        .set("LinkedTxn", settlements(cx, invoice))
        .money("Balance", if void { Decimal::ZERO } else { invoice.amount_due });
    match invoice.direction {
        Direction::Receivable => {
            let email = cx
                .ledger
                .contacts
                .get(invoice.contact)
                .map(|contact| &contact.email);
            object
                .set("CustomerRef", cx.contact(invoice.contact))
                .set("CustomField", json!([]))
                .set("ApplyTaxAfterDiscount", false)
                .set("PrintStatus", "NeedToPrint")
                .set("EmailStatus", if invoice.sent { "EmailSent" } else { "NotSet" })
                .set("AllowOnlinePayment", false);
            if let Some(email) = email.filter(|email| !email.is_empty()) {
                object.set("BillEmail", json!({ "Address": email }));
            }
        }
        Direction::Payable => {
            object
                .set("VendorRef", cx.contact(invoice.contact))
                .set("APAccountRef", cx.system_account(Direction::Payable));
        }
    }
    Some(())
}

/// A credit memo, or a vendor credit.
pub(super) fn credit_note(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let credit = cx.ledger.credit_notes.get(id)?;
    let void = credit.status == DocumentStatus::Void;
    let document = Document {
        on: on(credit.direction),
        line_amounts: credit.line_amounts,
        lines: &credit.lines,
        totals: credit.totals,
        currency: &credit.currency,
        currency_rate: credit.currency_rate,
        void,
        contact: credit.contact,
    };
    cx.document(object, &document);
    let kind = match credit.direction {
        Direction::Receivable => "Payment",
        Direction::Payable => "BillPaymentCheck",
    };
    let linked: Vec<Value> = (0..credit.allocations.len())
        .map(|position| json!({ "TxnId": cx.ledger.allocation_number(id, position).to_string(), "TxnType": kind }))
        .collect();
    let remaining = if void { Decimal::ZERO } else { credit.remaining };
    object
        .text("DocNumber", &credit.number)
        .set("TxnDate", credit.date.to_string())
        .text("PrivateNote", &note(&credit.reference, void))
        .set("LinkedTxn", linked)
        .money("Balance", remaining);
    match credit.direction {
        Direction::Receivable => {
            object
                .set("CustomerRef", cx.contact(credit.contact))
                .set("CustomField", json!([]))
                .set("ApplyTaxAfterDiscount", false)
                .set("PrintStatus", "NeedToPrint")
                .set("EmailStatus", "NotSet")
                .money("RemainingCredit", remaining);
        }
        Direction::Payable => {
            object
                .set("VendorRef", cx.contact(credit.contact))
                .set("APAccountRef", cx.system_account(Direction::Payable));
        }
    }
    Some(())
}

pub(super) fn purchase_order(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let order = cx.ledger.purchase_orders.get(id)?;
    let document = Document {
        on: On::Purchase,
        line_amounts: order.line_amounts,
        lines: &order.lines,
        totals: order.totals,
        currency: &order.currency,
        currency_rate: order.currency_rate,
        void: false,
        contact: order.contact,
    };
    cx.document(object, &document);
    let status = match order.status {
        PurchaseOrderStatus::Draft | PurchaseOrderStatus::Submitted | PurchaseOrderStatus::Authorised => {
            "Open"
        }
        PurchaseOrderStatus::Billed => "Closed",
    };
    let lines = order.delivery_address.lines().take(4).enumerate();
    let mut ship_to = Object::default();
    lines.for_each(|(place, line)| {
        ship_to.text(&format!("Line{}", place + 1), line);
    });
    object
        .text("DocNumber", &order.number)
        .set("TxnDate", order.date.to_string())
        .some("DueDate", order.delivery_date.map(|date| date.to_string()))
        .set("VendorRef", cx.contact(order.contact))
        .set("APAccountRef", cx.system_account(Direction::Payable))
        .set("POStatus", status)
        .text("Memo", &order.instructions)
        .text("PrivateNote", &order.reference)
        .set("CustomField", json!([]))
        .set("LinkedTxn", json!([]))
        .set("EmailStatus", if order.sent { "EmailSent" } else { "NotSet" });
    if !order.delivery_address.is_empty() {
        object.set("ShipAddr", ship_to.done());
    }
    Some(())
}

pub(super) fn journal_entry(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let journal = cx.ledger.manual_journals.get(id)?;
    let lines: Vec<Value> = journal
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let mut detail = Object::default();
            detail
                .set(
                    "PostingType",
                    if line.amount.is_sign_negative() {
                        "Credit"
                    } else {
                        "Debit"
                    },
                )
                .set("AccountRef", cx.account(line.account))
                .some("ClassRef", cx.tracked(&line.tracking, 0))
                .some("DepartmentRef", cx.tracked(&line.tracking, 1));
            let mut object = Object::default();
            object
                .set("Id", place.to_string())
                .text("Description", &line.description)
                .money("Amount", line.amount.abs())
                .set("DetailType", "JournalEntryLineDetail")
                .set("JournalEntryLineDetail", detail.done());
            object.done()
        })
        .collect();
    cx.in_currency(object, &cx.ledger.facts.base_currency, Decimal::ONE);
    object
        .set("TxnDate", journal.date.to_string())
        .text("PrivateNote", &journal.narration)
        .set("Adjustment", false)
        .set("Line", lines)
        .set("TxnTaxDetail", json!({}));
    if let Some(number) = cx.told(id, "DocNumber") {
        object.set("DocNumber", number);
    }
    Some(())
}

fn settlements(cx: &Cx<'_>, invoice: &Invoice) -> Vec<Value> {
    let linked = |by: SettledBy| {
        let (number, kind) = match by {
            SettledBy::Payment(payment) => {
                let by_card = cx
                    .ledger
                    .payments
                    .get(payment)
                    .is_some_and(|payment| cx.ledger.is_card(payment.account));
                let kind = match invoice.direction {
                    Direction::Receivable => "Payment",
                    Direction::Payable if by_card => "BillPaymentCreditCard",
                    Direction::Payable => "BillPaymentCheck",
                };
                (cx.ledger.number(List::Payments, payment)?, kind)
            }
            SettledBy::Allocation {
                allocation,
                credit_note,
            } => {
                let note = cx.ledger.credit_notes.get(credit_note)?;
                let position = note.allocations.iter().position(|made| made.id == allocation)?;
                let kind = match invoice.direction {
                    Direction::Receivable => "Payment",
                    Direction::Payable => "BillPaymentCheck",
                };
                (cx.ledger.allocation_number(credit_note, position), kind)
            }
        };
        Some(json!({ "TxnId": number.to_string(), "TxnType": kind }))
    };
    let settlements = invoice.settlements.iter();
    settlements
        .filter_map(|settlement| linked(settlement.by))
        .collect()
}

fn on(direction: Direction) -> On {
    match direction {
        Direction::Receivable => On::Sale,
        Direction::Payable => On::Purchase,
    }
}

/// What a voided document says stands before its own note.
fn note(text: &str, void: bool) -> String {
    match (void, text.is_empty()) {
        (false, _) => text.to_owned(),
        (true, true) => "Voided".to_owned(),
        (true, false) => format!("Voided - {text}"),
    }
}
