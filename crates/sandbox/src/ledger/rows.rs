//! The rows that a perfect connector would have to hold, per standard data type, in neutral names.
//!
//! Ids are those of the platform's API. Rules where one record serves several types:
//! - a contact that is neither customer nor supplier is in both lists;
//! - `accountTransactions` are bank transactions (plain id), payments on a bank account (plain id) and both sides of each
//!   transfer (`<id>_from`, `<id>_to`); money out is negative;
//! - `bankTransactions` are the lines of delivered statements, by `<statement>_<place>`;
//! - tracking options are rows of their own, with their category as parent;
//! - balances and journal lines are debit positive.
//!
//! Where ids are numbers ([`Platform::QuickBooksOnline`]):
//! - the ids of `accountTransactions` name the kind (`purchase_12`, `transfer_5_from`), those of tracking options the dimension (`CLASS_…`, `DEPARTMENT_…`), which is no row itself;
//! - a credit that was applied is a payment of nothing, which links the document and the credit note;
//! - a voided document comes to nothing, and says so in its lines;
//! - tax is told of documents, not of lines, and purchases of items do not say the account;
//! - what was taken off a list is archived there, and its name says so.

/// Invoices, credit notes, manual journals, purchase orders.
mod documents;
/// What moves money: payments, bank transactions, transfers, and their bank side.
mod money;
/// What documents refer to: the company, accounts, tax rates, tracking, contacts, items.
mod reference;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    Account, AccountClass, ActiveStatus, BankTransaction, Contact, CreditNote, Direction, DocumentStatus,
    Invoice, Ledger, Line, LineAmounts, List, ManualJournalStatus, Meta, MoneyFlow, Payment, PaymentTarget,
    Platform, PurchaseOrderStatus, SettledBy, Totals, Tracked, cents,
};

/// The standard data types that rows can be asked of.
pub const DATA_TYPES: [&str; 21] = [
    "company",
    "chartOfAccounts",
    "bankAccounts",
    "taxRates",
    "trackingCategories",
    "customers",
    "suppliers",
    "items",
    "invoices",
    "bills",
    "creditNotes",
    "billCreditNotes",
    "payments",
    "billPayments",
    "accountTransactions",
    "directCosts",
    "directIncomes",
    "transfers",
    "journalEntries",
    "purchaseOrders",
    "bankTransactions",
];

/// One row; what a type does not have is absent.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub id: String,
    pub version: u32,
    pub deleted: bool,
    /// Such as `active`, `draft`, `open`, `partially_paid`, `void`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Of accounts: `asset`, `liability`, `equity`, `income` or `expense`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_arrival_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Foreign units per base unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Named>,
    /// Of transfers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_account: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_total: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tax: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Money>,
    /// Of invoices and bills; of credit notes what remains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_due: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// Of tax rates, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconciled: Option<bool>,
    /// What a row of `accountTransactions` is the bank side of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<RowLine>>,
    /// What a payment pays, or what settles a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<Link>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub data_type: &'static str,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowLine {
    pub description: String,
    pub account: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_amount: Option<Money>,
    /// Without tax.
    pub amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    pub tax_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Ids of tracking options.
    pub tracking: Vec<String>,
}

/// A decimal, as a JSON number with all its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money(pub Decimal);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl Ledger {
    /// The rows of one of [`DATA_TYPES`], oldest first, with balances as of `today`; none for other types.
    pub fn rows(&self, data_type: &str, today: Date) -> Option<Vec<Row>> {
        let receivable = Direction::Receivable;
        let payable = Direction::Payable;
        Some(match data_type {
            "company" => vec![self.company_row()],
            "chartOfAccounts" => self.account_rows(today, false),
            "bankAccounts" => self.account_rows(today, true),
            "taxRates" => self.tax_rate_rows(),
            "trackingCategories" => self.tracking_rows(),
            "customers" => self.contact_rows(|contact| contact.is_customer || !contact.is_supplier),
            "suppliers" => self.contact_rows(|contact| contact.is_supplier || !contact.is_customer),
            "items" => self.item_rows(),
            "invoices" => self.invoice_rows(receivable),
            "bills" => self.invoice_rows(payable),
            "creditNotes" => self.credit_note_rows(receivable),
            "billCreditNotes" => self.credit_note_rows(payable),
            "payments" => self.payment_rows(receivable),
            "billPayments" => self.payment_rows(payable),
            "accountTransactions" => self.account_transaction_rows(),
            "directCosts" => self.bank_transaction_rows(MoneyFlow::Spend),
            "directIncomes" => self.bank_transaction_rows(MoneyFlow::Receive),
            "transfers" => self.transfer_rows(),
            "journalEntries" => self.manual_journal_rows(),
            "purchaseOrders" => self.purchase_order_rows(),
            "bankTransactions" => self.statement_line_rows(),
            _ => return None,
        })
    }

    fn lines(&self, lines: &[Line], line_amounts: LineAmounts) -> Vec<RowLine> {
        let rows = lines.iter().map(|line| RowLine {
            description: line.description.clone(),
            account: self.account(line.account),
            quantity: Some(Money(line.quantity)),
            unit_amount: Some(Money(line.unit_amount)),
            amount: Money(line.net(line_amounts)),
            tax: match self.facts.platform {
                Platform::Xero => Some(Money(line.tax_amount)),
                Platform::QuickBooksOnline => None,
            },
            tax_code: self.tax_code(&line.tax_code),
            item: line.item.map(|item| self.api_id(List::Items, item)),
            tracking: self.tracked(&line.tracking),
        });
        rows.collect()
    }

    /// As [`Ledger::lines`], of what is bought.
    fn purchase_lines(&self, lines: &[Line], line_amounts: LineAmounts) -> Vec<RowLine> {
        let mut rows = self.lines(lines, line_amounts);
        match self.facts.platform {
            Platform::Xero => {}
            Platform::QuickBooksOnline => {
                for row in rows.iter_mut().filter(|row| row.item.is_some()) {
                    row.account = None;
                }
            }
        }
        rows
    }

    fn tracked(&self, tracked: &[Tracked]) -> Vec<String> {
        let id = |tracked: &Tracked| match self.facts.platform {
            Platform::Xero => Some(tracked.option.to_string()),
            Platform::QuickBooksOnline => {
                let (category, position) = self.option_place(tracked.category, tracked.option)?;
                Some(self.option_id(category, position))
            }
        };
        tracked.iter().filter_map(id).collect()
    }

    /// The id that the option with this UUID has where ids are numbers.
    pub fn option_api_id(&self, option: &str) -> Option<String> {
        let option = Uuid::try_parse(option).ok()?;
        let category = self
            .tracking
            .iter()
            .find(|category| category.options.iter().any(|found| found.id == option))?;
        let (place, position) = self.option_place(category.meta.id, option)?;
        Some(self.option_id(place, position))
    }

    /// Where ids are numbers: they name the dimension.
    fn option_id(&self, category: usize, position: usize) -> String {
        let dimension = if category == 0 { "CLASS" } else { "DEPARTMENT" };
        format!("{dimension}_{}", self.option_number(category, position))
    }

    /// What lines name a tax rate by.
    fn tax_code(&self, code: &str) -> String {
        let rate = self.tax_rate_by_code(code);
        match self.facts.platform {
            Platform::Xero => code.to_owned(),
            // Lines there say only whether they are taxed.
            Platform::QuickBooksOnline if self.facts.country_code == "US" => {
                let taxed = rate.is_some_and(|rate| !rate.effective_rate.is_zero());
                if taxed { "TAX" } else { "NON" }.to_owned()
            }
            Platform::QuickBooksOnline => {
                rate.map_or_else(String::new, |rate| self.api_id(List::TaxRates, rate.meta.id))
            }
        }
    }

    fn contact(&self, id: Uuid) -> Option<Named> {
        self.contacts.get(id).map(|contact| Named {
            id: self.api_id(List::Contacts, id),
            name: self.listed_name(&contact.name, contact.status == ActiveStatus::Active),
        })
    }

    fn account(&self, id: Uuid) -> Option<Named> {
        self.accounts.get(id).map(|account| Named {
            id: self.api_id(List::Accounts, id),
            name: self.listed_name(&account.name, is_listed(account.status, &account.meta)),
        })
    }

    /// A name as the platform shows it.
    pub fn listed_name(&self, name: &str, active: bool) -> String {
        match self.facts.platform {
            Platform::QuickBooksOnline if !active => format!("{name} (deleted)"),
            Platform::QuickBooksOnline | Platform::Xero => name.to_owned(),
        }
    }

    fn row(&self, list: List, meta: &Meta) -> Row {
        Row {
            id: self.api_id(list, meta.id),
            ..Row::of(meta)
        }
    }

    /// The row of a list's entry: where lists only grow, what was deleted is archived.
    fn list_row(&self, list: List, meta: &Meta, status: ActiveStatus) -> Row {
        let keeps = match self.facts.platform {
            Platform::Xero => false,
            Platform::QuickBooksOnline => true,
        };
        Row {
            status: Some(if keeps && meta.deleted {
                "archived"
            } else {
                active(status)
            }),
            deleted: meta.deleted && !keeps,
            ..self.row(list, meta)
        }
    }

    /// A voided document comes to nothing where the platform shows it so.
    fn nothing_if_void(&self, row: Row, status: DocumentStatus) -> Row {
        let shows_nothing = match self.facts.platform {
            Platform::Xero => false,
            Platform::QuickBooksOnline => status == DocumentStatus::Void,
        };
        if !shows_nothing {
            return row;
        }
        let nothing = || Some(Money(cents(Decimal::ZERO)));
        let lines = row.lines.map(|lines| {
            let lines = lines.into_iter().map(|line| RowLine {
                quantity: nothing(),
                amount: Money(cents(Decimal::ZERO)),
                ..line
            });
            lines.collect()
        });
        Row {
            sub_total: nothing(),
            total_tax: nothing(),
            total_amount: nothing(),
            lines,
            ..row
        }
    }
}

struct Side {
    list: List,
    /// What it is a side of, where ids say so.
    kind: &'static str,
    data_type: &'static str,
    account: Uuid,
    date: Date,
    reconciled: bool,
}

impl Row {
    fn of(meta: &Meta) -> Self {
        Self {
            id: meta.id.to_string(),
            version: meta.version,
            deleted: meta.deleted,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            ..Self::default()
        }
    }

    fn with_totals(mut self, totals: Totals) -> Self {
        self.sub_total = Some(Money(totals.sub_total));
        self.total_tax = Some(Money(totals.total_tax));
        self.total_amount = Some(Money(totals.total));
        self
    }
}

fn signed(amount: Decimal, incoming: bool) -> Decimal {
    if incoming { amount } else { -amount }
}

/// Whether an entry of a list is in use.
fn is_listed(status: ActiveStatus, meta: &Meta) -> bool {
    status == ActiveStatus::Active && !meta.deleted
}

fn active(status: ActiveStatus) -> &'static str {
    match status {
        ActiveStatus::Active => "active",
        ActiveStatus::Archived => "archived",
    }
}

/// `partly` tells whether something of it is settled already.
fn document_status(status: DocumentStatus, partly: bool) -> &'static str {
    match status {
        DocumentStatus::Draft => "draft",
        DocumentStatus::Submitted | DocumentStatus::Authorised if !partly => "open",
        DocumentStatus::Submitted | DocumentStatus::Authorised => "partially_paid",
        DocumentStatus::Paid => "paid",
        DocumentStatus::Void => "void",
    }
}

fn documents_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "invoices",
        Direction::Payable => "bills",
    }
}

fn notes_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "creditNotes",
        Direction::Payable => "billCreditNotes",
    }
}

fn payments_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Receivable => "payments",
        Direction::Payable => "billPayments",
    }
}
