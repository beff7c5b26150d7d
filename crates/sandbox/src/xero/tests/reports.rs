use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::Value;

use super::world::World;

/// The amounts of the line with this first cell, wherever it is.
fn line(report: &Value, name: &str) -> Vec<Decimal> {
    let sections = report["Reports"][0]["Rows"].as_array().unwrap();
    let mut rows = sections
        .iter()
        .flat_map(|section| section["Rows"].as_array().into_iter().flatten());
    let row = rows
        .find(|row| row["Cells"][0]["Value"] == name)
        .unwrap_or_else(|| panic!("no line {name}: {report}"));
    row["Cells"].as_array().unwrap()[1..]
        .iter()
        .map(|cell| cell["Value"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_balance_sheet_balances_in_every_month() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/api.xro/2.0/Reports/BalanceSheet?date=2026-02-28&periods=4&timeframe=MONTH";
    let report = world.get(&tokens, path).await.json();
    let heads = report["Reports"][0]["Rows"][0]["Cells"].as_array().unwrap();
    let heads: Vec<&str> = heads.iter().map(|cell| cell["Value"].as_str().unwrap()).collect();
    assert_eq!(
        heads,
        [
            "",
            "28 Feb 2026",
            "31 Jan 2026",
            "31 Dec 2025",
            "30 Nov 2025",
            "31 Oct 2025"
        ]
    );
    assert_eq!(line(&report, "Net Assets"), line(&report, "Total Equity"));
    assert!(!line(&report, "Total Assets")[0].is_zero());
}

#[tokio::test]
async fn profit_by_month_adds_up_to_the_profit_of_all() {
    let world = World::new();
    let tokens = world.link().await;
    let months =
        "/api.xro/2.0/Reports/ProfitAndLoss?fromDate=2026-02-01&toDate=2026-02-28&periods=2&timeframe=MONTH";
    let months = world.get(&tokens, months).await.json();
    let whole = "/api.xro/2.0/Reports/ProfitAndLoss?fromDate=2025-12-01&toDate=2026-02-28";
    let whole = world.get(&tokens, whole).await.json();
    assert_eq!(
        line(&months, "Net Profit").iter().sum::<Decimal>(),
        line(&whole, "Net Profit")[0]
    );
}

#[tokio::test]
async fn the_trial_balance_and_the_bank_agree() {
    let world = World::new();
    let tokens = world.link().await;
    let trial = world
        .get(&tokens, "/api.xro/2.0/Reports/TrialBalance?date=2026-02-28")
        .await
        .json();
    let total = line(&trial, "Total");
    assert_eq!((total[0], total[2]), (total[1], total[3]));
    let path = "/api.xro/2.0/Reports/BankSummary?fromDate=2026-02-01&toDate=2026-02-28";
    let bank = line(&world.get(&tokens, path).await.json(), "Total");
    assert_eq!(bank[0] + bank[1] - bank[2], bank[3]);
    let sheet = world
        .get(&tokens, "/api.xro/2.0/Reports/BalanceSheet?date=2026-02-28")
        .await
        .json();
    assert_eq!(line(&sheet, "Total Bank")[0], bank[3]);
}

#[tokio::test]
async fn reports_refuse_what_they_cannot_show() {
    let world = World::new();
    let tokens = world.link().await;
    for path in [
        "BalanceSheet?date=soon",
        "BalanceSheet?periods=12",
        "BalanceSheet?timeframe=DAY",
        "ProfitAndLoss?fromDate=2026-02-01&toDate=2026-01-01",
        "ProfitAndLoss?fromDate=2024-01-01&toDate=2026-01-01",
        "BankSummary?fromDate=9999-99-99",
    ] {
        let answer = world.get(&tokens, &format!("/api.xro/2.0/Reports/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let early = world
        .get(
            &tokens,
            "/api.xro/2.0/Reports/BalanceSheet?date=-009999-01-01&periods=11&timeframe=YEAR",
        )
        .await;
    assert!(early.status == StatusCode::BAD_REQUEST || early.status == StatusCode::OK);
    assert_eq!(
        world.get(&tokens, "/api.xro/2.0/Reports/Unicorns").await.status,
        StatusCode::NOT_FOUND
    );
}
