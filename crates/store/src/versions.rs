use ledgerline_model::PublicationId;
use ledgerline_model::run::Pull;

use crate::db::sql;
use crate::records::Place;
use crate::{Dialect, Result, Tx};

/// Keep the present form of every record that the Pull's staged rows are about to change; how many of them are live.
pub async fn supersede(tx: &mut Tx, pull: &Pull) -> Result<i64> {
    let current = match tx.dialect() {
        // In SQLite a cross join keeps the order in which it is written.
        Dialect::Sqlite => {
            "cross join record r
             on r.app_id = c.app_id and r.connection_id = $4 and r.data_type = $5 and r.remote_id = c.remote_id"
        }
        Dialect::Postgres => {
            "cross join lateral (
                 select * from record
                 where app_id = $1 and connection_id = $4 and data_type = $5 and remote_id = c.remote_id
                 limit 1
             ) as r"
        }
    };
    let mut live = 0;
    sql(format!(
        "{KEEP}
         from pull_change c
         {current}
         where c.app_id = $1 and c.pull_id = $3
         returning is_deleted"
    ))
    .bind(pull.app)
    .bind(pull.publication)
    .bind(pull.id)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .each(tx, |row| {
        live += i64::from(!row.bool("is_deleted")?);
        Ok(true)
    })
    .await?;
    Ok(live)
}

/// Keep the present form of these records, which `publication` is about to change.
pub async fn supersede_some(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    remote_ids: Vec<String>,
) -> Result<u64> {
    let found = match tx.dialect() {
        Dialect::Sqlite => {
            "from record r
             where r.app_id = $1 and r.connection_id = $4 and r.data_type = $5
               and r.remote_id in (select value from json_each($3))"
        }
        Dialect::Postgres => {
            "from unnest($3) as listed (id)
             cross join lateral (
                 select * from record
                 where app_id = $1 and connection_id = $4 and data_type = $5 and remote_id = listed.id
                 limit 1
             ) as r"
        }
    };
    sql(format!("{KEEP} {found}"))
        .bind(place.app)
        .bind(publication)
        .bind(tx.dialect().texts(remote_ids))
        .bind(place.connection)
        .bind(place.data_type.key())
        .run(tx)
        .await
}

/// Of the record `r`, which the publication `$2` changes.
const KEEP: &str = "
    insert into record_version (app_id, connection_id, data_type, remote_id, from_publication_id,
                                to_publication_id, standard, source, hash, is_deleted, source_modified_at)
    select r.app_id, r.connection_id, r.data_type, r.remote_id, r.publication_id, $2, r.standard, r.source,
           r.hash, r.is_deleted, r.source_modified_at";
