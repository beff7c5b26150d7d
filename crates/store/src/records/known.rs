use std::collections::HashMap;

use ledgerline_model::PullId;

use super::Place;
use crate::db::sql;
use crate::{Dialect, Error, Result, Tx};

/// What the store has of a record already.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Known {
    pub record: Option<Stored>,
    /// An earlier page of this Pull was staged for it.
    pub is_staged: bool,
}

/// A record as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    pub hash: [u8; 16],
    pub is_deleted: bool,
    /// Another feed has brought it.
    pub is_elsewhere: bool,
}

impl Known {
    /// There is a record, and it is not deleted.
    pub fn is_live(&self) -> bool {
        self.record.as_ref().is_some_and(|record| !record.is_deleted)
    }
}

/// What the store has of these ids: one statement for a page. `staged`: in what this Pull has staged as well.
pub async fn known(
    tx: &mut Tx,
    place: &Place<'_>,
    staged: Option<PullId>,
    remote_ids: Vec<String>,
) -> Result<HashMap<String, Known>> {
    let mut known: HashMap<String, Known> = HashMap::with_capacity(remote_ids.len());
    let (stored, beside) = match tx.dialect() {
        Dialect::Sqlite => (STORED_SQLITE, STAGED_SQLITE),
        Dialect::Postgres => (STORED_POSTGRES, STAGED_POSTGRES),
    };
    let remote_ids = tx.dialect().texts(remote_ids);
    let statement = match staged {
        Some(_) => sql(format!("{stored} union all {beside}")),
        None => sql(stored),
    };
    statement
        .bind(place.app)
        .bind(place.connection)
        .bind(place.data_type.key())
        .bind(place.feed)
        .bind(remote_ids)
        .bind_all(staged.map(Into::into))
        .each(tx, |row| {
            let entry = known.entry(row.text("remote_id")?).or_default();
            match row.opt_bytes("hash")? {
                Some(hash) => {
                    entry.record = Some(Stored {
                        hash: hash.try_into().map_err(|_| Error::Corrupt { column: "hash" })?,
                        is_deleted: row.bool("is_deleted")?,
                        is_elsewhere: row.bool("is_elsewhere")?,
                    });
                }
                None => entry.is_staged = true,
            }
            Ok(true)
        })
        .await?;
    Ok(known)
}

const STORED_SQLITE: &str = "
    select remote_id, hash, is_deleted, feed <> $4 as is_elsewhere from record
    where app_id = $1 and connection_id = $2 and data_type = $3
        and remote_id in (select value from json_each($5))";

const STAGED_SQLITE: &str = "
    select remote_id, null, false, false from pull_change
    where app_id = $1 and pull_id = $6 and remote_id in (select value from json_each($5))";

/// Each id is looked up by itself, whatever the planner believes of a table that has just grown.
const STORED_POSTGRES: &str = "
    select stored.* from unnest($5) as page (id)
    cross join lateral (
        select remote_id, hash, is_deleted, feed <> $4 as is_elsewhere from record
        where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = page.id
        limit 1
    ) as stored";

const STAGED_POSTGRES: &str = "
    select staged.* from unnest($5) as page (id)
    cross join lateral (
        select remote_id, null::bytea, false, false from pull_change
        where app_id = $1 and pull_id = $6 and remote_id = page.id
        limit 1
    ) as staged";
