use rust_decimal::Decimal;

use super::Report;
use super::columns::Columns;
use super::rows::{Row, accounts};
use crate::ledger::{Account, Ledger, SystemRole};

/// What is owned and owed at the end of each period.
pub(super) fn report(ledger: &Ledger, columns: &Columns) -> Report {
    let width = columns.len();
    let dates = || columns.periods.iter().map(|(_, last)| *last);
    let balances: Vec<_> = dates().map(|date| ledger.balances(date)).collect();
    let earnings: Vec<_> = dates().map(|date| ledger.earnings(date)).collect();
    let retained = ledger.system_account(SystemRole::RetainedEarnings);
    let held = |account: &Account| -> Vec<Decimal> {
        let of = balances.iter();
        of.map(|balances| balances.get(&account.meta.id).copied().unwrap_or_default())
            .collect()
    };
    let owed = |account: &Account| -> Vec<Decimal> {
        let mut amounts: Vec<Decimal> = held(account).into_iter().map(|amount| -amount).collect();
        if account.meta.id == retained {
            // Nobody posts the profit of the years before.
            let prior = earnings.iter().map(|earnings| earnings.prior_years);
            amounts
                .iter_mut()
                .zip(prior)
                .for_each(|(amount, prior)| *amount += prior);
        }
        amounts
    };
    let own = |title: &str, total: &str, group, types: &[&str]| {
        Row::section(title, total, Some(group), accounts(ledger, types, &held), width)
    };
    let borrowed = |title: &str, total: &str, group, types: &[&str]| {
        Row::section(title, total, Some(group), accounts(ledger, types, &owed), width)
    };
    let filled = |rows: Vec<Row>| -> Vec<Row> { rows.into_iter().filter(|row| !row.is_empty()).collect() };
    let current = filled(vec![
        own("Bank Accounts", "Total Bank Accounts", "BankAccounts", &["Bank"]),
        own(
            "Accounts Receivable",
            "Total Accounts Receivable",
            "AR",
            &["Accounts Receivable"],
        ),
        own(
            "Other Current Assets",
            "Total Other Current Assets",
            "OtherCurrentAssets",
            &["Other Current Asset"],
        ),
    ]);
    let assets = filled(vec![
        Row::section(
            "Current Assets",
            "Total Current Assets",
            Some("CurrentAssets"),
            current,
            width,
        ),
        own(
            "Fixed Assets",
            "Total Fixed Assets",
            "FixedAssets",
            &["Fixed Asset"],
        ),
        own(
            "Other Assets",
            "Total Other Assets",
            "OtherAssets",
            &["Other Asset"],
        ),
    ]);
    let current = filled(vec![
        borrowed(
            "Accounts Payable",
            "Total Accounts Payable",
            "AP",
            &["Accounts Payable"],
        ),
        borrowed(
            "Credit Cards",
            "Total Credit Cards",
            "CreditCards",
            &["Credit Card"],
        ),
        borrowed(
            "Other Current Liabilities",
            "Total Other Current Liabilities",
            "OtherCurrentLiabilities",
            &["Other Current Liability"],
        ),
    ]);
    let liabilities = filled(vec![
        Row::section(
            "Current Liabilities",
            "Total Current Liabilities",
            Some("CurrentLiabilities"),
            current,
            width,
        ),
        borrowed(
            "Long-Term Liabilities",
            "Total Long-Term Liabilities",
            "LongTermLiabilities",
            &["Long Term Liability"],
        ),
    ]);
    let mut equity = accounts(ledger, &["Equity"], &owed);
    let net_income: Vec<Decimal> = earnings.iter().map(|earnings| earnings.current_year).collect();
    if net_income.iter().any(|amount| !amount.is_zero()) {
        equity.push(Row::Data {
            account: None,
            title: "Net Income".to_owned(),
            amounts: net_income,
            group: Some("NetIncome"),
        });
    }
    let both = filled(vec![
        Row::section(
            "Liabilities",
            "Total Liabilities",
            Some("Liabilities"),
            liabilities,
            width,
        ),
        Row::section("Equity", "Total Equity", Some("Equity"), equity, width),
    ]);
    Report {
        has_total: false,
        own_columns: None,
        rows: vec![
            Row::section("ASSETS", "TOTAL ASSETS", Some("TotalAssets"), assets, width),
            Row::section(
                "LIABILITIES AND EQUITY",
                "TOTAL LIABILITIES AND EQUITY",
                Some("TotalLiabilitiesAndEquity"),
                both,
                width,
            ),
        ],
    }
}
