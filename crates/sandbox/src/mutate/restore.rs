//! Records that were deleted and come back, with the id that they had.

use super::{Books, Turn, choose_deleted};
use crate::ledger::{Direction, ManualJournalStatus, MoneyFlow, amend};

pub(super) const TURNS: [Turn; 7] = [
    item,
    bank_transaction,
    purchase_order,
    transfer,
    invoice,
    manual_journal,
    credit_note,
];

type Done = Option<(&'static str, String)>;

fn item(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.items)?;
    let now = books.now;
    let item = books.ledger.items.get_mut(id)?;
    item.meta.restore(now);
    books.stock = crate::generate::documents::Stock::of(books.ledger);
    Some(("items", id.to_string()))
}

fn bank_transaction(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.bank_transactions)?;
    let now = books.now;
    let money = books.ledger.bank_transactions.get_mut(id)?;
    money.meta.restore(now);
    let data_type = match money.flow {
        MoneyFlow::Spend => "directCosts",
        MoneyFlow::Receive => "directIncomes",
    };
    Some((data_type, id.to_string()))
}

fn purchase_order(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.purchase_orders)?;
    let now = books.now;
    books.ledger.purchase_orders.get_mut(id)?.meta.restore(now);
    Some(("purchaseOrders", id.to_string()))
}

fn transfer(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.transfers)?;
    let now = books.now;
    books.ledger.transfers.get_mut(id)?.meta.restore(now);
    Some(("transfers", id.to_string()))
}

/// Drafts only: nothing else can be deleted.
fn invoice(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.invoices)?;
    let now = books.now;
    let invoice = books.ledger.invoices.get_mut(id)?;
    invoice.meta.deleted = false;
    amend::settled(invoice, now);
    let data_type = match invoice.direction {
        Direction::Receivable => "invoices",
        Direction::Payable => "bills",
    };
    Some((data_type, id.to_string()))
}

fn credit_note(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.credit_notes)?;
    let now = books.now;
    let note = books.ledger.credit_notes.get_mut(id)?;
    note.meta.deleted = false;
    amend::note_spent(note, None, now);
    let data_type = match note.direction {
        Direction::Receivable => "creditNotes",
        Direction::Payable => "billCreditNotes",
    };
    Some((data_type, id.to_string()))
}

fn manual_journal(books: &mut Books<'_>) -> Done {
    let id = choose_deleted(books.random, &books.ledger.manual_journals)?;
    let now = books.now;
    let journal = books.ledger.manual_journals.get_mut(id)?;
    journal.meta.restore(now);
    // It comes back into the books, as what it was before it was given up.
    journal.status = ManualJournalStatus::Posted;
    Some(("journalEntries", id.to_string()))
}
