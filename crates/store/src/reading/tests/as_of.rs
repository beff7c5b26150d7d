use std::collections::BTreeMap;

use ledgerline_model::query::ListRequest;
use ledgerline_model::{ConnectionId, DataType, RunId, Timestamp};

use super::super::{Of, list, one, published};
use super::request;
use crate::testing::publish::{Books, Chance, edits, publish};
use crate::testing::{a_company, a_connection, an_app, at, ids, on_both_stores};
use crate::{Store, Tx, publications};

/// What readers were shown: remote id -> (standard JSON, is deleted, modified at).
type Snapshot = BTreeMap<String, (String, bool, Timestamp)>;

#[tokio::test]
async fn each_publication_can_be_read_again_as_it_was() {
    on_both_stores(async |store| {
        for seed in 1..=4 {
            let (books, other) = two_books(&store, seed).await;
            let mut chance = Chance(seed);
            let mut remembered = Vec::new();
            for step in 0..12 {
                // Several publications may fall on one instant: they are set apart.
                let now = at(step / 3);
                let edited = if chance.below(4) == 0 { other } else { books };
                let pull = publish(&store, edited, &edits(&mut chance), now).await;
                let mut tx = store.read().await.unwrap();
                let published_at = publications::last_at(&mut tx, books.app).await.unwrap();
                let by_run = publications::last_of_run(&mut tx, books.app, pull.run)
                    .await
                    .unwrap();
                assert_eq!(by_run, Some(published_at));
                if edited == books {
                    remembered.push((published_at, now_of(&mut tx, books).await));
                }
            }
            assert!(remembered.len() > 4);
            let mut tx = store.read().await.unwrap();
            for (position, (published_at, expected)) in remembered.iter().enumerate() {
                let of = of(books, Some(*published_at));
                let found = everything(&mut tx, of, &mut chance).await;
                assert_eq!(&found, expected, "seed {seed}, publication {position}");
                // Until the next one nothing changes.
                if let Some((next, _)) = remembered.get(position + 1) {
                    let before = ledgerline_model::from_micros(next.as_microsecond() - 1);
                    let of = Of {
                        as_of: Some(before),
                        ..of
                    };
                    assert_eq!(&everything(&mut tx, of, &mut chance).await, expected);
                }
                check_queries(&mut tx, of, expected).await;
            }
            let first = remembered[0].0;
            let before = ledgerline_model::from_micros(first.as_microsecond() - 1);
            assert!(published(&mut tx, of(books, Some(first))).await.unwrap());
            assert!(!published(&mut tx, of(books, Some(before))).await.unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_first_load_has_stored_so_far_was_never_seen() {
    on_both_stores(async |store| {
        let (books, _) = two_books(&store, 9).await;
        let edits = [("a".to_owned(), Some("{}".to_owned()))];
        crate::testing::publish::begin(&store, books, &edits, at(0)).await;
        let mut tx = store.read().await.unwrap();
        let of = of(books, Some(at(1_000_000)));
        assert!(!published(&mut tx, of).await.unwrap());
        assert!(one(&mut tx, of, "a").await.unwrap().is_none());
        let nobodys = publications::last_of_run(&mut tx, books.app, RunId::new(&*ids(), at(0)))
            .await
            .unwrap();
        assert_eq!(nobodys, None);
    })
    .await;
}

/// The filters that the database answers, the evaluator's own, and orders.
async fn check_queries(tx: &mut Tx, of: Of, expected: &Snapshot) {
    let live = expected.values().filter(|row| !row.1).count() as u64;
    let found = list(tx, of, &request("metadata.isDeleted!=true", "", 1, 1))
        .await
        .unwrap();
    assert_eq!(found.total, live);
    let of_now = expected.values().filter(|row| Some(row.2) == of.as_of).count() as u64;
    let query = format!("modifiedDate>={}", of.as_of.unwrap());
    assert_eq!(
        list(tx, of, &request(&query, "", 1, 1)).await.unwrap().total,
        of_now
    );
    let big = |row: &&(String, bool, Timestamp)| total_of(&row.0) >= 5;
    let bigger = list(tx, of, &request("totalAmount>=5", "-totalAmount", 1, 5000))
        .await
        .unwrap();
    assert_eq!(bigger.total, expected.values().filter(big).count() as u64);
    let totals: Vec<_> = bigger
        .records
        .iter()
        .map(|record| total_of(&record.standard))
        .collect();
    assert!(totals.is_sorted_by(|one, other| one >= other), "{totals:?}");
    for (id, row) in expected {
        let found = one(tx, of, id).await.unwrap().unwrap();
        assert_eq!((found.standard, found.is_deleted, found.modified_at), row.clone());
    }
}

fn total_of(standard: &str) -> u64 {
    let value: serde_json::Value = serde_json::from_str(standard).unwrap();
    value["totalAmount"].as_u64().unwrap()
}

async fn now_of(tx: &mut Tx, books: Books) -> Snapshot {
    snapshot(
        list(tx, of(books, None), &request("", "", 1, 5000))
            .await
            .unwrap()
            .records,
    )
}

/// In pages of a random size.
async fn everything(tx: &mut Tx, of: Of, chance: &mut Chance) -> Snapshot {
    let size = u32::try_from(1 + chance.below(9)).unwrap();
    let mut records = Vec::new();
    for page in 1.. {
        let asked = ListRequest {
            filter: None,
            order: None,
            page,
            page_size: size,
        };
        let found = list(tx, of, &asked).await.unwrap();
        records.extend(found.records);
        if records.len() as u64 >= found.total {
            break;
        }
    }
    assert!(records.is_sorted_by(|one, other| one.remote_id < other.remote_id));
    snapshot(records)
}

fn snapshot(records: Vec<ledgerline_model::record::Record>) -> Snapshot {
    let row = |record: ledgerline_model::record::Record| {
        (
            record.remote_id,
            (record.standard, record.is_deleted, record.modified_at),
        )
    };
    records.into_iter().map(row).collect()
}

fn of(books: Books, as_of: Option<Timestamp>) -> Of {
    Of {
        app: books.app,
        connection: books.connection,
        data_type: books.data_type,
        as_of,
    }
}

/// Two types of one connection: what is published of the one must not show in the other.
async fn two_books(store: &Store, seed: u64) -> (Books, Books) {
    let mut tx = store.write().await.unwrap();
    let app = an_app(&mut tx, &format!("as of {seed}")).await;
    let company = a_company(&mut tx, app.id).await;
    let connection: ConnectionId = a_connection(&mut tx, &company, "xero").await.id;
    tx.commit().await.unwrap();
    let books = Books {
        app: app.id,
        company: company.id,
        connection,
        data_type: DataType::Invoices,
    };
    let other = Books {
        data_type: DataType::Bills,
        ..books
    };
    (books, other)
}
