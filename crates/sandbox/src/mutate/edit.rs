//! Changes to records that stay.

use jiff::ToSpan;
use rust_decimal::Decimal;

use super::{Books, Turn, choose};
use crate::ledger::{
    ActiveStatus, Direction, DocumentStatus, Invoice, Line, LineAmounts, ManualJournalStatus, MoneyFlow,
    PurchaseOrderStatus, Totals, amend,
};

pub(super) const TURNS: [Turn; 16] = [
    |books| invoice(books, Direction::Receivable),
    |books| invoice(books, Direction::Payable),
    contact,
    |books| bank_transaction(books, MoneyFlow::Spend),
    |books| bank_transaction(books, MoneyFlow::Receive),
    |books| approve(books, Direction::Receivable),
    |books| approve(books, Direction::Payable),
    account,
    item,
    contact_status,
    manual_journal,
    purchase_order,
    |books| credit_note(books, Direction::Receivable),
    |books| credit_note(books, Direction::Payable),
    tracking,
    tax_rate,
];

type Done = Option<(&'static str, String)>;

/// Another quantity, or only another reference where something is paid already.
fn invoice(books: &mut Books<'_>, direction: Direction) -> Done {
    let fit =
        |invoice: &Invoice| invoice.direction == direction && invoice.status == DocumentStatus::Authorised;
    let mut invoice = choose(books.random, &books.ledger.invoices, fit)?;
    if invoice.settlements.is_empty() {
        more(books, &mut invoice.lines, invoice.line_amounts);
        invoice.totals = Totals::of(&invoice.lines, invoice.line_amounts);
        invoice.due_date = invoice.due_date.checked_add(7.days()).unwrap_or(invoice.due_date);
    }
    invoice.reference = format!("Changed {}", books.random.between(1_000, 9_999));
    amend::settled(&mut invoice, books.now);
    let id = invoice.meta.id.to_string();
    books.ledger.invoices.put(invoice);
    Some((documents(direction), id))
}

/// A draft enters the books.
fn approve(books: &mut Books<'_>, direction: Direction) -> Done {
    let draft = |invoice: &Invoice| {
        let waits = match invoice.status {
            DocumentStatus::Draft | DocumentStatus::Submitted => true,
            DocumentStatus::Authorised | DocumentStatus::Paid | DocumentStatus::Void => false,
        };
        invoice.direction == direction && waits
    };
    let mut invoice = choose(books.random, &books.ledger.invoices, draft)?;
    invoice.status = DocumentStatus::Authorised;
    amend::settled(&mut invoice, books.now);
    let id = invoice.meta.id.to_string();
    books.ledger.invoices.put(invoice);
    Some((documents(direction), id))
}

fn credit_note(books: &mut Books<'_>, direction: Direction) -> Done {
    let fit = |note: &crate::ledger::CreditNote| note.direction == direction && note.status.is_posted();
    let mut note = choose(books.random, &books.ledger.credit_notes, fit)?;
    note.reference = format!("Changed {}", books.random.between(1_000, 9_999));
    note.meta.touch(books.now);
    let id = note.meta.id.to_string();
    books.ledger.credit_notes.put(note);
    Some((
        if direction == Direction::Receivable {
            "creditNotes"
        } else {
            "billCreditNotes"
        },
        id,
    ))
}

fn bank_transaction(books: &mut Books<'_>, flow: MoneyFlow) -> Done {
    let mut money = choose(books.random, &books.ledger.bank_transactions, |money| {
        money.flow == flow
    })?;
    more(books, &mut money.lines, money.line_amounts);
    money.totals = Totals::of(&money.lines, money.line_amounts);
    money.reference = format!("Changed {}", books.random.between(1_000, 9_999));
    money.meta.touch(books.now);
    let id = money.meta.id.to_string();
    books.ledger.bank_transactions.put(money);
    Some((
        if flow == MoneyFlow::Spend {
            "directCosts"
        } else {
            "directIncomes"
        },
        id,
    ))
}

fn contact(books: &mut Books<'_>) -> Done {
    let mut contact = choose(books.random, &books.ledger.contacts, |_| true)?;
    contact.name = format!(
        "{} (renamed {})",
        first_words(&contact.name),
        books.random.between(100, 999)
    );
    contact.email = format!("new{}@books.example", books.random.between(1_000, 9_999));
    contact.meta.touch(books.now);
    let done = (
        if contact.is_customer {
            "customers"
        } else {
            "suppliers"
        },
        contact.meta.id.to_string(),
    );
    books.ledger.contacts.put(contact);
    Some(done)
}

/// Archive a contact, or use it again.
fn contact_status(books: &mut Books<'_>) -> Done {
    let mut contact = choose(books.random, &books.ledger.contacts, |_| true)?;
    contact.status = match contact.status {
        ActiveStatus::Active => ActiveStatus::Archived,
        ActiveStatus::Archived => ActiveStatus::Active,
    };
    contact.meta.touch(books.now);
    let done = (
        if contact.is_customer {
            "customers"
        } else {
            "suppliers"
        },
        contact.meta.id.to_string(),
    );
    books.ledger.contacts.put(contact);
    Some(done)
}

fn account(books: &mut Books<'_>) -> Done {
    let fit = |account: &crate::ledger::Account| account.role.is_none();
    let mut account = choose(books.random, &books.ledger.accounts, fit)?;
    account.name = format!(
        "{} (renamed {})",
        first_words(&account.name),
        books.random.between(100, 999)
    );
    account.meta.touch(books.now);
    let done = (
        if account.bank.is_some() {
            "bankAccounts"
        } else {
            "chartOfAccounts"
        },
        account.meta.id.to_string(),
    );
    books.ledger.accounts.put(account);
    Some(done)
}

fn item(books: &mut Books<'_>) -> Done {
    let mut item = choose(books.random, &books.ledger.items, |_| true)?;
    let dearer = Decimal::new(books.random.between(101, 130), 2);
    for terms in [&mut item.sale, &mut item.purchase].into_iter().flatten() {
        terms.unit_price = (terms.unit_price * dearer).round_dp(4).normalize();
    }
    item.description = format!("{} (changed)", first_words(&item.description));
    item.meta.touch(books.now);
    let id = item.meta.id.to_string();
    books.ledger.items.put(item);
    Some(("items", id))
}

fn manual_journal(books: &mut Books<'_>) -> Done {
    let fit = |journal: &crate::ledger::ManualJournal| journal.status != ManualJournalStatus::Void;
    let mut journal = choose(books.random, &books.ledger.manual_journals, fit)?;
    for line in &mut journal.lines {
        line.amount = crate::ledger::cents(line.amount * Decimal::TWO);
    }
    journal.narration = format!("{} (corrected)", first_words(&journal.narration));
    journal.meta.touch(books.now);
    let id = journal.meta.id.to_string();
    books.ledger.manual_journals.put(journal);
    Some(("journalEntries", id))
}

fn purchase_order(books: &mut Books<'_>) -> Done {
    let mut order = choose(books.random, &books.ledger.purchase_orders, |_| true)?;
    order.status = match order.status {
        PurchaseOrderStatus::Draft => PurchaseOrderStatus::Submitted,
        PurchaseOrderStatus::Submitted => PurchaseOrderStatus::Authorised,
        PurchaseOrderStatus::Authorised | PurchaseOrderStatus::Billed => PurchaseOrderStatus::Billed,
    };
    order.instructions = format!("Changed {}", books.random.between(1_000, 9_999));
    order.meta.touch(books.now);
    let id = order.meta.id.to_string();
    books.ledger.purchase_orders.put(order);
    Some(("purchaseOrders", id))
}

fn tracking(books: &mut Books<'_>) -> Done {
    let mut category = choose(books.random, &books.ledger.tracking, |_| true)?;
    let suffix = books.random.between(100, 999);
    let option = category.options.iter_mut().find(|option| !option.deleted)?;
    option.name = format!("{} {suffix}", first_words(&option.name));
    let id = option.id.to_string();
    category.meta.touch(books.now);
    books.ledger.tracking.put(category);
    Some(("trackingCategories", id))
}

fn tax_rate(books: &mut Books<'_>) -> Done {
    let mut rate = choose(books.random, &books.ledger.tax_rates, |rate| rate.code != "NONE")?;
    rate.name = format!(
        "{} (renamed {})",
        first_words(&rate.name),
        books.random.between(100, 999)
    );
    rate.meta.touch(books.now);
    let id = rate.code.clone();
    books.ledger.tax_rates.put(rate);
    Some(("taxRates", id))
}

/// One more of the first line, or a tenth dearer where that is a single charge.
fn more(books: &Books<'_>, lines: &mut [Line], line_amounts: LineAmounts) {
    let Some(line) = lines.first_mut() else { return };
    if line.item.is_some() {
        line.quantity += Decimal::ONE;
    } else {
        line.unit_amount = crate::ledger::cents(line.unit_amount * Decimal::new(11, 1));
    }
    line.calculate(line_amounts, books.stock.tax(&line.tax_code));
}

/// Without what an earlier edit put behind it.
fn first_words(name: &str) -> &str {
    name.split(" (").next().unwrap_or(name)
}

fn documents(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "invoices",
        Direction::Payable => "bills",
    }
}
