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
}
