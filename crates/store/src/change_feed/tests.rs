use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use ledgerline_model::app::Environment;
use ledgerline_model::query::ListRequest;
use ledgerline_model::{AppId, DataType};

use super::{Change, Kind, Of, Position, page};
use crate::db::sql;
use crate::testing::publish::{Books, Chance, apply, begin, edits, publish};
use crate::testing::{a_company, a_connection, an_app, at, ids, on_both_stores};
use crate::{Dialect, Store, companies, publications, reading};

/// Books of three companies, two types each; the third company is live.
async fn shelf(store: &Store) -> (Of, Vec<Books>) {
    let mut tx = store.write().await.unwrap();
    let app = an_app(&mut tx, &AppId::new(&*ids(), at(0)).to_string()).await;
    let mut shelf = Vec::new();
    for number in 0..3 {
        let company = a_company(&mut tx, app.id).await;
        let connection = a_connection(&mut tx, &company, "xero").await;
        if number == 2 {
            sql("update connection set environment = 'live' where app_id = $1 and connection_id = $2")
                .bind(app.id)
                .bind(connection.id)
                .run(&mut tx)
                .await
                .unwrap();
        }
        for data_type in [DataType::Invoices, DataType::Bills] {
            shelf.push(Books {
                app: app.id,
                company: company.id,
                connection: connection.id,
                data_type,
            });
        }
    }
    tx.commit().await.unwrap();
    let of = Of {
        app: app.id,
        environment: Environment::Test,
        company: None,
        data_type: None,
    };
    (of, shelf)
}

/// Keeps what the feed tells, and goes on where it stood.
#[derive(Default)]
struct Reader {
    position: Position,
    live: BTreeMap<Books, BTreeSet<String>>,
    seen: Vec<(i64, String, Kind)>,
}

impl Reader {
    async fn read(&mut self, store: &Store, of: Of, limit: usize) -> bool {
        // Each page in a transaction of its own, as each request is.
        let mut tx = store.read().await.unwrap();
        let page = page(&mut tx, of, &self.position, limit).await.unwrap();
        assert!(page.changes.len() <= limit);
        assert!(page.changes.len() == limit || !page.has_more);
        for change in page.changes {
            self.take(of, change);
        }
        self.position = page.next;
        page.has_more
    }

    fn take(&mut self, of: Of, change: Change) {
        let Change {
            kind,
            remote_id,
            publication,
        } = change;
        let books = Books {
            app: of.app,
            company: publication.company,
            connection: publication.connection,
            data_type: publication.data_type,
        };
        let live = self.live.entry(books).or_default();
        let was_live = match kind {
            Kind::Added => !live.insert(remote_id.clone()),
            Kind::Changed => live.contains(&remote_id),
            Kind::Removed => live.remove(&remote_id),
        };
        assert_eq!(was_live, kind != Kind::Added, "{kind:?} {remote_id}");
        if let Some((seq, last, _)) = self.seen.last() {
            let place = (publication.seq, &remote_id);
            assert!((*seq, last) < place, "{place:?} comes after {seq} {last}");
        }
        self.seen.push((publication.seq, remote_id, kind));
    }
}

#[tokio::test]
async fn who_goes_on_where_he_stood_rebuilds_what_there_is() {
    on_both_stores(async |store| {
        for seed in 1..=3 {
            let (of, shelf) = shelf(&store).await;
            let mut chance = Chance(seed);
            let mut readers: [Reader; 3] = Default::default();
            for step in 0..40 {
                let books = shelf[chance.below(6) as usize];
                publish(&store, books, &edits(&mut chance), at(step / 4)).await;
                for reader in &mut readers {
                    // Some read along, page by page, others come late.
                    if chance.below(3) == 0 {
                        reader.read(&store, of, 1 + chance.below(5) as usize).await;
                    }
                }
            }
            for reader in &mut readers {
                while reader.read(&store, of, 1 + chance.below(9) as usize).await {}
                assert_eq!(reader.live, live(&store, &shelf[..4]).await, "seed {seed}");
                assert!(!reader.read(&store, of, 10).await);
            }
            let [one, other, _] = readers;
            assert!(one.seen.len() > 30);
            assert_eq!(one.seen, other.seen, "seed {seed}");
            check_filters(&store, of, &shelf, &one).await;
        }
    })
    .await;
}

async fn check_filters(store: &Store, of: Of, shelf: &[Books], whole: &Reader) {
    let books = shelf[1];
    let mut narrow = Reader::default();
    let narrowed = Of {
        company: Some(books.company),
        data_type: Some(books.data_type),
        ..of
    };
    while narrow.read(store, narrowed, 3).await {}
    assert_eq!(narrow.live.len(), 1);
    assert_eq!(narrow.live[&books], whole.live[&books]);
    let mut live = Reader::default();
    let environment = Environment::Live;
    while live.read(store, Of { environment, ..of }, 3).await {}
    assert!(live.live.keys().all(|books| shelf[4..].contains(books)) && !live.live.is_empty());
}

#[tokio::test]
async fn what_a_deleted_company_had_is_no_more_and_nobody_stumbles() {
    on_both_stores(async |store| {
        let (of, shelf) = shelf(&store).await;
        let mut chance = Chance(5);
        for step in 0..12 {
            publish(&store, shelf[step % 4], &edits(&mut chance), at(0)).await;
        }
        let mut reader = Reader::default();
        assert!(reader.read(&store, of, 4).await);
        let mut tx = store.write().await.unwrap();
        assert!(
            companies::delete(&mut tx, of.app, shelf[0].company, at(1))
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        while reader.read(&store, of, 4).await {}
        let expected = live(&store, &shelf[2..4]).await;
        reader.live.retain(|books, _| books.company != shelf[0].company);
        assert_eq!(reader.live, expected);
        let mut fresh = Reader::default();
        while fresh.read(&store, of, 4).await {}
        assert_eq!(fresh.live, expected);
        let gone = Of {
            company: Some(shelf[0].company),
            ..of
        };
        assert!(!Reader::default().read(&store, gone, 10).await);
    })
    .await;
}

/// A first load, and a later publication that changes all of it.
#[tokio::test]
async fn a_large_publication_is_read_in_pages_while_it_is_superseded() {
    on_both_stores(async |store| {
        let (of, shelf) = shelf(&store).await;
        let mut reader = Reader::default();
        for round in 0..2 {
            let seen = reader.seen.len();
            let seq = round * 2 + 1;
            let many: Vec<_> = (0..super::MANY + 200)
                .map(|number| (format!("{number:05}"), Some(format!("{{\"round\":{round}}}"))))
                .collect();
            publish(&store, shelf[0], &many, at(seq)).await;
            assert!(reader.read(&store, of, 1000).await);
            let later = [
                ("00010".to_owned(), Some(format!("{{\"later\":{round}}}"))),
                ("01500".to_owned(), Some(format!("{{\"later\":{round}}}"))),
                ("04000".to_owned(), None),
            ];
            publish(&store, shelf[0], &later, at(seq + 1)).await;
            while reader.read(&store, of, 1000).await {}
            assert_eq!(reader.seen.len(), seen + many.len() + 3);
            assert_eq!(reader.live, live(&store, &shelf[..1]).await);
            let last: Vec<_> = reader.seen[seen + many.len()..]
                .iter()
                .map(|(seq, _, kind)| (*seq, *kind))
                .collect();
            let seq = seq + 1;
            let expected = [(seq, Kind::Changed), (seq, Kind::Changed), (seq, Kind::Removed)];
            assert_eq!(last, expected);
        }
    })
    .await;
}

/// Publishing transactions of several connections are open at the same time and commit in any order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_reads_while_others_publish_misses_nothing() {
    on_both_stores(async |store| {
        let (of, shelf) = shelf(&store).await;
        let rounds = match store.dialect() {
            Dialect::Sqlite => 5,
            Dialect::Postgres => 25,
        };
        let is_done = AtomicBool::new(false);
        let publishing = async {
            let each = shelf[..4].iter().enumerate().map(|(number, books)| {
                let store = store.clone();
                let books = *books;
                tokio::spawn(async move {
                    let mut chance = Chance(number as u64);
                    for round in 0..rounds {
                        let mut edits = edits(&mut chance);
                        edits.push((format!("z{round}"), Some("{}".to_owned())));
                        let pull = begin(&store, books, &edits, at(0)).await;
                        let mut tx = store.write().await.unwrap();
                        apply(&mut tx, books, &pull, at(0)).await;
                        for _ in 0..chance.below(20) {
                            tokio::task::yield_now().await;
                        }
                        publications::publish(&mut tx, books.app, pull.publication, at(0))
                            .await
                            .unwrap();
                        tx.commit().await.unwrap();
                    }
                })
            });
            futures::future::join_all(each.collect::<Vec<_>>())
                .await
                .into_iter()
                .for_each(Result::unwrap);
            is_done.store(true, Ordering::SeqCst);
        };
        let reading = async {
            let mut reader = Reader::default();
            let mut chance = Chance(77);
            loop {
                let was_done = is_done.load(Ordering::SeqCst);
                let has_more = reader.read(&store, of, 1 + chance.below(7) as usize).await;
                if was_done && !has_more {
                    return reader;
                }
            }
        };
        let ((), reader) = tokio::join!(publishing, reading);
        assert_eq!(reader.live, live(&store, &shelf[..4]).await);
        let mut fresh = Reader::default();
        while fresh.read(&store, of, 1000).await {}
        assert_eq!(reader.seen, fresh.seen);
    })
    .await;
}

/// What readers are shown, deleted records left out.
async fn live(store: &Store, shelf: &[Books]) -> BTreeMap<Books, BTreeSet<String>> {
    let mut tx = store.read().await.unwrap();
    let mut live = BTreeMap::new();
    for books in shelf {
        let of = reading::Of {
            app: books.app,
            connection: books.connection,
            data_type: books.data_type,
            as_of: None,
        };
        let all = ListRequest {
            filter: None,
            order: None,
            page: 1,
            page_size: 100_000,
        };
        let records = reading::list(&mut tx, of, &all).await.unwrap().records;
        if !records.is_empty() {
            let ids = records.into_iter().filter(|record| !record.is_deleted);
            live.insert(*books, ids.map(|record| record.remote_id).collect());
        }
    }
    live
}
