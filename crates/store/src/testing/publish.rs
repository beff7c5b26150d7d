//! Publications as Pulls make them, without an engine: page by page, then one completion.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline_model::run::Pull;
use ledgerline_model::{AppId, CompanyId, ConnectionId, DataType, PublicationId, PullId, RunId, Timestamp};

use super::ids;
use crate::db::sql;
use crate::records::{self, Content, Place};
use crate::status::{self, Published};
use crate::{Store, Tx, changes, publications, pulls, versions};

/// Where something is published.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Books {
    pub(crate) app: AppId,
    pub(crate) company: CompanyId,
    pub(crate) connection: ConnectionId,
    pub(crate) data_type: DataType,
}

/// What a publication does to a record: give it this content, or delete it.
pub(crate) type Edit = (String, Option<String>);

/// Publish the edits in a Run of their own. A first publication of deletions publishes nothing of them.
pub(crate) async fn publish(store: &Store, books: Books, edits: &[Edit], now: Timestamp) -> Pull {
    let pull = begin(store, books, edits, now).await;
    let mut tx = store.write().await.unwrap();
    apply(&mut tx, books, &pull, now).await;
    publications::publish(&mut tx, books.app, pull.publication, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    pull
}

/// Store or stage what a Pull reads: nobody sees it yet.
pub(crate) async fn begin(store: &Store, books: Books, edits: &[Edit], now: Timestamp) -> Pull {
    let mut tx = store.write().await.unwrap();
    let pull = insert(&mut tx, books, now).await;
    let asked_at_seq = publications::last_seq(&mut tx, books.app).await.unwrap();
    let (present, gone): (Vec<_>, Vec<_>) = edits.iter().cloned().partition(|(_, content)| content.is_some());
    let present = present
        .into_iter()
        .map(|(id, content)| (id, of_text(&content.unwrap())))
        .collect();
    let gone = gone.into_iter().map(|(id, _)| id).collect();
    if pull.first_load {
        let place = Place {
            app: books.app,
            connection: books.connection,
            data_type: books.data_type,
            feed: "Feed",
        };
        records::load(&mut tx, &place, pull.publication, present)
            .await
            .unwrap();
    } else {
        changes::stage(&mut tx, &pull, "Feed", asked_at_seq, present)
            .await
            .unwrap();
        changes::stage_gone(&mut tx, &pull, "Feed", asked_at_seq, gone)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    pull
}

/// The completion, but for the publication itself, which comes last.
pub(crate) async fn apply(tx: &mut Tx, books: Books, pull: &Pull, now: Timestamp) {
    if !pull.first_load {
        changes::prune(tx, pull).await.unwrap();
        versions::supersede(tx, pull).await.unwrap();
        changes::apply_present(tx, pull).await.unwrap();
        changes::apply_gone(tx, pull).await.unwrap();
    } else {
        let changed = records::count_loaded(tx, books.app, books.connection, books.data_type);
        let changed = changed.await.unwrap();
        let counted = Pull {
            changed,
            ..pull.clone()
        };
        pulls::save(tx, &counted).await.unwrap();
    }
    let published = Published {
        publication: pull.publication,
        records: 0,
    };
    status::succeeded(
        tx,
        books.app,
        books.connection,
        books.data_type,
        pull.id,
        published,
        now,
    )
    .await
    .unwrap();
}

async fn insert(tx: &mut Tx, books: Books, now: Timestamp) -> Pull {
    let (run, id) = (RunId::new(&*ids(), now), PullId::new(&*ids(), now));
    let publication = PublicationId::new(&*ids(), now);
    let known = status::standing(tx, books.app, books.connection, books.data_type)
        .await
        .unwrap();
    sql("insert into pull (app_id, pull_id, run_id, company_id, connection_id, data_type, state, publication_id,
                           first_load, requested_at, feeds_left)
         values ($1, $2, $3, $4, $5, $6, 'Processing', $7, $8, $9, 0)")
    .bind(books.app)
    .bind(id)
    .bind(run)
    .bind(books.company)
    .bind(books.connection)
    .bind(books.data_type.key())
    .bind(publication)
    .bind(known.published.is_none())
    .bind(now)
    .run(tx)
    .await
    .unwrap();
    // The next one may begin at once.
    sql("update pull set state = 'Complete', finished_at = $3 where app_id = $1 and pull_id = $2")
        .bind(books.app)
        .bind(id)
        .bind(now)
        .run(tx)
        .await
        .unwrap();
    status::requested(
        tx,
        books.app,
        books.connection,
        &[(books.data_type, id)],
        now,
        false,
    )
    .await
    .unwrap();
    publications::insert_all(
        tx,
        books.app,
        books.connection,
        run,
        &[(publication, books.data_type, id)],
    )
    .await
    .unwrap();
    pulls::find(tx, books.app, id).await.unwrap().unwrap()
}

/// The hash is of the text, as everywhere.
fn of_text(standard: &str) -> Content {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(standard);
    Content {
        standard: standard.to_owned(),
        source: Arc::from("{}"),
        hash: digest[..16].try_into().unwrap(),
        source_modified_at: None,
        is_open: false,
        references: Vec::new(),
        open: None,
    }
}

/// Of twelve ids some appear, change, stay, go and come back.
pub(crate) fn edits(chance: &mut Chance) -> Vec<Edit> {
    let mut edits = BTreeMap::new();
    for _ in 0..chance.below(8) {
        let id = format!("{}{}", ["b", "B", "é"][chance.below(3) as usize], chance.below(4));
        let content =
            (chance.below(3) > 0).then(|| format!(r#"{{"id":"{id}","totalAmount":{}}}"#, chance.below(10)));
        edits.insert(id, content);
    }
    edits.into_iter().collect()
}

/// Random numbers that are the same at every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
