use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Booking, Stock};
use crate::generate::{habits, random::Random};
use crate::ledger::{
    BankTransaction, Direction, JournalLine, LineAmounts, ManualJournal, ManualJournalStatus, Meta,
    MoneyFlow, Totals, Transfer, cents,
};

impl Stock {
    /// Money spent on overheads, or received as other income.
    pub(crate) fn bank_transaction(
        &self,
        random: &mut Random,
        flow: MoneyFlow,
        date: Date,
        made_at: Timestamp,
    ) -> Option<BankTransaction> {
        let (partners, charges) = match flow {
            MoneyFlow::Spend => (&self.suppliers, &self.overheads),
            MoneyFlow::Receive => (&self.customers, &self.other_income),
        };
        let contact = random.pick(partners)?.id;
        let spent_by_card = flow == MoneyFlow::Spend && random.happens(0.35);
        let account = *random.pick(if spent_by_card { &self.cards } else { &self.banks })?;
        let mut line_amounts =
            random.one_of([LineAmounts::Inclusive, LineAmounts::Inclusive, LineAmounts::NoTax]);
        let mut lines = Vec::new();
        if flow == MoneyFlow::Receive && habits::sells_for_cash(self.platform, random) {
            line_amounts = LineAmounts::Exclusive;
            lines = self.lines(random, Direction::Receivable, line_amounts);
        } else {
            for _ in 0..random.one_of([1, 1, 1, 2]) {
                let charge = random.pick(charges)?;
                lines.push(self.charge_line(random, charge, line_amounts));
            }
        }
        habits::lines(self, &mut lines, &mut line_amounts);
        let totals = Totals::of(&lines, line_amounts);
        Some(BankTransaction {
            meta: Meta::new(random.id(), made_at),
            flow,
            contact,
            account,
            date,
            reference: if random.happens(0.5) {
                format!("Receipt {}", random.between(1_000, 9_999))
            } else {
                String::new()
            },
            currency: self.base_currency.clone(),
            currency_rate: Decimal::ONE,
            line_amounts,
            lines,
            totals,
            reconciled: random.happens(0.6),
        })
    }

    pub(crate) fn transfer(
        &self,
        random: &mut Random,
        from: Uuid,
        to: Uuid,
        amount: Decimal,
        date: Date,
        made_at: Timestamp,
    ) -> Transfer {
        Transfer {
            meta: Meta::new(random.id(), made_at),
            from,
            to,
            date,
            amount: cents(amount),
            reference: if random.happens(0.5) {
                "Between own accounts".to_owned()
            } else {
                String::new()
            },
            from_reconciled: random.happens(0.5),
            to_reconciled: random.happens(0.5),
            from_transaction: random.id(),
            to_transaction: random.id(),
        }
    }

    /// A posted journal that debits one account and credits another.
    pub(crate) fn manual_journal(
        &self,
        random: &mut Random,
        narration: &str,
        Booking {
            debit,
            credit,
            amount,
        }: Booking,
        date: Date,
        made_at: Timestamp,
    ) -> ManualJournal {
        let line = |account, amount, tracking| JournalLine {
            description: narration.to_owned(),
            account,
            amount: cents(amount),
            tax_code: "NONE".to_owned(),
            tracking,
        };
        let tracking = self.tracked(random);
        ManualJournal {
            meta: Meta::new(random.id(), made_at),
            narration: narration.to_owned(),
            date,
            status: ManualJournalStatus::Posted,
            lines: vec![line(debit, amount, tracking), line(credit, -amount, Vec::new())],
            on_cash_basis_reports: random.happens(0.5),
        }
    }
}
