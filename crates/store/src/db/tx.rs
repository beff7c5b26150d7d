use std::sync::Arc;

use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::OwnedMutexGuard;

use crate::Result;
use crate::dialect::Dialect;
use crate::seal::Keyring;

/// A transaction on either database; dropping it undoes it.
pub struct Tx {
    pub(super) inner: Inner,
    pub(crate) keyring: Arc<Keyring>,
}

pub(super) enum Inner {
    /// With the lock of the one writer, where it writes.
    Sqlite(Transaction<'static, Sqlite>, Option<OwnedMutexGuard<()>>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx, _guard) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        metrics::counter!("store_commits_total").increment(1);
        Ok(())
    }

    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(..) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A fresh id for a row that the store makes by itself.
    pub(crate) fn fresh_id(&self, at: ledgerline_model::Timestamp) -> uuid::Uuid {
        self.keyring.ids().uuid(at)
    }
}
