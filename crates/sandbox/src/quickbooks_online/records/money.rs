use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::lines::{Document, On};
use super::{Cx, Entity, Object};
use crate::ledger::{BankTransaction, Direction, Ledger, List, MoneyFlow, PaymentTarget};

/// What money without a document is here: what goes back to a card is a purchase too.
pub(super) fn entity(ledger: &Ledger, money: &BankTransaction) -> Entity {
    match (money.flow, ledger.is_sale(money), ledger.is_card(money.account)) {
        (MoneyFlow::Spend, ..) | (MoneyFlow::Receive, false, true) => Entity::Purchase,
        (MoneyFlow::Receive, true, _) => Entity::SalesReceipt,
        (MoneyFlow::Receive, false, false) => Entity::Deposit,
    }
}

/// The name of the entity that a record of a list is.
pub(super) fn entity_of(ledger: &Ledger, list: List, id: Uuid) -> Option<&'static str> {
    let by = |direction: Direction, receivable: Entity, payable: Entity| match direction {
        Direction::Receivable => receivable,
        Direction::Payable => payable,
    };
    let entity = match list {
        List::Invoices => by(ledger.invoices.get(id)?.direction, Entity::Invoice, Entity::Bill),
        List::CreditNotes => by(
            ledger.credit_notes.get(id)?.direction,
            Entity::CreditMemo,
            Entity::VendorCredit,
        ),
        List::Payments => by(
            ledger.payments.get(id)?.direction,
            Entity::Payment,
            Entity::BillPayment,
        ),
        List::BankTransactions => entity(ledger, ledger.bank_transactions.get(id)?),
        List::Transfers => Entity::Transfer,
        List::ManualJournals => Entity::JournalEntry,
        List::PurchaseOrders => Entity::PurchaseOrder,
        List::Accounts | List::Contacts | List::Items | List::TaxRates | List::Attachments => return None,
    };
    Some(entity.name())
}

pub(super) fn transaction(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let money = cx.ledger.bank_transactions.get(id)?;
    let kind = entity(cx.ledger, money);
    let document = Document {
        on: match kind {
            Entity::Purchase => On::Purchase,
            Entity::Deposit => On::Deposit,
            _ => On::Sale,
        },
        line_amounts: money.line_amounts,
        lines: &money.lines,
        totals: money.totals,
        currency: &money.currency,
        currency_rate: money.currency_rate,
        void: false,
        contact: money.contact,
    };
    cx.document(object, &document);
    object.set("TxnDate", money.date.to_string());
    match kind {
        Entity::Purchase => {
            let by_card = cx.ledger.is_card(money.account);
            let told = cx.told(id, "PaymentType");
            let payment_type = match (by_card, told) {
                (true, _) => "CreditCard",
                (false, Some(told)) => told,
                (false, None) if money.reference.is_empty() => "Cash",
                (false, None) => "Check",
            };
            object
                .set("AccountRef", cx.account(money.account))
                .set("PaymentType", payment_type)
                .set("Credit", money.flow == MoneyFlow::Receive)
                .text("DocNumber", &money.reference);
            if let Some(contact) = cx.ledger.contacts.get(money.contact) {
                let mut reference = cx.contact(money.contact);
                reference["type"] = if contact.is_supplier { "Vendor" } else { "Customer" }.into();
                object.set("EntityRef", reference);
            }
        }
        Entity::Deposit => {
            object
                .set("DepositToAccountRef", cx.account(money.account))
                .text("PrivateNote", &money.reference);
        }
        _ => {
            object
                .set("CustomerRef", cx.contact(money.contact))
                .set("DepositToAccountRef", cx.account(money.account))
                .text("PaymentRefNum", &money.reference)
                .set(
                    "DocNumber",
                    format!("SR-{}", cx.ledger.number(List::BankTransactions, id)?),
                )
                .money("Balance", Decimal::ZERO)
                .set("CustomField", json!([]))
                .set("ApplyTaxAfterDiscount", false)
                .set("PrintStatus", "NotSet")
                .set("EmailStatus", "NotSet");
        }
    }
    Some(())
}

pub(super) fn transfer(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let transfer = cx.ledger.transfers.get(id)?;
    cx.in_currency(object, &cx.ledger.facts.base_currency, Decimal::ONE);
    object
        .set("TxnDate", transfer.date.to_string())
        .set("FromAccountRef", cx.account(transfer.from))
        .set("ToAccountRef", cx.account(transfer.to))
        .money("Amount", transfer.amount)
        .text("PrivateNote", &transfer.reference);
    Some(())
}

pub(super) fn payment(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let payment = cx.ledger.payments.get(id)?;
    let (linked, contact, currency) = match payment.target {
        PaymentTarget::Invoice(invoice) => {
            let number = cx.ledger.api_id(List::Invoices, invoice);
            let invoice = cx.ledger.invoices.get(invoice)?;
            let kind = match payment.direction {
                Direction::Receivable => "Invoice",
                Direction::Payable => "Bill",
            };
            ((number, kind), invoice.contact, &invoice.currency)
        }
        PaymentTarget::CreditNote(note) => {
            let number = cx.ledger.api_id(List::CreditNotes, note);
            let note = cx.ledger.credit_notes.get(note)?;
            let kind = match payment.direction {
                Direction::Receivable => "CreditMemo",
                Direction::Payable => "VendorCredit",
            };
            ((number, kind), note.contact, &note.currency)
        }
    };
    cx.in_currency(object, currency, payment.currency_rate);
    let line = json!({
        "Amount": crate::quickbooks_online::json::number(payment.amount),
        "LinkedTxn": [{ "TxnId": linked.0, "TxnType": linked.1 }],
    });
    object
        .set("TxnDate", payment.date.to_string())
        .money("TotalAmt", payment.amount)
        .set("Line", json!([line]));
    match payment.direction {
        Direction::Receivable => {
            object
                .set("CustomerRef", cx.contact(contact))
                .set("DepositToAccountRef", cx.account(payment.account))
                .text("PaymentRefNum", &payment.reference)
                .money("UnappliedAmt", Decimal::ZERO)
                .set("ProcessPayment", false);
        }
        Direction::Payable => {
            object
                .set("VendorRef", cx.contact(contact))
                .set("APAccountRef", cx.system_account(Direction::Payable))
                .text("DocNumber", &payment.reference);
            let account = cx.account(payment.account);
            if cx.ledger.is_card(payment.account) {
                object
                    .set("PayType", "CreditCard")
                    .set("CreditCardPayment", json!({ "CCAccountRef": account }));
            } else {
                object.set("PayType", "Check").set(
                    "CheckPayment",
                    json!({ "BankAccountRef": account, "PrintStatus": "NotSet" }),
                );
            }
        }
    }
    Some(())
}

/// A credit that was applied to a document: a payment of nothing, with a line for each of the two.
pub(super) fn applied_credit(cx: &Cx<'_>, object: &mut Object, note: Uuid, position: usize) -> Option<()> {
    let credit = cx.ledger.credit_notes.get(note)?;
    let allocation = credit.allocations.get(position)?;
    cx.in_currency(object, &credit.currency, credit.currency_rate);
    let (document, credit_kind) = match credit.direction {
        Direction::Receivable => ("Invoice", "CreditMemo"),
        Direction::Payable => ("Bill", "VendorCredit"),
    };
    let amount = crate::quickbooks_online::json::number(allocation.amount);
    let invoice = cx.ledger.api_id(List::Invoices, allocation.invoice);
    let note_id = cx.ledger.api_id(List::CreditNotes, note);
    object
        .set("TxnDate", allocation.date.to_string())
        .money("TotalAmt", Decimal::ZERO)
        .set(
            "Line",
            json!([
                { "Amount": amount, "LinkedTxn": [{ "TxnId": invoice, "TxnType": document }] },
                { "Amount": amount, "LinkedTxn": [{ "TxnId": note_id, "TxnType": credit_kind }] },
            ]),
        );
    match credit.direction {
        Direction::Receivable => {
            object
                .set("CustomerRef", cx.contact(credit.contact))
                .money("UnappliedAmt", Decimal::ZERO)
                .set("ProcessPayment", false);
        }
        Direction::Payable => {
            object
                .set("VendorRef", cx.contact(credit.contact))
                .set("APAccountRef", cx.system_account(Direction::Payable))
                .set("PayType", "Check")
                .set("CheckPayment", json!({ "PrintStatus": "NotSet" }));
        }
    }
    Some(())
}
