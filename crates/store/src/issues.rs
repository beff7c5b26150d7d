use std::collections::HashMap;
use std::sync::Arc;

use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::run::Pull;
use ledgerline_model::{AppId, ConnectionId, DataType, IssueId, PublicationId, PullId};

use crate::db::{Row, Value, rows_of, sql};
use crate::{Error, Result, Tx};

/// An issue that was found; with the record's source where the record is quarantined.
pub struct Found {
    pub id: IssueId,
    pub issue: Issue,
    pub source: Option<Arc<str>>,
    /// The other record that it is about, by type and id.
    pub about: Option<(DataType, String)>,
}

/// What an issue was found by: later findings replace those of their own origin alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The record's content.
    Record,
    /// The record beside others, e.g. a reference that leads nowhere.
    Set,
}

impl Origin {
    const fn key(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Set => "set",
        }
    }
}

/// Where and by what issues were found.
#[derive(Clone, Copy)]
pub struct Finding<'a> {
    pub pull: &'a Pull,
    pub feed: &'a str,
    pub origin: Origin,
}

/// Keep what is wrong with these records, from the Pull's completion on.
///
/// An issue belongs to a record's current content: what was wrong before and still is costs no row, and what was
/// not looked at keeps its issues. `records` are all that were looked at, those without an issue too; of a record
/// that a Pull looked at twice the later finding counts.
pub async fn note(tx: &mut Tx, finding: Finding<'_>, records: Vec<String>, found: Vec<Found>) -> Result<()> {
    let any = any(tx, finding.pull).await?;
    take_back(tx, finding, &records, any).await?;
    let mut found_of: HashMap<String, Vec<Held>> = HashMap::new();
    for found in found {
        let held = Held::of(found);
        found_of.entry(held.issue.record.clone()).or_default().push(held);
    }
    if !finding.pull.first_load && any.holding {
        let standing = standing(tx, finding, &records).await?;
        let mut changed = Vec::new();
        for (record, before) in &standing {
            match found_of.get(record) {
                Some(now) if are_same(before, now) => {
                    found_of.remove(record);
                }
                Some(_) | None => changed.push(record.clone()),
            }
        }
        replace_later(tx, finding, changed).await?;
    }
    insert(tx, finding, found_of.into_values().flatten().collect()).await
}

/// An issue as it is stored.
struct Held {
    id: IssueId,
    issue: Issue,
    source: Option<String>,
    about: Option<(DataType, String)>,
}

impl Held {
    fn of(found: Found) -> Self {
        let Issue {
            severity,
            rule,
            record,
            field,
            message,
        } = found.issue;
        Self {
            id: found.id,
            issue: Issue {
                severity,
                rule: storable(rule),
                record: storable(record),
                field: storable(field),
                message: storable(message),
            },
            source: found.source.map(|source| storable(source.as_ref().to_owned())),
            about: found.about,
        }
    }
}

fn are_same(before: &[Held], now: &[Held]) -> bool {
    let same = |one: &Held, other: &Held| one.issue == other.issue && one.source == other.source;
    before.len() == now.len()
        && now
            .iter()
            .all(|now| before.iter().any(|before| same(before, now)))
}

/// What there is of a Pull's type at all. Most types have no issue, and most Pulls find none: then no record is looked
/// up.
#[derive(Clone, Copy)]
struct Any {
    /// The Pull has found some.
    own: bool,
    /// It has some to replace.
    replaced: bool,
    /// Some hold, for readers or from the Pull's completion on.
    holding: bool,
}

async fn any(tx: &mut Tx, pull: &Pull) -> Result<Any> {
    let row = sql(
        "select exists (select 1 from validation_issue where app_id = $1 and publication_id = $4) as own,
            exists (select 1 from issue_change where app_id = $1 and pull_id = $5) as replaced,
            exists (
                select 1 from validation_issue
                where app_id = $1 and connection_id = $2 and data_type = $3 and until_publication_id is null
            ) as holding",
    )
    .bind(pull.app)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .bind(pull.id)
    .first(tx)
    .await?
    .ok_or(Error::Corrupt { column: "holding" })?;
    Ok(Any {
        own: row.bool("own")?,
        replaced: row.bool("replaced")?,
        holding: row.bool("holding")?,
    })
}

/// What an earlier page of the same Pull found for these records counts no more.
async fn take_back(tx: &mut Tx, finding: Finding<'_>, records: &[String], any: Any) -> Result<()> {
    let Finding { pull, origin, .. } = finding;
    if any.own {
        let any_of = tx.dialect().any_of(6);
        sql(format!(
            "delete from validation_issue
             where app_id = $1 and connection_id = $2 and data_type = $3 and until_publication_id is null
                 and publication_id = $4 and origin = $5 and record {any_of}"
        ))
        .bind(pull.app)
        .bind(pull.connection)
        .bind(pull.data_type.key())
        .bind(pull.publication)
        .bind(origin.key())
        .bind(tx.dialect().texts(records.to_vec()))
        .run(tx)
        .await?;
    }
    if any.replaced {
        let any_of = tx.dialect().any_of(4);
        sql(format!(
            "delete from issue_change where app_id = $1 and pull_id = $2 and origin = $3 and record {any_of}"
        ))
        .bind(pull.app)
        .bind(pull.id)
        .bind(origin.key())
        .bind(tx.dialect().texts(records.to_vec()))
        .run(tx)
        .await?;
    }
    Ok(())
}

async fn has_changes(tx: &mut Tx, pull: &Pull) -> Result<bool> {
    let any = sql("select 1 as one from issue_change where app_id = $1 and pull_id = $2 limit 1");
    Ok(any.bind(pull.app).bind(pull.id).first(tx).await?.is_some())
}

/// The issues of these records that hold for readers.
async fn standing(
    tx: &mut Tx,
    finding: Finding<'_>,
    records: &[String],
) -> Result<HashMap<String, Vec<Held>>> {
    let Finding { pull, origin, .. } = finding;
    let mut standing: HashMap<String, Vec<Held>> = HashMap::new();
    let any_of = tx.dialect().any_of(6);
    let rows = sql(format!(
        "select i.* from validation_issue i
         join publication p on p.app_id = i.app_id and p.publication_id = i.publication_id
         where i.app_id = $1 and i.connection_id = $2 and i.data_type = $3 and i.until_publication_id is null
             and i.publication_id <> $4 and i.origin = $5 and p.seq is not null and i.record {any_of}"
    ))
    .bind(pull.app)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .bind(origin.key())
    .bind(tx.dialect().texts(records.to_vec()))
    .all(tx)
    .await?;
    for row in &rows {
        let held = Held {
            id: IssueId(row.uuid("issue_id")?),
            issue: of_row(row)?,
            source: row.opt_text("source")?,
            about: None,
        };
        standing.entry(held.issue.record.clone()).or_default().push(held);
    }
    Ok(standing)
}

/// What holds for these records is replaced when the Pull completes.
async fn replace_later(tx: &mut Tx, finding: Finding<'_>, records: Vec<String>) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let listed = tx.dialect().rows_of(4);
    sql(format!(
        "insert into issue_change (app_id, pull_id, origin, record)
         select $1, $2, $3, listed.value from {listed}
         where true
         on conflict do nothing"
    ))
    .bind(finding.pull.app)
    .bind(finding.pull.id)
    .bind(finding.origin.key())
    .bind(tx.dialect().texts(records))
    .run(tx)
    .await?;
    Ok(())
}

/// Keep what was found of records beside others, from a publication on that readers see already.
pub(crate) async fn add(tx: &mut Tx, finding: Finding<'_>, found: Vec<Found>) -> Result<()> {
    insert(tx, finding, found.into_iter().map(Held::of).collect()).await
}

/// Rows of one statement: nine values each, far below what the databases allow.
const AT_ONCE: usize = 100;

async fn insert(tx: &mut Tx, finding: Finding<'_>, found: Vec<Held>) -> Result<()> {
    let Finding { pull, feed, origin } = finding;
    let mut found = found.into_iter().peekable();
    while found.peek().is_some() {
        let chunk: Vec<Held> = found.by_ref().take(AT_ONCE).collect();
        let rows = rows_of(chunk.len(), 6, 9, |own| {
            format!("($1, $2, $3, $4, $5, $6, {})", own.join(", "))
        });
        let values = chunk.into_iter().flat_map(|held| {
            let (target_type, target_id) = held.about.unzip();
            [
                Value::from(held.id),
                Value::from(held.issue.record),
                Value::from(severity_key(held.issue.severity)),
                Value::from(held.issue.rule),
                Value::from(held.issue.field),
                Value::from(held.issue.message),
                Value::from(held.source),
                Value::from(target_type.map(DataType::key)),
                Value::from(target_id),
            ]
        });
        sql(format!(
            "insert into validation_issue (app_id, connection_id, data_type, feed, origin, publication_id,
                                           issue_id, record, severity, rule, field, message, source,
                                           target_type, target_id)
             values {rows}"
        ))
        .bind(pull.app)
        .bind(pull.connection)
        .bind(pull.data_type.key())
        .bind(feed)
        .bind(origin.key())
        .bind(pull.publication)
        .bind_all(values)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Records of a Pull that are gone.
#[derive(Clone, Debug)]
pub enum Gone {
    /// Those that are staged.
    Staged,
    Listed(Vec<String>),
}

/// The Pull completes: what it found holds, what it found no more does not, nor do issues of what is gone.
pub async fn settle(tx: &mut Tx, pull: &Pull, gone: Gone) -> Result<()> {
    if has_changes(tx, pull).await? {
        let replaced = "exists (
            select 1 from issue_change c
            where c.app_id = $1 and c.pull_id = $2 and c.origin = validation_issue.origin
                and c.record = validation_issue.record)";
        end_those(tx, pull, replaced, None).await?;
    }
    match gone {
        Gone::Staged => {
            let staged = "record in (
                select remote_id from pull_change where app_id = $1 and pull_id = $2 and not present)";
            end_those(tx, pull, staged, None).await
        }
        Gone::Listed(ids) if ids.is_empty() => Ok(()),
        Gone::Listed(ids) => {
            let listed = format!("record {} and $2 is not null", tx.dialect().any_of(6));
            let ids = tx.dialect().texts(ids);
            end_those(tx, pull, &listed, Some(ids)).await
        }
    }
}

async fn end_those(tx: &mut Tx, pull: &Pull, condition: &str, ids: Option<Value>) -> Result<()> {
    sql(format!(
        "update validation_issue set until_publication_id = $5
         where app_id = $1 and connection_id = $3 and data_type = $4 and until_publication_id is null
             and publication_id <> $5 and {condition}"
    ))
    .bind(pull.app)
    .bind(pull.id)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .bind_all(ids)
    .run(tx)
    .await?;
    Ok(())
}

/// The records with an issue that holds and that this feed brought, each once: an enumeration may show that they
/// are gone, whether they are stored or in quarantine.
pub async fn each_record(tx: &mut Tx, pull: &Pull, feed: &str, mut visit: impl FnMut(String)) -> Result<()> {
    sql("select distinct record from validation_issue
         where app_id = $1 and connection_id = $2 and data_type = $3 and until_publication_id is null
             and feed = $4 and origin = 'record'")
    .bind(pull.app)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(feed)
    .each(tx, |row| {
        visit(row.text("record")?);
        Ok(true)
    })
    .await
}

/// An enumeration did not hold these records: with the Pull's completion their issues hold no more.
pub async fn forget_later(tx: &mut Tx, pull: &Pull, feed: &str, records: Vec<String>) -> Result<()> {
    for origin in [Origin::Record, Origin::Set] {
        let finding = Finding { pull, feed, origin };
        replace_later(tx, finding, records.clone()).await?;
    }
    Ok(())
}

/// Delete up to `limit` rows of what a Pull that has ended had noted for its completion, and of what it found if
/// it did not complete; how many there were.
pub async fn clear(
    tx: &mut Tx,
    app: AppId,
    pull: PullId,
    publication: PublicationId,
    limit: i64,
) -> Result<u64> {
    let noted = clear_noted(tx, app, pull, limit).await?;
    let never_held = "app_id = $1 and publication_id = $2 and exists (
        select 1 from publication p where p.app_id = $1 and p.publication_id = $2 and p.seq is null)";
    let found = sql(tx.dialect().delete_some("validation_issue", never_held, "$3"));
    Ok(noted + found.bind(app).bind(publication).bind(limit).run(tx).await?)
}

/// Delete up to `limit` rows of what was noted for a completion; how many there were.
pub async fn clear_noted(tx: &mut Tx, app: AppId, pull: PullId, limit: i64) -> Result<u64> {
    let noted = sql(tx
        .dialect()
        .delete_some("issue_change", "app_id = $1 and pull_id = $2", "$3"));
    noted.bind(app).bind(pull).bind(limit).run(tx).await
}

/// What is wrong with the records as the Pull left them, whichever Pull found it, in the order it was found; of a
/// Pull that has not completed, what it found itself.
pub async fn of_pull(tx: &mut Tx, pull: &Pull, offset: i64, limit: i64) -> Result<Vec<Issue>> {
    sql(format!(
        "select i.* {AS_LEFT_BY} order by i.issue_id limit $6 offset $7"
    ))
    .bind(pull.app)
    .bind(pull.connection)
    .bind(pull.data_type.key())
    .bind(pull.publication)
    .bind(is_complete(pull))
    .bind(limit)
    .bind(offset)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// How many issues [`of_pull`] would list.
pub async fn count(tx: &mut Tx, pull: &Pull) -> Result<i64> {
    sql(format!("select count(*) as issues {AS_LEFT_BY}"))
        .bind(pull.app)
        .bind(pull.connection)
        .bind(pull.data_type.key())
        .bind(pull.publication)
        .bind(is_complete(pull))
        .first(tx)
        .await?
        .map_or(Ok(0), |row| row.int("issues"))
}

/// How many errors and warnings readers are shown of each data type of a connection that has any.
pub async fn count_holding(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
) -> Result<Vec<(DataType, i64, i64)>> {
    sql(
        "select i.data_type, sum(case when i.severity = 'error' then 1 else 0 end) as errors,
            sum(case when i.severity = 'error' then 0 else 1 end) as warnings
         from validation_issue i
         join publication p on p.app_id = i.app_id and p.publication_id = i.publication_id
         where i.app_id = $1 and i.connection_id = $2 and i.until_publication_id is null and p.seq is not null
         group by i.data_type",
    )
    .bind(app)
    .bind(connection)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        let data_type = row.text("data_type")?.parse();
        Ok((
            data_type.map_err(|_| Error::Corrupt { column: "data_type" })?,
            row.int("errors")?,
            row.int("warnings")?,
        ))
    })
    .collect()
}

fn is_complete(pull: &Pull) -> bool {
    pull.state.is_complete()
}

/// Within its own completion a Pull's publication has no number yet: it is later than all that have.
const AS_LEFT_BY: &str = "
    from validation_issue i
    join publication own on own.app_id = i.app_id and own.publication_id = $4
    join publication since on since.app_id = i.app_id and since.publication_id = i.publication_id
    left join publication until on until.app_id = i.app_id and until.publication_id = i.until_publication_id
    where i.app_id = $1 and i.connection_id = $2 and i.data_type = $3
        and (i.publication_id = $4 or ($5 and since.seq is not null and (own.seq is null or since.seq < own.seq)))
        and (i.until_publication_id is null or (own.seq is not null and until.seq > own.seq))";

fn of_row(row: &Row) -> Result<Issue> {
    Ok(Issue {
        severity: severity_of(&row.text("severity")?)?,
        rule: row.text("rule")?,
        record: row.text("record")?,
        field: row.text("field")?,
        message: row.text("message")?,
    })
}

const fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn severity_of(key: &str) -> Result<Severity> {
    match key {
        "warning" => Ok(Severity::Warning),
        "error" => Ok(Severity::Error),
        _ => Err(Error::Corrupt { column: "severity" }),
    }
}

/// PostgreSQL's text has no U+0000, and what is wrong with a record must be storable whatever it is.
fn storable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}
