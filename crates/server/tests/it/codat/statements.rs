use std::collections::HashMap;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::{Codat, Linked};

/// Cents of an amount.
fn cents(amount: &Value) -> i64 {
    let amount = amount.as_f64().unwrap_or_else(|| panic!("{amount} is no amount"));
    (amount * 100.0).round() as i64
}

async fn statement(codat: &Codat<'_>, linked: &Linked, name: &str, periods: &str) -> Value {
    let path = format!("/companies/{}/data/financials/{name}?{periods}", linked.company);
    codat.get(&path).await.expect(200).json()
}

/// What each account comes to in a section, by its id.
fn by_account(line: &Value, accounts: &mut HashMap<String, i64>, sign: i64) {
    let items = line["items"].as_array().unwrap();
    if items.is_empty()
        && let Some(id) = line["accountId"].as_str()
    {
        *accounts.entry(id.to_owned()).or_default() += sign * cents(&line["value"]);
    }
    for item in items {
        by_account(item, accounts, sign);
    }
}

/// What a sheet says of each account, more owned or less owed being positive.
fn worth(sheet: &Value) -> HashMap<String, i64> {
    let mut accounts = HashMap::new();
    by_account(&sheet["assets"], &mut accounts, 1);
    by_account(&sheet["liabilities"], &mut accounts, -1);
    accounts
}

/// Every line of a period is held against the other two statements.
fn assert_explains(flow: &Value, profit: &Value, before: &Value, after: &Value) {
    let (before, after) = (worth(before), worth(after));
    for (side, sign) in [("cashReceipts", 1), ("cashPayments", -1)] {
        let side = &flow[side];
        let lines = side["items"].as_array().unwrap();
        let sum: i64 = lines.iter().map(|line| cents(&line["value"])).sum();
        assert_eq!(sum, cents(&side["value"]), "{side:#}");
        for line in lines {
            assert!(cents(&line["value"]) > 0, "{line}");
            let moved = match line["accountId"].as_str() {
                None => cents(&profit["netProfit"]),
                Some(id) => before.get(id).unwrap_or(&0) - after.get(id).unwrap_or(&0),
            };
            assert_eq!(sign * cents(&line["value"]), moved, "{line}");
        }
    }
}

#[tokio::test]
async fn the_cash_flow_explains_the_cash_by_the_other_statements() {
    let world = World::of_quickbooks().await;
    let codat = world.codat();
    let wanted = json!({
        "platform": "quickbooks_online", "seed": 7, "months": 12, "invoices": 120, "currency": "GBP",
        "limits": "off", "latency_ms": 0,
    });
    let linked = codat.linked_to(wanted, "Acme").await;
    world.run_slowly().await;
    let flow = statement(
        &codat,
        &linked,
        "cashFlowStatement",
        "periodLength=1&periodsToCompare=24",
    )
    .await;
    let profit = statement(
        &codat,
        &linked,
        "profitAndLoss",
        "periodLength=1&periodsToCompare=24",
    )
    .await;
    let sheets = statement(
        &codat,
        &linked,
        "balanceSheet",
        "periodLength=1&periodsToCompare=24",
    )
    .await;
    assert_eq!(
        (&flow["reportInput"], &flow["reportBasis"]),
        (&json!("Indirect"), &json!("Unknown"))
    );
    assert_eq!(flow["currency"], "GBP");
    assert_eq!(flow["reports"].as_array().unwrap().len(), 24);
    assert_eq!(
        flow["mostRecentAvailableMonth"],
        sheets["mostRecentAvailableMonth"]
    );
    let mut lines = 0;
    for month in 0..23 {
        let flow = &flow["reports"][month];
        assert_eq!(flow["toDate"], sheets["reports"][month]["date"]);
        let (before, after) = (&sheets["reports"][month + 1], &sheets["reports"][month]);
        assert_explains(flow, &profit["reports"][month], before, after);
        lines += flow["cashReceipts"]["items"].as_array().unwrap().len();
    }
    assert!(lines > 24, "{lines} lines");

    let year = statement(
        &codat,
        &linked,
        "cashFlowStatement",
        "periodLength=12&periodsToCompare=1",
    )
    .await;
    let profit = statement(
        &codat,
        &linked,
        "profitAndLoss",
        "periodLength=12&periodsToCompare=1",
    )
    .await;
    assert_eq!(year["reports"][0]["fromDate"], profit["reports"][0]["fromDate"]);
    assert_explains(
        &year["reports"][0],
        &profit["reports"][0],
        &sheets["reports"][12],
        &sheets["reports"][0],
    );

    let path = format!("/companies/{}/data/financials/cashFlowStatement", linked.company);
    let answer = codat
        .get(&format!("{path}?periodLength=1"))
        .await
        .expect(400)
        .json();
    assert_eq!(answer["error"], "The parameter `periodsToCompare` is required.");
    let status = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await;
    assert_eq!(
        status.expect(200).json()["cashFlowStatement"]["currentStatus"],
        "Complete"
    );
    world.end().await;
}

/// The newest month of statements that were first read then, and the zone that the company goes by.
async fn newest_month(currency: &str, at: &str) -> (String, String) {
    let world = World::of_quickbooks().await;
    let at: jiff::Timestamp = at.parse().unwrap();
    world.advance(std::time::Duration::try_from(at - world.now()).unwrap());
    let codat = world.codat();
    let wanted = json!({
        "platform": "quickbooks_online", "seed": 7, "months": 3, "invoices": 10, "currency": currency,
        "limits": "off", "latency_ms": 0,
    });
    let linked = codat.linked_to(wanted, "Acme").await;
    world.run_jobs().await;
    let mut newest = Vec::new();
    for name in ["balanceSheet", "profitAndLoss", "cashFlowStatement"] {
        let sheets = statement(&codat, &linked, name, "periodLength=1&periodsToCompare=1").await;
        newest.push(sheets["mostRecentAvailableMonth"].as_str().unwrap().to_owned());
    }
    newest.dedup();
    let company = ledgerline_model::CompanyId(linked.company.parse().unwrap());
    let mut tx = world.engine.store.read().await.unwrap();
    let connections = ledgerline_store::connections::of_company(&mut tx, world.app, company).await;
    let zone = connections.unwrap().remove(0).zone.unwrap();
    drop(tx);
    world.end().await;
    assert_eq!(newest.len(), 1, "{newest:?}");
    (newest.remove(0), zone)
}

#[tokio::test]
async fn the_running_month_is_that_of_where_the_company_is() {
    for (currency, at, month, zone) in [
        (
            "AUD",
            "2026-03-31T20:00:00Z",
            "2026-04-01T00:00:00",
            "Australia/Sydney",
        ),
        (
            "USD",
            "2026-04-01T02:00:00Z",
            "2026-03-01T00:00:00",
            "America/New_York",
        ),
    ] {
        let expected = (month.to_owned(), zone.to_owned());
        assert_eq!(newest_month(currency, at).await, expected, "{currency}");
    }
}

#[tokio::test]
async fn a_platform_without_a_cash_flow_says_so() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 20).await;
    world.run_jobs().await;
    let path = format!("/companies/{}/data/financials/cashFlowStatement", linked.company);
    let answer = codat
        .get(&format!("{path}?periodLength=1&periodsToCompare=1"))
        .await
        .expect(404)
        .json();
    let told = "Datatype cashFlowStatement not supported by platform(s) ";
    assert!(answer["error"].as_str().unwrap().starts_with(told), "{answer}");
    let status = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await;
    assert_eq!(
        status.expect(200).json()["cashFlowStatement"]["currentStatus"],
        "NotSupported"
    );
    world.end().await;
}
