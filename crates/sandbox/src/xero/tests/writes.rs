use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Tokens, World};
use crate::faults::{Fault, Kind};
use crate::ledger::{AccountKind, ActiveStatus, BankKind, agreement};

/// What a client sends to spend 24.60 from the first bank account.
fn spend(world: &World) -> Value {
    let ledger = world.organisation.ledger();
    let bank = ledger
        .accounts
        .iter()
        .find(|account| account.kind == AccountKind::Bank)
        .unwrap();
    let supplier = ledger
        .contacts
        .iter()
        .find(|contact| contact.is_supplier)
        .unwrap();
    json!({
        "Type": "SPEND",
        "Contact": { "ContactID": supplier.meta.id },
        "BankAccount": { "AccountID": bank.meta.id },
        "Date": "2026-03-10",
        "Reference": "K7Q2",
        "LineAmountTypes": "Inclusive",
        "LineItems": [{ "Description": "Pens", "Quantity": 1, "UnitAmount": 24.60, "AccountCode": "429", "TaxType": "NONE" }],
    })
}

fn fault(kind: Kind) -> Fault {
    serde_json::from_value(json!({ "kind": kind, "count": 1 })).unwrap()
}

/// How many bank transactions carry the reference.
async fn found(world: &World, tokens: &Tokens) -> usize {
    let path = "/api.xro/2.0/BankTransactions?page=1&where=Reference%3D%3D%22K7Q2%22";
    world.get(tokens, path).await.json()["BankTransactions"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn money_spent_is_in_the_books_and_found_by_its_reference() {
    let world = World::new();
    let tokens = world.link().await;
    let sent = json!({ "BankTransactions": [spend(&world)] });
    let answer = world
        .put(
            &tokens,
            "/api.xro/2.0/BankTransactions?summarizeErrors=false&unitdp=4",
            None,
            &sent,
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let made = &answer.json()["BankTransactions"][0];
    assert_eq!(
        (&made["StatusAttributeString"], &made["Total"]),
        (&json!("OK"), &json!(24.6))
    );
    assert_eq!(made["DateString"], "2026-03-10T00:00:00");
    assert_eq!(found(&world, &tokens).await, 1);
    let id = made["BankTransactionID"].as_str().unwrap();
    let single = world
        .get(&tokens, &format!("/api.xro/2.0/BankTransactions/{id}"))
        .await
        .json();
    assert_eq!(
        single["BankTransactions"][0]["LineItems"][0]["AccountCode"],
        "429"
    );
    agreement::check(&world.organisation.ledger());
}

#[tokio::test]
async fn a_key_is_answered_once_unless_it_is_ignored_or_forgotten() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/api.xro/2.0/BankTransactions";
    let first = world.put(&tokens, path, Some("one"), &spend(&world)).await;
    let again = world.put(&tokens, path, Some("one"), &spend(&world)).await;
    assert_eq!((first.status, &first.body), (StatusCode::OK, &again.body));
    assert_eq!(found(&world, &tokens).await, 1);
    for (kind, transactions) in [(Kind::KeyIgnored, 2), (Kind::KeyExpired, 3)] {
        world.organisation.faults.plan(fault(kind));
        world.put(&tokens, path, Some("one"), &spend(&world)).await;
        assert_eq!(found(&world, &tokens).await, transactions, "{kind:?}");
    }
    world.put(&tokens, path, Some("one"), &spend(&world)).await;
    assert_eq!(found(&world, &tokens).await, 3);
    let long = world
        .put(&tokens, path, Some(&"k".repeat(129)), &spend(&world))
        .await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_was_written_may_be_found_only_later() {
    let world = World::new();
    let tokens = world.link().await;
    world.organisation.faults.plan(fault(Kind::SearchLag));
    let made = world
        .put(&tokens, "/api.xro/2.0/BankTransactions", None, &spend(&world))
        .await
        .json();
    assert_eq!(found(&world, &tokens).await, 0);
    let id = made["BankTransactions"][0]["BankTransactionID"].as_str().unwrap();
    let single = world
        .get(&tokens, &format!("/api.xro/2.0/BankTransactions/{id}"))
        .await;
    assert_eq!(single.status, StatusCode::OK);
    world.sandbox.clock.advance(Duration::from_secs(6));
    assert_eq!(found(&world, &tokens).await, 1);
}

#[tokio::test]
async fn a_record_that_the_books_do_not_take_is_refused_with_every_reason() {
    let world = World::new();
    let tokens = world.link().await;
    let mut bad = spend(&world);
    bad["LineItems"][0]["AccountCode"] = json!("999");
    bad["Type"] = json!("GIVE");
    let both = json!({ "BankTransactions": [spend(&world), bad] });
    let path = "/api.xro/2.0/BankTransactions";
    let all = world.put(&tokens, path, None, &both).await;
    assert_eq!(all.status, StatusCode::BAD_REQUEST);
    assert_eq!(all.json()["Type"], "ValidationException");
    let messages: Vec<_> = all.json()["Elements"][0]["ValidationErrors"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(
        messages,
        [
            json!({ "Message": "Type takes SPEND or RECEIVE here." }),
            json!({ "Message": "Account code '999' is not a valid code for this document." }),
        ]
    );
    assert_eq!(found(&world, &tokens).await, 0, "one bad record refuses them all");
    let own = world
        .put(&tokens, &format!("{path}?summarizeErrors=false"), None, &both)
        .await;
    assert_eq!(own.status, StatusCode::OK);
    let fates: Vec<_> = own.json()["BankTransactions"].as_array().unwrap().clone();
    assert_eq!(fates[0]["StatusAttributeString"], "OK");
    assert_eq!(
        (&fates[1]["StatusAttributeString"], &fates[1]["HasErrors"]),
        (&json!("ERROR"), &json!(true))
    );
    assert_eq!(found(&world, &tokens).await, 1);
}

#[tokio::test]
async fn archived_accounts_locked_dates_and_broken_bodies_are_refused() {
    let world = World::new();
    let tokens = world.link().await;
    let path = "/api.xro/2.0/BankTransactions";
    world.organisation.change(|ledger| {
        ledger.facts.period_lock_date = Some("2026-02-28".parse().unwrap());
        let id = ledger.account_by_code("429").unwrap().meta.id;
        ledger.accounts.get_mut(id).unwrap().status = ActiveStatus::Archived;
    });
    let mut archived = spend(&world);
    archived["LineItems"][0]["AccountCode"] = json!("429");
    archived["Date"] = json!("2026-02-28");
    let answer = world.put(&tokens, path, None, &archived).await;
    let reasons = answer.json()["Elements"][0]["ValidationErrors"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(
        (answer.status, reasons),
        (StatusCode::BAD_REQUEST, 2),
        "{}",
        answer.text()
    );
    let broken = world
        .ask_with(&tokens, Method::PUT, path, &[], Body::from("{\"Type\": "))
        .await;
    assert_eq!(
        (broken.status, &broken.json()["ErrorNumber"]),
        (StatusCode::BAD_REQUEST, &json!(14))
    );
    assert_eq!(found(&world, &tokens).await, 0);
}

#[tokio::test]
async fn transfers_and_journals_are_booked() {
    let world = World::new();
    let tokens = world.link().await;
    let banks: Vec<_> = {
        let ledger = world.organisation.ledger();
        let banks = ledger.accounts.iter().filter(|account| {
            account.bank.as_ref().is_some_and(|bank| {
                bank.kind == BankKind::Bank && bank.currency == ledger.facts.base_currency
            })
        });
        banks.map(|account| account.meta.id).collect()
    };
    let transfer = json!({ "BankTransfers": [{
        "FromBankAccount": { "AccountID": banks[0] }, "ToBankAccount": { "AccountID": banks[1] },
        "Amount": "120.50", "Date": "2026-03-11", "Reference": "K7Q2" }] });
    let made = world
        .put(&tokens, "/api.xro/2.0/BankTransfers", Some("t"), &transfer)
        .await;
    assert_eq!(
        made.json()["BankTransfers"][0]["Amount"],
        json!(120.5),
        "{}",
        made.text()
    );
    let journal = |credit: &str| {
        json!({ "ManualJournals": [{ "Narration": "Rounding K7Q2", "Date": "2026-03-11", "Status": "POSTED",
            "JournalLines": [{ "LineAmount": 10.00, "AccountCode": "429" }, { "LineAmount": -10.00, "AccountCode": credit }] }] })
    };
    let path = "/api.xro/2.0/ManualJournals";
    let made = world.put(&tokens, path, None, &journal("850")).await;
    assert_eq!(
        made.json()["ManualJournals"][0]["Status"],
        "POSTED",
        "{}",
        made.text()
    );
    let bank_code = world
        .organisation
        .ledger()
        .accounts
        .get(banks[0])
        .unwrap()
        .code
        .clone();
    let refused = world.put(&tokens, path, None, &journal(&bank_code)).await;
    assert_eq!(
        refused.status,
        StatusCode::BAD_REQUEST,
        "a journal cannot touch a bank account"
    );
    agreement::check(&world.organisation.ledger());
}

#[tokio::test]
async fn files_belong_to_documents() {
    let world = World::new();
    let tokens = world.link().await;
    let made = world
        .put(&tokens, "/api.xro/2.0/BankTransactions", None, &spend(&world))
        .await
        .json();
    let id = made["BankTransactions"][0]["BankTransactionID"].as_str().unwrap();
    let path = format!("/api.xro/2.0/BankTransactions/{id}/Attachments");
    let kept = world
        .ask_with(
            &tokens,
            Method::PUT,
            &format!("{path}/receipt%201.pdf"),
            &[("Content-Type", "application/pdf")],
            Body::from("%PDF-1.7"),
        )
        .await
        .json();
    assert_eq!(kept["Attachments"][0]["FileName"], "receipt 1.pdf");
    let listed = world.get(&tokens, &path).await.json();
    assert_eq!(listed["Attachments"], kept["Attachments"]);
    let absent = world
        .get(&tokens, &path.replace(id, "00000000-0000-0000-0000-000000000000"))
        .await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_bank_transaction_is_changed_and_deleted_by_its_id() {
    let world = World::new();
    let tokens = world.link().await;
    let made = world
        .put(&tokens, "/api.xro/2.0/BankTransactions", None, &spend(&world))
        .await
        .json();
    let id = made["BankTransactions"][0]["BankTransactionID"]
        .as_str()
        .unwrap()
        .to_owned();
    let post = async |body: Value| {
        let path = format!("/api.xro/2.0/BankTransactions/{id}");
        world
            .ask_with(&tokens, Method::POST, &path, &[], Body::from(body.to_string()))
            .await
            .json()
    };
    let mut dearer = spend(&world);
    dearer["LineItems"][0]["UnitAmount"] = json!(30);
    assert_eq!(post(dearer).await["BankTransactions"][0]["Total"], json!(30));
    assert_eq!(
        post(json!({ "Status": "DELETED" })).await["BankTransactions"][0]["Status"],
        "DELETED"
    );
    let ledger = world.organisation.ledger();
    assert_eq!(
        ledger
            .bank_transactions
            .get(id.parse().unwrap())
            .unwrap()
            .meta
            .version,
        3
    );
    agreement::check(&ledger);
}
