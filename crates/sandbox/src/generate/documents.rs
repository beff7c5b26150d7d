//! One document of each type, with lines that fit the books it is for.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ledger::{
    AccountKind, ActiveStatus, BankTransaction, Contact, CreditNote, Direction, DocumentStatus, Invoice,
    JournalLine, Ledger, Line, LineAmounts, ManualJournal, ManualJournalStatus, Meta, MoneyFlow, Payment,
    PaymentTarget, Platform, PurchaseOrder, PurchaseOrderStatus, Totals, Tracked, Transfer, cents, to_base,
};

use super::{habits, random::Random, usual_rate};

/// What documents are made of, looked up once.
#[derive(Debug, Clone)]
pub(crate) struct Stock {
    pub customers: Vec<Partner>,
    pub suppliers: Vec<Partner>,
    /// Bank accounts in use that are no cards.
    pub banks: Vec<Uuid>,
    pub cards: Vec<Uuid>,
    pub overheads: Vec<Charge>,
    pub other_income: Vec<Charge>,
    pub base_currency: String,
    pub platform: Platform,
    sold: Vec<Offer>,
    bought: Vec<Offer>,
    tracking: Vec<Vec<Tracked>>,
    rates: HashMap<String, Decimal>,
    currency_rates: HashMap<String, Decimal>,
    accounts: HashMap<String, Uuid>,
}

#[derive(Debug, Clone)]
pub(crate) struct Partner {
    pub id: Uuid,
    pub currency: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub account: Uuid,
    name: String,
    tax_code: String,
}

/// From which account to which, and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Booking {
    pub debit: Uuid,
    pub credit: Uuid,
    pub amount: Decimal,
}

#[derive(Debug, Clone)]
struct Offer {
    item: Uuid,
    name: String,
    unit_price: Decimal,
    account: Uuid,
    tax_code: String,
}

impl Stock {
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let base = ledger.facts.base_currency.clone();
        let partner = |contact: &Contact| Partner {
            id: contact.meta.id,
            currency: contact.default_currency.clone().unwrap_or_else(|| base.clone()),
        };
        let active = |contact: &&Contact| contact.status == ActiveStatus::Active && !contact.meta.deleted;
        let contacts = || ledger.contacts.iter().filter(active);
        let accounts = || {
            let usable = |status, deleted: bool| status == ActiveStatus::Active && !deleted;
            ledger
                .accounts
                .iter()
                .filter(move |account| usable(account.status, account.meta.deleted))
        };
        let banks = |card: bool| {
            let of_kind = accounts().filter(|account| account.bank.is_some());
            of_kind
                .filter(|account| account.bank.as_ref().is_some_and(|bank| bank.is_card()) == card)
                .map(|account| account.meta.id)
                .collect()
        };
        let charges = |kinds: &[AccountKind]| {
            accounts()
                .filter(|account| kinds.contains(&account.kind) && account.role.is_none())
                .map(|account| Charge {
                    account: account.meta.id,
                    name: account.name.clone(),
                    tax_code: account.tax_code.clone(),
                })
                .collect()
        };
        let offers = |sale: bool| {
            let items = ledger.items.iter().filter(|item| !item.meta.deleted);
            items
                .filter_map(|item| {
                    let terms = if sale {
                        item.sale.as_ref()
                    } else {
                        item.purchase.as_ref()
                    }?;
                    Some(Offer {
                        item: item.meta.id,
                        name: item.name.clone(),
                        unit_price: terms.unit_price,
                        account: terms.account,
                        tax_code: terms.tax_code.clone(),
                    })
                })
                .collect()
        };
        let categories = ledger
            .tracking
            .iter()
            .filter(|category| category.status == ActiveStatus::Active && !category.meta.deleted);
        let tracking = categories
            .map(|category| {
                let options = category.options.iter();
                options
                    .filter(|option| option.status == ActiveStatus::Active && !option.deleted)
                    .map(|option| Tracked {
                        category: category.meta.id,
                        option: option.id,
                    })
                    .collect()
            })
            .collect();
        let foreign = ledger.facts.foreign_currencies.iter();
        Self {
            customers: contacts()
                .filter(|contact| contact.is_customer)
                .map(partner)
                .collect(),
            suppliers: contacts()
                .filter(|contact| contact.is_supplier)
                .map(partner)
                .collect(),
            banks: banks(false),
            cards: banks(true),
            overheads: charges(&[AccountKind::Expense, AccountKind::Overheads]),
            other_income: charges(&[AccountKind::OtherIncome]),
            sold: offers(true),
            bought: offers(false),
            tracking,
            rates: ledger
                .tax_rates
                .iter()
                .map(|rate| (rate.code.clone(), rate.effective_rate))
                .collect(),
            currency_rates: foreign
                .map(|foreign| (foreign.clone(), usual_rate(&base, foreign)))
                .collect(),
            accounts: ledger
                .accounts
                .iter()
                .map(|account| (account.code.clone(), account.meta.id))
                .collect(),
            base_currency: base,
            platform: ledger.facts.platform,
        }
    }

    pub(crate) fn account(&self, code: &str) -> Uuid {
        self.accounts.get(code).copied().unwrap_or_default()
    }

    /// The rate of a tax code, in percent.
    pub(crate) fn tax(&self, code: &str) -> Decimal {
        self.rates.get(code).copied().unwrap_or_default()
    }

    /// Foreign units per base unit on some day.
    pub(crate) fn currency_rate(&self, currency: &str, random: &mut Random) -> Decimal {
        match self.currency_rates.get(currency) {
            Some(usual) => {
                let rate = (usual * Decimal::new(random.between(970, 1_030), 3)).round_dp(6);
                habits::currency_rate(self.platform, rate)
            }
            None => Decimal::ONE,
        }
    }

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

    /// The dimension that a whole document has one option of.
    pub(super) fn per_document(&self) -> Option<Uuid> {
        Some(self.tracking.get(1)?.first()?.category)
    }

    fn partner(&self, random: &mut Random, direction: Direction) -> Option<&Partner> {
        match direction {
            Direction::Receivable => random.pick(&self.customers),
            Direction::Payable => random.pick(&self.suppliers),
        }
    }

    fn lines(&self, random: &mut Random, direction: Direction, line_amounts: LineAmounts) -> Vec<Line> {
        let offers = match direction {
            Direction::Receivable => &self.sold,
            Direction::Payable => &self.bought,
        };
        let count = random.one_of([1, 1, 1, 2, 2, 3, 4]);
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            let overhead = direction == Direction::Payable && random.happens(0.5);
            let line = match (random.pick(offers), random.pick(&self.overheads)) {
                (Some(offer), _) if !overhead => self.offer_line(random, offer, line_amounts),
                (_, Some(charge)) => self.charge_line(random, charge, line_amounts),
                (Some(offer), None) => self.offer_line(random, offer, line_amounts),
                (None, None) => continue,
            };
            lines.push(line);
        }
        lines
    }

    fn offer_line(&self, random: &mut Random, offer: &Offer, line_amounts: LineAmounts) -> Line {
        // Cheap things sell by the hundred, so that every line comes to something.
        let quantity = if offer.unit_price < Decimal::TEN {
            random.between(100, 900)
        } else {
            random.between(1, 12)
        };
        let mut line = Line {
            id: random.id(),
            description: offer.name.clone(),
            quantity: Decimal::from(quantity),
            unit_amount: offer.unit_price,
            discount_rate: random
                .happens(0.08)
                .then(|| Decimal::from(random.one_of([5, 10, 15]))),
            line_amount: Decimal::ZERO,
            tax_amount: Decimal::ZERO,
            tax_code: offer.tax_code.clone(),
            account: offer.account,
            item: Some(offer.item),
            tracking: self.tracked(random),
        };
        self.finish(&mut line, line_amounts);
        line
    }

    fn charge_line(&self, random: &mut Random, charge: &Charge, line_amounts: LineAmounts) -> Line {
        let mut line = Line {
            id: random.id(),
            description: format!(
                "{}, {}",
                charge.name,
                random.one_of(["as agreed", "this month", "one-off"])
            ),
            quantity: Decimal::ONE,
            unit_amount: random.money(1_250, 64_000),
            discount_rate: None,
            line_amount: Decimal::ZERO,
            tax_amount: Decimal::ZERO,
            tax_code: charge.tax_code.clone(),
            account: charge.account,
            item: None,
            tracking: self.tracked(random),
        };
        self.finish(&mut line, line_amounts);
        line
    }

    fn finish(&self, line: &mut Line, line_amounts: LineAmounts) {
        if line_amounts == LineAmounts::NoTax {
            line.tax_code = "NONE".to_owned();
        }
        line.calculate(line_amounts, self.tax(&line.tax_code));
    }

    fn tracked(&self, random: &mut Random) -> Vec<Tracked> {
        if !random.happens(0.3) {
            return Vec::new();
        }
        self.tracking
            .iter()
            .filter_map(|options| random.pick(options).copied())
            .collect()
    }
}

fn line_amounts(random: &mut Random) -> LineAmounts {
    let exclusive = LineAmounts::Exclusive;
    random.one_of([
        exclusive,
        exclusive,
        exclusive,
        exclusive,
        LineAmounts::Inclusive,
        exclusive,
        LineAmounts::NoTax,
    ])
}
