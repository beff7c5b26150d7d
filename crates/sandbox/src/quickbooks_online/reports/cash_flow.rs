use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Report;
use super::columns::{By, Columns};
use super::rows::{Row, accounts, add};
use crate::ledger::{Account, AccountClass, Ledger};

/// Why there is more or less money at the end of each period than at its beginning.
pub(super) fn report(ledger: &Ledger, columns: &Columns) -> Report {
    let mut periods = columns.periods.clone();
    if columns.by != By::Total {
        periods.push((columns.start, columns.end));
    }
    let width = periods.len();
    let movements: Vec<_> = periods
        .iter()
        .map(|(first, last)| ledger.movements(*first..=*last))
        .collect();
    // More of what is not money is less money.
    let used = |account: &Account| -> Vec<Decimal> {
        let of = movements.iter();
        of.map(|movements| -movements.get(&account.meta.id).copied().unwrap_or_default())
            .collect()
    };
    let sum = |wanted: &dyn Fn(&Account) -> bool| -> Vec<Decimal> {
        let mut sum = vec![Decimal::ZERO; width];
        let of = ledger.accounts.iter().filter(|account| wanted(account));
        of.for_each(|account| add(&mut sum, &used(account)));
        sum
    };
    let net_income = sum(&|account| account.kind.class().is_profit_and_loss());
    let adjustments = Row::section(
        "Adjustments to reconcile Net Income to Net Cash provided by operations:",
        "Total Adjustments to reconcile Net Income to Net Cash provided by operations:",
        Some("OperatingAdjustments"),
        accounts(
            ledger,
            &[
                "Accounts Receivable",
                "Other Current Asset",
                "Accounts Payable",
                "Credit Card",
                "Other Current Liability",
            ],
            &used,
        ),
        width,
    );
    let operating = Row::section(
        "OPERATING ACTIVITIES",
        "Net cash provided by operating activities",
        Some("OperatingActivities"),
        vec![
            Row::Data {
                account: None,
                title: "Net Income".to_owned(),
                amounts: net_income,
                group: Some("NetIncome"),
            },
            adjustments,
        ],
        width,
    );
    let investing = Row::section(
        "INVESTING ACTIVITIES",
        "Net cash provided by investing activities",
        Some("InvestingActivities"),
        accounts(ledger, &["Fixed Asset", "Other Asset"], &used),
        width,
    );
    let financing = Row::section(
        "FINANCING ACTIVITIES",
        "Net cash provided by financing activities",
        Some("FinancingActivities"),
        accounts(ledger, &["Long Term Liability", "Equity"], &used),
        width,
    );
    let mut increase = vec![Decimal::ZERO; width];
    for part in [&operating, &investing, &financing] {
        add(&mut increase, part.amounts());
    }
    let cash = |date: Date| -> Decimal {
        let balances = ledger.balances(date);
        let is_money = |account: &&Account| {
            account.kind.class() == AccountClass::Asset
                && account.bank.is_some()
                && !ledger.is_card(account.meta.id)
        };
        let of = ledger.accounts.iter().filter(is_money);
        of.filter_map(|account| balances.get(&account.meta.id)).sum()
    };
    let beginning: Vec<Decimal> = periods
        .iter()
        .map(|(first, _)| cash(first.yesterday().unwrap_or(*first)))
        .collect();
    let mut end = beginning.clone();
    add(&mut end, &increase);
    let mut rows: Vec<Row> = [operating, investing, financing]
        .into_iter()
        .filter(|row| !row.is_empty())
        .collect();
    rows.push(Row::Total {
        title: "NET CASH INCREASE FOR PERIOD",
        amounts: increase,
        group: "CashIncrease",
    });
    rows.push(Row::Data {
        account: None,
        title: "Cash at beginning of period".to_owned(),
        amounts: beginning,
        group: Some("BeginningCash"),
    });
    rows.push(Row::Total {
        title: "CASH AT END OF PERIOD",
        amounts: end,
        group: "EndingCash",
    });
    Report {
        has_total: true,
        own_columns: None,
        rows,
    }
}
