use futures::TryStreamExt;
use jiff::Timestamp;
use ledgerline_model::{from_micros, micros};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, Sqlite};
use uuid::Uuid;

use super::Tx;
use super::tx::Line;
use crate::{Error, Result};

/// A value for a placeholder. Each names its type, so that PostgreSQL knows it also for a null.
#[derive(Clone, Debug)]
pub enum Value {
    Int(Option<i64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Uuid(Option<Uuid>),
    /// PostgreSQL alone has arrays: for `unnest` in bulk statements.
    Texts(Vec<String>),
    Blobs(Vec<Vec<u8>>),
    Ints(Vec<Option<i64>>),
    Bools(Vec<bool>),
}

/// A statement and its values; `$1`, `$2` … stand for them in both databases.
pub struct Statement<'q> {
    text: std::borrow::Cow<'q, str>,
    values: Vec<Value>,
}

/// Begin a statement.
pub fn sql<'q>(text: impl Into<std::borrow::Cow<'q, str>>) -> Statement<'q> {
    Statement {
        text: text.into(),
        values: Vec::new(),
    }
}

/// The rows of a `values` clause: so many, each of which has `own` parameters behind the `shared` first ones of the
/// statement, and is written by `row`.
pub fn rows_of(rows: usize, shared: usize, own: usize, row: impl Fn(&[String]) -> String) -> String {
    let numbered = (0..rows).map(|index| {
        let first = shared + index * own + 1;
        let own: Vec<String> = (first..first + own).map(|number| format!("${number}")).collect();
        row(&own)
    });
    numbered.collect::<Vec<_>>().join(", ")
}

/// A row of either database, read by column name.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Statement<'_> {
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Bind each of `values`, in order.
    pub fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.values.extend(values);
        self
    }

    /// Run it; how many rows it changed.
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        let text = AssertSqlSafe(self.text.into_owned());
        match tx.inner.line() {
            Line::Sqlite(line) => {
                let query = bind_sqlite(sqlx::query(text), self.values)?;
                Ok(query.execute(line).await?.rows_affected())
            }
            Line::Postgres(line) => {
                let query = bind_postgres(sqlx::query(text), self.values);
                Ok(query.execute(line).await?.rows_affected())
            }
        }
    }

    /// All rows; for statements that give few.
    pub async fn all(self, tx: &mut Tx) -> Result<Vec<Row>> {
        let text = AssertSqlSafe(self.text.into_owned());
        match tx.inner.line() {
            Line::Sqlite(line) => {
                let query = bind_sqlite(sqlx::query(text), self.values)?;
                Ok(query
                    .fetch_all(line)
                    .await?
                    .into_iter()
                    .map(Row::Sqlite)
                    .collect())
            }
            Line::Postgres(line) => {
                let query = bind_postgres(sqlx::query(text), self.values);
                Ok(query
                    .fetch_all(line)
                    .await?
                    .into_iter()
                    .map(Row::Postgres)
                    .collect())
            }
        }
    }

    /// The first row, if there is one.
    pub async fn first(self, tx: &mut Tx) -> Result<Option<Row>> {
        let text = AssertSqlSafe(self.text.into_owned());
        match tx.inner.line() {
            Line::Sqlite(line) => {
                let query = bind_sqlite(sqlx::query(text), self.values)?;
                Ok(query.fetch_optional(line).await?.map(Row::Sqlite))
            }
            Line::Postgres(line) => {
                let query = bind_postgres(sqlx::query(text), self.values);
                Ok(query.fetch_optional(line).await?.map(Row::Postgres))
            }
        }
    }

    /// Each row as it comes, so that memory does not grow with their number; `visit` ends it with `false`.
    pub async fn each(self, tx: &mut Tx, mut visit: impl FnMut(Row) -> Result<bool>) -> Result<()> {
        let text = AssertSqlSafe(self.text.into_owned());
        match tx.inner.line() {
            Line::Sqlite(line) => {
                let mut rows = bind_sqlite(sqlx::query(text), self.values)?.fetch(line);
                while let Some(row) = rows.try_next().await? {
                    if !visit(Row::Sqlite(row))? {
                        break;
                    }
                }
            }
            Line::Postgres(line) => {
                let mut rows = bind_postgres(sqlx::query(text), self.values).fetch(line);
                while let Some(row) = rows.try_next().await? {
                    if !visit(Row::Postgres(row))? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;
type PgQuery = Query<'static, Postgres, PgArguments>;

fn bind_sqlite(mut query: SqliteQuery, values: Vec<Value>) -> Result<SqliteQuery> {
    for value in values {
        query = match value {
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Uuid(value) => query.bind(value),
            Value::Texts(_) | Value::Blobs(_) | Value::Ints(_) | Value::Bools(_) => {
                return Err(Error::Corrupt { column: "array" });
            }
        };
    }
    Ok(query)
}

fn bind_postgres(mut query: PgQuery, values: Vec<Value>) -> PgQuery {
    for value in values {
        query = match value {
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Uuid(value) => query.bind(value),
            Value::Texts(values) => query.bind(values),
            Value::Blobs(values) => query.bind(values),
            Value::Ints(values) => query.bind(values),
            Value::Bools(values) => query.bind(values),
        };
    }
    query
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident -> $type:ty),* $(,)?) => { $(
        $(#[$doc])*
        pub fn $name(&self, column: &'static str) -> Result<$type> {
            match self {
                Self::Sqlite(row) => row.try_get(column),
                Self::Postgres(row) => row.try_get(column),
            }
            .map_err(|_| Error::Corrupt { column })
        }
    )* };
}

impl Row {
    columns! {
        int -> i64,
        opt_int -> Option<i64>,
        bool -> bool,
        opt_bool -> Option<bool>,
        text -> String,
        opt_text -> Option<String>,
        bytes -> Vec<u8>,
        opt_bytes -> Option<Vec<u8>>,
        uuid -> Uuid,
        opt_uuid -> Option<Uuid>,
    }

    /// An instant, stored as microseconds in UTC.
    pub fn at(&self, column: &'static str) -> Result<Timestamp> {
        self.int(column).map(from_micros)
    }

    pub fn opt_at(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(from_micros))
    }

    /// A column that holds the key of one of our enums.
    pub fn key<T>(&self, column: &'static str, from_key: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        from_key(&self.text(column)?).ok_or(Error::Corrupt { column })
    }

    /// A column that holds a SHA-256.
    pub fn sha256(&self, column: &'static str) -> Result<[u8; 32]> {
        self.bytes(column)?
            .try_into()
            .map_err(|_| Error::Corrupt { column })
    }

    /// A column that holds JSON text.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| Error::Corrupt { column })
    }

    pub fn opt_json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        let text = self.opt_text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| Error::Corrupt { column }))
            .transpose()
    }
}

macro_rules! values {
    ($($type:ty => $variant:ident),* $(,)?) => { $(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )* };
}

/// What is stored as JSON text.
pub fn json<T: serde::Serialize>(value: &T, column: &'static str) -> Result<Value> {
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|_| Error::Corrupt { column })
}

values! { i64 => Int, bool => Bool, &str => Text, String => Text, Vec<u8> => Bytes, &[u8] => Bytes, Uuid => Uuid }

macro_rules! ids {
    ($($id:ident),* $(,)?) => { $(
        impl From<ledgerline_model::$id> for Value {
            fn from(id: ledgerline_model::$id) -> Self {
                Self::Uuid(Some(id.0))
            }
        }

        impl From<Option<ledgerline_model::$id>> for Value {
            fn from(id: Option<ledgerline_model::$id>) -> Self {
                Self::Uuid(id.map(|id| id.0))
            }
        }
    )* };
}

ids! {
    AppId, ApiKeyId, AttachmentId, CompanyId, ConnectionId, DatasetId, DeliveryId, EndpointId, EventId, FeedReadId,
    GrantId, IssueId, JobId, PublicationId, PullId, PushId, RunId, LinkSessionId,
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(Some(micros(at)))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Int(at.map(micros))
    }
}
