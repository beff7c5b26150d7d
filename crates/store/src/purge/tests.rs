use std::collections::BTreeMap;

use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use sha2::{Digest, Sha256};

use super::*;
use crate::db::Value;
use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};
use crate::{Dialect, companies, connections};

/// Also a table that is added tomorrow has to be emptied: the test fills whatever there is.
#[tokio::test]
async fn nothing_is_left_of_a_deleted_company_but_its_events() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let (gone, kept) = (fill(&mut tx, app, 1).await, fill(&mut tx, app, 2).await);
        let expected = 2;
        for (table, rows) in count(&mut tx, app).await {
            assert_eq!(rows, expected, "{table} before");
        }
        assert!(companies::delete(&mut tx, app, gone.0.id, at(1)).await.unwrap());
        let job = jobs::lease(&mut tx, &[JOB], at(1), at(60))
            .await
            .unwrap()
            .unwrap();
        let rest = Purge::from_payload(&job.payload).unwrap();
        assert_eq!(rest.connections, [gone.1.id.0]);
        let mut steps = 1;
        while !step(&mut tx, app, &rest, 2).await.unwrap() {
            steps += 1;
        }
        assert!(steps > 4, "{steps} steps of 2 rows");
        for (table, rows) in count(&mut tx, app).await {
            assert_eq!(rows, 1, "{table} after");
        }
        let environment = kept.0.environment;
        assert!(
            companies::find(&mut tx, app, environment, kept.0.id)
                .await
                .unwrap()
                .is_some()
        );
    })
    .await;
}

#[tokio::test]
async fn a_deleted_connection_leaves_the_company() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let (company, connection) = fill(&mut tx, app, 1).await;
        assert!(
            connections::delete(&mut tx, app, connection.id, at(1))
                .await
                .unwrap()
        );
        assert!(
            !connections::delete(&mut tx, app, connection.id, at(1))
                .await
                .unwrap()
        );
        let job = jobs::lease(&mut tx, &[JOB], at(1), at(60))
            .await
            .unwrap()
            .unwrap();
        let rest = Purge::from_payload(&job.payload).unwrap();
        assert!(step(&mut tx, app, &rest, 1000).await.unwrap());
        for (table, rows) in count(&mut tx, app).await {
            let stays = [
                "company",
                "company_details",
                "sync_setting",
                "access_token",
                "mapping_config",
                "batch",
                "dataset",
                "dataset_item",
                "item",
                "item_leg",
                "push",
                "push_item",
                "attachment",
                "expense_provider",
            ]
            .contains(&table.as_str());
            assert_eq!(rows, i64::from(stays), "{table}");
        }
        assert!(companies::lock(&mut tx, app, company.id).await.unwrap().is_some());
    })
    .await;
}

/// One row in each table that holds something of a company.
async fn fill(tx: &mut Tx, app: AppId, number: i64) -> (Company, Connection) {
    let company = a_company(tx, app).await;
    let connection = a_connection(tx, &company, "xero").await;
    for (table, columns) in tables(tx).await {
        if ["company", "connection"].contains(&table.as_str()) {
            continue;
        }
        let names: Vec<&str> = columns.keys().map(String::as_str).collect();
        let places: Vec<String> = (1..=names.len()).map(|number| format!("${number}")).collect();
        sql(format!(
            "insert into {table} ({}) values ({})",
            names.join(", "),
            places.join(", ")
        ))
        .bind_all(
            columns
                .iter()
                .map(|(name, kind)| match (name.as_str(), kind.as_str()) {
                    ("app_id", _) => app.into(),
                    ("company_id", _) => company.id.into(),
                    ("connection_id", _) => connection.id.into(),
                    (name, kind) => made_up(name, kind, number),
                }),
        )
        .run(tx)
        .await
        .unwrap();
    }
    (company, connection)
}

/// The same for the same column of each table, so that children find their parents.
fn made_up(column: &str, kind: &str, number: i64) -> Value {
    let digest = Sha256::digest(format!("{column} {number}"));
    match kind {
        "uuid" => Value::Uuid(Uuid::from_slice(&digest[..16]).ok()),
        "bytea" => Value::from(&digest[..]),
        "bigint" => Value::from(number),
        "boolean" => Value::from(false),
        "text" => Value::from(format!("{column} {number}").as_str()),
        _ => panic!("{column} is of the unknown type {kind}"),
    }
}

async fn count(tx: &mut Tx, app: AppId) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for table in tables(tx).await.into_keys() {
        let row = sql(format!("select count(*) as found from {table} where app_id = $1"))
            .bind(app)
            .first(tx)
            .await
            .unwrap();
        counts.push((table, row.unwrap().int("found").unwrap()));
    }
    counts
}

/// Those that hold something of a company, but for events: their columns and the types of these.
async fn tables(tx: &mut Tx) -> BTreeMap<String, BTreeMap<String, String>> {
    let columns = match tx.dialect() {
        Dialect::Sqlite => {
            "select t.name as table_name, c.name as column_name, lower(c.type) as kind
             from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table'"
        }
        Dialect::Postgres => {
            "select cast(table_name as text) as table_name, cast(column_name as text) as column_name,
                 cast(data_type as text) as kind
             from information_schema.columns where table_schema = 'public'"
        }
    };
    let mut tables: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in sql(columns).all(tx).await.unwrap() {
        tables
            .entry(row.text("table_name").unwrap())
            .or_default()
            .insert(row.text("column_name").unwrap(), row.text("kind").unwrap());
    }
    let owners = ["company_id", "connection_id", "run_id", "pull_id", "feed_read_id"];
    tables
        .retain(|table, columns| table != "event" && owners.iter().any(|owner| columns.contains_key(*owner)));
    tables
}
