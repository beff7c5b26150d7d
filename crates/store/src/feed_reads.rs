use ledgerline_model::run::FeedRead;
use ledgerline_model::{AppId, BadAnswer, ConnectionId, DataType, FeedReadId, RunId, Secret, Timestamp};

use crate::db::{Row, json, rows_of, sql};
use crate::seal::{self, Place};
use crate::{Error, Result, Tx};

/// Insert reads that begin.
pub async fn insert_all(tx: &mut Tx, reads: &[FeedRead]) -> Result<()> {
    if reads.is_empty() {
        return Ok(());
    }
    let rows = rows_of(reads.len(), 0, 11, |own| format!("({})", own.join(", ")));
    let mut statement = sql(format!(
        "insert into feed_read (app_id, feed_read_id, run_id, connection_id, feed, wanted, pass, last_progress_at,
                                history_window, since, mapping)
         values {rows}"
    ));
    for read in reads {
        statement = statement
            .bind(read.app)
            .bind(read.id)
            .bind(read.run)
            .bind(read.connection)
            .bind(read.feed.as_str())
            .bind(json(&read.wanted, "wanted")?)
            .bind(read.pass)
            .bind(read.last_progress_at)
            .bind(json(&read.window, "history_window")?)
            .bind(read.since)
            .bind(read.mapping);
    }
    statement.run(tx).await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, id: FeedReadId) -> Result<Option<FeedRead>> {
    sql("select * from feed_read where app_id = $1 and feed_read_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?
        .map(|row| of_row(&row))
        .transpose()
}

pub async fn of_run(tx: &mut Tx, app: AppId, run: RunId) -> Result<Vec<FeedRead>> {
    sql("select * from feed_read where app_id = $1 and run_id = $2 order by feed_read_id")
        .bind(app)
        .bind(run)
        .all(tx)
        .await?
        .iter()
        .map(of_row)
        .collect()
}

/// Keep what the platform sent instead of an answer; it takes the place of an earlier one.
pub async fn keep_bad_answer(
    tx: &mut Tx,
    app: AppId,
    id: FeedReadId,
    answer: &BadAnswer,
    at: Timestamp,
) -> Result<()> {
    let row = id.to_string();
    let text = serde_json::to_string(answer).map_err(|_| Error::Corrupt { column: "bad_answer" })?;
    let sealed = seal::seal(tx, bad_answer_place(app, &row), &Secret::new(text)).await?;
    sql("update feed_read set bad_answer = $3, bad_answer_at = $4 where app_id = $1 and feed_read_id = $2")
        .bind(app)
        .bind(id)
        .bind(sealed)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

/// What the platform sent instead of answers to the reads of a Run: feed, when, and what.
pub async fn bad_answers(tx: &mut Tx, app: AppId, run: RunId) -> Result<Vec<(String, Timestamp, BadAnswer)>> {
    let rows = sql(
        "select feed_read_id, feed, bad_answer, bad_answer_at from feed_read
         where app_id = $1 and run_id = $2 and bad_answer is not null
         order by bad_answer_at",
    )
    .bind(app)
    .bind(run)
    .all(tx)
    .await?;
    let mut answers = Vec::with_capacity(rows.len());
    for row in rows {
        let id = FeedReadId(row.uuid("feed_read_id")?).to_string();
        let place = bad_answer_place(app, &id);
        let text = seal::unseal(tx, place, &row.bytes("bad_answer")?).await?;
        let answer =
            serde_json::from_str(text.expose()).map_err(|_| Error::Corrupt { column: "bad_answer" })?;
        answers.push((row.text("feed")?, row.at("bad_answer_at")?, answer));
    }
    Ok(answers)
}

const fn bad_answer_place(app: AppId, row: &str) -> Place<'_> {
    Place {
        app,
        table: "feed_read",
        row,
        column: "bad_answer",
    }
}

/// Write how far the read has come.
pub async fn save(tx: &mut Tx, read: &FeedRead) -> Result<()> {
    sql(
        "update feed_read
         set cursor = $3, pages = $4, objects = $5, platform_time = $6, last_progress_at = $7, finished_at = $8,
             since = $9, restarts = $10
         where app_id = $1 and feed_read_id = $2",
    )
    .bind(read.app)
    .bind(read.id)
    .bind(read.cursor.as_deref())
    .bind(read.pages)
    .bind(read.objects)
    .bind(read.platform_time)
    .bind(read.last_progress_at)
    .bind(read.finished_at)
    .bind(read.since)
    .bind(read.restarts)
    .run(tx)
    .await?;
    Ok(())
}

/// Note the ids of one data type that a page held.
pub async fn see(
    tx: &mut Tx,
    read: &FeedRead,
    page: i64,
    data_type: DataType,
    remote_ids: &[&str],
) -> Result<()> {
    let list = serde_json::to_string(remote_ids).map_err(|_| Error::Corrupt { column: "remote_ids" })?;
    sql(
        "insert into pull_seen (app_id, feed_read_id, pass, page, data_type, ids, remote_ids)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(read.app)
    .bind(read.id)
    .bind(read.pass)
    .bind(page)
    .bind(data_type.key())
    .bind(i64::try_from(remote_ids.len()).unwrap_or(i64::MAX))
    .bind(list)
    .run(tx)
    .await?;
    Ok(())
}

/// How many ids of a data type the pages of a read held, repeated ones counted again.
pub async fn count_seen(tx: &mut Tx, app: AppId, id: FeedReadId, data_type: DataType) -> Result<i64> {
    sql(
        "select cast(coalesce(sum(ids), 0) as bigint) as ids from pull_seen
         where app_id = $1 and feed_read_id = $2 and data_type = $3",
    )
    .bind(app)
    .bind(id)
    .bind(data_type.key())
    .first(tx)
    .await?
    .map_or(Ok(0), |row| row.int("ids"))
}

/// The ids of a data type that a read saw, a page at a time.
pub async fn each_seen(
    tx: &mut Tx,
    app: AppId,
    id: FeedReadId,
    data_type: DataType,
    mut visit: impl FnMut(Vec<String>),
) -> Result<()> {
    sql("select remote_ids from pull_seen where app_id = $1 and feed_read_id = $2 and data_type = $3")
        .bind(app)
        .bind(id)
        .bind(data_type.key())
        .each(tx, |row| {
            visit(row.json("remote_ids")?);
            Ok(true)
        })
        .await
}

/// Forget what a read saw.
pub async fn forget_seen(tx: &mut Tx, app: AppId, id: FeedReadId) -> Result<()> {
    sql("delete from pull_seen where app_id = $1 and feed_read_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Forget what the reads of a Run saw.
pub async fn forget_seen_by_run(tx: &mut Tx, app: AppId, run: RunId) -> Result<()> {
    sql("delete from pull_seen
         where app_id = $1 and feed_read_id in (
             select feed_read_id from feed_read where app_id = $1 and run_id = $2
         )")
    .bind(app)
    .bind(run)
    .run(tx)
    .await?;
    Ok(())
}

/// Up to where a data type has been read in a feed.
#[derive(Clone, Debug)]
pub struct Mark {
    pub data_type: DataType,
    pub feed: String,
    /// The platform's time: every change before it has been read.
    pub at: Timestamp,
    /// Ours: when the last full read was completed.
    pub full_at: Option<Timestamp>,
    /// The mapping of all that was read up to it.
    pub mapping: i64,
}

pub async fn marks(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<Vec<Mark>> {
    sql("select * from feed_mark where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(connection)
        .all(tx)
        .await?
        .iter()
        .map(|row| {
            let data_type = row.text("data_type")?;
            Ok(Mark {
                data_type: data_type
                    .parse()
                    .map_err(|_| Error::Corrupt { column: "data_type" })?,
                feed: row.text("feed")?,
                at: row.at("marked_at")?,
                full_at: row.opt_at("full_at")?,
                mapping: row.int("mapping")?,
            })
        })
        .collect()
}

/// Move the high-water mark of a data type in a feed; without `full_at` the last full read stays what it was.
pub async fn set_mark(tx: &mut Tx, app: AppId, connection: ConnectionId, mark: &Mark) -> Result<()> {
    sql(
        "insert into feed_mark (app_id, connection_id, data_type, feed, marked_at, full_at, mapping)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (app_id, connection_id, data_type, feed) do update
         set marked_at = excluded.marked_at, full_at = coalesce(excluded.full_at, feed_mark.full_at),
             mapping = case when excluded.full_at is null then feed_mark.mapping else excluded.mapping end",
    )
    .bind(app)
    .bind(connection)
    .bind(mark.data_type.key())
    .bind(mark.feed.as_str())
    .bind(mark.at)
    .bind(mark.full_at)
    .bind(mark.mapping)
    .run(tx)
    .await?;
    Ok(())
}

fn of_row(row: &Row) -> Result<FeedRead> {
    Ok(FeedRead {
        app: AppId(row.uuid("app_id")?),
        id: FeedReadId(row.uuid("feed_read_id")?),
        run: RunId(row.uuid("run_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        feed: row.text("feed")?,
        wanted: row.json("wanted")?,
        window: row.opt_json("history_window")?.unwrap_or_default(),
        since: row.opt_at("since")?,
        mapping: row.int("mapping")?,
        restarts: row.int("restarts")?,
        cursor: row.opt_text("cursor")?,
        pages: row.int("pages")?,
        objects: row.int("objects")?,
        pass: row.int("pass")?,
        platform_time: row.opt_at("platform_time")?,
        last_progress_at: row.at("last_progress_at")?,
        finished_at: row.opt_at("finished_at")?,
    })
}
