use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::Stock;
use super::lines::line_amounts;
use crate::generate::{habits, random::Random};
use crate::ledger::{
    CreditNote, Direction, DocumentStatus, Invoice, Line, LineAmounts, Meta, Payment, PaymentTarget,
    PurchaseOrder, PurchaseOrderStatus, Totals, cents, to_base,
};

impl Stock {
    /// An invoice or a bill, authorised and unpaid; none if there is nobody to trade with.
    pub(crate) fn invoice(
        &self,
        random: &mut Random,
        direction: Direction,
        number: String,
        date: Date,
        made_at: Timestamp,
    ) -> Option<Invoice> {
        let partner = self.partner(random, direction)?.clone();
        let mut line_amounts = line_amounts(random);
        let currency_rate = self.currency_rate(&partner.currency, random);
        let mut lines = self.lines(random, direction, line_amounts);
        habits::lines(self, &mut lines, &mut line_amounts);
        let totals = Totals::of(&lines, line_amounts);
        let terms = random.one_of([14, 30, 30, 30, 45, 60]);
        let reference = match direction {
            Direction::Receivable if random.happens(0.5) => format!("PO {}", random.between(10_000, 99_999)),
            Direction::Receivable => String::new(),
            Direction::Payable if random.happens(0.2) => format!("Contract {}", random.between(10, 99)),
            Direction::Payable => String::new(),
        };
        Some(Invoice {
            meta: Meta::new(random.id(), made_at),
            direction,
            number,
            reference,
            contact: partner.id,
            date,
            due_date: date.checked_add(terms.days()).unwrap_or(date),
            status: DocumentStatus::Authorised,
            currency: partner.currency,
            currency_rate,
            line_amounts,
            lines,
            totals,
            settlements: Vec::new(),
            amount_paid: cents(Decimal::ZERO),
            amount_credited: cents(Decimal::ZERO),
            amount_due: totals.total,
            fully_paid_on: None,
            sent: direction == Direction::Receivable && random.happens(0.8),
        })
    }

    /// A credit note for part of `invoice`, authorised and not used.
    pub(crate) fn credit_note(
        &self,
        random: &mut Random,
        invoice: &Invoice,
        number: String,
        date: Date,
        made_at: Timestamp,
    ) -> CreditNote {
        let mut lines: Vec<Line> = invoice.lines.iter().take(1).cloned().collect();
        for line in &mut lines {
            line.id = random.id();
            line.description = format!("Returned: {}", line.description);
            if line.quantity > Decimal::ONE {
                line.quantity = Decimal::ONE;
            }
            line.calculate(invoice.line_amounts, self.tax(&line.tax_code));
        }
        let totals = Totals::of(&lines, invoice.line_amounts);
        CreditNote {
            meta: Meta::new(random.id(), made_at),
            direction: invoice.direction,
            number,
            reference: invoice.number.clone(),
            contact: invoice.contact,
            date,
            status: DocumentStatus::Authorised,
            currency: invoice.currency.clone(),
            currency_rate: self.currency_rate(&invoice.currency, random),
            line_amounts: invoice.line_amounts,
            lines,
            totals,
            allocations: Vec::new(),
            uses: Vec::new(),
            remaining: totals.total,
            fully_paid_on: None,
        }
    }

    /// A payment of `amount` of an invoice or bill; none without a bank account.
    pub(crate) fn payment(
        &self,
        random: &mut Random,
        invoice: &Invoice,
        amount: Decimal,
        date: Date,
        made_at: Timestamp,
    ) -> Option<Payment> {
        let currency_rate = self.currency_rate(&invoice.currency, random);
        let by_card = invoice.direction == Direction::Payable && random.happens(0.1);
        let accounts = if by_card && !self.cards.is_empty() {
            &self.cards
        } else {
            &self.banks
        };
        let account = if random.happens(0.9) {
            accounts.first()
        } else {
            random.pick(accounts)
        };
        Some(Payment {
            meta: Meta::new(random.id(), made_at),
            direction: invoice.direction,
            target: PaymentTarget::Invoice(invoice.meta.id),
            date,
            amount,
            currency_rate,
            bank_amount: to_base(amount, currency_rate),
            account: *account?,
            reference: if random.happens(0.6) {
                format!("Payment {}", invoice.number)
            } else {
                String::new()
            },
            reconciled: random.happens(0.7),
        })
    }

    /// A refund of what remains of a credit note; none without a bank account.
    pub(crate) fn refund(
        &self,
        random: &mut Random,
        note: &CreditNote,
        date: Date,
        made_at: Timestamp,
    ) -> Option<Payment> {
        let currency_rate = self.currency_rate(&note.currency, random);
        Some(Payment {
            meta: Meta::new(random.id(), made_at),
            direction: note.direction,
            target: PaymentTarget::CreditNote(note.meta.id),
            date,
            amount: note.remaining,
            currency_rate,
            bank_amount: to_base(note.remaining, currency_rate),
            account: *self.banks.first()?,
            reference: format!("Refund {}", note.number),
            reconciled: random.happens(0.5),
        })
    }

    pub(crate) fn purchase_order(
        &self,
        random: &mut Random,
        number: String,
        date: Date,
        made_at: Timestamp,
    ) -> Option<PurchaseOrder> {
        let partner = random.pick(&self.suppliers)?.clone();
        let mut line_amounts = LineAmounts::Exclusive;
        let mut lines = self.lines(random, Direction::Payable, line_amounts);
        habits::lines(self, &mut lines, &mut line_amounts);
        let totals = Totals::of(&lines, line_amounts);
        let statuses = [
            PurchaseOrderStatus::Draft,
            PurchaseOrderStatus::Submitted,
            PurchaseOrderStatus::Authorised,
            PurchaseOrderStatus::Authorised,
            PurchaseOrderStatus::Billed,
        ];
        let mut order = PurchaseOrder {
            meta: Meta::new(random.id(), made_at),
            number,
            reference: if random.happens(0.3) {
                "Workshop stock".to_owned()
            } else {
                String::new()
            },
            contact: partner.id,
            date,
            delivery_date: date
                .checked_add(random.between(5, 40).days())
                .ok()
                .filter(|_| random.happens(0.8)),
            expected_arrival_date: date
                .checked_add(random.between(5, 40).days())
                .ok()
                .filter(|_| random.happens(0.4)),
            status: random.one_of(statuses),
            currency_rate: self.currency_rate(&partner.currency, random),
            currency: partner.currency,
            line_amounts,
            lines,
            totals,
            delivery_address: "Goods in\n14 Mill Lane\nEastgate\nAB1 2CD".to_owned(),
            attention_to: "Goods in".to_owned(),
            telephone: "020 555 0117".to_owned(),
            instructions: if random.happens(0.3) {
                "Ring the bell at gate 2.".to_owned()
            } else {
                String::new()
            },
            sent: random.happens(0.5),
        };
        habits::purchase_order(self.platform, &mut order);
        Some(order)
    }
}
