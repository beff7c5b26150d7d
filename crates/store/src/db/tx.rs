use std::collections::HashMap;
use std::sync::Arc;

use ledgerline_model::AppId;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::OwnedMutexGuard;
use zeroize::Zeroizing;

use crate::Result;
use crate::dialect::Dialect;
use crate::seal::Keyring;

/// A transaction on either database; dropping it undoes it.
pub struct Tx {
    pub(super) inner: Inner,
    pub(crate) keyring: Arc<Keyring>,
    /// Data keys that it has opened: one that it made is gone with it where it is undone.
    pub(crate) keys: HashMap<(AppId, String), Zeroizing<[u8; 32]>>,
}

pub(super) enum Inner {
    /// With the lock of the one writer, where it writes.
    Sqlite(Transaction<'static, Sqlite>, Option<OwnedMutexGuard<()>>),
    Postgres(Transaction<'static, Postgres>),
    /// For one statement: no transaction.
    SqliteAlone(PoolConnection<Sqlite>),
    PostgresAlone(PoolConnection<Postgres>),
}

/// What a statement runs on.
pub(super) enum Line<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Inner {
    pub(super) fn line(&mut self) -> Line<'_> {
        match self {
            Self::Sqlite(tx, _) => Line::Sqlite(tx),
            Self::SqliteAlone(connection) => Line::Sqlite(connection),
            Self::Postgres(tx) => Line::Postgres(tx),
            Self::PostgresAlone(connection) => Line::Postgres(connection),
        }
    }
}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx, _guard) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::SqliteAlone(_) | Inner::PostgresAlone(_) => {}
        }
        metrics::counter!("store_commits_total").increment(1);
        Ok(())
    }

    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(..) | Inner::SqliteAlone(_) => Dialect::Sqlite,
            Inner::Postgres(_) | Inner::PostgresAlone(_) => Dialect::Postgres,
        }
    }

    /// A fresh id for a row that the store makes by itself.
    pub(crate) fn fresh_id(&self, at: ledgerline_model::Timestamp) -> uuid::Uuid {
        self.keyring.ids().uuid(at)
    }
}
