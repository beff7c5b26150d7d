use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::world::{Tokens, World, purchase};
use crate::Limits;
use crate::ledger::{List, agreement};

#[tokio::test]
async fn purchase_is_in_the_books_with_all_that_was_said() {
    let world = World::new();
    let tokens = world.link().await;
    let answer = world
        .post(&tokens, "/purchase?minorversion=75", &purchase(&world, "34.05"))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let made = &answer.json()["Purchase"];
    assert_eq!(
        (&made["TotalAmt"], &made["SyncToken"]),
        (&json!(34.05), &json!("0"))
    );
    assert_eq!(made["PrivateNote"], "our marker");
    let detail = &made["Line"][0]["AccountBasedExpenseLineDetail"];
    assert_eq!(detail["CustomerRef"]["value"], "1");
    let path = format!("/purchase/{}", made["Id"].as_str().unwrap());
    assert_eq!(&world.get(&tokens, &path).await.json()["Purchase"], made);
    let ledger = world.organisation.ledger();
    agreement::check(&ledger);
    let rows = ledger
        .rows("directCosts", jiff::civil::Date::constant(2026, 3, 15))
        .unwrap();
    let row = rows.iter().find(|row| made["Id"] == row.id.as_str()).unwrap();
    assert_eq!(row.reference.as_deref(), Some("EXP-1"));
}

#[tokio::test]
async fn same_request_twice_makes_one_record() {
    let world = World::new();
    let tokens = world.link().await;
    let before = world.organisation.ledger().bank_transactions.len();
    let count = || world.organisation.ledger().bank_transactions.len() - before;
    let body = purchase(&world, "34");
    let first = world.post(&tokens, "/purchase?requestid=abc", &body).await.json();
    let second = world.post(&tokens, "/purchase?requestid=abc", &body).await.json();
    assert_eq!((&first["Purchase"], count()), (&second["Purchase"], 1));
    for (planned, wanted) in [("key_ignored", 2), ("key_expired", 3)] {
        world.plan(json!({ "kind": planned, "count": 1 }));
        world.post(&tokens, "/purchase?requestid=abc", &body).await;
        assert_eq!(count(), wanted, "{planned}");
    }
    // A refusal is not kept: corrected, it may be sent under its name again.
    let mut wrong = body.clone();
    wrong["PaymentType"] = "Check".into();
    let refused = world.post(&tokens, "/purchase?requestid=def", &wrong).await;
    assert_eq!(refused.fault(), (400, "6000".to_owned()));
    world.post(&tokens, "/purchase?requestid=def", &body).await;
    assert_eq!(count(), 4);
    // Done, although it said that it was not.
    world.plan(json!({ "kind": "5xx_after_commit", "count": 1 }));
    let answer = world.post(&tokens, "/purchase?requestid=ghi", &body).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    world.post(&tokens, "/purchase?requestid=ghi", &body).await;
    assert_eq!(count(), 5);
}

#[tokio::test]
async fn update_takes_the_current_version_only() {
    let world = World::new();
    let tokens = world.link().await;
    let made = world
        .post(&tokens, "/purchase", &purchase(&world, "34"))
        .await
        .json();
    let mut sparse = json!({
        "Id": made["Purchase"]["Id"], "SyncToken": "0", "sparse": true, "DocNumber": "EXP-2", "PaymentType": "CreditCard",
    });
    let changed = world.post(&tokens, "/purchase", &sparse).await.json();
    assert_eq!(changed["Purchase"]["DocNumber"], "EXP-2");
    assert_eq!(changed["Purchase"]["PrivateNote"], "our marker", "the rest stays");
    assert_eq!(changed["Purchase"]["SyncToken"], "1");
    assert_eq!(
        world.post(&tokens, "/purchase", &sparse).await.fault(),
        (400, "5010".to_owned())
    );
    let mut whole = purchase(&world, "35");
    whole["Id"] = made["Purchase"]["Id"].clone();
    whole["SyncToken"] = "1".into();
    whole.as_object_mut().unwrap().remove("PrivateNote");
    let changed = world
        .post(&tokens, "/purchase?operation=update", &whole)
        .await
        .json();
    assert_eq!(changed["Purchase"]["TotalAmt"], 35);
    assert_eq!(
        changed["Purchase"]["PrivateNote"],
        Value::Null,
        "the rest is gone"
    );
    sparse["SyncToken"] = "2".into();
    sparse.as_object_mut().unwrap().remove("PaymentType");
    assert_eq!(
        world.post(&tokens, "/purchase", &sparse).await.fault(),
        (400, "2020".to_owned())
    );
}

#[tokio::test]
async fn what_is_wrong_has_its_code() {
    let world = World::new();
    let tokens = world.link().await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = purchase(&world, "34");
        change(&mut body);
        body
    };
    let archived = {
        let ledger = world.organisation.ledger();
        let account = ledger.account_by_code("406").unwrap().meta.id;
        ledger.api_id(List::Accounts, account)
    };
    for (body, code) in [
        (with(&|body| body["AccountRef"]["value"] = "9999".into()), "2500"),
        (
            with(&|body| body["DocNumber"] = "0123456789012345678901".into()),
            "2050",
        ),
        (with(&|body| body["Line"] = json!([])), "2020"),
        (with(&|body| body["PaymentType"] = "Cash".into()), "6000"),
        (with(&|body| body["TxnDate"] = "soon".into()), "2010"),
        (
            with(&|body| {
                body["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] =
                    archived.as_str().into();
            }),
            "610",
        ),
    ] {
        let answer = world.post(&tokens, "/purchase", &body).await;
        assert_eq!(answer.fault(), (400, code.to_owned()), "{}", answer.text());
    }
    let vendor = json!({ "DisplayName": "Paper & Co." });
    assert_eq!(
        world.post(&tokens, "/vendor", &vendor).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.post(&tokens, "/vendor", &vendor).await.fault(),
        (400, "6240".to_owned())
    );
    assert_eq!(
        world.post(&tokens, "/cheese", &vendor).await.status,
        StatusCode::NOT_FOUND
    );
    let lock = |date: &str| {
        let date = date.parse().ok();
        world
            .organisation
            .change(|ledger| ledger.facts.period_lock_date = date);
    };
    lock("2026-03-10");
    let closed = world.post(&tokens, "/purchase", &purchase(&world, "1")).await;
    assert_eq!(closed.fault(), (400, "6210".to_owned()));
    lock("2026-03-09");
    assert_eq!(
        world
            .post(&tokens, "/purchase", &purchase(&world, "1"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn void_does_what_the_platform_does() {
    let world = World::new();
    let tokens = world.link().await;
    let one = async |entity: &str| {
        let text = format!("select * from {entity} orderby Id desc maxresults 200");
        let found = world.query(&tokens, &text).await;
        let open = |row: &&Value| row["Balance"] == row["TotalAmt"] && row["TotalAmt"] != 0;
        found.iter().find(open).or(found.first()).cloned().unwrap()
    };
    let invoice = one("Invoice").await;
    let voided = world
        .post(&tokens, "/invoice?operation=void", &invoice)
        .await
        .json();
    assert_eq!(
        (&voided["Invoice"]["TotalAmt"], &voided["Invoice"]["Balance"]),
        (&json!(0), &json!(0))
    );
    assert!(
        voided["Invoice"]["PrivateNote"]
            .as_str()
            .unwrap()
            .starts_with("Voided")
    );
    let bill = world
        .post(&tokens, "/bill?operation=void", &one("Bill").await)
        .await;
    assert_eq!(
        bill.fault(),
        (200, "10000".to_owned()),
        "a fault in an answer that says 200"
    );
    let journal = world
        .post(
            &tokens,
            "/journalentry?operation=void",
            &one("JournalEntry").await,
        )
        .await;
    assert_eq!(journal.json()["BatchItemResponse"], json!([]));
    let purchase = world
        .post(&tokens, "/purchase?operation=void", &one("Purchase").await)
        .await;
    assert_eq!(purchase.status, StatusCode::BAD_REQUEST);
    assert!(purchase.text().contains("Operation void is not supported."));
    let customer = world
        .post(&tokens, "/customer?operation=delete", &one("Customer").await)
        .await;
    assert_eq!(customer.status, StatusCode::BAD_REQUEST);
    agreement::check(&world.organisation.ledger());
}

#[tokio::test]
async fn every_entity_can_be_made_and_the_books_agree() {
    for currency in ["GBP", "USD"] {
        let world = World::with(Limits::Off, currency);
        let tokens = world.link().await;
        make_everything(&world, &tokens).await;
        agreement::check(&world.organisation.ledger());
    }
}

async fn make_everything(world: &World, tokens: &Tokens) {
    let account = |code: &str| {
        let ledger = world.organisation.ledger();
        let id = ledger.account_by_code(code).unwrap().meta.id;
        json!({ "value": ledger.api_id(List::Accounts, id) })
    };
    let make = async |entity: &str, body: Value| {
        let answer = world
            .post(tokens, &format!("/{}", entity.to_lowercase()), &body)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{entity}: {}", answer.text());
        let made = answer.json()[entity].clone();
        let path = format!("/{}/{}", entity.to_lowercase(), made["Id"].as_str().unwrap());
        assert_eq!(world.get(tokens, &path).await.json()[entity], made, "{entity}");
        made
    };
    let reference = |record: &Value| json!({ "value": record["Id"] });
    let customer = make("Customer", json!({ "DisplayName": "Ada's shop" })).await;
    let vendor = make("Vendor", json!({ "GivenName": "Bo", "FamilyName": "Lee" })).await;
    assert_eq!(vendor["DisplayName"], "Bo Lee");
    make(
        "Account",
        json!({ "Name": "Snacks", "AccountType": "Expense", "ParentRef": account("429") }),
    )
    .await;
    let item = make(
        "Item",
        json!({ "Name": "Idea", "Type": "Service", "UnitPrice": 12.5, "IncomeAccountRef": account("205"),
            "PurchaseCost": 3, "ExpenseAccountRef": account("320") }),
    )
    .await;
    let class = make("Class", json!({ "Name": "Nightly" })).await;
    let place = make("Department", json!({ "Name": "Attic" })).await;
    let tax = if world.organisation.ledger().facts.country_code == "US" {
        "TAX"
    } else {
        "1"
    };
    let sale = json!([{ "DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail":
        { "ItemRef": reference(&item), "Qty": 2, "UnitPrice": 12.5, "TaxCodeRef": { "value": tax }, "ClassRef": reference(&class) } }]);
    let invoice = make(
        "Invoice",
        json!({ "CustomerRef": reference(&customer), "DepartmentRef": reference(&place), "Line": sale }),
    )
    .await;
    assert_ne!(invoice["TxnTaxDetail"]["TotalTax"], 0);
    let cost = json!([
        { "DetailType": "AccountBasedExpenseLineDetail", "Amount": 150, "AccountBasedExpenseLineDetail": { "AccountRef": account("441") } },
        { "DetailType": "ItemBasedExpenseLineDetail", "Amount": 6, "ItemBasedExpenseLineDetail": { "ItemRef": reference(&item), "Qty": 2, "UnitPrice": 3 } },
    ]);
    let bill = make("Bill", json!({ "VendorRef": reference(&vendor), "Line": cost })).await;
    assert_eq!(bill["Balance"], 156);
    make(
        "PurchaseOrder",
        json!({ "VendorRef": reference(&vendor), "Line": cost }),
    )
    .await;
    let memo = make(
        "CreditMemo",
        json!({ "CustomerRef": reference(&customer), "Line": sale }),
    )
    .await;
    make(
        "VendorCredit",
        json!({ "VendorRef": reference(&vendor), "Line": cost }),
    )
    .await;
    make(
        "SalesReceipt",
        json!({ "CustomerRef": reference(&customer), "DepositToAccountRef": account("090"), "Line": sale }),
    )
    .await;
    let deposit = json!([{ "DetailType": "DepositLineDetail", "Amount": 20, "DepositLineDetail": { "AccountRef": account("260") } }]);
    make(
        "Deposit",
        json!({ "DepositToAccountRef": account("090"), "Line": deposit }),
    )
    .await;
    make(
        "Transfer",
        json!({ "FromAccountRef": account("090"), "ToAccountRef": account("091"), "Amount": 100 }),
    )
    .await;
    let side = |kind: &str, code: &str| json!({ "DetailType": "JournalEntryLineDetail", "Amount": 10, "JournalEntryLineDetail": { "PostingType": kind, "AccountRef": account(code) } });
    make(
        "JournalEntry",
        json!({ "PrivateNote": "n", "Line": [side("Debit", "429"), side("Credit", "850")] }),
    )
    .await;
    let uneven = json!({ "Line": [side("Debit", "429"), side("Debit", "850")] });
    assert_eq!(
        world.post(tokens, "/journalentry", &uneven).await.fault(),
        (400, "6000".to_owned())
    );
    let linked = |record: &Value, kind: &str, amount: &Value| json!({ "Amount": amount, "LinkedTxn": [{ "TxnId": record["Id"], "TxnType": kind }] });
    let total = &invoice["TotalAmt"];
    let part = json!(10);
    make(
        "Payment",
        json!({ "CustomerRef": reference(&customer), "TotalAmt": 10, "DepositToAccountRef": account("090"),
        "Line": [linked(&invoice, "Invoice", &part)] }),
    )
    .await;
    make(
        "Payment",
        json!({ "CustomerRef": reference(&customer), "TotalAmt": 0,
        "Line": [linked(&invoice, "Invoice", &part), linked(&memo, "CreditMemo", &part)] }),
    )
    .await;
    let too_much = json!({ "CustomerRef": reference(&customer), "TotalAmt": total, "DepositToAccountRef": account("090"),
        "Line": [linked(&invoice, "Invoice", total)] });
    assert_eq!(
        world.post(tokens, "/payment", &too_much).await.fault(),
        (400, "6000".to_owned())
    );
    make(
        "BillPayment",
        json!({ "VendorRef": reference(&vendor), "TotalAmt": 156, "PayType": "Check",
        "CheckPayment": { "BankAccountRef": account("090") }, "Line": [linked(&bill, "Bill", &json!(156))] }),
    )
    .await;
    let path = format!("/bill/{}", bill["Id"].as_str().unwrap());
    let paid = world.get(tokens, &path).await.json();
    assert_eq!(
        (&paid["Bill"]["Balance"], &paid["Bill"]["LinkedTxn"][0]["TxnType"]),
        (&json!(0), &json!("BillPaymentCheck"))
    );
}

#[tokio::test]
async fn one_bad_item_of_a_batch_spoils_no_other() {
    let world = World::new();
    let tokens = world.link().await;
    let good = purchase(&world, "5");
    let batch = json!({ "BatchItemRequest": [
        { "bId": "a", "operation": "create", "Purchase": good },
        { "bId": "b", "operation": "create", "Purchase": {} },
        { "bId": "c", "Query": "select * from Purchase where DocNumber = 'EXP-1'" },
    ] });
    let answer = world.post(&tokens, "/batch?requestid=b1", &batch).await.json();
    let items = answer["BatchItemResponse"].as_array().unwrap();
    assert_eq!(items[0]["Purchase"]["TotalAmt"], 5);
    assert_eq!(
        (&items[1]["bId"], &items[1]["Fault"]["Error"][0]["code"]),
        (&json!("b"), &json!("2020"))
    );
    assert_eq!(items[2]["QueryResponse"]["maxResults"], 1);
    let again = world.post(&tokens, "/batch?requestid=b1", &batch).await.json();
    assert_eq!(again["BatchItemResponse"], answer["BatchItemResponse"]);
    let many = json!({ "BatchItemRequest": vec![json!({ "bId": "x" }); 31] });
    assert_eq!(
        world.post(&tokens, "/batch", &many).await.fault(),
        (400, "6000".to_owned())
    );
}

#[tokio::test]
async fn file_is_kept_with_its_document_however_it_is_sent() {
    let world = World::new();
    let tokens = world.link().await;
    let made = world
        .post(&tokens, "/purchase", &purchase(&world, "5"))
        .await
        .json();
    let metadata = json!({
        "AttachableRef": [{ "EntityRef": { "type": "Purchase", "value": made["Purchase"]["Id"] } }],
        "FileName": "r.pdf", "ContentType": "application/pdf",
    });
    let upload = async |kind: &str, encoding: &str, content: &str| {
        let body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"file_metadata_01\"\r\nContent-Type: application/json\r\n\r\n{metadata}\r\n--B\r\nContent-Disposition: form-data; name=\"file_content_01\"; filename=\"r.pdf\"\r\nContent-Type: {kind}\r\n{encoding}\r\n{content}\r\n--B--\r\n"
        );
        let request = Request::post(format!("/quickbooks_online/v3/company/{}/upload", world.realm))
            .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B")
            .body(Body::from(body))
            .unwrap();
        world.send(request).await.json()["AttachableResponse"][0].clone()
    };
    let plain = upload("application/pdf", "", "%PDF").await;
    assert_eq!(
        (&plain["Attachable"]["Size"], &plain["Attachable"]["FileName"]),
        (&json!(4), &json!("r.pdf"))
    );
    let encoded = upload(
        "application/pdf",
        "Content-Transfer-Encoding: base64\r\n",
        "JVBERg==",
    )
    .await;
    assert_eq!(encoded["Attachable"]["Size"], 4);
    let refused = upload("application/octet-stream", "", "%PDF").await;
    assert_eq!(refused["Fault"]["Error"][0]["code"], "6000");
    {
        let ledger = world.organisation.ledger();
        let kept: Vec<_> = ledger.attachments.iter().collect();
        assert_eq!((kept.len(), &kept[0].sha256), (2, &kept[1].sha256));
        assert_eq!(
            ledger.api_id(List::BankTransactions, kept[0].attached_to[0]),
            made["Purchase"]["Id"]
        );
    }
    let id = made["Purchase"]["Id"].as_str().unwrap();
    let text = format!(
        "select * from Attachable where AttachableRef.EntityRef.Type = 'Purchase' and AttachableRef.EntityRef.value = '{id}'"
    );
    assert_eq!(world.query(&tokens, &text).await.len(), 2);
    let empty = world.post(&tokens, "/attachable", &json!({})).await;
    assert_eq!(empty.fault(), (400, "6000".to_owned()));
}

#[tokio::test]
async fn a_late_commit_happens_when_the_worlds_clock_says_so() {
    let world = World::new();
    let tokens = world.link().await;
    let before = world.organisation.ledger().bank_transactions.len();
    let count = || world.organisation.ledger().bank_transactions.len() - before;
    world.plan(json!({ "kind": "late_commit", "count": 1, "ms": 90_000 }));
    let answer = world.post(&tokens, "/purchase", &purchase(&world, "34")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    world.sandbox.clock.advance(Duration::from_secs(80));
    tokio::task::yield_now().await;
    assert_eq!(count(), 0);
    world.sandbox.clock.advance(Duration::from_secs(11));
    while count() == 0 {
        tokio::task::yield_now().await;
    }
}
