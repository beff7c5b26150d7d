//! New records.

use rust_decimal::Decimal;

use super::{Books, Turn, choose};
use crate::{
    generate::{documents::Booking, habits, people, region_of},
    ledger::{
        Account, AccountKind, ActiveStatus, Allocation, Direction, DocumentStatus, Item, ItemTerms, Meta,
        MoneyFlow, SystemRole, TrackingOption,
    },
};

pub(super) const TURNS: [Turn; 15] = [
    |books| invoice(books, Direction::Receivable),
    |books| invoice(books, Direction::Payable),
    |books| payment(books, Direction::Receivable),
    |books| payment(books, Direction::Payable),
    contact,
    |books| credit_note(books, Direction::Receivable),
    |books| credit_note(books, Direction::Payable),
    |books| bank_transaction(books, MoneyFlow::Spend),
    |books| bank_transaction(books, MoneyFlow::Receive),
    transfer,
    manual_journal,
    purchase_order,
    item,
    account,
    tracking_option,
];

type Done = Option<(&'static str, String)>;

fn invoice(books: &mut Books<'_>, direction: Direction) -> Done {
    let (prefix, data_type) = match direction {
        Direction::Receivable => ("INV-N", "invoices"),
        Direction::Payable => ("BN", "bills"),
    };
    let number = format!("{prefix}{:05}", books.ledger.invoices.len() + 1);
    let (today, now) = (books.today(), books.now);
    let mut invoice = books.stock.invoice(books.random, direction, number, today, now)?;
    if books.random.happens(0.15) {
        invoice.status = DocumentStatus::Draft;
        habits::invoice(books.stock.platform, &mut invoice);
    }
    let id = invoice.meta.id.to_string();
    books.ledger.invoices.put(invoice);
    Some((data_type, id))
}

fn payment(books: &mut Books<'_>, direction: Direction) -> Done {
    let open = |invoice: &crate::ledger::Invoice| {
        invoice.direction == direction && invoice.status == DocumentStatus::Authorised
    };
    let invoice = choose(books.random, &books.ledger.invoices, open)?;
    let share = Decimal::new(books.random.one_of([100, 100, 50, 25]), 2);
    let amount = crate::ledger::cents(invoice.amount_due * share);
    let (today, now) = (books.today(), books.now);
    let payment = books.stock.payment(books.random, &invoice, amount, today, now)?;
    let id = payment.meta.id.to_string();
    books.ledger.pay(payment).ok()?;
    let data_type = match direction {
        Direction::Receivable => "payments",
        Direction::Payable => "billPayments",
    };
    Some((data_type, id))
}

fn credit_note(books: &mut Books<'_>, direction: Direction) -> Done {
    let posted =
        |invoice: &crate::ledger::Invoice| invoice.direction == direction && invoice.status.is_posted();
    let invoice = choose(books.random, &books.ledger.invoices, posted)?;
    let (prefix, data_type) = match direction {
        Direction::Receivable => ("CN-N", "creditNotes"),
        Direction::Payable => ("BCNN", "billCreditNotes"),
    };
    let number = format!("{prefix}{:05}", books.ledger.credit_notes.len() + 1);
    let (today, now) = (books.today(), books.now);
    let mut note = books
        .stock
        .credit_note(books.random, &invoice, number, today, now);
    let used = books.random.happens(0.5);
    if !used && books.random.happens(0.2) {
        note.status = DocumentStatus::Draft;
        habits::credit_note(books.stock.platform, &mut note);
    }
    let id = note.meta.id;
    let amount = note.remaining.min(invoice.amount_due);
    books.ledger.credit_notes.put(note);
    if used {
        let allocation = Allocation {
            id: books.random.id(),
            invoice: invoice.meta.id,
            amount,
            date: today,
        };
        // An invoice with nothing due takes no credit: the note stays open.
        let _ = books.ledger.allocate(id, allocation, now);
    }
    Some((data_type, id.to_string()))
}

fn contact(books: &mut Books<'_>) -> Done {
    let region = region_of(books.ledger);
    let index = books.ledger.contacts.len();
    let mut contact = people::contact(books.random, region, index, books.now);
    let is_customer = books.random.happens(0.5);
    (contact.is_customer, contact.is_supplier) = (is_customer, !is_customer);
    let id = contact.meta.id.to_string();
    books.ledger.contacts.put(contact);
    Some((if is_customer { "customers" } else { "suppliers" }, id))
}

fn bank_transaction(books: &mut Books<'_>, flow: MoneyFlow) -> Done {
    let (today, now) = (books.today(), books.now);
    let money = books.stock.bank_transaction(books.random, flow, today, now)?;
    let id = money.meta.id.to_string();
    books.ledger.bank_transactions.put(money);
    let data_type = match flow {
        MoneyFlow::Spend => "directCosts",
        MoneyFlow::Receive => "directIncomes",
    };
    Some((data_type, id))
}

fn transfer(books: &mut Books<'_>) -> Done {
    let (from, to) = (*books.stock.banks.first()?, *books.stock.banks.get(1)?);
    let amount = books.random.money(10_000, 250_000);
    let (today, now) = (books.today(), books.now);
    let transfer = books.stock.transfer(books.random, from, to, amount, today, now);
    let id = transfer.meta.id.to_string();
    books.ledger.transfers.put(transfer);
    Some(("transfers", id))
}

fn manual_journal(books: &mut Books<'_>) -> Done {
    let booking = Booking {
        debit: books.stock.account("429"),
        credit: books.stock.account("850"),
        amount: books.random.money(5_000, 90_000),
    };
    let (today, now) = (books.today(), books.now);
    let journal = books
        .stock
        .manual_journal(books.random, "Accrued expenses", booking, today, now);
    let id = journal.meta.id.to_string();
    books.ledger.manual_journals.put(journal);
    Some(("journalEntries", id))
}

/// What customers owe is set right by hand, past all documents.
pub(super) fn adjustment(books: &mut Books<'_>) -> Done {
    let booking = Booking {
        debit: books.ledger.system_account(SystemRole::Receivables),
        credit: books.stock.account("200"),
        amount: Decimal::new(1234, 2),
    };
    let (today, now) = (books.today(), books.now);
    let journal = books
        .stock
        .manual_journal(books.random, "Set right by hand", booking, today, now);
    let id = journal.meta.id.to_string();
    books.ledger.manual_journals.put(journal);
    Some(("journalEntries", id))
}

fn purchase_order(books: &mut Books<'_>) -> Done {
    let number = format!("PO-N{:04}", books.ledger.purchase_orders.len() + 1);
    let (today, now) = (books.today(), books.now);
    let order = books.stock.purchase_order(books.random, number, today, now)?;
    let id = order.meta.id.to_string();
    books.ledger.purchase_orders.put(order);
    Some(("purchaseOrders", id))
}

fn item(books: &mut Books<'_>) -> Done {
    let number = books.ledger.items.len() + 1;
    let region = region_of(books.ledger);
    let sale = ItemTerms {
        unit_price: Decimal::new(books.random.between(10_000, 900_000), 4).normalize(),
        account: books.stock.account("200"),
        tax_code: region.sales_tax.to_owned(),
    };
    let item = Item {
        meta: Meta::new(books.random.id(), books.now),
        code: format!("N-{number:03}"),
        name: format!("New article {number}"),
        description: "Added to the catalogue".to_owned(),
        purchase_description: String::new(),
        sale: Some(sale),
        purchase: None,
    };
    let id = item.meta.id.to_string();
    books.ledger.items.put(item);
    Some(("items", id))
}

fn account(books: &mut Books<'_>) -> Done {
    let free = (500..600)
        .map(|code| code.to_string())
        .find(|code| books.ledger.account_by_code(code).is_none())?;
    let account = Account {
        meta: Meta::new(books.random.id(), books.now),
        name: format!("New costs {free}"),
        description: "Opened later".to_owned(),
        code: free,
        kind: AccountKind::Expense,
        status: ActiveStatus::Active,
        role: None,
        tax_code: "NONE".to_owned(),
        bank: None,
        takes_payments: false,
        parent: None,
    };
    let id = account.meta.id.to_string();
    books.ledger.accounts.put(account);
    Some(("chartOfAccounts", id))
}

fn tracking_option(books: &mut Books<'_>) -> Done {
    let active = |category: &crate::ledger::TrackingCategory| {
        category.status == ActiveStatus::Active && category.options.len() < 100
    };
    let mut category = choose(books.random, &books.ledger.tracking, active)?;
    let id = books.random.id();
    let name = format!("Option {}", category.options.len() + 1);
    category.options.push(TrackingOption {
        id,
        name,
        status: ActiveStatus::Active,
        deleted: false,
    });
    category.meta.touch(books.now);
    books.ledger.tracking.put(category);
    Some(("trackingCategories", id.to_string()))
}
