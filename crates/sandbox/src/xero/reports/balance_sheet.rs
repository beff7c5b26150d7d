use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Asked;
use super::columns::{back, earlier, long, short};
use super::rows::{Report, Row, add};
use crate::ledger::balances::{ByAccount, Earnings};
use crate::ledger::{Account, AccountClass, AccountKind, Ledger, SystemRole};
use crate::xero::errors::Error;

/// What is owned and owed at the end of `date`, and of so many earlier periods; newest first.
pub(super) fn report(ledger: &Ledger, asked: &Asked<'_>) -> Result<Report, Error> {
    let (periods, timeframe) = earlier(asked)?;
    let date = match asked.date("date")? {
        Some(date) => date,
        // Xero's own default is the end of the month.
        None => asked.today.last_of_month(),
    };
    let dates: Vec<Date> = (0..=periods)
        .map(|period| back(date, period, timeframe))
        .collect::<Result<_, _>>()?;
    let columns: Vec<Column> = dates
        .iter()
        .map(|date| Column {
            balances: ledger.balances(*date),
            earnings: ledger.earnings(*date),
        })
        .collect();

    let mut rows = vec![Row::header(
        std::iter::once(String::new()).chain(dates.iter().map(|date| short(*date))),
    )];
    let mut nothing = vec![Decimal::ZERO; columns.len()];
    let assets = class(ledger, &columns, "Assets", &ASSETS, "Total Assets", &mut rows);
    let liabilities = class(
        ledger,
        &columns,
        "Liabilities",
        &LIABILITIES,
        "Total Liabilities",
        &mut rows,
    );
    add(&mut nothing, &assets);
    for (net, owed) in nothing.iter_mut().zip(&liabilities) {
        *net -= *owed;
    }
    rows.push(Row::section("", vec![Row::plain("Net Assets", &nothing)]));
    rows.push(equity(ledger, &columns));
    Ok(Report {
        id: "BalanceSheet",
        name: "Balance Sheet",
        period: format!("As at {}", long(date)),
        rows,
    })
}

struct Column {
    balances: ByAccount,
    earnings: Earnings,
}

struct Group {
    title: &'static str,
    total: &'static str,
    kinds: &'static [AccountKind],
}

const ASSETS: [Group; 4] = [
    Group {
        title: "Bank",
        total: "Total Bank",
        kinds: &[AccountKind::Bank],
    },
    Group {
        title: "Current Assets",
        total: "Total Current Assets",
        kinds: &[
            AccountKind::CurrentAsset,
            AccountKind::Prepayment,
            AccountKind::Inventory,
        ],
    },
    Group {
        title: "Fixed Assets",
        total: "Total Fixed Assets",
        kinds: &[AccountKind::FixedAsset],
    },
    Group {
        title: "Non-current Assets",
        total: "Total Non-current Assets",
        kinds: &[AccountKind::NonCurrentAsset],
    },
];

const LIABILITIES: [Group; 2] = [
    Group {
        title: "Current Liabilities",
        total: "Total Current Liabilities",
        kinds: &[AccountKind::CurrentLiability, AccountKind::Liability],
    },
    Group {
        title: "Non-current Liabilities",
        total: "Total Non-current Liabilities",
        kinds: &[AccountKind::TermLiability],
    },
];

/// The sections of one class, a section with its total behind them; gives the total.
fn class(
    ledger: &Ledger,
    columns: &[Column],
    title: &'static str,
    groups: &[Group],
    total_name: &'static str,
    rows: &mut Vec<Row>,
) -> Vec<Decimal> {
    let mut total = vec![Decimal::ZERO; columns.len()];
    rows.push(Row::section(title, Vec::new()));
    for group in groups {
        let mut lines = Vec::new();
        let mut sum = vec![Decimal::ZERO; columns.len()];
        for account in ledger
            .accounts
            .iter()
            .filter(|account| group.kinds.contains(&account.kind))
        {
            push(account, amounts(account, columns), &mut lines, &mut sum);
        }
        if !lines.is_empty() {
            lines.push(Row::summary(group.total, &sum));
            rows.push(Row::section(group.title, lines));
            add(&mut total, &sum);
        }
    }
    rows.push(Row::section("", vec![Row::summary(total_name, &total)]));
    total
}

/// Equity accounts, and the earnings that nobody has to post.
fn equity(ledger: &Ledger, columns: &[Column]) -> Row {
    let retained = ledger.system_account(SystemRole::RetainedEarnings);
    let mut lines = Vec::new();
    let mut sum = vec![Decimal::ZERO; columns.len()];
    let current: Vec<Decimal> = columns
        .iter()
        .map(|column| column.earnings.current_year)
        .collect();
    if current.iter().any(|amount| !amount.is_zero()) {
        lines.push(Row::account(
            "account",
            CURRENT_YEAR_EARNINGS,
            "Current Year Earnings".to_owned(),
            &current.iter().copied().map(Some).collect::<Vec<_>>(),
        ));
        add(&mut sum, &current);
    }
    for account in ledger
        .accounts
        .iter()
        .filter(|account| account.kind == AccountKind::Equity)
    {
        let mut amounts = amounts(account, columns);
        if account.meta.id == retained {
            for (amount, column) in amounts.iter_mut().zip(columns) {
                *amount += column.earnings.prior_years;
            }
        }
        push(account, amounts, &mut lines, &mut sum);
    }
    lines.push(Row::summary("Total Equity", &sum));
    Row::section("Equity", lines)
}

/// Xero's own id for the line that no account stands behind.
const CURRENT_YEAR_EARNINGS: Uuid = Uuid::from_u128(0xabababab_abab_abab_abab_abababababab);

/// A line for an account, unless it holds nothing in every column.
fn push(account: &Account, amounts: Vec<Decimal>, lines: &mut Vec<Row>, sum: &mut [Decimal]) {
    if amounts.iter().all(Decimal::is_zero) {
        return;
    }
    add(sum, &amounts);
    let cells: Vec<Option<Decimal>> = amounts.into_iter().map(Some).collect();
    lines.push(Row::account(
        "account",
        account.meta.id,
        account.name.clone(),
        &cells,
    ));
}

/// What the account holds in each column, positive on the side that its class grows on.
fn amounts(account: &Account, columns: &[Column]) -> Vec<Decimal> {
    columns
        .iter()
        .map(|column| {
            let balance = column.balances.get(&account.meta.id).copied().unwrap_or_default();
            match account.kind.class() {
                AccountClass::Asset | AccountClass::Expense => balance,
                AccountClass::Liability | AccountClass::Equity | AccountClass::Revenue => -balance,
            }
        })
        .collect()
}
