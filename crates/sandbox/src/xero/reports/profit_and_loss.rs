use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Asked;
use super::columns::{back, earlier, long, short};
use super::rows::{Report, Row, add};
use crate::ledger::balances::ByAccount;
use crate::ledger::{AccountKind, Ledger};
use crate::xero::errors::Error;

/// What came in and went out from `fromDate` to `toDate`, and in so many earlier periods; newest first.
pub(super) fn report(ledger: &Ledger, asked: &Asked<'_>) -> Result<Report, Error> {
    let (periods, timeframe) = earlier(asked)?;
    let from = asked
        .date("fromDate")?
        .unwrap_or_else(|| asked.today.first_of_month());
    let to = asked
        .date("toDate")?
        .unwrap_or_else(|| from.max(asked.today).last_of_month());
    if from > to {
        return Err(Error::parameter("`fromDate` is after `toDate`"));
    }
    if (to - from).get_days() > 365 {
        return Err(Error::parameter(
            "The period from `fromDate` to `toDate` is longer than 365 days",
        ));
    }
    let mut columns = Vec::new();
    for period in 0..=periods {
        let (from, to) = (back_start(from, period, timeframe)?, back(to, period, timeframe)?);
        columns.push((to, ledger.movements(from..=to)));
    }
    let movements: Vec<&ByAccount> = columns.iter().map(|(_, movements)| movements).collect();

    let heads = columns.iter().map(|(to, _)| short(*to));
    let mut rows = vec![Row::header(std::iter::once(String::new()).chain(heads))];
    let income = group(ledger, &movements, &INCOME, &mut rows);
    let cost_of_sales = group(ledger, &movements, &COST_OF_SALES, &mut rows);
    let gross: Vec<Decimal> = income
        .iter()
        .zip(&cost_of_sales)
        .map(|(income, cost)| income - cost)
        .collect();
    rows.push(Row::section("", vec![Row::plain("Gross Profit", &gross)]));
    let other = group(ledger, &movements, &OTHER_INCOME, &mut rows);
    let expenses = group(ledger, &movements, &EXPENSES, &mut rows);
    let mut net = gross;
    add(&mut net, &other);
    for (net, expense) in net.iter_mut().zip(&expenses) {
        *net -= *expense;
    }
    rows.push(Row::section("", vec![Row::plain("Net Profit", &net)]));
    let period = format!("{} to {}", long(from), long(to));
    Ok(Report {
        id: "ProfitAndLoss",
        name: "Profit and Loss",
        period,
        rows,
    })
}

/// The first day of an earlier period; the first of a month stays one.
fn back_start(from: Date, period: i32, timeframe: super::columns::Timeframe) -> Result<Date, Error> {
    if from.day() == from.days_in_month() && from.day() != 1 && period > 0 {
        // A period that begins on the last of a month begins on the same day, not on the last, of another.
        return back(
            from.yesterday()
                .map_err(|_| Error::parameter("The report begins before the calendar"))?,
            period,
            timeframe,
        )
        .and_then(|day| {
            day.tomorrow()
                .map_err(|_| Error::parameter("The report ends after the calendar"))
        });
    }
    back(from, period, timeframe)
}

struct Group {
    title: &'static str,
    total: &'static str,
    kinds: &'static [AccountKind],
    /// 1 where debits are positive, as costs are; -1 where credits are.
    sign: i64,
}

const INCOME: Group = Group {
    title: "Income",
    total: "Total Income",
    kinds: &[AccountKind::Sales, AccountKind::Revenue],
    sign: -1,
};
const COST_OF_SALES: Group = Group {
    title: "Less Cost of Sales",
    total: "Total Cost of Sales",
    kinds: &[AccountKind::DirectCosts],
    sign: 1,
};
const OTHER_INCOME: Group = Group {
    title: "Plus Other Income",
    total: "Total Other Income",
    kinds: &[AccountKind::OtherIncome],
    sign: -1,
};
const EXPENSES: Group = Group {
    title: "Less Operating Expenses",
    total: "Total Operating Expenses",
    kinds: &[
        AccountKind::Expense,
        AccountKind::Overheads,
        AccountKind::Depreciation,
    ],
    sign: 1,
};

/// A section with a line for each account that moved, and its total; gives the total.
fn group(ledger: &Ledger, columns: &[&ByAccount], group: &Group, rows: &mut Vec<Row>) -> Vec<Decimal> {
    let sign = Decimal::from(group.sign);
    let mut total = vec![Decimal::ZERO; columns.len()];
    let mut lines = Vec::new();
    for account in ledger
        .accounts
        .iter()
        .filter(|account| group.kinds.contains(&account.kind))
    {
        let amounts: Vec<Decimal> = columns
            .iter()
            .map(|movements| sign * movements.get(&account.meta.id).copied().unwrap_or_default())
            .collect();
        if amounts.iter().any(|amount| !amount.is_zero()) {
            add(&mut total, &amounts);
            let cells: Vec<Option<Decimal>> = amounts.into_iter().map(Some).collect();
            lines.push(Row::account(
                "account",
                account.meta.id,
                account.name.clone(),
                &cells,
            ));
        }
    }
    if !lines.is_empty() {
        lines.push(Row::summary(group.total, &total));
        rows.push(Row::section(group.title, lines));
    }
    total
}
