use axum::body::Body;
use http::Request;
use ledgerline_model::DataType;
use serde_json::Value;

use crate::testing::{Answer, World};

const ID: &str = "5a8a4e5c-8d0f-4f35-9a4d-3f1f6f0c7e21";

fn transaction(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"Payment","issueDate":"2027-03-05","currency":"GBP","lines":[{{"netAmount":40.00,"taxAmount":8.00,"accountRef":{{"id":"acc-7"}}}}]}}"#
    )
}

/// The refusal's `validation.errors`, each as `item: message`.
fn problems(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 400, "{}", answer.text);
    let body = answer.json();
    assert_eq!(
        body["error"],
        "There are problems with the request, see the Validation property for more detail."
    );
    assert_eq!(body["service"], "ExpenseSyncApi");
    assert_eq!(body["validation"]["warnings"], Value::Array(Vec::new()));
    let each = body["validation"]["errors"].as_array().unwrap().iter();
    each.map(|error| {
        format!(
            "{}: {}",
            error["itemId"].as_str().unwrap(),
            error["message"].as_str().unwrap()
        )
    })
    .collect()
}

#[tokio::test]
async fn defaults_are_absent_until_they_are_set() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let path = format!("/companies/{}/sync/expenses/config", company.id);
    assert_eq!(world.get(&path).await.error(404), "NotFound");
    let config = r#"{"bankAccount":{"id":"bank-1"},"supplier":{"id":"sup-1"},"customer":{"id":"cus-1"}}"#;
    let set = world.post(&path, config).await;
    assert_eq!((set.status.as_u16(), set.text.as_str()), (200, config));
    assert_eq!(world.get(&path.to_uppercase()).await.text, config);
    let without = r#"{"bankAccount":{"id":""},"supplier":{"id":"sup-1"}}"#;
    assert_eq!(
        problems(&world.post(&path, without).await),
        ["Customer: The field Customer is required."]
    );
    assert_eq!(world.get(&path).await.text, config);
}

#[tokio::test]
async fn the_expense_connection_is_shown_among_the_companys_own() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!(
        "/companies/{}/sync/expenses/connections/partnerexpense",
        company.id
    );
    let made = world.post(&path, "").await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.json()["status"], "Linked");
    assert_eq!(made.json()["sourceType"], "Expense");
    assert_eq!(world.post(&path, "").await.text, made.text);

    let connections = format!("/companies/{}/connections", company.id);
    let listed = world.get(&connections).await.json();
    assert_eq!(listed["totalResults"], 2);
    assert_eq!(listed["results"][0]["id"], connection.id.to_string());
    assert_eq!(listed["results"][1], made.json());
    let own = format!("{connections}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(world.get(&own).await.json(), made.json());
    assert_eq!(world.send("DELETE", &own, "").await.status, 200);
    world.get(&own).await.error(404);
    world.send("DELETE", &own, "").await.error(404);
    assert_eq!(world.get(&connections).await.json()["totalResults"], 1);
}

#[tokio::test]
async fn datasets_are_taken_whatever_the_company_is_connected_to() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let path = format!(
        "/companies/{}/sync/expenses/data/expense-transactions",
        company.id
    );
    let made = world
        .post(&path, &format!(r#"{{"items":[{}]}}"#, transaction(ID)))
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.json()["datasetId"].as_str().unwrap().len(), 36);
    assert_eq!(made.json().as_object().unwrap().len(), 1);
    let wrong = transaction("x").replace("40.00", "5000000.01");
    assert_eq!(
        problems(&world.post(&path, &format!(r#"{{"items":[{wrong}]}}"#)).await),
        [
            "Items[0].Id: The field Id must be a UUID.",
            "Items[0].Lines[0].NetAmount: The field NetAmount must be between 0 and 5000000."
        ]
    );
}

#[tokio::test]
async fn a_sync_needs_both_connections() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let syncs = format!("/companies/{}/sync/expenses/syncs", company.id);
    let refused = world.post(&syncs, "{}").await.error(422);
    assert_eq!(
        refused,
        "The company does not have a valid set of DataConnections setup: there is no partner expense connection."
    );
    let partner = format!(
        "/companies/{}/sync/expenses/connections/partnerExpense",
        company.id
    );
    world.post(&partner, "").await;
    // The platform of these tests takes no expenses.
    for body in ["", "{}", r#"{"datasetIds":null}"#] {
        let refused = world.post(&syncs, body).await.error(422);
        assert!(refused.ends_with("there is no linked connection to a platform that takes expenses."));
    }
    assert_eq!(
        problems(&world.post(&syncs, r#"{"datasetIds":[]}"#).await),
        ["DatasetIds: The field DatasetIds must hold at least one id, or be left out for all that wait."]
    );
    assert_eq!(
        problems(&world.post(&syncs, r#"{"datasetIds":["7"]}"#).await),
        ["DatasetIds: The field DatasetIds must hold UUIDs."]
    );
    // What could not be synced is not kept either.
    let list = format!("/companies/{}/sync/expenses/expense-transactions", company.id);
    world
        .post(&list, &format!("[{}]", transaction(ID)))
        .await
        .error(422);
    let put = format!("{list}/{ID}");
    world.send("PUT", &put, &transaction(ID)).await.error(404);
}

#[tokio::test]
async fn a_company_without_syncs_has_no_status() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let syncs = format!("/companies/{}/sync/expenses/syncs", company.id);
    for which in ["latest", "LastSuccessful"] {
        let path = format!("{syncs}/{which}/status");
        assert_eq!(world.get(&path).await.error(404), "NotFound");
    }
    assert_eq!(world.get(&format!("{syncs}/list/status")).await.text, "[]");
    for path in [
        format!("{syncs}/{ID}/status"),
        format!("{syncs}/{ID}/transactions"),
        format!("{syncs}/{ID}/transactions/{ID}"),
    ] {
        let refused = world.get(&path).await.error(404);
        assert_eq!(refused, format!("No sync was found with ID {ID}"));
    }
}

#[tokio::test]
async fn what_is_another_apps_is_not_there() {
    let mut world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let other = world.new_app("Other").await;
    world.key = world
        .new_key(other, ledgerline_model::app::Environment::Test)
        .await;
    let base = format!("/companies/{}/sync/expenses", company.id);
    let missing = format!("No company was found with ID {}", company.id);
    for path in [
        "config",
        "mappingOptions",
        "syncs/latest/status",
        "syncs/lastSuccessful/status",
        "syncs/list/status",
    ] {
        assert_eq!(world.get(&format!("{base}/{path}")).await.error(404), missing);
    }
    for path in [
        "config",
        "connections/partnerExpense",
        "data/expense-transactions",
        "expense-transactions",
        "adjustment-transactions",
        "reimbursable-expense-transactions",
        "syncs",
    ] {
        assert_eq!(
            world.post(&format!("{base}/{path}"), "{}").await.error(404),
            missing
        );
    }
    let anonymous = Request::get(format!("{base}/config"))
        .body(Body::empty())
        .unwrap();
    world.raw(anonymous).await.error(401);
}

#[tokio::test]
async fn mapping_options_are_what_was_read_last_and_is_in_use() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!("/companies/{}/sync/expenses/mappingOptions", company.id);
    assert_eq!(
        world.get(&path).await.error(409),
        "The data set has not been requested."
    );
    let accounts = [
        (
            "acc-1",
            r#"{"id":"acc-1","nominalCode":"429","name":"Travel","fullyQualifiedCategory":"Expense.Overheads","currency":"GBP","type":"Expense","status":"Active","isBankAccount":false}"#,
        ),
        (
            "acc-2",
            r#"{"id":"acc-2","name":"Card","currency":"GBP","type":"Asset","status":"Active","isBankAccount":true}"#,
        ),
        (
            "acc-3",
            r#"{"id":"acc-3","name":"Old","type":"Expense","status":"Archived","isBankAccount":false}"#,
        ),
    ];
    world
        .publish(&connection, DataType::ChartOfAccounts, &accounts)
        .await;
    world
        .publish(
            &connection,
            DataType::TrackingCategories,
            &[
                (
                    "trk-1",
                    r#"{"id":"trk-1","name":"Region","status":"Active","hasChildren":true}"#,
                ),
                // Of a category that is archived nothing can be named, whatever the option says itself.
                (
                    "trk-2",
                    r#"{"id":"trk-2","name":"Week 1","status":"Active","hasChildren":false,"parentId":"trk-3"}"#,
                ),
                (
                    "trk-3",
                    r#"{"id":"trk-3","name":"Spring","status":"Active","hasChildren":true,"parentId":"trk-4"}"#,
                ),
                (
                    "trk-4",
                    r#"{"id":"trk-4","name":"Campaign","status":"Archived","hasChildren":true}"#,
                ),
            ],
        )
        .await;
    let rates = [
        (
            "T20",
            r#"{"id":"T20","name":"Costs","code":"T20","status":"Active","effectiveTaxRate":20.0,"totalTaxRate":20.00,"components":[],"validDatatypeLinks":[{"property":"Id","links":["DirectCost.LineItems.TaxRateRef.Id"]}]}"#,
        ),
        ("T0", r#"{"id":"T0","status":"Active","components":[]}"#),
    ];
    world.publish(&connection, DataType::TaxRates, &rates).await;
    let found = world.get(&path).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(
        found.text,
        concat!(
            r#"{"expenseProvider":"Partner Expense","accounts":["#,
            r#"{"id":"acc-1","nominalCode":"429","name":"Travel","currency":"GBP","accountType":"Expense","#,
            r#""fullyQualifiedCategory":"Expense.Overheads","isBankAccount":false,"#,
            r#""validTransactionTypes":["Payment","Refund","Reward","Chargeback"],"#,
            r#""validFor":["expense-transactions.Payment","expense-transactions.Refund","#,
            r#""expense-transactions.Reward","expense-transactions.Chargeback","#,
            r#""reimbursable-expense-transactions","adjustment-transactions"]},"#,
            r#"{"id":"acc-2","nominalCode":null,"name":"Card","currency":"GBP","accountType":"Asset","#,
            r#""fullyQualifiedCategory":null,"isBankAccount":true,"validTransactionTypes":[],"#,
            r#""validFor":["transfer-transactions"]}],"#,
            r#""trackingCategories":[{"id":"trk-1","modifiedDate":"2027-03-05T12:00:00.0000010Z","name":"Region","#,
            r#""hasChildren":true,"parentId":null}],"#,
            r#""taxRates":[{"id":"T0","name":null,"code":null,"effectiveTaxRate":null,"totalTaxRate":null,"#,
            r#""validTransactionTypes":["Payment","Refund","Reward","Chargeback"]},"#,
            r#"{"id":"T20","name":"Costs","code":"T20","effectiveTaxRate":20.0,"totalTaxRate":20.00,"#,
            r#""validTransactionTypes":["Payment","Refund","Chargeback"]}]}"#
        )
    );

    world.set("compat.expenses", "v1").await;
    let found = world.get(&path).await.json();
    assert_eq!(
        found["accounts"][1]["validTransactionTypes"],
        serde_json::json!(["TransferIn", "TransferOut"])
    );
    assert_eq!(
        found["taxRates"][1]["validTransactionTypes"],
        serde_json::json!(["Payment", "Refund", "Chargeback", "AdjustmentIn", "AdjustmentOut"])
    );
}

#[tokio::test]
async fn only_a_platform_that_takes_statement_lines_is_fed() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!("/companies/{}/connections/{}", company.id, connection.id);
    let refused = world
        .send("PATCH", &path, r#"{"bankFeed":true}"#)
        .await
        .error(400);
    assert!(refused.contains("`bankFeed`"), "{refused}");
    let off = world.send("PATCH", &path, r#"{"bankFeed":false}"#).await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert!(off.json().get("bankFeed").is_none());
    let refused = world.send("PATCH", &path, "{}").await.error(400);
    assert_eq!(refused, "One of `status` and `bankFeed` has to be there.");
}
