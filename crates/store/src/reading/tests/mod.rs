/// The store as it was.
mod as_of;
/// What is open on the control accounts.
mod open;

use ledgerline_model::query::{Json, ListRequest, Schema};
use ledgerline_model::{AppId, ConnectionId, DataType, PublicationId};

use super::conditions::Conditions;
use super::{Of, list, one, published, scan};
use crate::db::sql;
use crate::testing::{a_company, a_connection, an_app, at, ids, on_both_stores};
use crate::{Store, Tx};

const COUNT: i64 = 60;

/// Sixty made-up invoices, published in three steps of 20, one second apart.
async fn invoices(store: &Store) -> Of {
    let mut tx = store.write().await.unwrap();
    let app = an_app(&mut tx, "reading").await;
    let company = a_company(&mut tx, app.id).await;
    let connection = a_connection(&mut tx, &company, "xero").await;
    let of = Of {
        app: app.id,
        connection: connection.id,
        data_type: DataType::Invoices,
        as_of: None,
    };
    for step in 0..3 {
        let publication = PublicationId::new(&*ids(), at(step));
        sql(
            "insert into publication (app_id, publication_id, seq, at, connection_id, data_type)
            values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(app.id)
        .bind(publication)
        .bind(step + 1)
        .bind(at(step))
        .bind(connection.id)
        .bind("invoices")
        .run(&mut tx)
        .await
        .unwrap();
        for number in step * 20..step * 20 + 20 {
            insert(&mut tx, of, publication, number).await;
        }
    }
    tx.commit().await.unwrap();
    of
}

async fn insert(tx: &mut Tx, of: Of, publication: PublicationId, number: i64) {
    let id = remote_id(number);
    // Notes differ in case and script; every seventh invoice has none.
    let note = match number % 7 {
        0 => String::new(),
        n => format!(
            r#","note":"{}""#,
            ["", "alpha", "ALPHA", "Straße", "STRASSE", "Ωmega", "zeta"][n as usize]
        ),
    };
    let standard = format!(
        r#"{{"id":"{id}","issueDate":"2026-{:02}-01T00:00:00","totalAmount":{}.{}0,"status":"{}"{note}}}"#,
        number % 12 + 1,
        number * 7 % 50 - 10,
        number % 10,
        ["Paid", "Draft", "Submitted"][number as usize % 3],
    );
    sql(
        "insert into record (app_id, connection_id, data_type, remote_id, feed, standard, source, hash,
            is_deleted, source_modified_at, publication_id)
        values ($1, $2, $3, $4, 'Invoices', $5, $6, $7, $8, $9, $10)",
    )
    .bind(of.app)
    .bind(of.connection)
    .bind("invoices")
    .bind(id)
    .bind(standard)
    .bind(format!(r#"{{"InvoiceNumber":{number}}}"#))
    .bind(vec![number as u8; 16])
    .bind(number % 5 == 0)
    .bind((number % 4 != 0).then(|| at(number / 4)))
    .bind(publication)
    .run(tx)
    .await
    .unwrap();
}

/// Ids whose order by bytes is not the one of a dictionary.
fn remote_id(number: i64) -> String {
    format!("{}{:02}", ["b", "B", "_", "é"][number as usize % 4], number)
}

fn request(query: &str, order: &str, page: u32, page_size: u32) -> ListRequest {
    let schema = Schema::of(DataType::Invoices);
    ListRequest::parse(schema, Some(query), Some(order), page, page_size).expect(query)
}

async fn ids_of(tx: &mut Tx, of: Of, request: &ListRequest) -> (Vec<String>, u64) {
    let page = list(tx, of, request).await.unwrap();
    let ids = page.records.into_iter().map(|record| record.remote_id).collect();
    (ids, page.total)
}

#[tokio::test]
async fn pages_are_in_the_order_of_bytes_and_miss_nothing() {
    on_both_stores(async |store| {
        let of = invoices(&store).await;
        let mut tx = store.read().await.unwrap();
        let mut expected: Vec<_> = (0..COUNT).map(remote_id).collect();
        expected.sort();
        let mut found = Vec::new();
        for page in 1..=7 {
            let (ids, total) = ids_of(&mut tx, of, &request("", "", page, 9)).await;
            assert_eq!(total, 60);
            found.extend(ids);
        }
        assert_eq!(found, expected);
        assert_eq!(ids_of(&mut tx, of, &request("", "", 8, 9)).await, (vec![], 60));
        assert_eq!(
            ids_of(&mut tx, of, &request("", "", u32::MAX, u32::MAX)).await,
            (vec![], 60)
        );
    })
    .await;
}

#[tokio::test]
async fn what_the_database_answers_is_what_the_evaluator_would() {
    on_both_stores(async |store| {
        let of = invoices(&store).await;
        let mut tx = store.read().await.unwrap();
        let queries = [
            "metadata.isDeleted!=true",
            "metadata.isDeleted=true",
            "modifiedDate>=2026-01-01T00:00:01Z",
            "modifiedDate>2026-01-01T00:00:01Z && metadata.isDeleted=false",
            "modifiedDate<2026-01-01T00:00:01.0000001Z",
            "modifiedDate!=2026-01-01T00:00:02Z",
            "modifiedDate=2026-01-01T00:00:02.0000001Z",
            "sourceModifiedDate!=2026-01-01T00:00:03Z",
            "sourceModifiedDate<=2026-01-01T01:00:09+01:00",
            "id=B01",
            "id=É03",
            "id!=b00",
            "id~0",
            "note = strasse",
            "note ~ ALPH || status=paid && totalAmount>=10.5",
            "{note=alpha||status!=Draft}&&metadata.isDeleted!=true&&issueDate>2026-05-01",
            "totalAmount=-3.00 || totalAmount=-3.10 || modifiedDate>2026-01-01T00:00:01Z",
        ];
        let everything = list(&mut tx, of, &request("", "", 1, 5000)).await.unwrap();
        for query in queries {
            let asked = request(query, "", 1, 5000);
            let filter = asked.filter.as_ref().expect(query);
            let expected: Vec<_> = (everything.records.iter())
                .filter(|record| {
                    // As the API prints it: the columns joined into the JSON.
                    let metadata = format!(
                        r#"{},"modifiedDate":"{}","metadata":{{"isDeleted":{}}}{}}}"#,
                        record.standard.trim_end_matches('}'),
                        record.modified_at,
                        record.is_deleted,
                        record
                            .source_modified_at
                            .map_or_else(String::new, |at| format!(r#","sourceModifiedDate":"{at}""#)),
                    );
                    filter.matches(&Json::of(&metadata).expect("JSON"))
                })
                .map(|record| record.remote_id.clone())
                .collect();
            assert!(expected.len() < 60, "{query} tests nothing");
            let total = expected.len() as u64;
            assert_eq!(ids_of(&mut tx, of, &asked).await, (expected, total), "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_order_is_the_same_however_little_memory_it_has() {
    on_both_stores(async |store| {
        let of = invoices(&store).await;
        let mut tx = store.read().await.unwrap();
        for order in [
            "totalAmount",
            "-totalAmount",
            "note",
            "-note",
            "-modifiedDate",
            "issueDate",
            "-id",
        ] {
            let whole = ids_of(&mut tx, of, &request("status!=Draft", order, 1, 5000))
                .await
                .0;
            assert_eq!(whole.len(), 40);
            for budget in [
                scan::Budget {
                    places: 7,
                    bytes: usize::MAX,
                },
                scan::Budget {
                    places: 1000,
                    bytes: 40,
                },
            ] {
                let mut pages = Vec::new();
                for page in 1..=6 {
                    let asked = request("status!=Draft", order, page, 8);
                    let conditions = Conditions::of(of, asked.filter.as_ref());
                    let (ids, total) = scan::page(&mut tx, of, conditions, &asked, budget).await.unwrap();
                    assert_eq!(total, 40);
                    pages.extend(ids);
                }
                assert_eq!(pages, whole, "{order}");
            }
        }
        let dearest = ids_of(&mut tx, of, &request("", "-totalAmount", 1, 2)).await.0;
        assert_eq!(dearest, [remote_id(57), remote_id(7)]);
        let without_note = ids_of(&mut tx, of, &request("", "note", 1, 9)).await.0;
        assert!(without_note.contains(&remote_id(49)) && without_note.contains(&remote_id(0)));
    })
    .await;
}

#[tokio::test]
async fn one_record_is_found_by_its_id_and_only_its_own_apps() {
    on_both_stores(async |store| {
        let of = invoices(&store).await;
        let mut tx = store.read().await.unwrap();
        let id = remote_id(21);
        let record = one(&mut tx, of, &id).await.unwrap().unwrap();
        assert_eq!(record.source, r#"{"InvoiceNumber":21}"#);
        assert_eq!(record.modified_at, at(1));
        assert_eq!(record.source_modified_at, Some(at(5)));

        let other = Of {
            app: AppId::new(&*ids(), at(0)),
            ..of
        };
        assert!(one(&mut tx, other, &id).await.unwrap().is_none());
        assert!(one(&mut tx, of, "B1").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_type_is_readable_once_it_was_published() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let of = Of {
            app: AppId::new(&*ids(), at(0)),
            connection: ConnectionId::new(&*ids(), at(0)),
            data_type: DataType::Bills,
            as_of: None,
        };
        let requested = "insert into data_status (app_id, connection_id, data_type, latest_pull_id)
            values ($1, $2, 'bills', $3)";
        sql(requested)
            .bind(of.app)
            .bind(of.connection)
            .bind(uuid::Uuid::nil())
            .run(&mut tx)
            .await
            .unwrap();
        assert!(!published(&mut tx, of).await.unwrap());
        sql("update data_status set publication_id = $2 where app_id = $1")
            .bind(of.app)
            .bind(PublicationId::new(&*ids(), at(0)))
            .run(&mut tx)
            .await
            .unwrap();
        assert!(published(&mut tx, of).await.unwrap());
    })
    .await;
}
