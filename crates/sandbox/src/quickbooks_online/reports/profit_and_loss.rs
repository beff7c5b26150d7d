use rust_decimal::Decimal;

use super::Report;
use super::columns::{By, Columns};
use super::rows::{Row, accounts};
use crate::ledger::{Account, AccountClass, Ledger};

/// What came in and went out in each period, and in all of them.
pub(super) fn report(ledger: &Ledger, columns: &Columns) -> Report {
    let mut movements: Vec<_> = columns
        .periods
        .iter()
        .map(|(first, last)| ledger.movements(*first..=*last))
        .collect();
    if columns.by != By::Total {
        movements.push(ledger.movements(columns.start..=columns.end));
    }
    let width = movements.len();
    let moved = |account: &Account| -> Vec<Decimal> {
        let sign = match account.kind.class() {
            AccountClass::Revenue => Decimal::NEGATIVE_ONE,
            AccountClass::Asset | AccountClass::Liability | AccountClass::Equity | AccountClass::Expense => {
                Decimal::ONE
            }
        };
        let of = movements.iter();
        of.map(|movements| sign * movements.get(&account.meta.id).copied().unwrap_or_default())
            .collect()
    };
    let group = |title: &str, total: &str, group, types: &[&str]| {
        Row::section(title, total, Some(group), accounts(ledger, types, &moved), width)
    };
    let income = group("Income", "Total Income", "Income", &["Income"]);
    let cost = group(
        "Cost of Goods Sold",
        "Total Cost of Goods Sold",
        "COGS",
        &["Cost of Goods Sold"],
    );
    let expenses = group("Expenses", "Total Expenses", "Expenses", &["Expense"]);
    let other_income = group(
        "Other Income",
        "Total Other Income",
        "OtherIncome",
        &["Other Income"],
    );
    let other_expenses = group(
        "Other Expenses",
        "Total Other Expenses",
        "OtherExpenses",
        &["Other Expense"],
    );
    let less = |from: &[Decimal], what: &[Decimal]| -> Vec<Decimal> {
        from.iter().zip(what).map(|(from, what)| from - what).collect()
    };
    let gross = less(income.amounts(), cost.amounts());
    let operating = less(&gross, expenses.amounts());
    let net_other = less(other_income.amounts(), other_expenses.amounts());
    let net: Vec<Decimal> = operating.iter().zip(&net_other).map(|(a, b)| a + b).collect();
    let total = |title, amounts, group| Row::Total {
        title,
        amounts,
        group,
    };
    let rows = vec![
        income,
        cost,
        total("Gross Profit", gross, "GrossProfit"),
        expenses,
        total("Net Operating Income", operating, "NetOperatingIncome"),
        other_income,
        other_expenses,
        total("Net Other Income", net_other, "NetOtherIncome"),
        total("Net Income", net, "NetIncome"),
    ];
    let shown = |row: &Row| match row {
        Row::Total { group, .. } => *group != "NetOtherIncome" || !row.is_empty(),
        Row::Section { .. } | Row::Data { .. } => !row.is_empty(),
    };
    Report {
        has_total: true,
        own_columns: None,
        rows: rows.into_iter().filter(shown).collect(),
    }
}
