use ledgerline_model::DataType;
use ledgerline_model::app::Environment;

use super::reads::INVOICES;
use crate::testing::World;

#[tokio::test]
async fn who_reads_types_of_several_runs_as_of_one_moment_is_told() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let data = format!("/companies/{}/data", company.id);
    let said = async |path: &str, as_of: &str| {
        let answer = world.get(&format!("{data}/{path}?asOf={as_of}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let header = |name: &str| {
            answer
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        (header("ledgerline-run"), header("ledgerline-notice"))
    };
    let invoices = world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let (first, notice) = said("invoices", "latest").await;
    assert_eq!(notice, None, "all that there is is of one Run");
    let first = first.unwrap();
    let alone = world.get(&format!("{data}/invoices?asOf=latest")).await;
    let then = alone.json()["_links"]["current"]["href"]
        .as_str()
        .unwrap()
        .to_owned();
    let (_, then) = then.rsplit_once("asOf=").unwrap();

    // Another Run reads bills.
    world.publish(&connection, DataType::Bills, &INVOICES).await;
    for path in ["invoices", "invoices/1"] {
        let (run, notice) = said(path, "latest").await;
        assert_eq!(run.as_ref(), Some(&first), "{path}");
        let notice = notice.unwrap();
        assert!(
            notice.contains(&first) && notice.ends_with("bills are not."),
            "{notice}"
        );
        assert_eq!(
            said(path, then).await,
            (Some(first.clone()), None),
            "nothing else was there then"
        );
        // By a Run or dataset the same is asked for as by its instant, and the Run is told of what it left.
        assert_eq!(said(path, &first).await, (Some(first.clone()), None), "{path}");
        assert_eq!(
            said(path, &invoices.to_string()).await.0.as_ref(),
            Some(&first),
            "{path}"
        );
    }
    let (second, _) = said("bills", "latest").await;
    let (run, notice) = said("invoices", &second.clone().unwrap()).await;
    assert_eq!(run.as_ref(), Some(&first));
    assert!(notice.unwrap().starts_with(&format!(
        "invoices is as Run {first} left it, not Run {}",
        second.unwrap()
    )));
    // Who reads what there is now has asked for nothing of the kind.
    assert!(
        !world
            .get(&format!("{data}/invoices"))
            .await
            .headers
            .contains_key("ledgerline-run")
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

#[tokio::test]
async fn a_record_tells_the_forms_that_it_had() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let path = format!("/companies/{}/data/invoices", company.id);
    assert_eq!(world.get(&format!("{path}/1/versions")).await.status, 409);
    let first = world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let second = world
        .change(
            &connection,
            DataType::Invoices,
            &[("1", r#"{"id":"1","totalAmount":50.10}"#)],
            &[],
        )
        .await;
    let third = world.change(&connection, DataType::Invoices, &[], &["1"]).await;

    let answer = world.get(&format!("{path}/1/Versions?pageSize=2")).await;
    assert!(
        answer.text.contains(concat!(
            r#""isDeleted":true,"record":{"id":"1","totalAmount":50.10,"#,
            r#""modifiedDate":"2027-03-05T12:00:00.0000020Z","metadata":{"isDeleted":true}}}"#
        )),
        "{}",
        answer.text
    );
    let page = answer.json();
    let told = |page: &serde_json::Value, field: &str| -> Vec<serde_json::Value> {
        let results = page["results"].as_array().unwrap();
        results.iter().map(|version| version[field].clone()).collect()
    };
    assert_eq!(page["totalResults"], 3);
    assert_eq!(told(&page, "datasetId"), [third.to_string(), second.to_string()]);
    assert_eq!(
        told(&page, "validFrom"),
        ["2027-03-05T12:00:00.0000020Z", "2027-03-05T12:00:00.0000010Z"]
    );
    assert_eq!(
        told(&page, "validTo"),
        [serde_json::Value::Null, "2027-03-05T12:00:00.0000020Z".into()]
    );
    assert_eq!(
        page["results"][1]["supersededByPublicationId"],
        page["results"][0]["publicationId"]
    );
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    let oldest = world.get(next).await.json();
    assert_eq!(told(&oldest, "datasetId"), [first.to_string()]);
    assert_eq!(oldest["results"][0]["record"]["status"], "Paid");
    // Each version is what a read of then shows.
    let run = oldest["results"][0]["runId"].as_str().unwrap();
    for moment in ["2027-03-05T12:00:00Z", run] {
        let then = world.get(&format!("{path}/1?asOf={moment}")).await.json();
        assert_eq!(then, oldest["results"][0]["record"]);
        let versions = world
            .get(&format!("{path}/1/versions?asOf={moment}"))
            .await
            .json();
        assert_eq!(versions["totalResults"], 1);
        assert_eq!(versions["results"][0]["validTo"], serde_json::Value::Null);
    }
    assert!(
        world
            .get(&format!("{path}/9/versions"))
            .await
            .error(404)
            .contains("ID 9")
    );
    let of_connection = format!("/companies/{}/connections/{}/data", company.id, connection.id);
    world
        .publish(&connection, DataType::Transfers, &[("t", r#"{"id":"t"}"#)])
        .await;
    let transfer = world
        .get(&format!("{of_connection}/transfers/t/versions"))
        .await
        .json();
    assert_eq!(transfer["results"][0]["record"]["id"], "t");
}

#[tokio::test]
async fn the_feed_tells_what_changed_in_all_companies() {
    let world = World::new().await;
    let empty = world.get("/changes").await.json();
    assert_eq!(
        (empty["results"].as_array().unwrap().len(), &empty["hasMore"]),
        (0, &false.into())
    );
    let (company, connection) = world.linked_company("Kern").await;
    let (other, elsewhere) = world.linked_company("Other").await;
    world.publish(&connection, DataType::Invoices, &INVOICES).await;
    world
        .publish(&elsewhere, DataType::Bills, &[("b", r#"{"id":"b"}"#)])
        .await;
    let dataset = world
        .change(&connection, DataType::Invoices, &[("2", r#"{"id":"2"}"#)], &["3"])
        .await;

    // From before anything was published, two at a time.
    let mut told = Vec::new();
    let mut next = empty["next"].as_str().unwrap().to_owned();
    loop {
        let page = world.get(&format!("/Changes?limit=2&cursor={next}")).await.json();
        for change in page["results"].as_array().unwrap() {
            let field = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
            let sequence = change["sequence"].as_i64().unwrap();
            told.push((
                sequence,
                field("kind"),
                field("dataType"),
                field("recordId"),
                field("companyId"),
            ));
            if sequence == 3 {
                assert_eq!(change["datasetId"], dataset.to_string());
                assert_eq!(change["at"], "2027-03-05T12:00:00.0000020Z");
                assert_eq!(change["connectionId"], connection.id.to_string());
            }
        }
        next = page["next"].as_str().unwrap().to_owned();
        if page["hasMore"] == false {
            break;
        }
    }
    let (one, two) = (company.id.to_string(), other.id.to_string());
    let expected = [
        (1, "added", "invoices", "1", &one),
        (1, "added", "invoices", "2", &one),
        (1, "added", "invoices", "3", &one),
        (2, "added", "bills", "b", &two),
        (3, "changed", "invoices", "2", &one),
        (3, "removed", "invoices", "3", &one),
    ];
    let expected = expected.map(|(sequence, kind, data_type, id, company)| {
        (
            sequence,
            kind.to_owned(),
            data_type.to_owned(),
            id.to_owned(),
            company.clone(),
        )
    });
    assert_eq!(told, expected);

    let count = async |query: &str| {
        let page = world.get(&format!("/changes?{query}")).await.json();
        page["results"]
            .as_array()
            .unwrap_or_else(|| panic!("{page}"))
            .len()
    };
    assert_eq!(count(&format!("cursor={next}")).await, 0);
    assert_eq!(count(&format!("companyId={two}")).await, 1);
    assert_eq!(count("dataType=Bills").await, 1);
    assert_eq!(count("since=2027-03-05T12:00:00.000001Z").await, 2);
    assert_eq!(count("since=latest").await, 0);
}

#[tokio::test]
async fn a_cursor_is_good_for_one_app_and_environment() {
    let mut world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    world.publish(&connection, DataType::Invoices, &INVOICES).await;
    let page = world.get("/changes?limit=1").await.json();
    let cursor = page["next"].as_str().unwrap().to_owned();
    let refused = async |world: &World, query: &str| world.get(&format!("/changes?{query}")).await.error(400);

    let tampered = format!("{}{}", &cursor[..20], cursor[20..].to_ascii_uppercase());
    for nonsense in ["x", "AAAA", tampered.as_str()] {
        let error = refused(&world, &format!("cursor={nonsense}")).await;
        assert!(error.contains("`cursor`"), "{error}");
    }
    assert!(
        refused(&world, &format!("cursor={cursor}&since=latest"))
            .await
            .contains("`since`")
    );
    assert!(refused(&world, "since=soon").await.contains("`since`"));
    assert!(refused(&world, "since=2028-01-01").await.contains("future"));
    assert!(refused(&world, "dataType=cars").await.contains("`dataType`"));
    assert!(refused(&world, "limit=0").await.contains("`limit`"));
    assert!(refused(&world, "limit=1001").await.contains("`limit`"));
    assert!(
        world
            .get("/changes?companyId=x")
            .await
            .error(404)
            .contains("ID x")
    );

    world.key = world.new_key(world.app, Environment::Live).await;
    assert!(
        refused(&world, &format!("cursor={cursor}"))
            .await
            .contains("`cursor`")
    );
    let live = world.get("/changes").await.json();
    assert_eq!(live["results"].as_array().unwrap().len(), 0);
    let foreign = format!("/changes?companyId={}", company.id);
    assert_eq!(world.get(&foreign).await.status, 404);

    let stranger = world.new_app("Stranger").await;
    world.key = world.new_key(stranger, Environment::Test).await;
    assert!(
        refused(&world, &format!("cursor={cursor}"))
            .await
            .contains("`cursor`")
    );
    assert_eq!(
        world.get("/changes").await.json()["results"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(world.get(&foreign).await.status, 404);
}
