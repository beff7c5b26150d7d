use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use url::Url;

/// Where the servers keep what they know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Store {
    Sqlite,
    /// A server on which databases may be made.
    Postgres(Url),
}

impl Store {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// A database that did not exist before, and is gone afterwards.
pub struct Database {
    /// As `ledgerline` takes it.
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite,
    Postgres { server: Url, name: String },
}

impl Database {
    pub async fn fresh(store: &Store, folder: &Path) -> anyhow::Result<Self> {
        match store {
            Store::Sqlite => Ok(Self {
                url: format!("sqlite://{}/torture.db", folder.display()),
                kind: Kind::Sqlite,
            }),
            Store::Postgres(server) => {
                let folder = folder.file_name().and_then(|name| name.to_str()).unwrap_or("x");
                let name: String = format!("ledgerline_torture_{}_{folder}", std::process::id())
                    .to_lowercase()
                    .chars()
                    .map(|letter| {
                        if letter.is_ascii_alphanumeric() {
                            letter
                        } else {
                            '_'
                        }
                    })
                    .collect();
                let mut admin = PgConnection::connect(server.as_str()).await?;
                // Whoever is stopped in the middle of a transaction is to lose it within the patience of those who wait.
                for statement in [
                    format!("create database {name}"),
                    format!("alter database {name} set idle_in_transaction_session_timeout = '10s'"),
                ] {
                    admin.execute(AssertSqlSafe(statement)).await?;
                }
                let mut url = server.clone();
                url.set_path(&name);
                Ok(Self {
                    url: url.to_string(),
                    kind: Kind::Postgres {
                        server: server.clone(),
                        name,
                    },
                })
            }
        }
    }

    pub async fn look(&self) -> anyhow::Result<Look> {
        Ok(match self.kind {
            Kind::Sqlite => {
                let options = SqliteConnectOptions::from_str(&self.url)?.read_only(true);
                Look::Sqlite(SqliteConnection::connect_with(&options).await?)
            }
            Kind::Postgres { .. } => Look::Postgres(PgConnection::connect(&self.url).await?),
        })
    }

    pub async fn remove(&self) -> anyhow::Result<()> {
        if let Kind::Postgres { server, name } = &self.kind {
            let mut admin = PgConnection::connect(server.as_str()).await?;
            admin
                .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
                .await?;
        }
        Ok(())
    }
}

/// Somebody who looks into the database beside the servers.
pub enum Look {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Look {
    /// The rows of one statement, whose columns are texts: see [`Self::id`] and [`text`].
    pub async fn rows(&mut self, statement: &str) -> anyhow::Result<Vec<Vec<Option<String>>>> {
        let sql = statement.to_owned();
        let context = || format!("`{statement}` failed");
        match self {
            Self::Sqlite(db) => {
                let rows = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(db).await;
                rows.with_context(context)?
                    .iter()
                    .map(|row| (0..row.len()).map(|column| Ok(row.try_get(column)?)).collect())
                    .collect()
            }
            Self::Postgres(db) => {
                let rows = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(db).await;
                rows.with_context(context)?
                    .iter()
                    .map(|row| (0..row.len()).map(|column| Ok(row.try_get(column)?)).collect())
                    .collect()
            }
        }
    }

    /// The number that a statement gives; 0 for null.
    pub async fn number(&mut self, statement: &str) -> anyhow::Result<i64> {
        let rows = self.rows(statement).await?;
        let cell = rows.into_iter().next().and_then(|row| row.into_iter().next());
        Ok(cell.flatten().map_or(Ok(0), |text| text.parse())?)
    }

    /// A UUID's 32 digits, in the words of this database.
    pub fn id(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace(cast({column} as text), '-', '')"),
        }
    }
}

/// A number as text.
pub fn text(column: &str) -> String {
    format!("cast({column} as text)")
}
