use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::planted::{self, Bug};
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool, Postgres, SqlitePool, Transaction};
use tokio::sync::Mutex;

use super::Tx;
use super::tx::Inner;
use crate::dialect::Dialect;
use crate::seal::Keyring;
use crate::{Error, Result};

/// Where the store is and how it is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: String,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub connections: u32,
}

/// The database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    pub(crate) keyring: Arc<Keyring>,
}

#[derive(Clone)]
enum Pools {
    Sqlite {
        readers: SqlitePool,
        /// Everything that is written.
        writer: SqlitePool,
        /// SQLite has one writer at a time: waiting here is fair, waiting in SQLite is not.
        lock: Arc<Mutex<()>>,
    },
    Postgres(PgPool),
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

impl Store {
    /// Open the database and migrate it (under a lock, where several nodes may try).
    pub async fn open(options: &Options, keyring: Keyring) -> Result<Self> {
        let pools = if options.url.starts_with("sqlite:") {
            open_sqlite(options).await?
        } else {
            let connect = PgConnectOptions::from_str(&options.url)
                .map_err(Error::Database)?
                .statement_cache_capacity(STATEMENTS);
            let pool = PgPoolOptions::new()
                .max_connections(options.connections)
                .acquire_timeout(Duration::from_secs(30))
                .after_connect(|connection, _| Box::pin(set_up(connection)))
                // One that was used a moment ago need not be asked whether it is there.
                .test_before_acquire(false)
                .before_acquire(|connection, used| {
                    Box::pin(
                        async move { Ok(used.idle_for < TRUSTED_FOR || connection.ping().await.is_ok()) },
                    )
                })
                .connect_with(connect)
                .await
                .map_err(Error::Database)?;
            Pools::Postgres(pool)
        };
        match &pools {
            Pools::Sqlite { writer, .. } => migrate_file(writer).await,
            Pools::Postgres(pool) => {
                make_collation(pool).await?;
                if planted::is(Bug::NumberWithoutLock) {
                    let sequence = "create sequence if not exists planted_number";
                    sqlx::query(sequence)
                        .execute(pool)
                        .await
                        .map_err(Error::Database)?;
                }
                MIGRATIONS.run(pool).await
            }
        }
        .map_err(Error::Migrate)?;
        if planted::is(Bug::ScheduleWithoutKey)
            && let Pools::Postgres(pool) = &pools
        {
            sqlx::query("drop index if exists run_once_a_period")
                .execute(pool)
                .await
                .map_err(Error::Database)?;
        }
        Ok(Self {
            pools,
            keyring: Arc::new(keyring),
        })
    }

    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A snapshot to read from: everything read in it is of one moment.
    pub async fn read(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.begin().await?, None),
            Pools::Postgres(pool) => {
                Inner::Postgres(begin(pool, "begin isolation level repeatable read read only").await?)
            }
        };
        Ok(Tx {
            inner,
            keyring: self.keyring.clone(),
            keys: HashMap::new(),
        })
    }

    /// To read with one statement: what a snapshot needs to begin and to end is left out.
    pub async fn glance(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { readers, .. } => Inner::SqliteAlone(readers.acquire().await?),
            Pools::Postgres(pool) => Inner::PostgresAlone(pool.acquire().await?),
        };
        Ok(Tx {
            inner,
            keyring: self.keyring.clone(),
            keys: HashMap::new(),
        })
    }

    /// A transaction that writes and is durable once it has committed.
    pub async fn write(&self) -> Result<Tx> {
        self.begin(DURABLE).await
    }

    /// A transaction for one page of records: a power cut may undo it, but only as a whole.
    pub async fn write_page(&self) -> Result<Tx> {
        self.begin(PAGE).await
    }

    /// A transaction for the last page of what is read, which is durable once it has committed.
    pub async fn write_last_page(&self) -> Result<Tx> {
        self.begin(DURABLE_PAGE).await
    }

    async fn begin(&self, sqlite: &'static str) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { writer, lock, .. } => {
                let guard = lock.clone().lock_owned().await;
                Inner::Sqlite(writer.begin_with(sqlite).await?, Some(guard))
            }
            Pools::Postgres(pool) => Inner::Postgres(begin(pool, PLANNED_ONCE).await?),
        };
        Ok(Tx {
            inner,
            keyring: self.keyring.clone(),
            keys: HashMap::new(),
        })
    }

    /// Close all connections; what is under way ends first.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Another process may be migrating the same file, and has then done a step that this one finds undone: each try gets
/// further by a step at least, whoever does it.
async fn migrate_file(writer: &SqlitePool) -> std::result::Result<(), MigrateError> {
    let mut left = MIGRATIONS.iter().count();
    loop {
        match MIGRATIONS.run(writer).await {
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) if left > 0 => left -= 1,
            ended => return ended,
        }
    }
}

async fn set_up(connection: &mut PgConnection) -> sqlx::Result<()> {
    // A process that is stopped or cut off in the middle of a transaction holds its locks until the database ends it:
    // after a minute, unless the operator wants it otherwise.
    let limit = "select set_config('idle_in_transaction_session_timeout', '60s', false)
         where current_setting('idle_in_transaction_session_timeout') = '0'";
    // Long texts are packed several times faster than by the built-in way, where the server can.
    let pack = "select set_config(name, 'lz4', false) from pg_settings
         where name = 'default_toast_compression' and 'lz4' = any (enumvals)";
    connection.execute(limit).await?;
    connection.execute(pack).await?;
    Ok(())
}

/// How transactions that write begin on PostgreSQL: their statements look rows up by keys, so that a plan for the values
/// at hand is no better than one for any, and planning each anew would cost as much as running it. A table that was empty
/// when a plan was made is not read from its start once it is not.
const PLANNED_ONCE: &str =
    "begin; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off";

/// The collation that SQLite has built in: by bytes, whatever the locale of the database. Another node may
/// be making it at the same time: then the second try finds it.
async fn make_collation(pool: &PgPool) -> Result<()> {
    let make = "create collation if not exists \"binary\" (locale = 'C')";
    if sqlx::query(make).execute(pool).await.is_err() {
        sqlx::query(make).execute(pool).await?;
    }
    Ok(())
}

/// Begin in a task of its own, so that it is not given up half way when the caller is: `sqlx` would then hand
/// the connection to the next with the transaction still open.
async fn begin(pool: &PgPool, statement: &'static str) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement).await });
    let transaction = begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
    Ok(transaction?)
}

/// Statements that a connection keeps prepared: about as many as there are, so that none makes room for another.
const STATEMENTS: usize = 200;

/// A connection that was idle for longer is asked whether it is still there.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Rows that SQLite's thread may be ahead of the reader: few mean that the two wait for each other all the time.
const ROWS_AHEAD: usize = 256;

/// Room for what a page of records changes, 16 MB: what does not fit is written twice.
const PAGE_CACHE: &str = "-16384";

/// Pages in the log after which they are written to where they belong, 16 MB: a page that several transactions change is
/// written there once.
const CHECKPOINT: &str = "4000";

/// How transactions begin on SQLite, where one connection does all that is written: a second one would find its page
/// cache outdated each time the first had written.
///
/// A completion may change every record of a company: its statement journals go to files.
const DURABLE: &str = "pragma synchronous = full; pragma temp_store = file; begin immediate";
/// What a page changes fits into memory.
const DURABLE_PAGE: &str = "pragma synchronous = full; pragma temp_store = memory; begin immediate";
const PAGE: &str = "pragma synchronous = normal; pragma temp_store = memory; begin immediate";

async fn open_sqlite(options: &Options) -> Result<Pools> {
    let connect = SqliteConnectOptions::from_str(&options.url)
        .map_err(Error::Database)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .row_buffer_size(ROWS_AHEAD)
        .statement_cache_capacity(STATEMENTS)
        .pragma("temp_store", "memory");
    if let Some(folder) = connect.get_filename().parent() {
        std::fs::create_dir_all(folder).map_err(|error| Error::Database(sqlx::Error::Io(error)))?;
    }
    let writer = connect_writer(
        connect
            .clone()
            .pragma("cache_size", PAGE_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT),
    )
    .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(connect.read_only(true).create_if_missing(false))
        .await
        .map_err(Error::Database)?;
    Ok(Pools::Sqlite {
        readers,
        writer,
        lock: Arc::new(Mutex::new(())),
    })
}

/// Tries to make a new file one with a log while others do the same.
const TRIES: u32 = 200;

/// SQLite does not wait for others who are making the same file one with a log: it says at once that it is locked.
async fn connect_writer(connect: SqliteConnectOptions) -> Result<SqlitePool> {
    let mut left = TRIES;
    loop {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(connect.clone())
            .await;
        match pool {
            Err(sqlx::Error::Database(error)) if left > 0 && error.code().as_deref() == Some(LOCKED) => {
                left -= 1;
                tokio::task::yield_now().await;
            }
            pool => return pool.map_err(Error::Database),
        }
    }
}

/// `SQLITE_BUSY`
const LOCKED: &str = "5";

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::Poll;

    use crate::db::sql;
    use crate::testing::on_both_stores;
    use crate::{Dialect, facts};

    #[tokio::test]
    async fn a_snapshot_that_is_given_up_half_way_leaves_nothing_behind() {
        on_both_stores(async |store| {
            for polls in 0..30 {
                let mut left = polls % 6;
                let mut read = Box::pin(store.read());
                std::future::poll_fn(|context| match read.as_mut().poll(context) {
                    Poll::Pending if left > 0 => {
                        left -= 1;
                        Poll::Pending
                    }
                    Poll::Pending | Poll::Ready(_) => Poll::Ready(()),
                })
                .await;
                drop(read);
                // As many as there are connections that write: one of them may be that of the snapshot.
                let writers = match store.dialect() {
                    Dialect::Sqlite => 1,
                    Dialect::Postgres => 8,
                };
                let mut open = Vec::new();
                for number in 0..writers {
                    let mut tx = store.write().await.unwrap();
                    facts::set(&mut tx, &number.to_string(), "written").await.unwrap();
                    open.push(tx);
                }
            }
        })
        .await;
    }

    /// `serve` and `keys create`, started one right after the other.
    #[tokio::test]
    async fn a_new_file_can_be_opened_by_several_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}/store.db", folder.path().display());
            let openings = (0..4).map(|_| crate::testing::open(&url));
            for store in futures::future::join_all(openings).await {
                store.close().await;
            }
        }
    }

    #[tokio::test]
    async fn a_transaction_in_which_nothing_happens_does_not_hold_its_locks_for_ever() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            if store.dialect() == Dialect::Postgres {
                let asked = sql("select current_setting('idle_in_transaction_session_timeout') as limit_");
                let row = asked.first(&mut tx).await.unwrap().unwrap();
                assert_eq!(row.text("limit_").unwrap(), "1min");
            }
        })
        .await;
    }
}
