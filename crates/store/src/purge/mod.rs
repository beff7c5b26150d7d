use ledgerline_model::{AppId, Timestamp};
use uuid::Uuid;

use crate::db::sql;
use crate::jobs::{self, NewJob};
use crate::{Dialect, Error, Result, Tx};

/// The kind of the jobs that call [`step`].
pub const JOB: &str = "company.purge";

/// What is left of deleted connections of one company; the payload of the job.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Purge {
    pub company: Uuid,
    pub connections: Vec<Uuid>,
    /// The company itself was deleted, with its expenses.
    #[serde(default)]
    pub is_company: bool,
}

impl Purge {
    pub fn from_payload(payload: &str) -> Result<Self> {
        serde_json::from_str(payload).map_err(|_| Error::Corrupt { column: "payload" })
    }
}

pub(crate) async fn enqueue(tx: &mut Tx, app: AppId, purge: &Purge, at: Timestamp) -> Result<()> {
    let payload = serde_json::to_string(purge).map_err(|_| Error::Corrupt { column: "payload" })?;
    let job = NewJob {
        app,
        kind: JOB,
        payload,
        concurrency_key: None,
        run_at: at,
    };
    jobs::enqueue(tx, job).await
}

/// Delete at most `limit` rows; whether nothing is left. Call it in a transaction of its own until so.
pub async fn step(tx: &mut Tx, app: AppId, purge: &Purge, limit: i64) -> Result<bool> {
    if tx.dialect() == Dialect::Postgres {
        // For a few rows PostgreSQL likes to read the table from its start, past all that others own.
        sql("set local enable_seqscan = off").run(tx).await?;
    }
    let mut left = limit;
    for connection in &purge.connections {
        for (table, condition) in TABLES {
            let statement = tx.dialect().delete_some(table, condition, "$4");
            let deleted = sql(statement)
                .bind(app)
                .bind(purge.company)
                .bind(*connection)
                .bind(left)
                .run(tx)
                .await?;
            left -= i64::try_from(deleted).unwrap_or(left);
            if left <= 0 {
                return Ok(false);
            }
        }
    }
    if !purge.is_company {
        return Ok(true);
    }
    for (table, condition) in OF_COMPANY {
        let deleted = sql(tx.dialect().delete_some(table, condition, "$3"))
            .bind(app)
            .bind(purge.company)
            .bind(left)
            .run(tx)
            .await?;
        left -= i64::try_from(deleted).unwrap_or(left);
        if left <= 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What was written for the company outlives its connections: an expense stays in the books.
const OF_COMPANY: [(&str, &str); 8] = [
    (
        "push_item",
        "app_id = $1 and push_id in (select push_id from push where app_id = $1 and company_id = $2)",
    ),
    ("push", "app_id = $1 and company_id = $2"),
    (
        "dataset_item",
        "app_id = $1 and dataset_id in (select dataset_id from dataset where app_id = $1 and company_id = $2)",
    ),
    ("batch", "app_id = $1 and company_id = $2"),
    ("dataset", "app_id = $1 and company_id = $2"),
    ("attachment", "app_id = $1 and company_id = $2"),
    ("item_leg", "app_id = $1 and company_id = $2"),
    ("item", "app_id = $1 and company_id = $2"),
];

/// Children before what they are found by.
const TABLES: [(&str, &str); 13] = [
    (
        "pull_seen",
        "app_id = $1 and feed_read_id in (
             select feed_read_id from feed_read where app_id = $1 and run_id in (
                 select run_id from run where app_id = $1 and company_id = $2 and connection_id = $3))",
    ),
    (
        "feed_read",
        "app_id = $1 and run_id in (
             select run_id from run where app_id = $1 and company_id = $2 and connection_id = $3)",
    ),
    (
        "page_reference",
        "app_id = $1 and run_id in (
             select run_id from run where app_id = $1 and company_id = $2 and connection_id = $3)",
    ),
    ("pull_change", OF_PULL),
    ("issue_change", OF_PULL),
    ("validation_issue", OF_CONNECTION),
    ("record_version", OF_CONNECTION),
    ("record", OF_CONNECTION),
    ("feed_mark", OF_CONNECTION),
    ("data_status", OF_CONNECTION),
    ("publication", OF_CONNECTION),
    ("pull", "app_id = $1 and company_id = $2 and connection_id = $3"),
    ("run", "app_id = $1 and company_id = $2 and connection_id = $3"),
];

const OF_PULL: &str = "app_id = $1 and pull_id in (
    select pull_id from pull where app_id = $1 and company_id = $2 and connection_id = $3)";

// PostgreSQL wants to know the type of each parameter, also of one that says nothing new.
const OF_CONNECTION: &str = "app_id = $1 and cast($2 as uuid) is not null and connection_id = $3";

#[cfg(test)]
mod tests;
