//! Changes that touch more than one document: what is paid, credited and left stays true.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Allocation, CreditNote, DocumentStatus, Invoice, Ledger, Payment, PaymentTarget, SettledBy, Settlement,
    cents,
};

/// Why the platform refuses a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is no such record")]
    Absent,
    #[error("the record is in a state that does not allow it")]
    WrongState,
    #[error("the document has payments or credits, which would have to be removed first")]
    Settled,
    #[error("the amount is more than is left")]
    TooMuch,
}

impl Ledger {
    /// Enter a payment of an invoice or bill, or a refund of a credit note.
    pub fn pay(&mut self, payment: Payment) -> Result<(), Refused> {
        let at = payment.meta.created_at;
        let by = SettledBy::Payment(payment.meta.id);
        match payment.target {
            PaymentTarget::Invoice(id) => {
                let invoice = self.invoices.get_mut(id).ok_or(Refused::Absent)?;
                settle(invoice, by, payment.amount, payment.date, at)?;
            }
            PaymentTarget::CreditNote(id) => {
                let note = self.credit_notes.get_mut(id).ok_or(Refused::Absent)?;
                spend_note(note, by, payment.amount, payment.date, at)?;
            }
        }
        self.payments.put(payment);
        Ok(())
    }

    /// Use up part of a credit note on an invoice of the same direction and currency.
    pub fn allocate(
        &mut self,
        credit_note: Uuid,
        allocation: Allocation,
        at: Timestamp,
    ) -> Result<(), Refused> {
        let note = self.credit_notes.get_mut(credit_note).ok_or(Refused::Absent)?;
        let invoice = self.invoices.get_mut(allocation.invoice).ok_or(Refused::Absent)?;
        if invoice.direction != note.direction || invoice.currency != note.currency {
            return Err(Refused::WrongState);
        }
        if allocation.amount > note.remaining {
            return Err(Refused::TooMuch);
        }
        let by = SettledBy::Allocation {
            allocation: allocation.id,
            credit_note,
        };
        settle(invoice, by, allocation.amount, allocation.date, at)?;
        spend_note(note, by, allocation.amount, allocation.date, at)?;
        note.allocations.push(allocation);
        Ok(())
    }

    /// Delete a payment; what it settled is due again.
    pub fn delete_payment(&mut self, id: Uuid, at: Timestamp) -> Result<(), Refused> {
        let payment = self.payments.get_mut(id).ok_or(Refused::Absent)?;
        if payment.meta.deleted {
            return Err(Refused::WrongState);
        }
        payment.meta.deleted = true;
        payment.meta.touch(at);
        let by = SettledBy::Payment(id);
        match payment.target {
            PaymentTarget::Invoice(id) => {
                let invoice = self.invoices.get_mut(id).ok_or(Refused::Absent)?;
                invoice.settlements.retain(|settlement| settlement.by != by);
                settled(invoice, at);
            }
            PaymentTarget::CreditNote(id) => {
                let note = self.credit_notes.get_mut(id).ok_or(Refused::Absent)?;
                note.uses.retain(|(used_by, _)| *used_by != by);
                note_spent(note, None, at);
            }
        }
        Ok(())
    }

    /// Take a posted invoice or bill out of the books again.
    pub fn void_invoice(&mut self, id: Uuid, at: Timestamp) -> Result<(), Refused> {
        let invoice = self.invoices.get_mut(id).ok_or(Refused::Absent)?;
        if invoice.meta.deleted || invoice.status != DocumentStatus::Authorised {
            return Err(Refused::WrongState);
        }
        if !invoice.settlements.is_empty() {
            return Err(Refused::Settled);
        }
        invoice.status = DocumentStatus::Void;
        settled(invoice, at);
        Ok(())
    }

    /// Delete an invoice or bill: one that was never posted, or, where the platform deletes those too, one that nothing has settled.
    pub fn delete_invoice(&mut self, id: Uuid, at: Timestamp) -> Result<(), Refused> {
        let invoice = self.invoices.get_mut(id).ok_or(Refused::Absent)?;
        let posted_too = self.facts.platform.deletes_posted();
        let was_posted = invoice.status.is_posted() || invoice.status == DocumentStatus::Void;
        if invoice.meta.deleted || (was_posted && !posted_too) {
            return Err(Refused::WrongState);
        }
        if !invoice.settlements.is_empty() {
            return Err(Refused::Settled);
        }
        invoice.meta.deleted = true;
        settled(invoice, at);
        Ok(())
    }

    /// Take a posted credit note out of the books again.
    pub fn void_credit_note(&mut self, id: Uuid, at: Timestamp) -> Result<(), Refused> {
        let note = self.credit_notes.get_mut(id).ok_or(Refused::Absent)?;
        if note.meta.deleted || note.status != DocumentStatus::Authorised {
            return Err(Refused::WrongState);
        }
        if !note.uses.is_empty() {
            return Err(Refused::Settled);
        }
        note.status = DocumentStatus::Void;
        note_spent(note, None, at);
        Ok(())
    }

    /// Delete a credit note: one that was never posted, or, where the platform deletes those too, one that is not used.
    pub fn delete_credit_note(&mut self, id: Uuid, at: Timestamp) -> Result<(), Refused> {
        let note = self.credit_notes.get_mut(id).ok_or(Refused::Absent)?;
        let posted_too = self.facts.platform.deletes_posted();
        let was_posted = note.status.is_posted() || note.status == DocumentStatus::Void;
        if note.meta.deleted || (was_posted && !posted_too) {
            return Err(Refused::WrongState);
        }
        if !note.uses.is_empty() {
            return Err(Refused::Settled);
        }
        note.meta.deleted = true;
        note_spent(note, None, at);
        Ok(())
    }
}

fn settle(
    invoice: &mut Invoice,
    by: SettledBy,
    amount: Decimal,
    date: Date,
    at: Timestamp,
) -> Result<(), Refused> {
    if invoice.meta.deleted || invoice.status != DocumentStatus::Authorised {
        return Err(Refused::WrongState);
    }
    if amount > invoice.amount_due || amount <= Decimal::ZERO {
        return Err(Refused::TooMuch);
    }
    invoice.settlements.push(Settlement { by, amount, date });
    settled(invoice, at);
    Ok(())
}

/// Work out anew what is paid, credited and due, and whether that is all; the invoice changed at `at`.
pub fn settled(invoice: &mut Invoice, at: Timestamp) {
    let sum = |payments: bool| -> Decimal {
        let amounts = invoice
            .settlements
            .iter()
            .filter(|settlement| settlement.by.is_payment() == payments);
        cents(amounts.map(|settlement| settlement.amount).sum())
    };
    invoice.amount_paid = sum(true);
    invoice.amount_credited = sum(false);
    let in_books = invoice.status.is_posted() && !invoice.meta.deleted;
    if in_books {
        invoice.amount_due = invoice.totals.total - invoice.amount_paid - invoice.amount_credited;
        let paid = invoice.amount_due.is_zero();
        invoice.status = if paid {
            DocumentStatus::Paid
        } else {
            DocumentStatus::Authorised
        };
        let last = invoice.settlements.iter().map(|settlement| settlement.date).max();
        invoice.fully_paid_on = if paid { last.or(Some(invoice.date)) } else { None };
    } else {
        let is_void = invoice.status == DocumentStatus::Void || invoice.meta.deleted;
        invoice.amount_due = if is_void {
            cents(Decimal::ZERO)
        } else {
            invoice.totals.total
        };
        invoice.fully_paid_on = None;
    }
    invoice.meta.touch(at);
}

fn spend_note(
    note: &mut CreditNote,
    by: SettledBy,
    amount: Decimal,
    date: Date,
    at: Timestamp,
) -> Result<(), Refused> {
    if note.meta.deleted || note.status != DocumentStatus::Authorised {
        return Err(Refused::WrongState);
    }
    if amount > note.remaining || amount <= Decimal::ZERO {
        return Err(Refused::TooMuch);
    }
    note.uses.push((by, amount));
    note_spent(note, Some(date), at);
    Ok(())
}

/// Work out anew what remains of a note; `on` is the day of its last use.
pub fn note_spent(note: &mut CreditNote, on: Option<Date>, at: Timestamp) {
    let used: Decimal = note.uses.iter().map(|(_, amount)| amount).sum();
    if note.status.is_posted() && !note.meta.deleted {
        note.remaining = cents(note.totals.total - used);
        let spent = note.remaining.is_zero();
        note.status = if spent {
            DocumentStatus::Paid
        } else {
            DocumentStatus::Authorised
        };
        note.fully_paid_on = if spent { on.or(note.fully_paid_on) } else { None };
    } else {
        let is_void = note.status == DocumentStatus::Void || note.meta.deleted;
        note.remaining = if is_void {
            cents(Decimal::ZERO)
        } else {
            note.totals.total
        };
        note.fully_paid_on = None;
    }
    note.meta.touch(at);
}

impl SettledBy {
    /// Whether money settled it, rather than a credit.
    pub fn is_payment(self) -> bool {
        match self {
            Self::Payment(_) => true,
            Self::Allocation { .. } => false,
        }
    }
}
