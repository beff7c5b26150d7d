use std::sync::Arc;

use ledgerline_model::DataType;

use super::{Content, Known, Place, Stored, each_live_id, known, overwrite};
use crate::testing::publish::{Books, publish};
use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};
use crate::{Tx, changes, versions};

fn content(text: &str) -> Content {
    Content {
        standard: format!("\"{text}\""),
        source: Arc::from("{}"),
        hash: [7; 16],
        source_modified_at: None,
        is_open: false,
        open: None,
        references: Vec::new(),
    }
}

async fn live(tx: &mut Tx, place: &Place<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    each_live_id(tx, place, |id| ids.push(id)).await.unwrap();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_record_that_another_feed_brings_is_of_that_feed_from_then_on() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await;
        let connection = a_connection(&mut tx, &company, "books").await.id;
        tx.commit().await.unwrap();
        let data_type = DataType::AccountTransactions;
        let books = Books {
            app,
            company: company.id,
            connection,
            data_type,
        };
        let first = ["a", "b", "c", "d"].map(|id| (id.to_owned(), Some(format!("\"{id}\""))));
        publish(&store, books, &first, at(1)).await;
        publish(&store, books, &[("d".to_owned(), None)], at(2)).await;
        let pull = publish(&store, books, &[], at(3)).await;
        let own = Place {
            app,
            connection,
            data_type,
            feed: "Feed",
        };
        let other = Place { feed: "Other", ..own };
        let mut tx = store.write().await.unwrap();
        let ids = || vec!["a".to_owned(), "d".to_owned(), "new".to_owned()];
        let found = known(&mut tx, &other, None, ids()).await.unwrap();
        let said = |id: &str| {
            let Known { record, is_staged } = found.get(id).copied().unwrap_or_default();
            record.map(
                |Stored {
                     is_deleted,
                     is_elsewhere,
                     ..
                 }| (is_deleted, is_elsewhere, is_staged),
            )
        };
        let said = [said("a"), said("d"), said("new")];
        assert_eq!(
            said,
            [Some((false, true, false)), Some((true, true, false)), None]
        );
        let rows = vec![("a".to_owned(), content("2"))];
        overwrite(&mut tx, &other, pull.publication, &found, rows)
            .await
            .unwrap();
        assert_eq!(live(&mut tx, &other).await, ["a"]);
        assert_eq!(live(&mut tx, &own).await, ["b", "c"]);

        // The same of what is staged; what is taken back is as if it had never been.
        let staged = ["b", "c", "d"].map(|id| (id.to_owned(), content("3"))).to_vec();
        changes::stage(&mut tx, &pull, "Other", 2, staged).await.unwrap();
        changes::unstage(&mut tx, &pull, vec!["c".to_owned()])
            .await
            .unwrap();
        let found = known(
            &mut tx,
            &other,
            Some(pull.id),
            vec!["b".to_owned(), "c".to_owned()],
        );
        let found = found.await.unwrap();
        assert_eq!([found["b"].is_staged, found["c"].is_staged], [true, false]);
        assert_eq!(
            versions::supersede(&mut tx, &pull).await.unwrap(),
            1,
            "`d` was deleted"
        );
        assert_eq!(changes::apply_present(&mut tx, &pull).await.unwrap(), 2);
        assert_eq!(live(&mut tx, &other).await, ["a", "b", "d"]);
        assert_eq!(live(&mut tx, &own).await, ["c"]);
    })
    .await;
}
