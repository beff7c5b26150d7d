use ledgerline_model::DataType;

use crate::testing::World;

const INVOICES: [(&str, &str); 3] = [
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

#[tokio::test]
async fn data_is_read_as_it_was() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!("/companies/{}/data/invoices", company.id);
    let before = world.publish(&connection, DataType::Bills, &[]).await;
    let dataset = world.publish(&connection, DataType::Invoices, &INVOICES).await;
    // The first publication is of 12:00:00, this one a microsecond later.
    let then = "2027-03-05T12:00:00.0000010Z";
    let later = [
        ("1", r#"{"id":"1","totalAmount":50}"#),
        ("4", r#"{"id":"4","totalAmount":1}"#),
    ];
    world
        .change(&connection, DataType::Invoices, &later, &["3"])
        .await;

    let answer = world.get(&format!("{path}?pageSize=2&asOf={then}")).await;
    assert_eq!(
        answer.text,
        format!(
            concat!(
                r#"{{"results":[{{"id":"1","totalAmount":42.40,"status":"Paid","sourceModifiedDate":null,"#,
                r#""modifiedDate":"{1}","metadata":{{"isDeleted":false}}}},"#,
                r#"{{"id":"2","totalAmount":12345678901234567890.12345678,"status":"Submitted","#,
                r#""sourceModifiedDate":"2027-01-01T00:00:00.0000000Z","modifiedDate":"{1}","#,
                r#""metadata":{{"isDeleted":false}}}}],"pageNumber":1,"pageSize":2,"totalResults":3,"_links":{{"#,
                r#""current":{{"href":"{0}?page=1&pageSize=2&asOf={2}"}},"self":{{"href":"{0}"}},"#,
                r#""next":{{"href":"{0}?page=2&pageSize=2&asOf={2}"}}}}}}"#
            ),
            path,
            then,
            then.replace(':', "%3A"),
        )
    );
    // The same by the id of what published it, whose state the links keep.
    let by_dataset = world.get(&format!("{path}?pageSize=2&asof={dataset}")).await;
    assert_eq!(by_dataset.text, answer.text);
    let next = by_dataset.json()["_links"]["next"]["href"]
        .as_str()
        .unwrap()
        .to_owned();
    let third = world.get(&next).await.json();
    assert_eq!(third["results"][0]["id"], "3");
    assert_eq!(third["results"][0]["metadata"]["isDeleted"], false);

    let of_query = "query=metadata.isDeleted%3Dtrue";
    assert_eq!(
        world.get(&format!("{path}?{of_query}")).await.json()["totalResults"],
        1
    );
    let then_deleted = world.get(&format!("{path}?{of_query}&asOf={then}")).await.json();
    assert_eq!(then_deleted["totalResults"], 0);
    let one = world.get(&format!("{path}/1?asOf={then}")).await;
    assert!(one.text.contains("42.40"), "{}", one.text);
    assert_eq!(world.get(&format!("{path}/4")).await.status, 200);
    assert!(
        world
            .get(&format!("{path}/4?asOf={then}"))
            .await
            .error(404)
            .contains("ID 4")
    );
    let latest = world.get(&format!("{path}?asOf=latest")).await.json();
    assert_eq!(latest["totalResults"], 4);
    assert!(
        latest["_links"]["current"]["href"]
            .as_str()
            .unwrap()
            .ends_with("asOf=2027-03-05T12%3A00%3A00.0000020Z")
    );

    let earlier = world.get(&format!("{path}?asOf=2027-03-05T12:00:00Z")).await;
    assert_eq!(earlier.error(409), "The data set has not been requested.");
    assert_eq!(world.get(&format!("{path}?asOf={before}")).await.status, 409);
}

#[tokio::test]
async fn a_moment_that_makes_no_sense_is_refused_by_name() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let (other, elsewhere) = world.linked_company("Other").await;
    world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let foreign = world.publish(&elsewhere, DataType::Invoices, &INVOICES).await;
    let path = format!("/companies/{}/data/invoices", company.id);
    for (asked, status) in [
        ("soon", 400),
        ("2027-13-01", 400),
        ("2027-03-06", 400),
        ("9999-12-31T23:59:59Z", 400),
        (foreign.to_string().as_str(), 404),
        (other.id.to_string().as_str(), 404),
    ] {
        for path in [path.clone(), format!("{path}/1")] {
            let error = world.get(&format!("{path}?asOf={asked}")).await.error(status);
            assert!(error.contains("`asOf`"), "{asked}: {error}");
        }
    }
    let statements = format!("/companies/{}/data/financials/profitAndLoss", company.id);
    let error = world
        .get(&format!(
            "{statements}?periodLength=1&periodsToCompare=1&asOf=soon"
        ))
        .await
        .error(400);
    assert!(error.contains("`asOf`"), "{error}");
}

#[tokio::test]
async fn statements_are_composed_of_the_months_of_then() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!(
        "/companies/{}/data/financials/profitAndLoss?periodLength=1&periodsToCompare=1",
        company.id
    );
    let month = |sales: &str| {
        format!(
            r#"{{"reportBasis":"Accrual","fromDate":"2027-01-01T00:00:00","toDate":"2027-01-31T00:00:00","grossProfit":{sales},"netOperatingProfit":{sales},"netOtherIncome":0,"netProfit":{sales}}}"#
        )
    };
    let data_type = DataType::ProfitAndLoss;
    let first = world
        .publish(&connection, data_type, &[("2027-01", &month("1.10"))])
        .await;
    world
        .change(&connection, data_type, &[("2027-01", &month("2.20"))], &[])
        .await;
    assert!(world.get(&path).await.text.contains(r#""netProfit":2.20"#));
    let then = world.get(&format!("{path}&asOf={first}")).await;
    assert!(then.text.contains(r#""netProfit":1.10"#), "{}", then.text);
}
