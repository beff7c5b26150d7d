//! Journal lines of each document: debits equal credits, always.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    BankTransaction, CreditNote, Direction, Invoice, Ledger, Line, LineAmounts, ManualJournal,
    ManualJournalStatus, MoneyFlow, Payment, PaymentTarget, SystemRole, Totals, Transfer, invoice::SettledBy,
    to_base,
};

/// One side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub date: Date,
    pub account: Uuid,
    /// In the base currency; debit positive, credit negative.
    pub amount: Decimal,
}

/// The accounts that documents are posted to without naming them.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    ledger: &'a Ledger,
    receivables: Uuid,
    payables: Uuid,
    sales_tax: Uuid,
    rounding: Uuid,
    currency_gains: Uuid,
}

impl<'a> Posting<'a> {
    pub fn of(ledger: &'a Ledger) -> Self {
        Self {
            ledger,
            receivables: ledger.system_account(SystemRole::Receivables),
            payables: ledger.system_account(SystemRole::Payables),
            sales_tax: ledger.system_account(SystemRole::SalesTax),
            rounding: ledger.system_account(SystemRole::Rounding),
            currency_gains: ledger.system_account(SystemRole::RealisedCurrencyGains),
        }
    }

    /// Tell `entry` every entry of the books, document by document.
    pub fn each(&self, mut entry: impl FnMut(Entry)) {
        let date = self.ledger.opening.date;
        for line in &self.ledger.opening.lines {
            entry(Entry {
                date,
                account: line.account,
                amount: line.amount,
            });
        }
        self.ledger
            .invoices
            .iter()
            .for_each(|invoice| self.invoice(invoice, &mut entry));
        self.ledger
            .credit_notes
            .iter()
            .for_each(|note| self.credit_note(note, &mut entry));
        self.ledger
            .payments
            .iter()
            .for_each(|payment| self.payment(payment, &mut entry));
        self.ledger
            .bank_transactions
            .iter()
            .for_each(|money| self.bank_transaction(money, &mut entry));
        self.ledger
            .transfers
            .iter()
            .for_each(|transfer| self.transfer(transfer, &mut entry));
        self.ledger
            .manual_journals
            .iter()
            .for_each(|journal| self.manual_journal(journal, &mut entry));
    }

    pub fn invoice(&self, invoice: &Invoice, entry: &mut impl FnMut(Entry)) {
        if invoice.meta.deleted || !invoice.status.is_posted() {
            return;
        }
        let debit = match invoice.direction {
            Direction::Receivable => Decimal::ONE,
            Direction::Payable => Decimal::NEGATIVE_ONE,
        };
        let document = Document {
            date: invoice.date,
            control: self.control(invoice.direction),
            debit,
            rate: invoice.currency_rate,
            line_amounts: invoice.line_amounts,
            lines: &invoice.lines,
            totals: invoice.totals,
        };
        self.document(&document, entry);
    }

    pub fn credit_note(&self, note: &CreditNote, entry: &mut impl FnMut(Entry)) {
        if note.meta.deleted || !note.status.is_posted() {
            return;
        }
        let debit = match note.direction {
            Direction::Receivable => Decimal::NEGATIVE_ONE,
            Direction::Payable => Decimal::ONE,
        };
        let control = self.control(note.direction);
        let document = Document {
            date: note.date,
            control,
            debit,
            rate: note.currency_rate,
            line_amounts: note.line_amounts,
            lines: &note.lines,
            totals: note.totals,
        };
        self.document(&document, entry);
        // Between documents of different rates, an allocation makes a gain or a loss.
        for allocation in &note.allocations {
            let Some(invoice) = self.ledger.invoices.get(allocation.invoice) else {
                continue;
            };
            let by = SettledBy::Allocation {
                allocation: allocation.id,
                credit_note: note.meta.id,
            };
            let taken_from_invoice = cleared_of_invoice(invoice, by);
            let taken_from_note = cleared_of_note(note, by);
            let difference = (taken_from_note - taken_from_invoice) * -debit;
            if !difference.is_zero() {
                entry(Entry {
                    date: allocation.date,
                    account: control,
                    amount: difference,
                });
                entry(Entry {
                    date: allocation.date,
                    account: self.currency_gains,
                    amount: -difference,
                });
            }
        }
    }

    pub fn payment(&self, payment: &Payment, entry: &mut impl FnMut(Entry)) {
        if payment.meta.deleted {
            return;
        }
        let by = SettledBy::Payment(payment.meta.id);
        let (cleared, money_in) = match payment.target {
            PaymentTarget::Invoice(id) => {
                let Some(invoice) = self.ledger.invoices.get(id) else {
                    return;
                };
                (
                    cleared_of_invoice(invoice, by),
                    payment.direction == Direction::Receivable,
                )
            }
            PaymentTarget::CreditNote(id) => {
                let Some(note) = self.ledger.credit_notes.get(id) else {
                    return;
                };
                (cleared_of_note(note, by), payment.direction == Direction::Payable)
            }
        };
        let debit = if money_in {
            Decimal::ONE
        } else {
            Decimal::NEGATIVE_ONE
        };
        let date = payment.date;
        entry(Entry {
            date,
            account: payment.account,
            amount: payment.bank_amount * debit,
        });
        entry(Entry {
            date,
            account: self.control(payment.direction),
            amount: -cleared * debit,
        });
        let gain = (payment.bank_amount - cleared) * debit;
        if !gain.is_zero() {
            entry(Entry {
                date,
                account: self.currency_gains,
                amount: -gain,
            });
        }
    }

    pub fn bank_transaction(&self, money: &BankTransaction, entry: &mut impl FnMut(Entry)) {
        if money.meta.deleted {
            return;
        }
        let debit = match money.flow {
            MoneyFlow::Receive => Decimal::ONE,
            MoneyFlow::Spend => Decimal::NEGATIVE_ONE,
        };
        let document = Document {
            date: money.date,
            control: money.account,
            debit,
            rate: money.currency_rate,
            line_amounts: money.line_amounts,
            lines: &money.lines,
            totals: money.totals,
        };
        self.document(&document, entry);
    }

    pub fn transfer(&self, transfer: &Transfer, entry: &mut impl FnMut(Entry)) {
        if transfer.meta.deleted {
            return;
        }
        let date = transfer.date;
        entry(Entry {
            date,
            account: transfer.from,
            amount: -transfer.amount,
        });
        entry(Entry {
            date,
            account: transfer.to,
            amount: transfer.amount,
        });
    }

    pub fn manual_journal(&self, journal: &ManualJournal, entry: &mut impl FnMut(Entry)) {
        if journal.meta.deleted || journal.status != ManualJournalStatus::Posted {
            return;
        }
        for line in &journal.lines {
            entry(Entry {
                date: journal.date,
                account: line.account,
                amount: line.amount,
            });
        }
    }

    /// The account that is owed to or by contacts.
    pub fn control(&self, direction: Direction) -> Uuid {
        match direction {
            Direction::Receivable => self.receivables,
            Direction::Payable => self.payables,
        }
    }

    fn document(&self, document: &Document<'_>, entry: &mut impl FnMut(Entry)) {
        let Document {
            date,
            control,
            debit,
            rate,
            line_amounts,
            lines,
            totals,
        } = *document;
        let mut left = to_base(totals.total, rate);
        entry(Entry {
            date,
            account: control,
            amount: left * debit,
        });
        for line in lines {
            let amount = to_base(line.net(line_amounts), rate);
            left -= amount;
            entry(Entry {
                date,
                account: line.account,
                amount: -amount * debit,
            });
        }
        let tax = to_base(totals.total_tax, rate);
        left -= tax;
        if !tax.is_zero() {
            entry(Entry {
                date,
                account: self.sales_tax,
                amount: -tax * debit,
            });
        }
        if !left.is_zero() {
            entry(Entry {
                date,
                account: self.rounding,
                amount: -left * debit,
            });
        }
    }
}

struct Document<'a> {
    date: Date,
    control: Uuid,
    /// 1 where the control account is debited, -1 where it is credited.
    debit: Decimal,
    rate: Decimal,
    line_amounts: LineAmounts,
    lines: &'a [Line],
    totals: Totals,
}

/// What is still due of an invoice, in the base currency, at its own rate: what the control account holds for it.
pub fn open_in_base(invoice: &Invoice) -> Decimal {
    to_base(invoice.totals.total, invoice.currency_rate)
        - to_base(
            invoice.amount_paid + invoice.amount_credited,
            invoice.currency_rate,
        )
}

/// What is neither allocated nor refunded of a note, in the base currency, at its own rate.
pub fn remaining_in_base(note: &CreditNote) -> Decimal {
    to_base(note.totals.total, note.currency_rate)
        - to_base(note.totals.total - note.remaining, note.currency_rate)
}

/// What one settlement takes off the control account: the settlements of an invoice are rounded as a running sum, so that
/// whatever their number, what they leave is [`open_in_base`] to the cent.
fn cleared_of_invoice(invoice: &Invoice, by: SettledBy) -> Decimal {
    let mut before = Decimal::ZERO;
    for settlement in &invoice.settlements {
        let after = before + settlement.amount;
        if settlement.by == by {
            return to_base(after, invoice.currency_rate) - to_base(before, invoice.currency_rate);
        }
        before = after;
    }
    Decimal::ZERO
}

fn cleared_of_note(note: &CreditNote, by: SettledBy) -> Decimal {
    let mut before = Decimal::ZERO;
    for (use_of_note, amount) in &note.uses {
        let after = before + amount;
        if *use_of_note == by {
            return to_base(after, note.currency_rate) - to_base(before, note.currency_rate);
        }
        before = after;
    }
    Decimal::ZERO
}
