//! What the records that a Run has changed name, and which of it the store does not have.

use std::collections::{HashMap, HashSet};

use ledgerline_model::run::FeedRead;
use ledgerline_model::validation::Reference;
use ledgerline_model::{AppId, ConnectionId, DataType, IssueId, PublicationId, RunId};

use crate::db::{Row, Value, rows_of, sql};
use crate::issues::{self, Finding, Found};
use crate::{Dialect, Error, Result, Tx, publications};

/// Note what the records of a page name, each once: a row for each field, so that a page costs a few rows however many
/// records it holds.
pub async fn note<'a>(
    tx: &mut Tx,
    read: &FeedRead,
    data_type: DataType,
    references: impl Iterator<Item = &'a Reference>,
) -> Result<()> {
    let mut ids_of: HashMap<(&str, DataType), HashSet<&str>> = HashMap::new();
    for reference in references {
        let named = (reference.field, reference.target);
        ids_of.entry(named).or_default().insert(&reference.id);
    }
    if ids_of.is_empty() {
        return Ok(());
    }
    let rows = rows_of(ids_of.len(), 6, 3, |own| {
        format!("($1, $2, $3, $4, $5, $6, {})", own.join(", "))
    });
    let mut values = Vec::with_capacity(ids_of.len() * 3);
    for ((field, target), ids) in ids_of {
        let ids: Vec<&str> = ids.into_iter().collect();
        let ids = serde_json::to_string(&ids).map_err(|_| Error::Corrupt { column: "ids" })?;
        values.extend([
            Value::from(field.to_owned()),
            Value::from(target.key()),
            Value::from(ids),
        ]);
    }
    sql(format!(
        "insert into page_reference (app_id, run_id, feed_read_id, pass, page, data_type, field, target, ids)
         values {rows}
         on conflict (app_id, run_id, feed_read_id, pass, page, data_type, field, target)
             do update set ids = excluded.ids"
    ))
    .bind(read.app)
    .bind(read.run)
    .bind(read.id)
    .bind(read.pass)
    .bind(read.pages)
    .bind(data_type.key())
    .bind_all(values)
    .run(tx)
    .await?;
    Ok(())
}

/// A record that is not in the store, and where it was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Of the records that name it.
    pub data_type: DataType,
    /// Dotted path of the field that does.
    pub field: String,
    pub target: DataType,
    pub id: String,
}

/// At most `limit` of what the pages of a Run have named of these types and the store does not have. A deleted record
/// is there.
pub async fn missing(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    run: RunId,
    targets: &[DataType],
    limit: i64,
) -> Result<Vec<Missing>> {
    let listed = match tx.dialect() {
        Dialect::Sqlite => "json_each(n.ids) as listed",
        Dialect::Postgres => "json_array_elements_text(cast(n.ids as json)) as listed (value)",
    };
    let any_of = tx.dialect().any_of(4);
    // Counted, so that PostgreSQL looks each of them up by the key, whatever it believes of the tables.
    // Looked up before the repeated ones are left out: to sort them costs more than to look them up.
    sql(format!(
        "select distinct n.data_type, n.field, n.target, listed.value as id
         from page_reference n cross join {listed}
         where n.app_id = $1 and n.run_id = $3 and n.target {any_of} and (
             select count(*) from record r
             where r.app_id = $1 and r.connection_id = $2 and r.data_type = n.target and r.remote_id = listed.value
         ) = 0
         limit $5"
    ))
    .bind(app)
    .bind(connection)
    .bind(run)
    .bind(tx.dialect().texts(targets.iter().map(|target| target.key().to_owned()).collect()))
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Missing {
            data_type: data_type(row, "data_type")?,
            field: row.text("field")?,
            target: data_type(row, "target")?,
            id: row.text("id")?,
        })
    })
    .collect()
}

fn data_type(row: &Row, column: &'static str) -> Result<DataType> {
    row.text(column)?.parse().map_err(|_| Error::Corrupt { column })
}

/// A record that a Run has changed.
pub struct Changed {
    pub remote_id: String,
    pub feed: String,
    pub standard: String,
}

/// The live records of a type that a Run has published, as they come.
pub async fn each_changed(
    tx: &mut Tx,
    app: AppId,
    run: RunId,
    data_type: DataType,
    mut visit: impl FnMut(Changed) -> bool,
) -> Result<()> {
    for publication in publications::of_run(tx, app, run, data_type).await? {
        let found = publication.found();
        let text = format!("select remote_id, feed, standard from record where {found} and not is_deleted");
        let mut goes_on = true;
        sql(text)
            .bind(app)
            .bind(publication.id)
            .bind(publication.connection)
            .bind(data_type.key())
            .each(tx, |row| {
                goes_on = visit(Changed {
                    remote_id: row.text("remote_id")?,
                    feed: row.text("feed")?,
                    standard: row.text("standard")?,
                });
                Ok(goes_on)
            })
            .await?;
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// The types of a connection with records that name others which were not there.
pub async fn types_with_issues(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<Vec<DataType>> {
    sql("select distinct data_type from validation_issue
         where app_id = $1 and connection_id = $2 and until_publication_id is null and origin = 'set'")
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(|row| data_type(row, "data_type"))
    .collect()
}

/// An issue that holds, and the record's form as a Run has left it.
pub struct Standing {
    pub id: IssueId,
    pub missing: Missing,
    pub standard: String,
}

/// What was missing of the records that a Run has changed.
pub async fn standing_of_changed(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    run: RunId,
    of: DataType,
) -> Result<Vec<Standing>> {
    // Each record by its key, whatever a planner believes of the tables.
    let record = match tx.dialect() {
        Dialect::Sqlite => {
            "cross join record r
             on r.app_id = $1 and r.connection_id = $2 and r.data_type = $4 and r.remote_id = i.record"
        }
        Dialect::Postgres => {
            "cross join lateral (
                 select standard, publication_id from record
                 where app_id = $1 and connection_id = $2 and data_type = $4 and remote_id = i.record
                 limit 1
             ) as r"
        }
    };
    sql(format!(
        "select i.issue_id, i.data_type, i.field, i.target_type, i.target_id, r.standard from validation_issue i
         {record}
         where i.app_id = $1 and i.connection_id = $2 and i.data_type = $4 and i.until_publication_id is null
             and i.origin = 'set' and (
                 select count(*) from publication p
                 where p.app_id = $1 and p.publication_id = r.publication_id and p.run_id = $3
             ) > 0"
    ))
    .bind(app)
    .bind(connection)
    .bind(run)
    .bind(of.key())
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Standing {
            id: IssueId(row.uuid("issue_id")?),
            missing: Missing {
                data_type: data_type(row, "data_type")?,
                field: row.text("field")?,
                target: data_type(row, "target_type")?,
                id: row.text("target_id")?,
            },
            standard: row.text("standard")?,
        })
    })
    .collect()
}

/// These issues do not hold any more.
pub async fn end(tx: &mut Tx, app: AppId, issues: &[IssueId], until: PublicationId) -> Result<()> {
    for issue in issues {
        sql("update validation_issue set until_publication_id = $3 where app_id = $1 and issue_id = $2")
            .bind(app)
            .bind(*issue)
            .bind(until)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// What was missing of records of a type and is there by now is missing no more; how many issues that ended.
pub async fn end_arrived(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    of: DataType,
    until: PublicationId,
) -> Result<u64> {
    sql("update validation_issue set until_publication_id = $4
         where app_id = $1 and connection_id = $2 and data_type = $3 and until_publication_id is null
             and origin = 'set' and (
                 select count(*) from record r
                 where r.app_id = $1 and r.connection_id = $2 and r.data_type = validation_issue.target_type
                     and r.remote_id = validation_issue.target_id
             ) > 0")
    .bind(app)
    .bind(connection)
    .bind(of.key())
    .bind(until)
    .run(tx)
    .await
}

/// Keep what these records name and is not there, unless that is known already.
pub async fn add(tx: &mut Tx, finding: Finding<'_>, mut found: Vec<Found>) -> Result<()> {
    let any_of = tx.dialect().any_of(4);
    let records = found.iter().map(|found| found.issue.record.clone()).collect();
    let mut known = HashSet::new();
    sql(format!(
        "select record, field, target_type, target_id from validation_issue
         where app_id = $1 and connection_id = $2 and data_type = $3 and until_publication_id is null
             and origin = 'set' and record {any_of}"
    ))
    .bind(finding.pull.app)
    .bind(finding.pull.connection)
    .bind(finding.pull.data_type.key())
    .bind(tx.dialect().texts(records))
    .each(tx, |row| {
        let about = (data_type(&row, "target_type")?, row.text("target_id")?);
        known.insert((row.text("record")?, row.text("field")?, Some(about)));
        Ok(true)
    })
    .await?;
    found.retain(|found| {
        let issue = &found.issue;
        !known.contains(&(issue.record.clone(), issue.field.clone(), found.about.clone()))
    });
    issues::add(tx, finding, found).await
}

/// Delete up to `limit` rows of what a Run's pages have named; how many there were.
pub async fn clear(tx: &mut Tx, app: AppId, run: RunId, limit: i64) -> Result<u64> {
    let condition = "app_id = $1 and run_id = $2";
    sql(tx.dialect().delete_some("page_reference", condition, "$3"))
        .bind(app)
        .bind(run)
        .bind(limit)
        .run(tx)
        .await
}

#[cfg(test)]
mod tests {
    use ledgerline_model::{FeedReadId, Window};

    use super::*;
    use crate::testing::publish::{Books, publish};
    use crate::testing::{a_company, a_connection, an_app, at, ids, on_both_stores};

    #[tokio::test]
    async fn what_is_named_and_was_never_stored_is_missing() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let company = a_company(&mut tx, app).await;
            let connection = a_connection(&mut tx, &company, "xero").await.id;
            tx.commit().await.unwrap();
            let books = Books {
                app,
                company: company.id,
                connection,
                data_type: DataType::Suppliers,
            };
            let content = |id: &str| (id.to_owned(), Some(format!("{{\"id\":\"{id}\"}}")));
            publish(&store, books, &[content("live"), content("dead")], at(1)).await;
            let pull = publish(&store, books, &[("dead".to_owned(), None)], at(2)).await;
            let read = FeedRead {
                app,
                id: FeedReadId(ids().uuid(at(3))),
                run: pull.run,
                connection,
                feed: "Bills".into(),
                wanted: vec![DataType::Bills],
                window: Window::ALL,
                since: None,
                mapping: 1,
                restarts: 0,
                cursor: None,
                pages: 0,
                objects: 0,
                pass: 1,
                platform_time: None,
                last_progress_at: at(3),
                finished_at: None,
            };
            let named = ["live", "dead", "never", "never"].map(|id| Reference {
                target: DataType::Suppliers,
                id: id.to_owned(),
                field: "supplierRef.id",
            });
            let mut tx = store.write().await.unwrap();
            for _ in 0..2 {
                note(&mut tx, &read, DataType::Bills, named.iter()).await.unwrap();
            }
            let expected = Missing {
                data_type: DataType::Bills,
                field: "supplierRef.id".into(),
                target: DataType::Suppliers,
                id: "never".into(),
            };
            let judged = [DataType::Suppliers, DataType::Items];
            let found = missing(&mut tx, app, connection, pull.run, &judged, 10)
                .await
                .unwrap();
            assert_eq!(found, [expected]);
            let found = missing(&mut tx, app, connection, pull.run, &[DataType::Items], 10)
                .await
                .unwrap();
            assert_eq!(found, [], "of a type that was not read whole nothing is missing");
            assert_eq!(clear(&mut tx, app, pull.run, 10).await.unwrap(), 1);
        })
        .await;
    }
}
