/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
    #[error("the database could not be migrated")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A unique index or other constraint, by its name, said no.
    #[error("the constraint `{0}` does not allow that")]
    Constraint(String),
    /// Somebody else holds the job by now: the holder has to stop, nothing of it was written.
    #[error("the lease was lost")]
    LostLease,
    #[error("the stored `{column}` cannot be read")]
    Corrupt { column: &'static str },
    #[error("a secret could not be sealed or unsealed: {0}")]
    Seal(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let constraint = match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Some(
                database
                    .constraint()
                    .map_or_else(|| database.message().to_owned(), str::to_owned),
            ),
            _ => None,
        };
        constraint.map_or(Self::Database(error), Self::Constraint)
    }
}

impl Error {
    /// Whether the constraint of this name said no. SQLite names the columns of the index instead of
    /// the index, so both spellings count.
    pub fn is_constraint(&self, name: &str, sqlite_columns: &str) -> bool {
        matches!(self, Self::Constraint(found) if found == name || found.contains(sqlite_columns))
    }

    /// Whether the same may work in a moment: the database is away, busy or being restarted, or has ended the
    /// connection or the transaction.
    pub fn will_pass(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(told) => told.code().is_some_and(|code| is_passing(&code)),
            _ => false,
        }
    }
}

/// PostgreSQL's SQLSTATE (appendix A of its manual): connections, a transaction that was idle for too long, rollbacks,
/// too few resources, the operator's intervention. SQLite's result codes: busy and locked, and busy in particular.
fn is_passing(code: &str) -> bool {
    let classes = ["08", "25P03", "40", "53", "57P"];
    let busy = ["5", "6", "261", "517", "773"];
    (code.len() == 5 && classes.iter().any(|class| code.starts_with(class))) || busy.contains(&code)
}

#[cfg(test)]
mod tests {
    use crate::db::sql;
    use crate::testing::on_both_stores;
    use crate::{Dialect, Error};

    #[tokio::test]
    async fn what_the_database_ends_passes_and_what_it_does_not_understand_stays() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let wrong = sql("select nothing from nowhere").run(&mut tx).await.unwrap_err();
            assert!(!wrong.will_pass(), "{wrong:?}");
            assert!(!Error::LostLease.will_pass());
            drop(tx);
            if store.dialect() == Dialect::Postgres {
                let mut tx = store.read().await.unwrap();
                let mut other = store.read().await.unwrap();
                let own = sql("select cast(pg_backend_pid() as bigint) as own")
                    .first(&mut tx)
                    .await
                    .unwrap();
                let end = sql("select pg_terminate_backend(cast($1 as integer)) as ended");
                let own = own.unwrap().int("own").unwrap();
                end.bind(own).run(&mut other).await.unwrap();
                let ended = sql("select 1 as one").run(&mut tx).await.unwrap_err();
                assert!(ended.will_pass(), "{ended:?}");
            }
            store.close().await;
            let closed = store.read().await.err().unwrap();
            assert!(closed.will_pass(), "{closed:?}");
        })
        .await;
    }
}
