use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use url::Url;

use crate::cli::{Common, Store};
use crate::process;

/// A database that did not exist before: its address, as `ledgerline` takes it.
pub async fn fresh(options: &Common, store: Store, folder: &Path, name: &str) -> anyhow::Result<String> {
    match store {
        Store::Sqlite => Ok(format!("sqlite://{}/{name}.db", folder.display())),
        Store::Postgres => {
            let server = server(options)?;
            let mut admin = PgConnection::connect(server.as_str()).await?;
            admin
                .execute(AssertSqlSafe(format!("create database {name}")))
                .await?;
            let mut address = server.clone();
            address.set_path(name);
            Ok(address.to_string())
        }
    }
}

/// Give its room back.
pub async fn drop(options: &Common, store: Store, folder: &Path, name: &str) -> anyhow::Result<()> {
    match store {
        Store::Sqlite => {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(folder.join(format!("{name}.db{suffix}")));
            }
        }
        Store::Postgres => {
            let mut admin = PgConnection::connect(server(options)?.as_str()).await?;
            admin
                .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
                .await?;
        }
    }
    Ok(())
}

fn server(options: &Common) -> anyhow::Result<&Url> {
    options
        .postgres
        .as_ref()
        .context("`--postgres` names no server; `script/bench` starts one")
}

/// As the store opens its connection for what is written.
pub fn sqlite_options(database: &str) -> anyhow::Result<SqliteConnectOptions> {
    Ok(SqliteConnectOptions::from_str(database)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4000"))
}

/// What PostgreSQL put off is part of the work: let it be done now.
pub async fn checkpoint(db: &mut PgConnection) -> anyhow::Result<()> {
    db.execute("checkpoint").await?;
    Ok(())
}

/// After much was written PostgreSQL clears away and counts at some moment: let it be done before something else is
/// measured.
pub async fn clean(db: &mut PgConnection) -> anyhow::Result<()> {
    db.execute("vacuum (analyze)").await?;
    Ok(())
}

/// Texts are packed as the store has them packed.
pub async fn pack(db: &mut PgConnection) -> anyhow::Result<()> {
    let pack = "select set_config(name, 'lz4', false) from pg_settings
         where name = 'default_toast_compression' and 'lz4' = any (enumvals)";
    db.execute(pack).await?;
    Ok(())
}

/// The server's own database, to look into beside it.
pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection, u32),
}

impl Database {
    pub async fn open(options: &Common, store: Store, url: &str) -> anyhow::Result<Self> {
        Ok(match store {
            Store::Sqlite => Self::Sqlite(SqliteConnection::connect_with(&sqlite_options(url)?).await?),
            Store::Postgres => {
                let postmaster = options.postmaster.context("`--postmaster` is missing")?;
                Self::Postgres(PgConnection::connect(url).await?, postmaster)
            }
        })
    }

    /// The number that a statement gives.
    pub async fn number(&mut self, statement: &'static str) -> anyhow::Result<u64> {
        let number: i64 = match self {
            Self::Sqlite(db) => sqlx::query_scalar(statement).fetch_one(db).await?,
            Self::Postgres(db, _) => sqlx::query_scalar(statement).fetch_one(db).await?,
        };
        Ok(u64::try_from(number)?)
    }

    /// Let what was measured so far cost nothing any more.
    pub async fn clean(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(db, _) => clean(db).await,
        }
    }

    /// Do what was put off, then: seconds of CPU of the database server. SQLite has none of its own.
    pub async fn settled_cpu(&mut self) -> anyhow::Result<f64> {
        match self {
            Self::Sqlite(_) => Ok(0.0),
            Self::Postgres(db, postmaster) => {
                checkpoint(db).await?;
                process::cpu_of_postgres(*postmaster)
            }
        }
    }
}
