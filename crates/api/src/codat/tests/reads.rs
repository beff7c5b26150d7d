use ledgerline_model::DataType;
use ledgerline_model::consistency::Level;

use crate::testing::World;

pub(super) const INVOICES: [(&str, &str); 3] = [
    (
        "1",
        r#"{"id":"1","totalAmount":42.40,"status":"Paid","sourceModifiedDate":null}"#,
    ),
    (
        "2",
        r#"{"id":"2","totalAmount":12345678901234567890.12345678,"status":"Submitted","sourceModifiedDate":"2027-01-01T00:00:00.0000000Z"}"#,
    ),
    (
        "3",
        r#"{"id":"3","totalAmount":7,"status":"Void","sourceModifiedDate":null}"#,
    ),
];

#[tokio::test]
async fn records_are_served_as_they_were_stored() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    world.publish(&connection, DataType::Invoices, &INVOICES).await;

    let answer = world
        .get(&format!(
            "/companies/{}/data/invoices?page=1&pageSize=1",
            company.id
        ))
        .await;
    let path = format!("/companies/{}/data/invoices", company.id);
    assert_eq!(
        answer.text,
        format!(
            concat!(
                r#"{{"results":[{{"id":"1","totalAmount":42.40,"status":"Paid","sourceModifiedDate":null,"#,
                r#""modifiedDate":"2027-03-05T12:00:00.0000000Z","metadata":{{"isDeleted":false}}}}],"#,
                r#""pageNumber":1,"pageSize":1,"totalResults":3,"_links":{{"#,
                r#""current":{{"href":"{0}?page=1&pageSize=1"}},"self":{{"href":"{0}"}},"#,
                r#""next":{{"href":"{0}?page=2&pageSize=1"}}}}}}"#
            ),
            path
        )
    );
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-rate-limit-limit"], "2000");

    let one = world.get(&format!("{path}/2")).await;
    assert!(one.text.contains("12345678901234567890.12345678"), "{}", one.text);
    assert!(world.get(&format!("{path}/9")).await.error(404).contains("ID 9"));
}

#[tokio::test]
async fn queries_and_paths_match_whatever_their_case() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let path = format!("/Companies/{}/DATA/Invoices", company.id);
    let query = "Query=STATUS%20%21%3D%20void%20%26%26%20metadata.isDeleted!%3Dtrue&orderby=-totalAmount";
    let answer = world.get(&format!("{path}?{query}")).await.json();
    let ids: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(ids, ["2", "1"]);
    assert_eq!(answer["totalResults"], 2);
}

#[tokio::test]
async fn a_type_is_readable_once_it_was_read() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let base = format!("/companies/{}", company.id);
    let answer = world.get(&format!("{base}/data/bills")).await;
    assert_eq!(answer.error(409), "The data set has not been requested.");
    let answer = world.get(&format!("{base}/data/salesOrders")).await;
    assert_eq!(
        answer.error(404),
        "Datatype salesOrders not supported by platform(s) Abacus"
    );
    let path = format!("{base}/data/financials/cashFlowStatement?periodLength=1&periodsToCompare=1");
    assert_eq!(
        world.get(&path).await.error(404),
        "Datatype cashFlowStatement not supported by platform(s) Abacus"
    );

    world.publish(&connection, DataType::Bills, &[]).await;
    let answer = world.get(&format!("{base}/data/bills")).await;
    assert_eq!(answer.json()["totalResults"], 0);
    let transfers = format!("{base}/connections/{}/data/transfers", connection.id);
    assert_eq!(world.get(&transfers).await.status, 409);
    world
        .publish(&connection, DataType::Transfers, &[("t", "{\"id\":\"t\"}")])
        .await;
    assert_eq!(world.get(&transfers).await.json()["results"][0]["id"], "t");
    let bank = format!(
        "{base}/connections/{}/data/bankAccounts/x/bankTransactions",
        connection.id
    );
    assert!(
        world
            .get(&bank)
            .await
            .error(404)
            .starts_with("Datatype bankTransactions")
    );
}

#[tokio::test]
async fn status_history_and_validation_tell_of_each_read() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let pull = world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let base = format!("/companies/{}", company.id);

    let status = world.get(&format!("{base}/datastatus")).await.json();
    assert_eq!(status.as_object().unwrap().len(), 28);
    assert_eq!(status["bills"]["currentStatus"], "Initial");
    assert_eq!(status["bills"].as_object().unwrap().len(), 2);
    assert_eq!(status["salesOrders"]["currentStatus"], "NotSupported");
    assert_eq!(status["invoices"]["currentStatus"], "Complete");
    assert_eq!(status["invoices"]["latestSyncId"], pull.to_string());
    assert_eq!(status["invoices"]["latestSuccessfulSyncId"], pull.to_string());
    assert_eq!(
        status["invoices"]["lastSuccessfulSync"],
        "2027-03-05T12:00:00.0000000Z"
    );

    let history = world
        .get(&format!(
            "{base}/data/history?query=status%3Dcomplete&orderBy=-requested"
        ))
        .await
        .json();
    assert_eq!(history["results"][0]["id"], pull.to_string());
    assert_eq!(history["results"][0]["progress"], 100);
    assert_eq!(history["results"][0]["isCompleted"], true);
    assert_eq!(history["results"][0]["isErrored"], false);
    assert_eq!(history["results"][0]["recordsRead"], 3);
    let one = world.get(&format!("{base}/data/history/{pull}")).await.json();
    assert_eq!(one, history["results"][0]);
    assert_eq!(one.get("consistency"), None, "its Run has not been closed");
    let run = world.close(pull, Level::Bounded, Vec::new()).await;
    let one = world.get(&format!("{base}/data/history/{pull}")).await.json();
    assert_eq!(one["consistency"]["status"], "bounded");
    assert_eq!(one["consistency"]["runId"], run.to_string());
    for query in ["", "?query=status%3Dcomplete"] {
        let history = world.get(&format!("{base}/data/history{query}")).await.json();
        assert_eq!(history["results"][0], one, "{query}");
    }
    let status = world.get(&format!("{base}/dataStatus")).await.json();
    assert_eq!(status["invoices"]["consistency"], one["consistency"]);
    assert!(
        world
            .get(&format!("{base}/data/history/x"))
            .await
            .error(404)
            .contains("dataset")
    );

    let validation = world.get(&format!("{base}/sync/{pull}/validation")).await.json();
    assert_eq!(validation["errors"].as_array().unwrap().len(), 0);
    assert_eq!(validation["warnings"][0]["ruleId"], "abacus-odd");
    assert_eq!(validation["warnings"][0]["itemId"], "1");
}

#[tokio::test]
async fn statements_are_composed_of_months() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let base = format!("/companies/{}/data/financials", company.id);
    let month = |from: &str, to: &str, sales: &str| {
        format!(
            r#"{{"currency":"GBP","reportBasis":"Accrual","fromDate":"{from}T00:00:00","toDate":"{to}T00:00:00","income":{{"name":"Income","value":{sales},"items":[]}},"grossProfit":{sales},"netOperatingProfit":{sales},"netOtherIncome":0,"netProfit":{sales}}}"#
        )
    };
    let january = month("2027-01-01", "2027-01-31", "0.10");
    let february = month("2027-02-01", "2027-02-28", "0.20");
    let rows = [("2027-01", january.as_str()), ("2027-02", february.as_str())];
    world.publish(&connection, DataType::ProfitAndLoss, &rows).await;

    let answer = world
        .get(&format!("{base}/profitAndLoss?periodLength=2&periodsToCompare=1"))
        .await;
    assert!(
        answer.text.contains(r#""fromDate":"2027-01-01T00:00:00","toDate":"2027-02-28T00:00:00","income":{"name":"Income","value":0.30,"items":[]}"#),
        "{}",
        answer.text
    );
    assert!(answer.text.contains(
        r#""mostRecentAvailableMonth":"2027-02-01T00:00:00","earliestAvailableMonth":"2027-01-01T00:00:00""#
    ));
    let error = world
        .get(&format!("{base}/profitAndLoss?periodLength=2"))
        .await
        .error(400);
    assert_eq!(error, "The parameter `periodsToCompare` is required.");
    let error = world
        .get(&format!(
            "{base}/profitAndLoss?periodLength=1&periodsToCompare=1&startMonth=soon"
        ))
        .await
        .error(400);
    assert!(error.contains("startMonth"));
}

#[tokio::test]
async fn a_type_is_queued_once_at_a_time() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let queue = format!("/companies/{}/data/queue", company.id);
    let asked = world.post(&format!("{queue}/invoices"), "").await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let asked = asked.json();
    assert_eq!(asked["status"], "Queued");
    assert_eq!(asked["connectionId"], connection.id.to_string());
    assert_eq!(asked["isCompleted"], false);
    let again = world
        .post(&format!("{queue}/Invoices?connectionId={}", connection.id), "")
        .await;
    assert_eq!(
        again.error(400),
        format!(
            "DatasetAlreadyInProgressException: Cannot queue invoices sync for {} as previous sync {} is still in progress",
            company.id,
            asked["id"].as_str().unwrap()
        )
    );
    let unknown = world.post(&format!("{queue}/salesOrders"), "").await;
    assert_eq!(
        unknown.error(404),
        "Datatype salesOrders not supported by platform(s) Abacus"
    );
    assert!(
        world
            .post(&format!("{queue}/x"), "")
            .await
            .error(404)
            .starts_with("Datatype x")
    );
    let all = world
        .post(&format!("/companies/{}/data/all", company.id), "")
        .await;
    assert_eq!((all.status.as_u16(), all.text.as_str()), (204, ""));
    let status = world
        .get(&format!("/companies/{}/dataStatus", company.id))
        .await
        .json();
    assert_eq!(status["bills"]["currentStatus"], "Queued");
    assert_eq!(status["invoices"]["latestSyncId"], asked["id"]);
    assert_eq!(
        world
            .get(&format!("/companies/{}/data/bills", company.id))
            .await
            .status,
        409
    );
}
