use rust_decimal::Decimal;

use super::Asked;
use super::columns::long;
use super::rows::{Report, Row};
use crate::ledger::balances::ByAccount;
use crate::ledger::{AccountClass, Ledger};
use crate::xero::errors::Error;

/// Debits and credits of the month of `date`, and of the financial year to it.
pub(super) fn report(ledger: &Ledger, asked: &Asked<'_>) -> Result<Report, Error> {
    let date = asked.date("date")?.unwrap_or(asked.today);
    let balances = ledger.trial_balance(date);
    let month = ledger.movements(date.first_of_month()..=date);

    let titles = ["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"];
    let mut rows = vec![Row::header(titles.map(str::to_owned))];
    let mut totals = [Decimal::ZERO; 4];
    for (title, class) in [
        ("Revenue", AccountClass::Revenue),
        ("Expenses", AccountClass::Expense),
        ("Assets", AccountClass::Asset),
        ("Liabilities", AccountClass::Liability),
        ("Equity", AccountClass::Equity),
    ] {
        let mut lines = Vec::new();
        for account in ledger
            .accounts
            .iter()
            .filter(|account| account.kind.class() == class)
        {
            let held = |amounts: &ByAccount| amounts.get(&account.meta.id).copied().unwrap_or_default();
            let (moved, held) = (held(&month), held(&balances));
            if moved.is_zero() && held.is_zero() {
                continue;
            }
            let [debit, credit] = sides(moved);
            let [debit_to_date, credit_to_date] = sides(held);
            let cells = [debit, credit, debit_to_date, credit_to_date];
            for (total, cell) in totals.iter_mut().zip(cells) {
                *total += cell.unwrap_or_default();
            }
            let name = if account.code.is_empty() {
                account.name.clone()
            } else {
                format!("{} ({})", account.name, account.code)
            };
            lines.push(Row::account("account", account.meta.id, name, &cells));
        }
        if !lines.is_empty() {
            rows.push(Row::section(title, lines));
        }
    }
    rows.push(Row::section("", vec![Row::summary("Total", &totals)]));
    Ok(Report {
        id: "TrialBalance",
        name: "Trial Balance",
        period: format!("As at {}", long(date)),
        rows,
    })
}

/// Debit and credit; the side that holds nothing is left empty.
fn sides(amount: Decimal) -> [Option<Decimal>; 2] {
    if amount.is_zero() {
        [None, None]
    } else if amount.is_sign_negative() {
        [None, Some(-amount)]
    } else {
        [Some(amount), None]
    }
}
