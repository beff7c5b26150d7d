use ledgerline_model::run::Pull;
use ledgerline_model::{AppId, PullId};

use crate::db::{Value, sql};
use crate::records::{self, Columns, Content, at_once, values_of};
use crate::{Dialect, Result, Tx};

// The planner of PostgreSQL may know nothing yet of what a Pull has staged. Where it could choose to compare
// every staged row with every record, statements look up the record of each staged row by itself.

/// Keep what a page found different until the Pull completes. Each id occurs once; a later page replaces
/// an earlier one. `asked_at_seq` is the number of the app's last publication before the page was asked for.
pub async fn stage(
    tx: &mut Tx,
    pull: &Pull,
    feed: &str,
    asked_at_seq: i64,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let mut rows = rows.into_iter();
            while rows.len() > 0 {
                let count = at_once(rows.len());
                let mut statement = sql(stage_text(count));
                for (remote_id, content) in rows.by_ref().take(count) {
                    statement = statement.bind_all(values_of(remote_id, content));
                }
                statement
                    .bind(pull.app)
                    .bind(pull.id)
                    .bind(feed)
                    .bind(asked_at_seq)
                    .run(tx)
                    .await?;
            }
        }
        Dialect::Postgres => {
            sql(format!(
                "insert into pull_change (app_id, pull_id, remote_id, feed, present, hash, source_modified_at,
                                          is_open, open_since, open_units, open_is_foreign, standard, source,
                                          asked_at_seq)
                 select $1, $2, page.remote_id, $3, true, page.hash, page.source_modified_at, page.is_open,
                        page.open_since, page.open_units, page.open_is_foreign, page.standard, page.source, $4
                 from unnest($5, $6, $7, $8, $9, $10, $11, $12, $13)
                     as page (remote_id, hash, source_modified_at, is_open, open_since, open_units,
                              open_is_foreign, standard, source)
                 {REPLACE}"
            ))
            .bind(pull.app)
            .bind(pull.id)
            .bind(feed)
            .bind(asked_at_seq)
            .bind_all(Columns::of(rows).values())
            .run(tx)
            .await?;
        }
    }
    Ok(())
}

/// The values of the rows come first, without numbers: SQLite looks numbered ones up one by one.
fn stage_text(rows: usize) -> String {
    let [app, pull, feed, asked_at_seq] = [1, 2, 3, 4].map(|n| rows * 9 + n);
    let row = format!("(${app}, ${pull}, ?, ${feed}, true, ?, ?, ?, ?, ?, ?, ?, ?, ${asked_at_seq})");
    format!(
        "insert into pull_change (app_id, pull_id, remote_id, feed, present, hash, source_modified_at, is_open,
                                  open_since, open_units, open_is_foreign, standard, source, asked_at_seq)
         values {} {REPLACE}",
        vec![row; rows].join(", ")
    )
}

const REPLACE: &str = "on conflict (app_id, pull_id, remote_id) do update
     set feed = excluded.feed, present = excluded.present, hash = excluded.hash,
         source_modified_at = excluded.source_modified_at, is_open = excluded.is_open,
         open_since = excluded.open_since, open_units = excluded.open_units,
         open_is_foreign = excluded.open_is_foreign,
         standard = excluded.standard, source = excluded.source, asked_at_seq = excluded.asked_at_seq";

/// Keep that these ids are gone; see [`stage`].
pub async fn stage_gone(
    tx: &mut Tx,
    pull: &Pull,
    feed: &str,
    asked_at_seq: i64,
    remote_ids: Vec<String>,
) -> Result<()> {
    let ids: Value = tx.dialect().texts(remote_ids);
    let listed = tx.dialect().rows_of(5);
    sql(format!(
        "insert into pull_change (app_id, pull_id, remote_id, feed, present, asked_at_seq)
         select $1, $2, listed.value, $3, false, $4
         from {listed}
         where true
         {REPLACE}"
    ))
    .bind(pull.app)
    .bind(pull.id)
    .bind(feed)
    .bind(asked_at_seq)
    .bind(ids)
    .run(tx)
    .await?;
    Ok(())
}

/// Keep nothing of these ids: a later page says that they are as they are stored.
pub async fn unstage(tx: &mut Tx, pull: &Pull, remote_ids: Vec<String>) -> Result<()> {
    let ids = tx.dialect().texts(remote_ids);
    let listed = tx.dialect().any_of(3);
    sql(format!(
        "delete from pull_change where app_id = $1 and pull_id = $2 and remote_id {listed}"
    ))
    .bind(pull.app)
    .bind(pull.id)
    .bind(ids)
    .run(tx)
    .await?;
    Ok(())
}

/// Whether anything is staged for the Pull.
pub async fn any(tx: &mut Tx, pull: &Pull) -> Result<bool> {
    let any = sql("select 1 as one from pull_change where app_id = $1 and pull_id = $2 limit 1");
    Ok(any.bind(pull.app).bind(pull.id).first(tx).await?.is_some())
}

/// Drop what must not or need not be applied, where the data type was published after a page was asked for: where the
/// record was (unless the platform says that the staged form is later), where it is the same by now, and what is gone
/// and no longer there. Records are counted, so that PostgreSQL looks each of them up by the key.
pub async fn prune(tx: &mut Tx, pull: &Pull) -> Result<()> {
    sql("delete from pull_change
         where app_id = $1 and pull_id = $2 and (
             exists (
                 select 1 from record r
                 join publication p on p.app_id = r.app_id and p.publication_id = r.publication_id
                 where r.app_id = $1 and r.connection_id = $3 and r.data_type = $4
                   and r.remote_id = pull_change.remote_id
                   and (
                       (pull_change.present and not r.is_deleted and r.hash = pull_change.hash)
                       or (
                           p.seq > pull_change.asked_at_seq
                           and not coalesce(pull_change.source_modified_at > r.source_modified_at, false)
                       )
                   )
             )
             or (not present and (
                 select count(*) from record r
                 where r.app_id = $1 and r.connection_id = $3 and r.data_type = $4
                   and r.remote_id = pull_change.remote_id and not r.is_deleted
             ) = 0)
         )")
    .bind(pull.app)
    .bind(pull.id)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .run(tx)
    .await?;
    Ok(())
}

/// Write the staged rows over the records, under the Pull's publication; how many.
pub async fn apply_present(tx: &mut Tx, pull: &Pull) -> Result<u64> {
    let sets_feed = match tx.dialect() {
        Dialect::Sqlite => any_elsewhere(tx, pull).await?,
        Dialect::Postgres => true,
    };
    sql(format!(
        "insert into record (app_id, connection_id, data_type, remote_id, publication_id, feed, hash, is_deleted,
                             source_modified_at, is_open, open_since, open_units, open_is_foreign, standard, source)
         select app_id, $3, $4, remote_id, $5, feed, hash, false, source_modified_at, is_open, open_since, open_units,
                open_is_foreign, standard, source
         from pull_change
         where app_id = $1 and pull_id = $2 and present
         {}",
        records::replace(sets_feed)
    ))
    .bind(pull.app)
    .bind(pull.id)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .run(tx)
    .await
}

/// Whether another feed has brought one of the records that the staged rows are written over.
async fn any_elsewhere(tx: &mut Tx, pull: &Pull) -> Result<bool> {
    let elsewhere = sql("select 1 as one from pull_change c
         cross join record r
             on r.app_id = c.app_id and r.connection_id = $3 and r.data_type = $4 and r.remote_id = c.remote_id
         where c.app_id = $1 and c.pull_id = $2 and c.present and r.feed <> c.feed
         limit 1");
    let elsewhere = elsewhere.bind(pull.app).bind(pull.id);
    let elsewhere = elsewhere.bind(pull.connection).bind(pull.data_type.key());
    Ok(elsewhere.first(tx).await?.is_some())
}

/// Mark what is gone as deleted, its content kept; how many.
pub async fn apply_gone(tx: &mut Tx, pull: &Pull) -> Result<u64> {
    sql(match tx.dialect() {
        Dialect::Sqlite => GONE_SQLITE,
        Dialect::Postgres => GONE_POSTGRES,
    })
    .bind(pull.app)
    .bind(pull.id)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .run(tx)
    .await
}

const GONE_SQLITE: &str = "
    update record
    set is_deleted = true, publication_id = $5, is_first = false
    where app_id = $1 and connection_id = $3 and data_type = $4 and not is_deleted and remote_id in (
        select remote_id from pull_change where app_id = $1 and pull_id = $2 and not present
    )";

const GONE_POSTGRES: &str = "
    update record
    set is_deleted = true, publication_id = $5, is_first = false
    where ctid = any (array (
        select found.ctid from pull_change c
        cross join lateral (
            select ctid from record r
            where r.app_id = $1 and r.connection_id = $3 and r.data_type = $4 and r.remote_id = c.remote_id
                and not r.is_deleted
            limit 1
        ) as found
        where c.app_id = $1 and c.pull_id = $2 and not c.present
    ))";

/// Delete up to `limit` staged rows of a Pull that has ended; how many there were.
pub async fn clear(tx: &mut Tx, app: AppId, pull: PullId, limit: i64) -> Result<u64> {
    let condition = "app_id = $1 and pull_id = $2";
    sql(tx.dialect().delete_some("pull_change", condition, "$3"))
        .bind(app)
        .bind(pull)
        .bind(limit)
        .run(tx)
        .await
}
