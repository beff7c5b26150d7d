use rust_decimal::Decimal;
use serde_json::Value;

use super::world::World;
use crate::ledger::AccountClass;

/// The cells of a row or of a section's summary, but for the first.
fn amounts(cells: &Value) -> Vec<Decimal> {
    let cells = cells["ColData"].as_array().unwrap();
    let amount = |cell: &Value| match cell["value"].as_str().unwrap() {
        "" => Decimal::ZERO,
        text => text.parse().unwrap(),
    };
    cells.iter().skip(1).map(amount).collect()
}

/// The section or row of a group, wherever it is.
fn group<'a>(report: &'a Value, wanted: &str) -> &'a Value {
    fn find<'a>(rows: &'a Value, wanted: &str) -> Option<&'a Value> {
        rows["Row"].as_array()?.iter().find_map(|row| {
            if row["group"] == wanted {
                return Some(row);
            }
            find(&row["Rows"], wanted)
        })
    }
    find(&report["Rows"], wanted).unwrap_or_else(|| panic!("{wanted} is missing"))
}

/// What the accounts of a section come to: its rows, and the own amounts of wholes.
fn leaves(section: &Value, width: usize) -> Vec<Decimal> {
    let mut sum = vec![Decimal::ZERO; width];
    for row in section["Rows"]["Row"].as_array().into_iter().flatten() {
        let mut add = |amounts: Vec<Decimal>| {
            sum.iter_mut()
                .zip(amounts)
                .for_each(|(sum, amount)| *sum += amount)
        };
        if row["type"] == "Data" {
            add(amounts(row));
        } else {
            add(amounts(&row["Header"]));
            add(leaves(row, width));
        }
    }
    sum
}

#[tokio::test]
async fn balance_sheet_balances_in_every_month() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/reports/BalanceSheet?start_date=2025-10-01&end_date=2026-03-15&summarize_column_by=Month&minorversion=75";
    let report = world.get(&tokens, path).await.json();
    let columns = report["Columns"]["Column"].as_array().unwrap();
    let titles: Vec<&str> = columns
        .iter()
        .map(|column| column["ColTitle"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "",
            "Oct 2025",
            "Nov 2025",
            "Dec 2025",
            "Jan 2026",
            "Feb 2026",
            "Mar 1 - Mar 15, 2026"
        ]
    );
    let assets = group(&report, "TotalAssets");
    let rest = group(&report, "TotalLiabilitiesAndEquity");
    assert_eq!(amounts(&assets["Summary"]), amounts(&rest["Summary"]));
    for section in ["BankAccounts", "FixedAssets", "CreditCards", "Equity"] {
        let section = group(&report, section);
        assert_eq!(leaves(section, 6), amounts(&section["Summary"]));
    }
    let ledger = world.organisation.ledger();
    let earnings = ledger.earnings("2026-02-28".parse().unwrap());
    assert_eq!(amounts(group(&report, "NetIncome"))[4], earnings.current_year);
    let equipment = group(&report, "FixedAssets")["Rows"]["Row"].as_array().unwrap();
    let whole = equipment
        .iter()
        .find(|row| row["Header"]["ColData"][0]["value"] == "Office equipment")
        .unwrap();
    assert_ne!(
        amounts(&whole["Header"])[0],
        Decimal::ZERO,
        "a whole has postings of its own"
    );
    assert_eq!(whole["Summary"]["ColData"][0]["value"], "Total Office equipment");
}

#[tokio::test]
async fn profit_and_loss_says_what_the_ledger_says() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/reports/ProfitAndLoss?start_date=2025-10-01&end_date=2026-02-28&summarize_column_by=Month";
    let report = world.get(&tokens, path).await.json();
    let ledger = world.organisation.ledger();
    let movements = ledger.movements("2025-10-01".parse().unwrap()..="2026-02-28".parse().unwrap());
    let class = |id: &uuid::Uuid| ledger.accounts.get(*id).unwrap().kind.class();
    let profit: Decimal = movements
        .iter()
        .filter(|(id, _)| matches!(class(id), AccountClass::Revenue | AccountClass::Expense))
        .map(|(_, amount)| -amount)
        .sum();
    let net = amounts(&group(&report, "NetIncome")["Summary"]);
    assert_eq!((net.len(), net[5]), (6, profit));
    assert_eq!(net[..5].iter().sum::<Decimal>(), profit);
    let income = group(&report, "Income");
    assert_eq!(leaves(income, 6), amounts(&income["Summary"]));
    assert_eq!(report["Header"]["SummarizeColumnsBy"], "Month");
    let columns = report["Columns"]["Column"].as_array().unwrap();
    assert_eq!(columns[6]["ColTitle"], "Total");
}

#[tokio::test]
async fn one_date_alone_means_the_year_to_date() {
    let world = World::new();
    let tokens = world.link().await;
    let report = world
        .get(&tokens, "/reports/ProfitAndLoss?end_date=2026-01-31")
        .await
        .json();
    assert_eq!(
        (&report["Header"]["StartPeriod"], &report["Header"]["EndPeriod"]),
        (&"2025-04-01".into(), &"2026-03-15".into())
    );
    let empty = world
        .get(
            &tokens,
            "/reports/ProfitAndLoss?start_date=2015-01-01&end_date=2015-12-31",
        )
        .await
        .json();
    assert_eq!(empty["Header"]["Option"][1]["Value"], "true");
}

#[tokio::test]
async fn cash_flow_leads_from_money_to_money() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/reports/CashFlow?start_date=2025-11-01&end_date=2026-01-31&summarize_column_by=Month";
    let report = world.get(&tokens, path).await.json();
    let end = amounts(&group(&report, "EndingCash")["Summary"]);
    let ledger = world.organisation.ledger();
    for (place, date) in ["2025-11-30", "2025-12-31", "2026-01-31", "2026-01-31"]
        .into_iter()
        .enumerate()
    {
        let balances = ledger.balances(date.parse().unwrap());
        let money = ledger
            .accounts
            .iter()
            .filter(|account| account.bank.is_some() && !ledger.is_card(account.meta.id))
            .filter_map(|account| balances.get(&account.meta.id))
            .sum::<Decimal>();
        assert_eq!(end[place], money, "{date}");
    }
}

#[tokio::test]
async fn what_takes_too_long_or_is_not_there_is_refused() {
    let world = World::new();
    let tokens = world.link().await;
    for (path, status) in [
        (
            "/reports/BalanceSheet?start_date=1990-01-01&end_date=2026-03-15&summarize_column_by=Days",
            504,
        ),
        ("/reports/ProfitAndLoss?accounting_method=Cash", 400),
        (
            "/reports/ProfitAndLoss?start_date=2026-02-01&end_date=2026-01-01",
            400,
        ),
        ("/reports/Horoscope", 404),
    ] {
        assert_eq!(world.get(&tokens, path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn trial_balance_has_as_much_on_both_sides() {
    let world = World::new();
    let tokens = world.link().await;
    let trial = world
        .get(
            &tokens,
            "/reports/TrialBalance?start_date=2025-04-01&end_date=2026-02-28",
        )
        .await
        .json();
    let total = amounts(&group(&trial, "GrandTotal")["Summary"]);
    assert_eq!(total[0], total[1]);
}
