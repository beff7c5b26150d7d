use std::sync::Arc;

use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::{AppId, DataType, IssueId, PullId};

use crate::db::{Value, sql};
use crate::{Error, Result, Tx};

/// An issue that a page brought; with the record's source where the record is quarantined.
pub struct Found {
    pub id: IssueId,
    pub issue: Issue,
    pub source: Option<Arc<str>>,
}

/// Rows of one statement: ten values each, far below what the databases allow.
const AT_ONCE: usize = 100;

/// Keep what is wrong with the records of a page.
pub async fn insert(
    tx: &mut Tx,
    app: AppId,
    pull: PullId,
    data_type: DataType,
    found: Vec<Found>,
) -> Result<()> {
    let mut found = found.into_iter().peekable();
    while found.peek().is_some() {
        let chunk: Vec<Found> = found.by_ref().take(AT_ONCE).collect();
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| {
                let n = 3 + row * 7;
                format!(
                    "($1, ${}, $2, $3, ${}, ${}, ${}, ${}, ${}, ${})",
                    n + 1,
                    n + 2,
                    n + 3,
                    n + 4,
                    n + 5,
                    n + 6,
                    n + 7
                )
            })
            .collect();
        let values = chunk.into_iter().flat_map(|found| {
            let Issue {
                severity,
                rule,
                record,
                field,
                message,
            } = found.issue;
            [
                Value::from(found.id),
                Value::from(severity_key(severity)),
                Value::from(storable(rule)),
                Value::from(storable(record)),
                Value::from(storable(field)),
                Value::from(storable(message)),
                Value::from(found.source.map(|source| storable(source.as_ref().to_owned()))),
            ]
        });
        sql(format!(
            "insert into validation_issue (app_id, issue_id, pull_id, data_type, severity, rule, record, field,
                                           message, source)
             values {}",
            rows.join(", ")
        ))
        .bind(app)
        .bind(pull)
        .bind(data_type.key())
        .bind_all(values)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// What a Pull found wrong, in the order it was found.
pub async fn of_pull(tx: &mut Tx, app: AppId, pull: PullId, offset: i64, limit: i64) -> Result<Vec<Issue>> {
    sql(
        "select severity, rule, record, field, message from validation_issue
         where app_id = $1 and pull_id = $2
         order by issue_id
         limit $3 offset $4",
    )
    .bind(app)
    .bind(pull)
    .bind(limit)
    .bind(offset)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Issue {
            severity: severity_of(&row.text("severity")?)?,
            rule: row.text("rule")?,
            record: row.text("record")?,
            field: row.text("field")?,
            message: row.text("message")?,
        })
    })
    .collect()
}

pub async fn count(tx: &mut Tx, app: AppId, pull: PullId) -> Result<i64> {
    sql("select count(*) as issues from validation_issue where app_id = $1 and pull_id = $2")
        .bind(app)
        .bind(pull)
        .first(tx)
        .await?
        .map_or(Ok(0), |row| row.int("issues"))
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
