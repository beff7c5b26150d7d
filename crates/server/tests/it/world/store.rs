use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ledgerline_model::Ids;
use ledgerline_store::{Keyring, Options, Store};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of its own for one test.
pub struct Database {
    pub store: Store,
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite { _folder: TempDir },
    Postgres { server: String, name: String },
}

impl Database {
    /// SQLite, unless `LEDGERLINE_TEST_STORE=postgres`.
    pub async fn fresh(ids: Arc<dyn Ids>) -> Self {
        let on_postgres = std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres");
        let (url, kind) = if on_postgres { postgres().await } else { sqlite() };
        let options = Options {
            url: url.clone(),
            connections: 6,
        };
        let store = Store::open(&options, Keyring::new([7; 32], ids)).await.unwrap();
        Self { store, url, kind }
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let statement = AssertSqlSafe(format!("select count(*) from {table}"));
        match self.kind {
            Kind::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
            }
            Kind::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(statement)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
            }
        }
    }

    pub async fn remove(self) {
        self.store.close().await;
        if let Kind::Postgres { server, name } = self.kind {
            let mut admin = PgConnection::connect(&server).await.unwrap();
            admin
                .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
                .await
                .unwrap();
        }
    }
}

fn sqlite() -> (String, Kind) {
    let folder = tempfile::tempdir().unwrap();
    (
        format!("sqlite://{}", folder.path().join("world.db").display()),
        Kind::Sqlite { _folder: folder },
    )
}

async fn postgres() -> (String, Kind) {
    let server = std::env::var("LEDGERLINE_TEST_POSTGRES").expect("LEDGERLINE_TEST_POSTGRES names a server");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("ledgerline_it_{}_{number}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    (format!("{address}/{name}"), Kind::Postgres { server, name })
}
