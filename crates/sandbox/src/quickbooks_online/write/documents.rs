use rust_decimal::Decimal;

use super::Target;
use super::body::Body;
use super::lines::{self, account_of, tracked};
use crate::ledger::{
    CreditNote, Direction, DocumentStatus, Invoice, JournalLine, List, ManualJournal, ManualJournalStatus,
    Meta, PurchaseOrder, PurchaseOrderStatus, amend, cents,
};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::Entity;
use crate::quickbooks_online::{records, times};

/// Signs that a document's number has at most.
pub(super) const NUMBER: usize = 21;

impl Target<'_> {
    pub(super) fn date(&self, body: Body<'_>) -> Result<jiff::civil::Date, Fault> {
        let today = times::today(self.now, self.ledger);
        let date = body.date("TxnDate")?.unwrap_or(today);
        if records::is_closed(self.ledger, date) {
            return Err(Fault::closed_period());
        }
        Ok(date)
    }

    /// Of a new record, or of the one that changes.
    pub(super) fn meta(&self, former: Option<&Meta>) -> Meta {
        match former {
            Some(meta) => {
                let mut meta = meta.clone();
                meta.touch(self.now);
                meta
            }
            None => Meta::new(self.id(), self.now),
        }
    }

    pub(super) fn number(&self, list: List) -> String {
        self.ledger.api_id(list, self.id())
    }
}

pub(super) fn invoice(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let direction = if target.entity == Entity::Invoice {
        Direction::Receivable
    } else {
        Direction::Payable
    };
    let contact = match direction {
        Direction::Receivable => body.contact(target.ledger, "CustomerRef")?,
        Direction::Payable => body.contact(target.ledger, "VendorRef")?,
    };
    let (contact, currency) = (contact.meta.id, contact.default_currency.clone());
    let date = target.date(body)?;
    let read = lines::read(target, body, currency.as_deref())?;
    let former = target.ledger.invoices.get(target.id()).cloned();
    if let Some(former) = &former {
        let settled = former.amount_paid + former.amount_credited;
        if former.status == DocumentStatus::Void {
            return Err(Fault::business("a voided transaction cannot be changed"));
        }
        if read.totals.total < settled {
            return Err(Fault::business("the amount is less than what is paid of it"));
        }
    }
    let number = body.short_text("DocNumber", NUMBER)?;
    let mut invoice = Invoice {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        direction,
        number: number.to_owned(),
        reference: body.text("PrivateNote").to_owned(),
        contact,
        date,
        due_date: body.date("DueDate")?.unwrap_or(date),
        status: DocumentStatus::Authorised,
        currency: read.currency,
        currency_rate: read.currency_rate,
        line_amounts: read.line_amounts,
        lines: read.lines,
        totals: read.totals,
        settlements: former
            .as_ref()
            .map(|former| former.settlements.clone())
            .unwrap_or_default(),
        amount_paid: cents(Decimal::ZERO),
        amount_credited: cents(Decimal::ZERO),
        amount_due: read.totals.total,
        fully_paid_on: None,
        sent: former.is_some_and(|former| former.sent),
    };
    let meta = invoice.meta.clone();
    amend::settled(&mut invoice, target.now);
    // Working out what is due is no change of its own.
    invoice.meta = meta;
    target.ledger.invoices.put(invoice);
    Ok(target.number(List::Invoices))
}

pub(super) fn credit_note(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let direction = if target.entity == Entity::CreditMemo {
        Direction::Receivable
    } else {
        Direction::Payable
    };
    let contact = match direction {
        Direction::Receivable => body.contact(target.ledger, "CustomerRef")?,
        Direction::Payable => body.contact(target.ledger, "VendorRef")?,
    };
    let (contact, currency) = (contact.meta.id, contact.default_currency.clone());
    let date = target.date(body)?;
    let read = lines::read(target, body, currency.as_deref())?;
    let former = target.ledger.credit_notes.get(target.id()).cloned();
    if former
        .as_ref()
        .is_some_and(|former| !former.uses.is_empty() || former.status == DocumentStatus::Void)
    {
        return Err(Fault::business(
            "a credit that is used or voided cannot be changed",
        ));
    }
    let number = body.short_text("DocNumber", NUMBER)?;
    let note = CreditNote {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        direction,
        number: number.to_owned(),
        reference: body.text("PrivateNote").to_owned(),
        contact,
        date,
        status: DocumentStatus::Authorised,
        currency: read.currency,
        currency_rate: read.currency_rate,
        line_amounts: read.line_amounts,
        lines: read.lines,
        totals: read.totals,
        allocations: Vec::new(),
        uses: Vec::new(),
        remaining: read.totals.total,
        fully_paid_on: None,
    };
    target.ledger.credit_notes.put(note);
    Ok(target.number(List::CreditNotes))
}

pub(super) fn purchase_order(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let contact = body.contact(target.ledger, "VendorRef")?;
    let (contact, currency) = (contact.meta.id, contact.default_currency.clone());
    let date = target.date(body)?;
    let read = lines::read(target, body, currency.as_deref())?;
    let former = target.ledger.purchase_orders.get(target.id()).cloned();
    let address = body.part("ShipAddr");
    let address: Vec<&str> = ["Line1", "Line2", "Line3", "Line4"]
        .into_iter()
        .map(|name| address.text(name))
        .filter(|line| !line.is_empty())
        .collect();
    let order = PurchaseOrder {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        number: body.short_text("DocNumber", NUMBER)?.to_owned(),
        reference: body.text("PrivateNote").to_owned(),
        contact,
        date,
        delivery_date: body.date("DueDate")?,
        expected_arrival_date: None,
        status: if body.text("POStatus") == "Closed" {
            PurchaseOrderStatus::Billed
        } else {
            PurchaseOrderStatus::Authorised
        },
        currency: read.currency,
        currency_rate: read.currency_rate,
        line_amounts: read.line_amounts,
        lines: read.lines,
        totals: read.totals,
        delivery_address: address.join("\n"),
        attention_to: String::new(),
        telephone: String::new(),
        instructions: body.text("Memo").to_owned(),
        sent: false,
    };
    target.ledger.purchase_orders.put(order);
    Ok(target.number(List::PurchaseOrders))
}

pub(super) fn journal_entry(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let date = target.date(body)?;
    body.short_text("DocNumber", NUMBER)?;
    let mut lines = Vec::new();
    for line in body.list("Line") {
        match line.text("DetailType") {
            "JournalEntryLineDetail" => {}
            // A remark that posts nothing.
            "DescriptionOnly" => continue,
            other => return Err(Fault::not_simulated(&format!("lines of type {other}"))),
        }
        let detail = line.part("JournalEntryLineDetail");
        let amount = line.amount("Amount")?.ok_or(Fault::missing("Line.Amount"))?;
        let amount = match detail.text("PostingType") {
            "Debit" => amount,
            "Credit" => -amount,
            _ => return Err(Fault::missing("PostingType")),
        };
        let mut tracking = Vec::new();
        tracking.extend(tracked(target.ledger, detail, "ClassRef", 0)?);
        tracking.extend(tracked(target.ledger, detail, "DepartmentRef", 1)?);
        lines.push(JournalLine {
            description: line.text("Description").to_owned(),
            account: account_of(target.ledger, detail)?,
            amount: cents(amount),
            tax_code: "NONE".to_owned(),
            tracking,
        });
    }
    if lines.len() < 2 {
        return Err(Fault::missing("Line"));
    }
    if !lines.iter().map(|line| line.amount).sum::<Decimal>().is_zero() {
        return Err(Fault::business("debits do not equal credits"));
    }
    let former = target.ledger.manual_journals.get(target.id()).cloned();
    let journal = ManualJournal {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        narration: body.text("PrivateNote").to_owned(),
        date,
        status: ManualJournalStatus::Posted,
        lines,
        on_cash_basis_reports: true,
    };
    target.ledger.manual_journals.put(journal);
    Ok(target.number(List::ManualJournals))
}
