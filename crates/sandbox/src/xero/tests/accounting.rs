use std::collections::HashSet;

use http::{Method, StatusCode};
use serde_json::Value;

use super::world::{Tokens, World};
use crate::Limits;

/// Every record of a paged endpoint, and how many pages that took.
async fn pages(world: &World, tokens: &Tokens, name: &str, query: &str) -> (Vec<Value>, usize) {
    let mut records = Vec::new();
    for page in 1.. {
        let answer = world
            .get(tokens, &format!("/api.xro/2.0/{name}?page={page}&{query}"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let body = answer.json();
        let rows = body[name].as_array().unwrap();
        if rows.is_empty() {
            return (records, page - 1);
        }
        assert_eq!(body["pagination"]["page"], page);
        records.extend(rows.iter().cloned());
    }
    unreachable!()
}

#[tokio::test]
async fn invoices_are_paged_completely_and_once() {
    let world = World::new();
    let tokens = world.link().await;
    let (invoices, read) = pages(&world, &tokens, "Invoices", "pageSize=7").await;
    let total = world.organisation.ledger().invoices.len();
    assert_eq!((invoices.len(), read), (total, total.div_ceil(7)));
    let ids: HashSet<&str> = invoices
        .iter()
        .map(|invoice| invoice["InvoiceID"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), total);
    let updated: Vec<&str> = invoices
        .iter()
        .map(|invoice| invoice["UpdatedDateUTC"].as_str().unwrap())
        .collect();
    assert!(updated.is_sorted());
}

#[tokio::test]
async fn invoices_say_what_the_ledger_says() {
    let world = World::new();
    let tokens = world.link().await;
    let (invoices, _) = pages(&world, &tokens, "Invoices", "pageSize=1000&unitdp=4").await;
    let ledger = world.organisation.ledger();
    for wire in &invoices {
        let invoice = ledger
            .invoices
            .get(wire["InvoiceID"].as_str().unwrap().parse().unwrap())
            .unwrap();
        assert_eq!(wire["InvoiceNumber"], invoice.number);
        assert_eq!(
            wire["Total"].to_string(),
            invoice.totals.total.normalize().to_string()
        );
        assert_eq!(
            wire["AmountDue"].to_string(),
            invoice.amount_due.normalize().to_string()
        );
        assert_eq!(wire["DateString"], format!("{}T00:00:00", invoice.date));
        let lines = wire["LineItems"].as_array().unwrap();
        assert_eq!(lines.len(), invoice.lines.len());
        for (line, ours) in lines.iter().zip(&invoice.lines) {
            assert_eq!(
                line["UnitAmount"].to_string(),
                ours.unit_amount.normalize().to_string()
            );
        }
    }
}

#[tokio::test]
async fn a_list_without_page_is_a_summary() {
    let world = World::with(Limits::Off, 150);
    let tokens = world.link().await;
    let body = world.get(&tokens, "/api.xro/2.0/Invoices").await.json();
    let invoices = body["Invoices"].as_array().unwrap();
    assert_eq!(invoices.len(), 100);
    assert!(
        invoices
            .iter()
            .all(|invoice| invoice["LineItems"].as_array().unwrap().is_empty())
    );
    assert!(body.get("pagination").is_none());
}

#[tokio::test]
async fn lists_are_narrowed_by_where_order_ids_and_time() {
    let world = World::new();
    let tokens = world.link().await;
    let (bills, _) = pages(
        &world,
        &tokens,
        "Invoices",
        "where=Type%3D%3D%22ACCPAY%22&order=Total%20DESC",
    )
    .await;
    assert!(!bills.is_empty() && bills.iter().all(|bill| bill["Type"] == "ACCPAY"));
    let totals: Vec<f64> = bills.iter().map(|bill| bill["Total"].as_f64().unwrap()).collect();
    assert!(totals.is_sorted_by(|left, right| left >= right));

    let id = bills[0]["InvoiceID"].as_str().unwrap();
    let (one, _) = pages(&world, &tokens, "Invoices", &format!("IDs={id}")).await;
    assert_eq!(one.len(), 1);
    let (paid, _) = pages(&world, &tokens, "Invoices", "Statuses=PAID,VOIDED").await;
    assert!(
        paid.iter()
            .all(|invoice| ["PAID", "VOIDED"].contains(&invoice["Status"].as_str().unwrap()))
    );

    for (since, expected) in [
        ("2026-03-16T00:00:00", 0),
        ("2000-01-01T00:00:00Z", 1),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 1),
    ] {
        let path = "/api.xro/2.0/Invoices?page=1&pageSize=1";
        let answer = world
            .ask(&tokens, Method::GET, path, &[("If-Modified-Since", since)])
            .await;
        assert_eq!(
            answer.json()["Invoices"].as_array().unwrap().len(),
            expected,
            "{since}"
        );
    }
}

#[tokio::test]
async fn a_change_shows_on_the_next_page_asked_for() {
    let world = World::new();
    let tokens = world.link().await;
    let (before, _) = pages(&world, &tokens, "Contacts", "").await;
    let id = world.organisation.ledger().contacts.at(0).unwrap().meta.id;
    world.advance(10);
    let now = world.sandbox.clock.now();
    world.organisation.change(|ledger| {
        let contact = ledger.contacts.get_mut(id).unwrap();
        contact.name = "Renamed".to_owned();
        contact.meta.touch(now);
    });
    let (after, _) = pages(&world, &tokens, "Contacts", "").await;
    assert_eq!(after.len(), before.len());
    assert_eq!(after.last().unwrap()["Name"], "Renamed");
}

#[tokio::test]
async fn every_endpoint_answers_a_list_and_its_records() {
    let world = World::new();
    let tokens = world.link().await;
    for (name, id) in [
        ("Accounts", "AccountID"),
        ("BankTransactions", "BankTransactionID"),
        ("BankTransfers", "BankTransferID"),
        ("Contacts", "ContactID"),
        ("CreditNotes", "CreditNoteID"),
        ("Invoices", "InvoiceID"),
        ("Items", "ItemID"),
        ("ManualJournals", "ManualJournalID"),
        ("Payments", "PaymentID"),
        ("PurchaseOrders", "PurchaseOrderID"),
        ("TrackingCategories", "TrackingCategoryID"),
    ] {
        let body = world.get(&tokens, &format!("/api.xro/2.0/{name}")).await.json();
        assert_eq!(
            (&body["Status"], body["Id"].is_string()),
            (&Value::from("OK"), true)
        );
        let first = body[name][0][id]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is empty"))
            .to_owned();
        let single = world.get(&tokens, &format!("/api.xro/2.0/{name}/{first}")).await;
        assert_eq!(single.json()[name][0][id], first.as_str());
    }
    for name in ["TaxRates", "Currencies", "Users"] {
        let body = world.get(&tokens, &format!("/api.xro/2.0/{name}")).await.json();
        assert!(!body[name].as_array().unwrap().is_empty(), "{name}");
    }
    for name in ["BatchPayments", "Prepayments", "Overpayments"] {
        assert_eq!(
            world.get(&tokens, &format!("/api.xro/2.0/{name}")).await.json()[name],
            Value::Array(Vec::new())
        );
    }
    let organisation = world.get(&tokens, "/api.xro/2.0/organisation").await.json();
    assert_eq!(
        organisation["Organisations"][0]["OrganisationID"],
        world.organisation.id.to_string()
    );
}

#[tokio::test]
async fn a_document_is_found_by_its_number() {
    let world = World::new();
    let tokens = world.link().await;
    let number = {
        let ledger = world.organisation.ledger();
        ledger
            .invoices
            .iter()
            .find(|invoice| !invoice.meta.deleted && !invoice.number.is_empty())
            .unwrap()
            .number
            .clone()
    };
    let body = world
        .get(&tokens, &format!("/api.xro/2.0/Invoices/{number}"))
        .await
        .json();
    assert_eq!(body["Invoices"][0]["InvoiceNumber"], number);
    for unknown in ["none-such", "00000000-0000-0000-0000-000000000000", "a/b/c"] {
        let answer = world
            .get(&tokens, &format!("/api.xro/2.0/Invoices/{unknown}"))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn questions_that_cannot_be_read_are_refused() {
    let world = World::new();
    let tokens = world.link().await;
    for query in [
        "where=Nope%3D%3D1",
        "where=((",
        "order=Nope",
        "page=0",
        "page=x",
        "pageSize=-1",
        "IDs=x",
        "includeArchived=maybe",
    ] {
        let answer = world
            .get(&tokens, &format!("/api.xro/2.0/Invoices?{query}"))
            .await;
        assert_eq!(
            (answer.status, answer.json()["ErrorNumber"].as_i64()),
            (StatusCode::BAD_REQUEST, Some(16)),
            "{query}"
        );
    }
    assert_eq!(
        world.get(&tokens, "/api.xro/2.0/Unicorns").await.status,
        StatusCode::NOT_FOUND
    );
    let far = world
        .get(
            &tokens,
            "/api.xro/2.0/Invoices?page=18446744073709551615&pageSize=1000",
        )
        .await;
    assert_eq!(far.json()["Invoices"], Value::Array(Vec::new()));
    let write = world
        .ask(&tokens, Method::PUT, "/api.xro/2.0/Invoices", &[])
        .await;
    assert_eq!(write.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn xml_is_not_offered() {
    let world = World::new();
    let tokens = world.link().await;
    for (accept, status) in [
        ("application/xml", 406),
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/json;q=0.5", 200),
    ] {
        let answer = world
            .ask(
                &tokens,
                Method::GET,
                "/api.xro/2.0/Organisation",
                &[("Accept", accept)],
            )
            .await;
        assert_eq!(answer.status.as_u16(), status, "{accept}");
    }
}

#[tokio::test]
async fn limits_are_told_before_and_when_they_strike() {
    let world = World::with(Limits::Real, 3);
    let tokens = world.link().await;
    let first = world.get(&tokens, "/api.xro/2.0/Currencies").await;
    assert_eq!(
        (
            first.header("x-minlimit-remaining"),
            first.header("x-daylimit-remaining")
        ),
        ("59", "4999")
    );
    assert_eq!(first.header("x-appminlimit-remaining"), "9999");
    for _ in 1..60 {
        assert_eq!(
            world.get(&tokens, "/api.xro/2.0/Currencies").await.status,
            StatusCode::OK
        );
    }
    let refused = world.get(&tokens, "/api.xro/2.0/Currencies").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (
            refused.header("x-rate-limit-problem"),
            refused.header("retry-after")
        ),
        ("minute", "30")
    );
    assert_eq!(
        world.organisation.requests.snapshot().violations[0].rule,
        "limit.minute"
    );
    assert_eq!(world.organisation.requests.snapshot().total, 61);
    world.advance(1);
    assert_eq!(
        world.get(&tokens, "/api.xro/2.0/Currencies").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn planned_faults_look_like_xero() {
    let world = World::new();
    let tokens = world.link().await;
    for (kind, status) in [
        ("429", 429),
        ("5xx_before", 503),
        ("forbidden", 401),
        ("revoked", 403),
    ] {
        let fault = format!(r#"{{"kind": "{kind}", "count": 1, "data_type": "bills"}}"#);
        world
            .organisation
            .faults
            .plan(serde_json::from_str(&fault).unwrap());
        assert_eq!(
            world.get(&tokens, "/api.xro/2.0/Contacts").await.status,
            StatusCode::OK
        );
        assert_eq!(
            world.get(&tokens, "/api.xro/2.0/Invoices").await.status.as_u16(),
            status,
            "{kind}"
        );
        assert_eq!(
            world.get(&tokens, "/api.xro/2.0/Invoices").await.status,
            StatusCode::OK
        );
    }
    let all = world.get(&tokens, "/api.xro/2.0/Contacts?page=1").await.json()["Contacts"]
        .as_array()
        .unwrap()
        .len();
    world
        .organisation
        .faults
        .plan(serde_json::from_str(r#"{"kind": "short_list", "count": 1}"#).unwrap());
    let short = world.get(&tokens, "/api.xro/2.0/Contacts?page=1").await.json()["Contacts"]
        .as_array()
        .unwrap()
        .len();
    assert!(short < all);
}

#[tokio::test]
async fn reduced_rates_are_reported_with_the_others() {
    let world = World::new();
    let tokens = world.link().await;
    let body = world.get(&tokens, "/api.xro/2.0/TaxRates").await.json();
    for (tax_type, reported_as) in [("RROUTPUT", "OUTPUT"), ("RRINPUT", "INPUT")] {
        let rates = body["TaxRates"].as_array().unwrap();
        let rate = rates.iter().find(|rate| rate["TaxType"] == tax_type).unwrap();
        assert_eq!(
            rate["ReportTaxType"], reported_as,
            "{tax_type} is no ReportTaxType"
        );
    }
}
