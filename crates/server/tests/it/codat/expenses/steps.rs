use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{books, transaction};
use crate::world::World;

#[tokio::test]
async fn a_sync_writes_the_line_of_the_bank_feed_and_the_document() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let connection = format!(
        "/companies/{}/connections/{}",
        books.linked.company, books.linked.connection
    );
    let on = codat
        .send("PATCH", &connection, Some(json!({ "bankFeed": true })))
        .await
        .expect(200);
    assert_eq!(on.json()["bankFeed"], true);
    let (sync, status) = books.sync(&world, vec![books.payment(1)]).await;
    assert_snapshot!(status, @r#"
    200 OK
    {"companyId":"[id 1]","syncId":"[id 2]","syncStatusCode":2000,"syncStatus":"Complete","errorMessage":"","syncExceptionMessage":"","syncUtc":"[at]","dataPushed":true}
    "#);
    let transactions = format!("{}/syncs/{sync}/transactions", books.base);
    assert_snapshot!(codat.get(&transactions).await, @r#"
    200 OK
    {"results":[{"transactionId":"[id 1]","status":"Completed","integrationType":"bankfeeds"},{"transactionId":"[id 1]","status":"Completed","integrationType":"expense"}],"pageNumber":1,"pageSize":100,"totalResults":2,"_links":{"current":{"href":"/companies/[id 2]/syncs/[id 3]/transactions?page=1&pageSize=100"},"self":{"href":"/companies/[id 2]/syncs/[id 3]/transactions"}}}
    "#);
    let one = codat
        .get(&format!("{transactions}/{}", transaction(1)))
        .await
        .expect(200);
    assert_eq!(one.json().as_array().unwrap().len(), 2);
    for which in ["latest", "lastSuccessful"] {
        let path = format!("{}/syncs/{which}/status", books.base);
        assert_eq!(codat.get(&path).await.expect(200).body, status.body);
    }
    let list = codat
        .get(&format!("{}/syncs/list/status", books.base))
        .await
        .expect(200);
    assert_eq!(list.body, format!("[{}]", status.body));
    assert_eq!(books.written(&world).await, 1);
    let pushed = codat
        .get(&format!("/companies/{}/push", books.linked.company))
        .await
        .expect(200)
        .json();
    assert_eq!(pushed["results"][0]["pushOperationKey"], sync);
    assert_eq!(pushed["results"][0]["status"], "Success");
    assert_eq!(pushed["results"][0]["changes"][0]["type"], "Created");
    // The vendor's older clients end with an exception where these are absent.
    for timeout in ["timeoutInMinutes", "timeoutInSeconds"] {
        assert_eq!(pushed["results"][0].get(timeout), Some(&Value::Null));
    }
    let path = format!("/companies/{}/push/{sync}", books.linked.company);
    assert_eq!(codat.get(&path).await.expect(200).json(), pushed["results"][0]);
    world.end().await;
}

#[tokio::test]
async fn a_bank_account_that_is_fed_already_fails_the_sync_as_the_document_says() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 1).await;
    let connection = format!(
        "/companies/{}/connections/{}",
        books.linked.company, books.linked.connection
    );
    codat
        .send("PATCH", &connection, Some(json!({ "bankFeed": true })))
        .await
        .expect(200);
    let (sync, status) = books.sync(&world, vec![books.payment(1)]).await;
    assert_snapshot!(status, @r#"
    200 OK
    {"companyId":"[id 1]","syncId":"[id 2]","syncStatusCode":5130,"syncStatus":"PushError","errorMessage":"An error occurred in a downstream service. Correlation ID: [id 3]. Message:  Feed Connection failed(409): The AccountToken, AccountId or AccountNumber is already connected to another Xero Bank Account in the selected Xero Organization.","syncExceptionMessage":"An error occurred in a downstream service. Correlation ID: [id 4]. Message:  Feed Connection failed(409): The AccountToken, AccountId or AccountNumber is already connected to another Xero Bank Account in the selected Xero Organization.","syncUtc":"[at]","dataPushed":false}
    "#);
    let transactions = format!("{}/syncs/{sync}/transactions", books.base);
    let rows = codat.get(&transactions).await;
    assert_snapshot!(rows, @r#"
    200 OK
    {"results":[{"transactionId":"[id 1]","status":"PushError","message":"An error occurred in a downstream service. Correlation ID: [id 2]. Message:  Feed Connection failed(409): The AccountToken, AccountId or AccountNumber is already connected to another Xero Bank Account in the selected Xero Organization.","integrationType":"bankfeeds"},{"transactionId":"[id 1]","status":"PushError","message":"An error occurred in a downstream service. Correlation ID: [id 2]. Message:  Feed Connection failed(409): The AccountToken, AccountId or AccountNumber is already connected to another Xero Bank Account in the selected Xero Organization.","integrationType":"expense"}],"pageNumber":1,"pageSize":100,"totalResults":2,"_links":{"current":{"href":"/companies/[id 3]/syncs/[id 4]/transactions?page=1&pageSize=100"},"self":{"href":"/companies/[id 3]/syncs/[id 4]/transactions"}}}
    "#);
    // Whoever asks again is told the same.
    assert_eq!(codat.get(&transactions).await.body, rows.body);
    assert_eq!(books.written(&world).await, 0);
    world.end().await;
}

#[tokio::test]
async fn pages_of_transactions_are_linked_as_the_document_prints_them() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let items = (1..=5).map(|number| books.payment(number)).collect();
    let (sync, _) = books.sync(&world, items).await;
    let path = format!("{}/syncs/{sync}/transactions", books.base);
    let page = codat
        .get(&format!("{path}?page=2&pageSize=2"))
        .await
        .expect(200)
        .json();
    assert_eq!(page["totalResults"], 5);
    assert_eq!(page["results"].as_array().unwrap().len(), 2);
    assert_eq!(page["results"][0]["transactionId"], transaction(3));
    let plain = format!("/companies/{}/syncs/{sync}/transactions", books.linked.company);
    assert_eq!(
        page["_links"],
        json!({
            "current": { "href": format!("{plain}?page=2&pageSize=2") },
            "self": { "href": plain },
            "next": { "href": format!("{plain}?page=3&pageSize=2") },
            "previous": { "href": format!("{plain}?page=1&pageSize=2") },
        })
    );
    world.end().await;
}

#[tokio::test]
async fn a_bare_list_is_synced_at_once() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let path = format!("{}/expense-transactions", books.base);
    let made = codat
        .post(&path, json!([books.payment(1)]))
        .await
        .expect(200)
        .json();
    let sync = made["syncId"].as_str().unwrap();
    assert_eq!(made.as_object().unwrap().len(), 1);
    world.run_jobs().await;
    let status = codat
        .get(&format!("{}/syncs/{sync}/status", books.base))
        .await
        .json();
    assert_eq!(status["syncStatusCode"], 2000, "{status}");
    assert_eq!(books.written(&world).await, 1);

    let transfer = json!({
        "date": "2026-03-06",
        "from": { "accountRef": { "id": books.bank_account }, "amount": 100 },
        "to": { "accountRef": { "id": books.other_bank_account }, "amount": 100 },
    });
    let path = format!("{}/transfer-transactions/{}", books.base, transaction(9));
    let made = codat.send("PUT", &path, Some(transfer)).await.expect(200).json();
    world.run_jobs().await;
    let path = format!("{}/syncs/{}/status", books.base, made["syncId"].as_str().unwrap());
    let status = codat.get(&path).await.json();
    assert_eq!(status["syncStatusCode"], 2000, "{status}");
    world.end().await;
}

#[tokio::test]
async fn a_plan_shows_what_would_be_sent_and_sends_nothing() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let path = format!("{}/data/expense-transactions", books.base);
    codat
        .post(&path, json!({ "items": [books.payment(1)] }))
        .await
        .expect(200);
    let plan = codat
        .send("POST", &format!("{}/syncs:plan", books.base), None)
        .await
        .expect(200)
        .json();
    let one = &plan["transactions"][0];
    assert_eq!(one["transactionId"], transaction(1));
    assert_eq!(one["outcome"], "Send", "{plan}");
    assert_eq!(one["key"].as_str().unwrap().len(), 20);
    assert!(!one["requests"].as_array().unwrap().is_empty());
    assert!(!one["choices"].as_array().unwrap().is_empty());
    assert_eq!(books.written(&world).await, 0);
    let list = codat.get(&format!("{}/syncs/list/status", books.base)).await;
    assert_eq!(list.expect(200).body, "[]");
    world.end().await;
}
