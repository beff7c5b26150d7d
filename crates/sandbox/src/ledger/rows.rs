//! The rows that a perfect connector would have to hold, per standard data type, in neutral names.
//!
//! Ids are those of the platform's API. Rules where one record serves several types:
//! - a contact that is neither customer nor supplier is in both lists;
//! - `accountTransactions` are bank transactions (plain id), payments on a bank account (plain id) and both sides of each
//!   transfer (`<id>_from`, `<id>_to`); money out is negative;
//! - tracking options are rows of their own, with their category as parent;
//! - balances and journal lines are debit positive.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    Account, AccountClass, ActiveStatus, BankTransaction, Contact, Direction, DocumentStatus, Invoice,
    Ledger, Line, LineAmounts, ManualJournalStatus, Meta, MoneyFlow, Payment, PaymentTarget,
    PurchaseOrderStatus, SettledBy, Totals,
};

/// The standard data types that rows can be asked of.
pub const DATA_TYPES: [&str; 20] = [
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
    pub parent_id: Option<Uuid>,
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
    pub id: Uuid,
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
    pub tax: Money,
    pub tax_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Uuid>,
    /// Ids of tracking options.
    pub tracking: Vec<Uuid>,
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
            _ => return None,
        })
    }

    fn company_row(&self) -> Row {
        let facts = &self.facts;
        Row {
            id: facts.id.to_string(),
            version: 1,
            created_at: facts.created_at,
            updated_at: facts.created_at,
            name: Some(facts.name.clone()),
            number: Some(facts.registration_number.clone()),
            currency: Some(facts.base_currency.clone()),
            ..Row::default()
        }
    }

    fn account_rows(&self, today: Date, banks_only: bool) -> Vec<Row> {
        let balances = self.trial_balance(today);
        let wanted = |account: &&Account| !banks_only || account.bank.is_some();
        let row = |account: &Account| Row {
            status: Some(active(account.status)),
            code: Some(account.code.clone()),
            name: Some(account.name.clone()),
            description: Some(account.description.clone()),
            class: Some(match account.kind.class() {
                AccountClass::Asset => "asset",
                AccountClass::Liability => "liability",
                AccountClass::Equity => "equity",
                AccountClass::Revenue => "income",
                AccountClass::Expense => "expense",
            }),
            number: account.bank.as_ref().map(|bank| bank.number.clone()),
            currency: Some(match &account.bank {
                Some(bank) => bank.currency.clone(),
                None => self.facts.base_currency.clone(),
            }),
            balance: Some(Money(balances.get(&account.meta.id).copied().unwrap_or_default())),
            ..Row::of(&account.meta)
        };
        self.accounts.iter().filter(wanted).map(row).collect()
    }

    fn tax_rate_rows(&self) -> Vec<Row> {
        let rows = self.tax_rates.iter().map(|rate| Row {
            // Platforms name tax rates by code.
            id: rate.code.clone(),
            status: Some(active(rate.status)),
            code: Some(rate.code.clone()),
            name: Some(rate.name.clone()),
            rate: Some(Money(rate.effective_rate)),
            ..Row::of(&rate.meta)
        });
        rows.collect()
    }

    fn tracking_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for category in &self.tracking {
            rows.push(Row {
                status: Some(active(category.status)),
                name: Some(category.name.clone()),
                ..Row::of(&category.meta)
            });
            for option in &category.options {
                rows.push(Row {
                    id: option.id.to_string(),
                    deleted: option.deleted || category.meta.deleted,
                    status: Some(active(option.status)),
                    name: Some(option.name.clone()),
                    parent_id: Some(category.meta.id),
                    ..Row::of(&category.meta)
                });
            }
        }
        rows
    }

    fn contact_rows(&self, wanted: impl Fn(&Contact) -> bool) -> Vec<Row> {
        let row = |contact: &Contact| Row {
            status: Some(active(contact.status)),
            name: Some(contact.name.clone()),
            email: Some(contact.email.clone()),
            number: Some(contact.account_number.clone()),
            currency: contact.default_currency.clone(),
            ..Row::of(&contact.meta)
        };
        self.contacts
            .iter()
            .filter(|contact| wanted(contact))
            .map(row)
            .collect()
    }

    fn item_rows(&self) -> Vec<Row> {
        let rows = self.items.iter().map(|item| Row {
            code: Some(item.code.clone()),
            name: Some(item.name.clone()),
            description: Some(item.description.clone()),
            sale_price: item.sale.as_ref().map(|terms| Money(terms.unit_price)),
            purchase_price: item.purchase.as_ref().map(|terms| Money(terms.unit_price)),
            ..Row::of(&item.meta)
        });
        rows.collect()
    }

    fn invoice_rows(&self, direction: Direction) -> Vec<Row> {
        let row = |invoice: &Invoice| {
            let partly = invoice.amount_paid + invoice.amount_credited > Decimal::ZERO;
            Row {
                status: Some(document_status(invoice.status, partly)),
                number: Some(invoice.number.clone()),
                reference: Some(invoice.reference.clone()),
                date: Some(invoice.date),
                due_date: Some(invoice.due_date),
                paid_on: invoice.fully_paid_on,
                currency: Some(invoice.currency.clone()),
                currency_rate: Some(Money(invoice.currency_rate)),
                contact: self.contact(invoice.contact),
                amount_due: Some(Money(invoice.amount_due)),
                lines: Some(self.lines(&invoice.lines, invoice.line_amounts)),
                links: Some(
                    invoice
                        .settlements
                        .iter()
                        .map(|settlement| settled_by(direction, settlement.by, settlement.amount))
                        .collect(),
                ),
                ..Row::of(&invoice.meta)
            }
            .with_totals(invoice.totals)
        };
        self.invoices
            .iter()
            .filter(|invoice| invoice.direction == direction)
            .map(row)
            .collect()
    }

    fn credit_note_rows(&self, direction: Direction) -> Vec<Row> {
        let notes = self
            .credit_notes
            .iter()
            .filter(|note| note.direction == direction);
        let rows = notes.map(|note| {
            let allocations = note.allocations.iter().map(|allocation| Link {
                data_type: documents_of(direction),
                id: allocation.invoice.to_string(),
                amount: Some(Money(allocation.amount)),
            });
            Row {
                status: Some(document_status(note.status, !note.uses.is_empty())),
                number: Some(note.number.clone()),
                reference: Some(note.reference.clone()),
                date: Some(note.date),
                paid_on: note.fully_paid_on,
                currency: Some(note.currency.clone()),
                currency_rate: Some(Money(note.currency_rate)),
                contact: self.contact(note.contact),
                amount_due: Some(Money(note.remaining)),
                lines: Some(self.lines(&note.lines, note.line_amounts)),
                links: Some(allocations.collect()),
                ..Row::of(&note.meta)
            }
            .with_totals(note.totals)
        });
        rows.collect()
    }

    fn payment_rows(&self, direction: Direction) -> Vec<Row> {
        let payments = self
            .payments
            .iter()
            .filter(|payment| payment.direction == direction);
        payments.map(|payment| self.payment_row(payment)).collect()
    }

    fn payment_row(&self, payment: &Payment) -> Row {
        let (data_type, id, contact, currency) = match payment.target {
            PaymentTarget::Invoice(id) => {
                let invoice = self.invoices.get(id);
                let facts = invoice.map(|invoice| (invoice.contact, invoice.currency.clone()));
                let (contact, currency) = facts.unzip();
                (documents_of(payment.direction), id, contact, currency)
            }
            PaymentTarget::CreditNote(id) => {
                let facts = self
                    .credit_notes
                    .get(id)
                    .map(|note| (note.contact, note.currency.clone()));
                let (contact, currency) = facts.unzip();
                (notes_of(payment.direction), id, contact, currency)
            }
        };
        Row {
            reference: Some(payment.reference.clone()),
            date: Some(payment.date),
            currency,
            currency_rate: Some(Money(payment.currency_rate)),
            contact: contact.and_then(|contact| self.contact(contact)),
            account: self.account(payment.account),
            total_amount: Some(Money(match payment.target {
                PaymentTarget::Invoice(_) => payment.amount,
                // A refund: money that goes back.
                PaymentTarget::CreditNote(_) => -payment.amount,
            })),
            reconciled: Some(payment.reconciled),
            links: Some(vec![Link {
                data_type,
                id: id.to_string(),
                amount: Some(Money(payment.amount)),
            }]),
            ..Row::of(&payment.meta)
        }
    }

    fn account_transaction_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for money in &self.bank_transactions {
            let data_type = match money.flow {
                MoneyFlow::Spend => "directCosts",
                MoneyFlow::Receive => "directIncomes",
            };
            let incoming = money.flow == MoneyFlow::Receive;
            let side = Side {
                data_type,
                account: money.account,
                date: money.date,
                reconciled: money.reconciled,
            };
            let mut row = self.bank_side(&money.meta, side, signed(money.totals.total, incoming));
            row.currency = Some(money.currency.clone());
            rows.push(row);
        }
        for payment in &self.payments {
            if self
                .accounts
                .get(payment.account)
                .is_none_or(|account| account.bank.is_none())
            {
                continue;
            }
            let data_type = match payment.direction {
                Direction::Receivable => "payments",
                Direction::Payable => "billPayments",
            };
            let refund = match payment.target {
                PaymentTarget::Invoice(_) => false,
                PaymentTarget::CreditNote(_) => true,
            };
            let incoming = (payment.direction == Direction::Receivable) != refund;
            let side = Side {
                data_type,
                account: payment.account,
                date: payment.date,
                reconciled: payment.reconciled,
            };
            rows.push(self.bank_side(&payment.meta, side, signed(payment.bank_amount, incoming)));
        }
        for transfer in &self.transfers {
            let sides = [
                ("from", transfer.from, transfer.from_reconciled, -transfer.amount),
                ("to", transfer.to, transfer.to_reconciled, transfer.amount),
            ];
            for (name, account, reconciled, amount) in sides {
                let side = Side {
                    data_type: "transfers",
                    account,
                    date: transfer.date,
                    reconciled,
                };
                let mut row = self.bank_side(&transfer.meta, side, amount);
                row.id = format!("{}_{name}", transfer.meta.id);
                rows.push(row);
            }
        }
        rows
    }

    fn bank_side(&self, meta: &Meta, side: Side, amount: Decimal) -> Row {
        Row {
            status: Some(if side.reconciled {
                "reconciled"
            } else {
                "unreconciled"
            }),
            date: Some(side.date),
            currency: Some(self.facts.base_currency.clone()),
            account: self.account(side.account),
            total_amount: Some(Money(amount)),
            reconciled: Some(side.reconciled),
            record: Some(Link {
                data_type: side.data_type,
                id: meta.id.to_string(),
                amount: None,
            }),
            ..Row::of(meta)
        }
    }

    fn bank_transaction_rows(&self, flow: MoneyFlow) -> Vec<Row> {
        let row = |money: &BankTransaction| {
            Row {
                reference: Some(money.reference.clone()),
                date: Some(money.date),
                currency: Some(money.currency.clone()),
                currency_rate: Some(Money(money.currency_rate)),
                contact: self.contact(money.contact),
                account: self.account(money.account),
                reconciled: Some(money.reconciled),
                lines: Some(self.lines(&money.lines, money.line_amounts)),
                ..Row::of(&money.meta)
            }
            .with_totals(money.totals)
        };
        self.bank_transactions
            .iter()
            .filter(|money| money.flow == flow)
            .map(row)
            .collect()
    }

    fn transfer_rows(&self) -> Vec<Row> {
        let rows = self.transfers.iter().map(|transfer| Row {
            reference: Some(transfer.reference.clone()),
            date: Some(transfer.date),
            currency: Some(self.facts.base_currency.clone()),
            account: self.account(transfer.from),
            to_account: self.account(transfer.to),
            total_amount: Some(Money(transfer.amount)),
            ..Row::of(&transfer.meta)
        });
        rows.collect()
    }

    fn manual_journal_rows(&self) -> Vec<Row> {
        // A draft is in no ledger yet, a voided one no longer.
        let posted = self
            .manual_journals
            .iter()
            .filter(|journal| journal.status != ManualJournalStatus::Draft);
        let rows = posted.map(|journal| {
            let lines = journal.lines.iter().map(|line| RowLine {
                description: line.description.clone(),
                account: self.account(line.account),
                quantity: None,
                unit_amount: None,
                amount: Money(line.amount),
                tax: Money(Decimal::ZERO),
                tax_code: line.tax_code.clone(),
                item: None,
                tracking: line.tracking.iter().map(|tracked| tracked.option).collect(),
            });
            Row {
                status: Some(match journal.status {
                    ManualJournalStatus::Draft => "draft",
                    ManualJournalStatus::Posted => "posted",
                    ManualJournalStatus::Void => "void",
                }),
                description: Some(journal.narration.clone()),
                date: Some(journal.date),
                currency: Some(self.facts.base_currency.clone()),
                lines: Some(lines.collect()),
                deleted: journal.meta.deleted || journal.status == ManualJournalStatus::Void,
                ..Row::of(&journal.meta)
            }
        });
        rows.collect()
    }

    fn purchase_order_rows(&self) -> Vec<Row> {
        let rows = self.purchase_orders.iter().map(|order| {
            Row {
                status: Some(match order.status {
                    PurchaseOrderStatus::Draft | PurchaseOrderStatus::Submitted => "draft",
                    PurchaseOrderStatus::Authorised => "open",
                    PurchaseOrderStatus::Billed => "closed",
                }),
                number: Some(order.number.clone()),
                reference: Some(order.reference.clone()),
                date: Some(order.date),
                delivery_date: order.delivery_date,
                expected_arrival_date: order.expected_arrival_date,
                currency: Some(order.currency.clone()),
                currency_rate: Some(Money(order.currency_rate)),
                contact: self.contact(order.contact),
                lines: Some(self.lines(&order.lines, order.line_amounts)),
                ..Row::of(&order.meta)
            }
            .with_totals(order.totals)
        });
        rows.collect()
    }

    fn lines(&self, lines: &[Line], line_amounts: LineAmounts) -> Vec<RowLine> {
        let rows = lines.iter().map(|line| RowLine {
            description: line.description.clone(),
            account: self.account(line.account),
            quantity: Some(Money(line.quantity)),
            unit_amount: Some(Money(line.unit_amount)),
            amount: Money(line.net(line_amounts)),
            tax: Money(line.tax_amount),
            tax_code: line.tax_code.clone(),
            item: line.item,
            tracking: line.tracking.iter().map(|tracked| tracked.option).collect(),
        });
        rows.collect()
    }

    fn contact(&self, id: Uuid) -> Option<Named> {
        self.contacts.get(id).map(|contact| Named {
            id,
            name: contact.name.clone(),
        })
    }

    fn account(&self, id: Uuid) -> Option<Named> {
        self.accounts.get(id).map(|account| Named {
            id,
            name: account.name.clone(),
        })
    }
}

struct Side {
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

fn settled_by(direction: Direction, by: SettledBy, amount: Decimal) -> Link {
    let (data_type, id) = match by {
        SettledBy::Payment(id) => match direction {
            Direction::Receivable => ("payments", id),
            Direction::Payable => ("billPayments", id),
        },
        SettledBy::Allocation { credit_note, .. } => (notes_of(direction), credit_note),
    };
    Link {
        data_type,
        id: id.to_string(),
        amount: Some(Money(amount)),
    }
}
