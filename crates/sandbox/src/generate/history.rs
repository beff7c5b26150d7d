//! What happened month by month.

use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ledger::{
    Allocation, Direction, DocumentStatus, Invoice, Ledger, ManualJournalStatus, MoneyFlow, amend,
};

use super::{
    Wish, at,
    documents::{Booking, Stock},
    habits,
    random::Random,
    today,
};

/// Every document from `start` to `now`.
pub(super) fn write(ledger: &mut Ledger, wish: &Wish, start: Date, now: Timestamp, random: &mut Random) {
    let stock = Stock::of(ledger);
    let mut history = History {
        ledger,
        stock,
        random,
        start,
        today: today(now),
        now,
    };
    history.trade(Direction::Receivable, wish.invoices);
    history.trade(Direction::Payable, wish.invoices * 2 / 5 + 12);
    history.money(wish.invoices * 3 / 10 + 20);
    history.months();
    history.orders(wish.invoices / 12 + 6);
}

struct History<'a> {
    ledger: &'a mut Ledger,
    stock: Stock,
    random: &'a mut Random,
    start: Date,
    today: Date,
    now: Timestamp,
}

impl History<'_> {
    /// `count` invoices or bills, oldest first, with what became of each.
    fn trade(&mut self, direction: Direction, count: usize) {
        for (index, date) in self.dates(count).into_iter().enumerate() {
            let number = match direction {
                Direction::Receivable => format!("INV-{:05}", index + 1),
                Direction::Payable => format!("B{:04}-{}", index + 1, self.random.between(100, 999)),
            };
            let made_at = self.moment(date);
            let Some(mut invoice) = self.stock.invoice(self.random, direction, number, date, made_at) else {
                return;
            };
            let fate = self.random.between(0, 999);
            match fate {
                0..=14 => {
                    invoice.status = DocumentStatus::Void;
                    amend::settled(&mut invoice, self.moment_after(date, 10));
                }
                15..=29 => {
                    invoice.status = DocumentStatus::Draft;
                    invoice.meta.deleted = true;
                    amend::settled(&mut invoice, self.moment_after(date, 10));
                }
                30..=54 => invoice.status = DocumentStatus::Draft,
                55..=64 => invoice.status = DocumentStatus::Submitted,
                _ => {
                    let id = invoice.meta.id;
                    let credited = fate >= 965;
                    self.ledger.invoices.put(invoice);
                    if credited {
                        self.credit(id, index);
                    }
                    self.settle(id);
                    continue;
                }
            }
            habits::invoice(self.stock.platform, &mut invoice);
            self.ledger.invoices.put(invoice);
        }
    }

    /// Pay an invoice in full, in part, or not at all, as its age has it.
    fn settle(&mut self, id: Uuid) {
        let Some(invoice) = self.ledger.invoices.get(id).cloned() else {
            return;
        };
        if invoice.amount_due.is_zero() {
            return;
        }
        let chance = if invoice.due_date <= self.today {
            0.88
        } else {
            0.25
        };
        if !self.random.happens(chance) {
            return;
        }
        let in_part = self.random.happens(0.12);
        if !in_part {
            self.pay(&invoice, invoice.amount_due);
            return;
        }
        let share = Decimal::new(self.random.between(20, 80), 2);
        let first = crate::ledger::cents(invoice.amount_due * share);
        self.pay(&invoice, first);
        if self.random.happens(0.5) {
            self.pay(&invoice, invoice.amount_due - first);
        }
    }

    fn pay(&mut self, invoice: &Invoice, amount: Decimal) {
        if amount <= Decimal::ZERO {
            return;
        }
        let latest = invoice
            .due_date
            .checked_add(20.days())
            .unwrap_or(invoice.due_date)
            .min(self.today);
        let date = self.random.date(invoice.date, latest.max(invoice.date));
        let made_at = self.moment(date).max(invoice.meta.created_at);
        let Some(payment) = self.stock.payment(self.random, invoice, amount, date, made_at) else {
            return;
        };
        let id = payment.meta.id;
        // The generator pays no more than is due: nothing is refused.
        let taken = self.ledger.pay(payment).is_ok();
        if taken && self.random.happens(0.015) {
            let later = self.moment_after(date, 5);
            let _ = self.ledger.delete_payment(id, later);
        }
    }

    /// Give a credit note for part of an invoice, and use it.
    fn credit(&mut self, id: Uuid, index: usize) {
        let Some(invoice) = self.ledger.invoices.get(id).cloned() else {
            return;
        };
        let date = self.random.date(invoice.date, self.today);
        let made_at = self.moment(date).max(invoice.meta.created_at);
        let number = match invoice.direction {
            Direction::Receivable => format!("CN-{:05}", index + 1),
            Direction::Payable => format!("BCN{:04}", index + 1),
        };
        let mut note = self
            .stock
            .credit_note(self.random, &invoice, number, date, made_at);
        let note_id = note.meta.id;
        let remaining = note.remaining;
        match self.random.below(10) {
            0 => {
                note.status = DocumentStatus::Void;
                amend::note_spent(&mut note, None, self.moment_after(date, 5));
                habits::credit_note(self.stock.platform, &mut note);
                self.ledger.credit_notes.put(note);
            }
            1 => {
                note.status = DocumentStatus::Draft;
                note.meta.deleted = self.random.happens(0.5);
                amend::note_spent(&mut note, None, made_at);
                habits::credit_note(self.stock.platform, &mut note);
                self.ledger.credit_notes.put(note);
            }
            2 => self.ledger.credit_notes.put(note),
            3 => {
                let refund = self.stock.refund(self.random, &note, date, made_at);
                self.ledger.credit_notes.put(note);
                if let Some(refund) = refund.filter(|_| habits::refunds_notes(self.stock.platform)) {
                    let _ = self.ledger.pay(refund);
                }
            }
            chance => {
                self.ledger.credit_notes.put(note);
                let wanted = if chance == 4 {
                    crate::ledger::cents(remaining / Decimal::TWO)
                } else {
                    remaining
                };
                let amount = wanted.min(invoice.amount_due);
                let allocation = Allocation {
                    id: self.random.id(),
                    invoice: id,
                    amount,
                    date,
                };
                let _ = self.ledger.allocate(note_id, allocation, made_at);
            }
        }
    }

    /// Money spent and received without documents.
    fn money(&mut self, count: usize) {
        for date in self.dates(count) {
            let flow = if self.random.happens(0.8) {
                MoneyFlow::Spend
            } else {
                MoneyFlow::Receive
            };
            let made_at = self.moment(date);
            let Some(mut money) = self.stock.bank_transaction(self.random, flow, date, made_at) else {
                return;
            };
            if self.random.happens(0.02) {
                money.meta.deleted = true;
                money.meta.touch(self.moment_after(date, 5));
            }
            self.ledger.bank_transactions.put(money);
        }
    }

    /// What comes every month: wages, depreciation, moving money between own accounts.
    fn months(&mut self) {
        let mut first = self.start;
        while first <= self.today {
            let last = first.last_of_month();
            if last <= self.today {
                self.month(last);
            }
            let Ok(next) = first.checked_add(1.month()) else {
                return;
            };
            first = next;
        }
    }

    fn month(&mut self, last: Date) {
        let made_at = self.moment(last);
        let wages = self.random.money(900_000, 1_400_000);
        let depreciation = self.random.money(20_000, 45_000);
        let journals = [
            ("Wages of the month", "477", "814", wages),
            ("Depreciation of equipment", "416", "711", depreciation),
            (
                "Depreciation of vehicles",
                "416",
                "721",
                depreciation * Decimal::TWO,
            ),
        ];
        for (narration, debit, credit, amount) in journals {
            let booking = Booking {
                debit: self.stock.account(debit),
                credit: self.stock.account(credit),
                amount,
            };
            let mut journal = self
                .stock
                .manual_journal(self.random, narration, booking, last, made_at);
            match self.random.below(24) {
                0 => journal.status = ManualJournalStatus::Draft,
                1 => {
                    journal.status = ManualJournalStatus::Void;
                    journal.meta.touch(self.moment_after(last, 5));
                }
                2 => {
                    journal.status = ManualJournalStatus::Draft;
                    journal.meta.deleted = true;
                    journal.meta.touch(self.moment_after(last, 5));
                }
                _ => {}
            }
            habits::manual_journal(self.stock.platform, &mut journal);
            self.ledger.manual_journals.put(journal);
        }
        let (current, payroll) = (self.stock.account("090"), self.stock.account("092"));
        let moves = [
            (current, payroll, wages),
            (
                current,
                self.stock.account("091"),
                self.random.money(50_000, 300_000),
            ),
            (
                current,
                self.stock.account("095"),
                self.random.money(40_000, 200_000),
            ),
        ];
        for (from, to, amount) in moves {
            let mut transfer = self.stock.transfer(self.random, from, to, amount, last, made_at);
            if self.random.happens(0.03) {
                transfer.meta.deleted = true;
                transfer.meta.touch(self.moment_after(last, 3));
            }
            self.ledger.transfers.put(transfer);
        }
        // The wages themselves: what was accrued is paid out.
        if let Some(mut paid) = self
            .stock
            .bank_transaction(self.random, MoneyFlow::Spend, last, made_at)
        {
            paid.account = payroll;
            paid.reference = "Payroll".to_owned();
            paid.line_amounts = crate::ledger::LineAmounts::NoTax;
            paid.lines.truncate(1);
            for line in &mut paid.lines {
                line.description = "Net wages".to_owned();
                line.account = self.stock.account("814");
                line.tax_code = "NONE".to_owned();
                line.unit_amount = wages;
                line.calculate(paid.line_amounts, Decimal::ZERO);
            }
            paid.totals = crate::ledger::Totals::of(&paid.lines, paid.line_amounts);
            self.ledger.bank_transactions.put(paid);
        }
    }

    fn orders(&mut self, count: usize) {
        for (index, date) in self.dates(count).into_iter().enumerate() {
            let made_at = self.moment(date);
            let number = format!("PO-{:04}", index + 1);
            let Some(mut order) = self.stock.purchase_order(self.random, number, date, made_at) else {
                return;
            };
            if self.random.happens(0.05) {
                order.meta.deleted = true;
                order.meta.touch(self.moment_after(date, 5));
            }
            self.ledger.purchase_orders.put(order);
        }
    }

    /// `count` days from the start to today, in order.
    fn dates(&mut self, count: usize) -> Vec<Date> {
        let mut dates: Vec<Date> = (0..count)
            .map(|_| self.random.date(self.start, self.today))
            .collect();
        dates.sort_unstable();
        dates
    }

    /// Some moment of the working day, not after now.
    fn moment(&mut self, date: Date) -> Timestamp {
        at(date, self.random.between(8 * 3600, 18 * 3600)).min(self.now)
    }

    /// Some moment up to `days` days later, not after now.
    fn moment_after(&mut self, date: Date, days: i64) -> Timestamp {
        let later = date
            .checked_add(self.random.between(0, days).days())
            .unwrap_or(date);
        at(later, 18 * 3600 + self.random.between(0, 3600)).min(self.now)
    }
}
