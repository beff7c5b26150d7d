//! What the books of a platform can hold: documents are made the same for all, and fitted to where they are kept.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::ledger::{
    CreditNote, Direction, DocumentStatus, Invoice, JournalLine, Ledger, Line, LineAmounts, ManualJournal,
    ManualJournalStatus, Meta, Platform, PurchaseOrder, PurchaseOrderStatus, cents,
};

use super::{documents::Stock, random::Random};

/// Lines without discounts or tax within, and one option of the second dimension for the whole document; totals stay the same.
pub(super) fn lines(stock: &Stock, lines: &mut [Line], line_amounts: &mut LineAmounts) {
    match stock.platform {
        Platform::Xero => return,
        Platform::QuickBooksOnline => {}
    }
    for line in lines.iter_mut() {
        let net = line.net(*line_amounts);
        if cents(line.quantity * line.unit_amount) != net {
            line.quantity = Decimal::ONE;
            line.unit_amount = net;
        }
        line.discount_rate = None;
        line.line_amount = net;
    }
    if *line_amounts == LineAmounts::Inclusive {
        *line_amounts = LineAmounts::Exclusive;
    }
    let Some(dimension) = stock.per_document() else {
        return;
    };
    let of_first = lines.first().and_then(|line| {
        let mut tracked = line.tracking.iter();
        tracked.find(|tracked| tracked.category == dimension).copied()
    });
    for line in lines {
        line.tracking.retain(|tracked| tracked.category != dimension);
        line.tracking.extend(of_first);
    }
}

/// There are no drafts; only what customers owe can be voided, the rest is deleted.
pub(crate) fn invoice(platform: Platform, invoice: &mut Invoice) {
    match platform {
        Platform::Xero => return,
        Platform::QuickBooksOnline => {}
    }
    let void = invoice.status == DocumentStatus::Void && invoice.direction == Direction::Receivable;
    if !void {
        invoice.meta.deleted |= invoice.status == DocumentStatus::Void;
        invoice.status = DocumentStatus::Authorised;
        invoice.amount_due = if invoice.meta.deleted {
            cents(Decimal::ZERO)
        } else {
            invoice.totals.total
        };
    }
}

/// As [`invoice`].
pub(crate) fn credit_note(platform: Platform, note: &mut CreditNote) {
    match platform {
        Platform::Xero => return,
        Platform::QuickBooksOnline => {}
    }
    let void = note.status == DocumentStatus::Void && note.direction == Direction::Receivable;
    if !void {
        note.meta.deleted |= note.status == DocumentStatus::Void;
        note.status = DocumentStatus::Authorised;
        note.remaining = if note.meta.deleted {
            cents(Decimal::ZERO)
        } else {
            note.totals.total
        };
    }
}

/// Journals are posted or gone.
pub(super) fn manual_journal(platform: Platform, journal: &mut ManualJournal) {
    match platform {
        Platform::Xero => {}
        Platform::QuickBooksOnline => {
            journal.meta.deleted |= journal.status == ManualJournalStatus::Void;
            journal.status = ManualJournalStatus::Posted;
        }
    }
}

/// Orders are open or closed.
pub(super) fn purchase_order(platform: Platform, order: &mut PurchaseOrder) {
    match (platform, order.status) {
        (Platform::QuickBooksOnline, PurchaseOrderStatus::Draft | PurchaseOrderStatus::Submitted) => {
            order.status = PurchaseOrderStatus::Authorised;
        }
        (Platform::QuickBooksOnline, PurchaseOrderStatus::Authorised | PurchaseOrderStatus::Billed)
        | (Platform::Xero, _) => {}
    }
}

/// Whether a credit note is paid out by a payment of its own.
pub(super) fn refunds_notes(platform: Platform) -> bool {
    match platform {
        Platform::Xero => true,
        Platform::QuickBooksOnline => false,
    }
}

/// Whether money received is for goods sold over the counter. Where nobody does, chance is not asked either.
pub(super) fn sells_for_cash(platform: Platform, random: &mut Random) -> bool {
    match platform {
        Platform::Xero => false,
        Platform::QuickBooksOnline => random.happens(0.5),
    }
}

/// `rate` is foreign units per base unit. Where the platform has base units per foreign unit, with six places, it is the inverse of such a number.
pub(super) fn currency_rate(platform: Platform, rate: Decimal) -> Decimal {
    match platform {
        Platform::Xero => rate,
        Platform::QuickBooksOnline => Decimal::ONE / (Decimal::ONE / rate).round_dp(6),
    }
}

/// Where the platform has no place for opening balances, they are a journal.
pub(super) fn opening(ledger: &mut Ledger, random: &mut Random, at: Timestamp) {
    match ledger.facts.platform {
        Platform::Xero => return,
        Platform::QuickBooksOnline => {}
    }
    let lines = std::mem::take(&mut ledger.opening.lines);
    let lines = lines.into_iter().map(|line| JournalLine {
        description: "Opening Balance".to_owned(),
        account: line.account,
        amount: cents(line.amount),
        tax_code: "NONE".to_owned(),
        tracking: Vec::new(),
    });
    ledger.manual_journals.put(ManualJournal {
        meta: Meta::new(random.id(), at),
        narration: "Opening Balance".to_owned(),
        date: ledger.opening.date,
        status: ManualJournalStatus::Posted,
        lines: lines.collect(),
        on_cash_basis_reports: true,
    });
}

/// Everybody is either a customer or a supplier, and there are two dimensions.
pub(super) fn people(ledger: &mut Ledger) {
    match ledger.facts.platform {
        Platform::Xero => return,
        Platform::QuickBooksOnline => {}
    }
    let contacts: Vec<_> = ledger.contacts.iter().cloned().collect();
    for mut contact in contacts {
        if contact.is_customer == contact.is_supplier {
            (contact.is_customer, contact.is_supplier) = (true, false);
            ledger.contacts.put(contact);
        }
    }
    let dimensions: Vec<_> = ledger.tracking.iter().take(2).cloned().collect();
    ledger.tracking = crate::ledger::Table::default();
    dimensions
        .into_iter()
        .for_each(|dimension| ledger.tracking.put(dimension));
}

/// What a foreign currency usually is at, in foreign units per base unit.
pub(crate) fn usual_currency_rate(ledger: &Ledger, currency: &str) -> Decimal {
    let usual = super::usual_rate(&ledger.facts.base_currency, currency);
    currency_rate(ledger.facts.platform, usual)
}
