//! One document of each type, with lines that fit the books it is for.

/// Lines of documents.
mod lines;
/// What moves money without a document, and journals.
mod money;
/// What is bought and sold.
mod trade;

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ledger::{AccountKind, ActiveStatus, Contact, Direction, Ledger, Platform, Tracked};

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
}
