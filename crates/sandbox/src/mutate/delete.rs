//! Records deleted: soft where the platform keeps a tombstone, gone where it does not.

use uuid::Uuid;

use super::{Books, Turn, choose};
use crate::ledger::{
    Account, ActiveStatus, Direction, DocumentStatus, Invoice, Ledger, ManualJournal, ManualJournalStatus,
    MoneyFlow,
};

pub(super) const TURNS: [Turn; 13] = [
    |books| invoice(books, Direction::Receivable),
    |books| payment(books, Direction::Receivable),
    item,
    |books| bank_transaction(books, MoneyFlow::Spend),
    |books| invoice(books, Direction::Payable),
    |books| payment(books, Direction::Payable),
    transfer,
    purchase_order,
    |books| bank_transaction(books, MoneyFlow::Receive),
    manual_journal,
    account,
    credit_note,
    tracking_option,
];

type Done = Option<(&'static str, String)>;

/// Only what was never posted can be deleted.
fn invoice(books: &mut Books<'_>, direction: Direction) -> Done {
    let posted_too = books.stock.platform.deletes_posted();
    let fit = |invoice: &Invoice| {
        let free = posted_too && invoice.settlements.is_empty();
        invoice.direction == direction && (free || never_posted(invoice.status))
    };
    let id = choose(books.random, &books.ledger.invoices, fit)?.meta.id;
    books.ledger.delete_invoice(id, books.now).ok()?;
    Some((
        if direction == Direction::Receivable {
            "invoices"
        } else {
            "bills"
        },
        id.to_string(),
    ))
}

fn credit_note(books: &mut Books<'_>) -> Done {
    let posted_too = books.stock.platform.deletes_posted();
    let note = choose(books.random, &books.ledger.credit_notes, |note| {
        (posted_too && note.uses.is_empty()) || never_posted(note.status)
    })?;
    books.ledger.delete_credit_note(note.meta.id, books.now).ok()?;
    let data_type = if note.direction == Direction::Receivable {
        "creditNotes"
    } else {
        "billCreditNotes"
    };
    Some((data_type, note.meta.id.to_string()))
}

fn payment(books: &mut Books<'_>, direction: Direction) -> Done {
    let id = choose(books.random, &books.ledger.payments, |payment| {
        payment.direction == direction
    })?
    .meta
    .id;
    books.ledger.delete_payment(id, books.now).ok()?;
    Some((
        if direction == Direction::Receivable {
            "payments"
        } else {
            "billPayments"
        },
        id.to_string(),
    ))
}

fn bank_transaction(books: &mut Books<'_>, flow: MoneyFlow) -> Done {
    let id = choose(books.random, &books.ledger.bank_transactions, |money| {
        money.flow == flow
    })?
    .meta
    .id;
    let money = books.ledger.bank_transactions.get_mut(id)?;
    money.meta.deleted = true;
    money.meta.touch(books.now);
    Some((
        if flow == MoneyFlow::Spend {
            "directCosts"
        } else {
            "directIncomes"
        },
        id.to_string(),
    ))
}

fn transfer(books: &mut Books<'_>) -> Done {
    let id = choose(books.random, &books.ledger.transfers, |_| true)?.meta.id;
    let transfer = books.ledger.transfers.get_mut(id)?;
    transfer.meta.deleted = true;
    transfer.meta.touch(books.now);
    Some(("transfers", id.to_string()))
}

fn purchase_order(books: &mut Books<'_>) -> Done {
    let id = choose(books.random, &books.ledger.purchase_orders, |_| true)?
        .meta
        .id;
    let order = books.ledger.purchase_orders.get_mut(id)?;
    order.meta.deleted = true;
    order.meta.touch(books.now);
    Some(("purchaseOrders", id.to_string()))
}

fn manual_journal(books: &mut Books<'_>) -> Done {
    let posted_too = books.stock.platform.deletes_posted();
    let fit = |journal: &ManualJournal| posted_too || journal.status == ManualJournalStatus::Draft;
    let id = choose(books.random, &books.ledger.manual_journals, fit)?.meta.id;
    let journal = books.ledger.manual_journals.get_mut(id)?;
    journal.meta.deleted = true;
    journal.meta.touch(books.now);
    Some(("journalEntries", id.to_string()))
}

fn item(books: &mut Books<'_>) -> Done {
    let id = choose(books.random, &books.ledger.items, |_| true)?.meta.id;
    let item = books.ledger.items.get_mut(id)?;
    item.meta.deleted = true;
    item.meta.touch(books.now);
    books.stock = crate::generate::documents::Stock::of(books.ledger);
    Some(("items", id.to_string()))
}

/// Only an account that nothing names can be deleted.
fn account(books: &mut Books<'_>) -> Done {
    let unused = |account: &Account| {
        let plain =
            account.role.is_none() && account.bank.is_none() && account.status == ActiveStatus::Active;
        plain && account.code.starts_with('5') && !is_used(books.ledger, account.meta.id)
    };
    let id = choose(books.random, &books.ledger.accounts, unused)?.meta.id;
    let account = books.ledger.accounts.get_mut(id)?;
    account.meta.deleted = true;
    account.meta.touch(books.now);
    books.stock = crate::generate::documents::Stock::of(books.ledger);
    Some(("chartOfAccounts", id.to_string()))
}

fn tracking_option(books: &mut Books<'_>) -> Done {
    let has_spare = |category: &crate::ledger::TrackingCategory| {
        category.options.iter().filter(|option| !option.deleted).count() > 2
    };
    let mut category = choose(books.random, &books.ledger.tracking, has_spare)?;
    let option = category.options.iter_mut().rev().find(|option| !option.deleted)?;
    option.deleted = true;
    let id = option.id.to_string();
    category.meta.touch(books.now);
    books.ledger.tracking.put(category);
    Some(("trackingCategories", id))
}

fn never_posted(status: DocumentStatus) -> bool {
    match status {
        DocumentStatus::Draft | DocumentStatus::Submitted => true,
        DocumentStatus::Authorised | DocumentStatus::Paid | DocumentStatus::Void => false,
    }
}

fn is_used(ledger: &Ledger, account: Uuid) -> bool {
    let on = |lines: &[crate::ledger::Line]| lines.iter().any(|line| line.account == account);
    ledger.invoices.iter().any(|invoice| on(&invoice.lines))
        || ledger.credit_notes.iter().any(|note| on(&note.lines))
        || ledger.bank_transactions.iter().any(|money| on(&money.lines))
        || ledger.purchase_orders.iter().any(|order| on(&order.lines))
        || ledger
            .manual_journals
            .iter()
            .any(|journal| journal.lines.iter().any(|line| line.account == account))
        || ledger.opening.lines.iter().any(|line| line.account == account)
}
