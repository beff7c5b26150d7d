//! <https://developer.xero.com/documentation/api/accounting/reports>
//!
//! Three reports a day, and the chart of accounts, which names the control accounts (`SystemAccount`).

use std::collections::HashMap;

use ledgerline_model::connection::Organisation;
use ledgerline_model::{Date, Decimal, Secret, Window};
use ledgerline_platform::{BankTotal, Cx, Earnings, Error, Read, Told, Totals};

use crate::pull::facts::{self, Account};
use crate::pull::report;
use crate::pull::table::Table;

/// The line of a balance sheet that no account stands behind: the profit of the running year.
const CURRENT_YEAR_EARNINGS: &str = "abababab-abab-abab-abab-abababababab";

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
    let (first, last) = (as_of.first_of_month().to_string(), as_of.to_string());
    let range = [("fromDate", first.as_str()), ("toDate", last.as_str())];
    let (bank_summary, platform_time) = report(cx, &read, "/Reports/BankSummary", &range).await?;
    let (trial_balance, _) = report(cx, &read, "/Reports/TrialBalance", &[("date", last.as_str())]).await?;
    let (balance_sheet, _) = report(cx, &read, "/Reports/BalanceSheet", &[("date", last.as_str())]).await?;
    let accounts = facts::accounts(cx, &read).await?;
    let accounts: HashMap<&str, &Account> = accounts
        .iter()
        .map(|account| (account.id.as_str(), account))
        .collect();
    Ok(Told {
        totals: of_reports(&accounts, &trial_balance, &bank_summary, &balance_sheet)?,
        platform_time,
    })
}

fn of_reports(
    accounts: &HashMap<&str, &Account>,
    trial_balance: &Table,
    bank_summary: &Table,
    balance_sheet: &Table,
) -> Result<Totals, Error> {
    let mut totals = Totals::default();
    let mut booked: HashMap<&str, Decimal> = HashMap::new();
    let mut profit = Decimal::ZERO;
    let (debit, credit) = (
        trial_balance.column("YTD Debit")?,
        trial_balance.column("YTD Credit")?,
    );
    for row in trial_balance.account_rows() {
        let (debits, credits) = (row.value(debit)?, row.value(credit)?);
        totals.debits = totals.debits + debits;
        totals.credits = totals.credits + credits;
        let balance = debits - credits;
        let Some(id) = row.account.as_deref() else {
            continue;
        };
        *booked.entry(id).or_default() = balance;
        let Some(account) = accounts.get(id) else { continue };
        if matches!(account.class.as_deref(), Some("REVENUE" | "EXPENSE")) {
            profit = profit - balance;
        }
    }
    for account in accounts.values() {
        let balance = booked.get(account.id.as_str()).copied().unwrap_or_default();
        match account.system_account.as_deref() {
            Some("DEBTORS") => totals.receivables = Some(totals.receivables.unwrap_or_default() + balance),
            Some("CREDITORS") => totals.payables = Some(totals.payables.unwrap_or_default() - balance),
            _ => {}
        }
    }
    let closing = bank_summary.column("Closing Balance")?;
    for row in bank_summary.account_rows() {
        let Some(account) = &row.account else { continue };
        totals.banks.push(BankTotal {
            account: account.clone(),
            stated: row.value(closing)?,
            booked: booked.get(account.as_str()).copied().unwrap_or_default(),
        });
    }
    let mut sheet = balance_sheet.account_rows();
    let stated = sheet.find(|row| row.account.as_deref() == Some(CURRENT_YEAR_EARNINGS));
    totals.earnings = Some(Earnings {
        accounts: profit,
        // Without any profit or loss Xero leaves the line out.
        balance_sheet: stated.map_or(Ok(Decimal::ZERO), |row| row.value(1))?,
    });
    Ok(totals)
}
