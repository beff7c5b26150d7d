//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/report-entities/trialbalance> and `…/balancesheet`
//!
//! Two reports a day, and the list of accounts, which says what kind each is of.

use std::collections::HashMap;

use ledgerline_model::connection::Organisation;
use ledgerline_model::{Date, Decimal, Secret, Window};
use ledgerline_platform::{BankTotal, Cx, Earnings, Error, Read, Told, Totals};

use super::accounts::{self, AccountKind};
use super::listing::Listing;
use super::malformed;
use super::reports::{self, Report};

pub(crate) async fn totals(
    cx: &Cx,
    access_token: &Secret,
    organisation: &Organisation,
    as_of: Date,
) -> Result<Told, Error> {
    let read = Read {
        access_token,
        organisation,
        feed: "Totals",
        wanted: &[],
        since: None,
        statement_months: 0,
        window: &Window::ALL,
    };
    let (trial_balance, _) = reports::at(cx, &read, "/reports/TrialBalance", as_of).await?;
    let (balance_sheet, platform_time) = reports::at(cx, &read, "/reports/BalanceSheet", as_of).await?;
    let kinds = accounts::kinds(cx, &read).await?;
    let booked = Booked::of(&trial_balance)?;
    if let Some(account) = booked
        .balances
        .keys()
        .find(|account| kinds.get(account).is_none())
    {
        kinds.forget(cx, &read);
        return Err(malformed(format!(
            "the trial balance names the account {account}, which the list of accounts does not have"
        )));
    }
    Ok(Told {
        totals: of_reports(&kinds, &booked, &balance_sheet)?,
        platform_time,
    })
}

/// The trial balance: both sides, and what each account comes to; debits are positive.
struct Booked {
    debits: Decimal,
    credits: Decimal,
    balances: HashMap<String, Decimal>,
}

impl Booked {
    fn of(trial_balance: &Report) -> Result<Self, Error> {
        let mut booked = Self {
            debits: Decimal::ZERO,
            credits: Decimal::ZERO,
            balances: HashMap::new(),
        };
        // The first column names the account.
        for row in trial_balance
            .accounts(None, 1)?
            .into_iter()
            .zip(trial_balance.accounts(None, 2)?)
        {
            let (debit, credit) = row;
            booked.debits = booked.debits + debit.value;
            booked.credits = booked.credits + credit.value;
            if let Some(id) = debit.account_id {
                let balance = booked.balances.entry(id).or_default();
                *balance = *balance + debit.value - credit.value;
            }
        }
        Ok(booked)
    }

    fn balance(&self, account: &str) -> Decimal {
        self.balances.get(account).copied().unwrap_or_default()
    }
}

fn of_reports(
    kinds: &Listing<AccountKind>,
    booked: &Booked,
    balance_sheet: &Report,
) -> Result<Totals, Error> {
    let mut totals = Totals {
        debits: booked.debits,
        credits: booked.credits,
        ..Totals::default()
    };
    let mut stated: HashMap<String, Decimal> = HashMap::new();
    // What is owed on a card is a liability: positive there.
    for (group, is_owed) in [("BankAccounts", false), ("CreditCards", true)] {
        for line in balance_sheet.accounts(Some(group), 1)? {
            let Some(id) = line.account_id else { continue };
            let balance = stated.entry(id).or_default();
            *balance = if is_owed {
                *balance - line.value
            } else {
                *balance + line.value
            };
        }
    }
    let mut profit = Decimal::ZERO;
    for (id, kind) in kinds.each() {
        let balance = booked.balance(id);
        match kind.account_type.as_deref() {
            Some("Accounts Receivable") => {
                totals.receivables = Some(totals.receivables.unwrap_or_default() + balance);
            }
            Some("Accounts Payable") => {
                totals.payables = Some(totals.payables.unwrap_or_default() - balance);
            }
            Some("Bank" | "Credit Card") => {
                let stated = stated.get(id).copied().unwrap_or_default();
                if !stated.is_zero() || !balance.is_zero() {
                    totals.banks.push(BankTotal {
                        account: id.to_owned(),
                        stated,
                        booked: balance,
                    });
                }
            }
            Some(_) | None => {}
        }
        if matches!(kind.classification.as_deref(), Some("Revenue" | "Expense")) {
            profit = profit - balance;
        }
    }
    totals.earnings = Some(Earnings {
        accounts: profit,
        // A year without any profit or loss has no such line.
        balance_sheet: balance_sheet.value("NetIncome", 1)?,
    });
    Ok(totals)
}
