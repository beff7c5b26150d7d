use std::collections::HashSet;

use http::StatusCode;
use serde_json::json;

use super::world::{World, purchase};
use crate::Limits;

#[tokio::test]
async fn pages_have_every_record_once_and_the_newest_first() {
    let world = World::new();
    let tokens = world.link().await;
    let listed = world
        .query(&tokens, "select * from Invoice maxresults 1000")
        .await;
    let ledger_count = {
        let ledger = world.organisation.ledger();
        let invoices = ledger.rows("invoices", jiff::civil::Date::MAX).unwrap();
        invoices.iter().filter(|row| !row.deleted).count()
    };
    assert_eq!(listed.len(), ledger_count);
    let number = |record: &serde_json::Value| record["Id"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(listed.iter().map(number).rev().is_sorted());
    let mut seen = HashSet::new();
    let mut start = 1;
    loop {
        let text = format!("SELECT Id FROM Invoice ORDERBY Id STARTPOSITION {start} MAXRESULTS 17");
        let page = world.query(&tokens, &text).await;
        if page.is_empty() {
            break;
        }
        start += page.len();
        assert!(
            page.iter()
                .all(|row| row.get("Line").is_none() && seen.insert(number(row)))
        );
    }
    assert_eq!(seen.len(), ledger_count);
    let answer = world
        .get(&tokens, "/query?query=select%20count(*)%20from%20Invoice")
        .await
        .json();
    assert_eq!(answer["QueryResponse"], json!({ "totalCount": ledger_count }));
    let past = world
        .get(
            &tokens,
            "/query?query=select%20*%20from%20invoice%20startposition%209000",
        )
        .await;
    assert_eq!(past.json()["QueryResponse"], json!({}));
    assert!(past.headers.contains_key("intuit_tid"));
}

#[tokio::test]
async fn inactive_entries_are_listed_when_asked_for() {
    let world = World::new();
    let tokens = world.link().await;
    let active = world.query(&tokens, "select * from Item maxresults 1000").await;
    let all = world
        .query(
            &tokens,
            "select * from Item where Active IN (true, false) maxresults 1000",
        )
        .await;
    assert_eq!(all.len(), active.len() + 1);
    let inactive = world
        .query(&tokens, "select * from item where Active = false")
        .await;
    assert_eq!(inactive[0]["Name"], "Filing cabinet (deleted)");
}

#[tokio::test]
async fn conditions_hold() {
    let world = World::new();
    let tokens = world.link().await;
    for (text, holds) in [
        (
            "select * from Account where AccountType = 'Credit Card'",
            &(|row: &serde_json::Value| row["Classification"] == "Liability")
                as &dyn Fn(&serde_json::Value) -> bool,
        ),
        (
            "select * from Vendor where DisplayName like '%Bakery%' maxresults 500",
            &|row: &serde_json::Value| row["DisplayName"].as_str().unwrap().contains("Bakery"),
        ),
        (
            "select * from Bill where TotalAmt > 500.5 maxresults 500",
            &|row: &serde_json::Value| row["TotalAmt"].as_f64().unwrap() > 500.5,
        ),
        (
            "select * from Bill where TxnDate >= '2026-01-01' and Balance = '0' maxresults 500",
            &|row: &serde_json::Value| {
                row["TxnDate"].as_str().unwrap() >= "2026-01-01" && row["Balance"] == 0
            },
        ),
    ] {
        let found = world.query(&tokens, text).await;
        assert!(!found.is_empty(), "{text}");
        assert!(found.iter().all(holds), "{text}");
    }
    let one = world.query(&tokens, "select * from Invoice maxresults 1").await;
    let customer = one[0]["CustomerRef"]["value"].as_str().unwrap();
    let text = format!("select * from Invoice where CustomerRef = '{customer}' maxresults 500");
    let of_customer = world.query(&tokens, &text).await;
    assert!(
        of_customer
            .iter()
            .all(|row| row["CustomerRef"]["value"] == customer)
    );
    for (text, code) in [
        ("select * from Bill where PrivateNote = 'x'", "4001"),
        ("select * from Bill where Id > '5'", "4001"),
        ("select * from Nothing", "4001"),
        ("select from", "4000"),
    ] {
        let path = format!("/query?query={}", text.replace(' ', "%20").replace('>', "%3E"));
        assert_eq!(
            world.get(&tokens, &path).await.fault(),
            (400, code.to_owned()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn changes_are_found_by_their_time_with_any_offset() {
    let world = World::with(Limits::Off, "USD");
    let tokens = world.link().await;
    world.advance(50);
    let made = world
        .post(&tokens, "/purchase", &purchase(&world, "5"))
        .await
        .json();
    // 2026-03-15T10:50:30Z in New York, an hour after the clocks changed there.
    assert_eq!(
        made["Purchase"]["MetaData"]["CreateTime"],
        "2026-03-15T06:50:30-04:00"
    );
    for since in [
        "2026-03-15T06:50:30-04:00",
        "2026-03-15T10:50:30Z",
        "2026-03-15T03:50:30-07:00",
        "2026-03-15T06:50:30",
    ] {
        let text = format!("select * from Purchase where MetaData.LastUpdatedTime >= '{since}'");
        assert_eq!(world.query(&tokens, &text).await.len(), 1, "{since}");
    }
    let text = "select * from Purchase where MetaData.LastUpdatedTime > '2026-03-15T10:50:30Z'";
    assert!(world.query(&tokens, text).await.is_empty());
}

#[tokio::test]
async fn changes_tell_what_was_made_changed_and_deleted() {
    let world = World::new();
    let tokens = world.link().await;
    let mut kept = Vec::new();
    for amount in ["5", "6", "7"] {
        let made = world
            .post(&tokens, "/purchase", &purchase(&world, amount))
            .await
            .json();
        kept.push(made["Purchase"].clone());
    }
    world.advance(50);
    let deleted = world
        .post(&tokens, "/purchase?operation=delete", &kept[0])
        .await
        .json();
    assert_eq!(deleted["Purchase"]["status"], "Deleted");
    let path = "/cdc?entities=Invoice,Purchase,estimate&changedSince=2026-03-15T10:45:00Z";
    let answer = world.get(&tokens, path).await.json();
    let members = answer["CDCResponse"][0]["QueryResponse"].as_array().unwrap();
    assert_eq!(members.len(), 3);
    assert_eq!((&members[0], &members[2]), (&json!({}), &json!({})));
    assert_eq!(members[1]["totalCount"], 1);
    assert_eq!(
        members[1]["Purchase"][0],
        json!({
            "domain": "QBO", "status": "Deleted", "Id": kept[0]["Id"],
            "MetaData": { "LastUpdatedTime": "2026-03-15T10:50:30+00:00" },
        })
    );
    let path = "/cdc?entities=Purchase&changedSince=2026-03-15T10:00:30Z";
    let answer = world.get(&tokens, path).await.json();
    let rows = answer["CDCResponse"][0]["QueryResponse"][0]["Purchase"]
        .as_array()
        .unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[2]["status"], "Deleted", "deleted ones come last");
    for (path, named) in [
        (
            "/cdc?entities=Purchase&changedSince=2026-02-01T00:00:00Z",
            "30 days",
        ),
        (
            "/cdc?entities=TaxCode&changedSince=2026-03-15T00:00:00Z",
            "TaxCode",
        ),
        ("/cdc?entities=Purchase", "changedSince"),
    ] {
        let answer = world.get(&tokens, path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains(named), "{}", answer.text());
    }
}

#[tokio::test]
async fn no_answer_of_changes_has_more_than_a_thousand() {
    let world = World::new();
    let tokens = world.link().await;
    let body = purchase(&world, "5");
    for _ in 0..35 {
        let items: Vec<_> = (0..30)
            .map(|place| json!({ "bId": place.to_string(), "operation": "create", "Purchase": body }))
            .collect();
        world
            .post(&tokens, "/batch", &json!({ "BatchItemRequest": items }))
            .await;
    }
    let path = "/cdc?entities=Purchase,Deposit&changedSince=2026-03-01T00:00:00Z";
    let answer = world.get(&tokens, path).await.json();
    let members = answer["CDCResponse"][0]["QueryResponse"].as_array().unwrap();
    assert_eq!(members[0]["Purchase"].as_array().unwrap().len(), 1_000);
    assert_eq!(members[1], json!({}), "nothing tells that there is more");
}

#[tokio::test]
async fn limits_hold_and_no_header_tells_them() {
    let world = World::with(Limits::Real, "GBP");
    let tokens = world.link().await;
    for _ in 0..500 {
        assert_eq!(world.get(&tokens, "/preferences").await.status, StatusCode::OK);
    }
    let refused = world.get(&tokens, "/preferences").await;
    assert_eq!(refused.fault(), (429, "3001".to_owned()));
    assert!(refused.text().contains("errorCode=003001"));
    assert!(!refused.headers.contains_key("retry-after"));
    let violations = world.organisation.requests.snapshot().violations;
    assert_eq!(violations[0].rule, "limit.minute");
    world.advance(1);
    assert_eq!(world.get(&tokens, "/preferences").await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_speak_the_platforms_words() {
    let world = World::new();
    let tokens = world.link().await;
    for (kind, status, code) in [
        ("429", 429, "3001"),
        ("5xx_before", 500, "10000"),
        ("forbidden", 403, "5020"),
        ("revoked", 403, "3100"),
    ] {
        world.plan(json!({ "kind": kind, "count": 1, "data_type": "invoices" }));
        let answer = world
            .get(&tokens, "/query?query=select%20*%20from%20Invoice")
            .await;
        assert_eq!(answer.fault(), (status, code.to_owned()), "{kind}");
    }
    world.plan(json!({ "kind": "short_list", "count": 1 }));
    let short = world.query(&tokens, "select * from Invoice").await;
    let whole = world.query(&tokens, "select * from Invoice").await;
    assert!(short.len() < whole.len());
    world.plan(json!({ "kind": "search_lag", "count": 1 }));
    let made = world
        .post(&tokens, "/purchase", &purchase(&world, "5"))
        .await
        .json();
    let text = "select * from Purchase where DocNumber = 'EXP-1'";
    assert!(world.query(&tokens, text).await.is_empty());
    assert_eq!(world.query(&tokens, text).await[0]["Id"], made["Purchase"]["Id"]);
    let requests = world.organisation.requests.snapshot().requests;
    let faults: Vec<_> = requests.iter().filter_map(|request| request.fault).collect();
    assert_eq!(
        faults,
        [
            "429",
            "5xx_before",
            "forbidden",
            "revoked",
            "short_list",
            "search_lag"
        ]
    );
}
