//! Documents taken out of the books, which stay listed.

use super::{Books, Turn, choose};
use crate::ledger::{CreditNote, Direction, DocumentStatus, Invoice, ManualJournal, ManualJournalStatus};

pub(super) const TURNS: [Turn; 5] = [
    |books| invoice(books, Direction::Receivable),
    |books| invoice(books, Direction::Payable),
    |books| credit_note(books, Direction::Receivable),
    |books| credit_note(books, Direction::Payable),
    manual_journal,
];

type Done = Option<(&'static str, String)>;

fn invoice(books: &mut Books<'_>, direction: Direction) -> Done {
    let platform = books.stock.platform;
    let fit = |invoice: &Invoice| {
        let open = invoice.status == DocumentStatus::Authorised && invoice.settlements.is_empty();
        let open = open && platform.voids(direction);
        invoice.direction == direction && open
    };
    let id = choose(books.random, &books.ledger.invoices, fit)?.meta.id;
    books.ledger.void_invoice(id, books.now).ok()?;
    Some((
        if direction == Direction::Receivable {
            "invoices"
        } else {
            "bills"
        },
        id.to_string(),
    ))
}

fn credit_note(books: &mut Books<'_>, direction: Direction) -> Done {
    let platform = books.stock.platform;
    let fit = |note: &CreditNote| {
        note.direction == direction
            && platform.voids(direction)
            && note.status == DocumentStatus::Authorised
            && note.uses.is_empty()
    };
    let id = choose(books.random, &books.ledger.credit_notes, fit)?.meta.id;
    books.ledger.void_credit_note(id, books.now).ok()?;
    Some((
        if direction == Direction::Receivable {
            "creditNotes"
        } else {
            "billCreditNotes"
        },
        id.to_string(),
    ))
}

fn manual_journal(books: &mut Books<'_>) -> Done {
    let platform = books.stock.platform;
    let posted =
        |journal: &ManualJournal| journal.status == ManualJournalStatus::Posted && platform.voids_journals();
    let mut journal = choose(books.random, &books.ledger.manual_journals, posted)?;
    journal.status = ManualJournalStatus::Void;
    journal.meta.touch(books.now);
    let id = journal.meta.id.to_string();
    books.ledger.manual_journals.put(journal);
    Some(("journalEntries", id))
}
