//! Balances and movements per account, for reports.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{AccountKind, Ledger, SystemRole, posting::Posting};

/// Amounts by account; debit positive, credit negative, in the base currency. What is nothing may be left out.
pub type ByAccount = BTreeMap<Uuid, Decimal>;

/// What the profit and loss accounts come to, as equity (credit positive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earnings {
    /// Profit of the financial years before, which nobody has to post: it is part of retained earnings.
    pub prior_years: Decimal,
    /// Profit since the first day of the financial year.
    pub current_year: Decimal,
}

/// How one bank account moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankMovement {
    pub account: Uuid,
    pub opening: Decimal,
    pub received: Decimal,
    /// Positive.
    pub spent: Decimal,
    pub closing: Decimal,
}

impl Ledger {
    /// What each account holds at the end of `as_of`, since the books began.
    pub fn balances(&self, as_of: Date) -> ByAccount {
        self.sums(Date::MIN..=as_of)
    }

    /// What was booked to each account on the days of `days`.
    pub fn movements(&self, days: RangeInclusive<Date>) -> ByAccount {
        self.sums(days)
    }

    /// Adds up to nothing. Profit and loss accounts count from the first day of the financial year; what they held before
    /// is in retained earnings.
    pub fn trial_balance(&self, as_of: Date) -> ByAccount {
        let year_start = self.facts.year_start(as_of);
        let mut balances = self.balances(as_of);
        let this_year = self.movements(year_start..=as_of);
        balances.retain(|account, _| !self.is_profit_and_loss(*account));
        balances.extend(
            this_year
                .into_iter()
                .filter(|(account, _)| self.is_profit_and_loss(*account)),
        );
        let retained = self.system_account(SystemRole::RetainedEarnings);
        *balances.entry(retained).or_default() -= self.earnings(as_of).prior_years;
        balances
    }

    pub fn earnings(&self, as_of: Date) -> Earnings {
        let year_start = self.facts.year_start(as_of);
        let profit = |days| -> Decimal {
            let movements = self.movements(days);
            -movements
                .iter()
                .filter(|(account, _)| self.is_profit_and_loss(**account))
                .map(|(_, amount)| amount)
                .sum::<Decimal>()
        };
        let last_of_prior_year = year_start.yesterday().unwrap_or(Date::MIN);
        Earnings {
            prior_years: profit(Date::MIN..=last_of_prior_year),
            current_year: profit(year_start..=as_of),
        }
    }

    /// Of every bank account, in the order of the chart.
    pub fn bank_movements(&self, days: RangeInclusive<Date>) -> Vec<BankMovement> {
        let daily = self.daily();
        self.accounts
            .iter()
            .filter(|account| account.kind == AccountKind::Bank && !account.meta.deleted)
            .map(|account| {
                let mut movement = BankMovement {
                    account: account.meta.id,
                    opening: Decimal::ZERO,
                    received: Decimal::ZERO,
                    spent: Decimal::ZERO,
                    closing: Decimal::ZERO,
                };
                for (date, day) in daily.get(&account.meta.id).into_iter().flatten() {
                    if date < days.start() {
                        movement.opening += day.debits - day.credits;
                    } else if date <= days.end() {
                        movement.received += day.debits;
                        movement.spent += day.credits;
                    }
                }
                movement.closing = movement.opening + movement.received - movement.spent;
                movement
            })
            .collect()
    }

    fn is_profit_and_loss(&self, account: Uuid) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|account| account.kind.class().is_profit_and_loss())
    }

    fn sums(&self, days: RangeInclusive<Date>) -> ByAccount {
        let mut sums = ByAccount::new();
        if days.is_empty() {
            return sums;
        }
        for (account, days_of_account) in self.daily().iter() {
            let sum: Decimal = days_of_account
                .range(days.clone())
                .map(|(_, day)| day.debits - day.credits)
                .sum();
            if !sum.is_zero() {
                sums.insert(*account, sum);
            }
        }
        sums
    }

    fn daily(&self) -> Arc<Daily> {
        let mut cached = self.daily.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, daily)) = cached.as_ref()
            && *version == self.version
        {
            return daily.clone();
        }
        let mut daily = Daily::new();
        Posting::of(self).each(|entry| {
            let day = daily
                .entry(entry.account)
                .or_default()
                .entry(entry.date)
                .or_default();
            if entry.amount.is_sign_negative() {
                day.credits -= entry.amount;
            } else {
                day.debits += entry.amount;
            }
        });
        let daily = Arc::new(daily);
        *cached = Some((self.version, daily.clone()));
        daily
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Day {
    debits: Decimal,
    credits: Decimal,
}

type Daily = BTreeMap<Uuid, BTreeMap<Date, Day>>;

/// The days of every account as of one version of the ledger. A clone starts empty, since its ledger changes on its own.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<(u64, Arc<Daily>)>>);

impl Clone for Cache {
    fn clone(&self) -> Self {
        Self::default()
    }
}
