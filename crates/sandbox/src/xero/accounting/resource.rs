//! What an endpoint is: its names, its table in the ledger, how a record is filtered and written.

use std::cell::OnceCell;
use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::question::Question;
use crate::ledger::{Direction, Ledger, Record, Table};
use crate::xero::filter::Value;

/// One endpoint over one table.
pub(super) trait Resource: Record + 'static {
    /// Its path and its key in the envelope: `Invoices`.
    const NAME: &'static str;
    /// One of them, in error texts: `Invoice`.
    const TYPE: &'static str;
    /// Its id's name: `InvoiceID`.
    const ID: &'static str;
    const PAGED: bool;
    /// Whether `If-Modified-Since` narrows the list.
    const MODIFIED_SINCE: bool;
    type Wire<'a>: Serialize;

    fn table(ledger: &Ledger) -> &Table<Self>
    where
        Self: Sized;

    /// Whether a list shows it, before `where`: archived and hard-deleted records, `Statuses` and the like.
    fn is_listed(&self, question: &Question) -> bool;

    /// Whether it can still be asked for by id.
    fn is_found(&self) -> bool {
        true
    }

    /// Whether it is also found by this text: its number or code.
    fn answers_to(&self, _number: &str) -> bool {
        false
    }

    /// A field by the name that the API gives it, for `where` and `order`; ids and `UpdatedDateUTC` are not asked for.
    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>>;

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> Self::Wire<'a>;
}

/// How much of a record is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Asked for by id.
    Single,
    /// In a page.
    Page,
    /// In a list without `page`, or with `summaryOnly`: no lines.
    Summary,
}

/// What writing a record needs besides the record.
pub(super) struct Cx<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) today: Date,
    /// Decimal places of unit amounts.
    pub(super) unit_places: u32,
    pub(super) include_archived: bool,
    balances: OnceCell<HashMap<Uuid, ContactBalances>>,
}

/// What is owed between the organisation and one contact, in the base currency.
#[derive(Clone, Copy, Default)]
pub(super) struct ContactBalances {
    pub(super) receivable: Owed,
    pub(super) payable: Owed,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Owed {
    pub(super) outstanding: Decimal,
    pub(super) overdue: Decimal,
}

impl<'a> Cx<'a> {
    pub(super) fn new(ledger: &'a Ledger, today: Date, question: &Question) -> Self {
        Self {
            ledger,
            today,
            unit_places: question.unit_places,
            include_archived: question.include_archived,
            balances: OnceCell::new(),
        }
    }

    /// What a contact owes and is owed. All contacts' balances are summed in one pass, when first asked for.
    pub(super) fn contact_balances(&self, contact: Uuid) -> Option<ContactBalances> {
        self.balances
            .get_or_init(|| self.sum_balances())
            .get(&contact)
            .copied()
    }

    fn sum_balances(&self) -> HashMap<Uuid, ContactBalances> {
        let mut balances = HashMap::<Uuid, ContactBalances>::new();
        for invoice in &self.ledger.invoices {
            if invoice.meta.deleted || !invoice.status.is_posted() || invoice.amount_due.is_zero() {
                continue;
            }
            let due = crate::ledger::to_base(invoice.amount_due, invoice.currency_rate);
            let owed = balances.entry(invoice.contact).or_default().of(invoice.direction);
            owed.outstanding += due;
            if invoice.due_date < self.today {
                owed.overdue += due;
            }
        }
        for note in &self.ledger.credit_notes {
            if note.meta.deleted || !note.status.is_posted() || note.remaining.is_zero() {
                continue;
            }
            let owed = balances.entry(note.contact).or_default().of(note.direction);
            owed.outstanding -= crate::ledger::to_base(note.remaining, note.currency_rate);
        }
        balances
    }
}

impl ContactBalances {
    fn of(&mut self, direction: Direction) -> &mut Owed {
        match direction {
            Direction::Receivable => &mut self.receivable,
            Direction::Payable => &mut self.payable,
        }
    }
}
