use crate::db::Value;

/// Which database is behind the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Appended to a `select` that takes work off a queue: PostgreSQL skips what others hold, SQLite has
    /// one writer at a time.
    pub const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update skip locked",
        }
    }

    /// Appended to a `select` whose row nobody may change until the transaction ends; several may say so.
    pub const fn for_share(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for share",
        }
    }

    /// Appended to a `select` whose row the transaction will change.
    pub const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update",
        }
    }

    /// A list of texts as one value, for [`any_of`](Self::any_of) and [`rows_of`](Self::rows_of).
    pub fn texts(self, texts: Vec<String>) -> Value {
        match self {
            Self::Sqlite => Value::from(serde_json::Value::from(texts).to_string()),
            Self::Postgres => Value::Texts(texts),
        }
    }

    /// The condition that a text column is one of the list in placeholder `n`.
    pub fn any_of(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("in (select value from json_each(${n}))"),
            Self::Postgres => format!("= any(${n})"),
        }
    }

    /// Where `needle` first stands in the text `hay`, from 1; 0 if it does not.
    pub fn position(self, hay: &str, needle: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({hay}, {needle})"),
            Self::Postgres => format!("strpos({hay}, {needle})"),
        }
    }

    /// The list in placeholder `n` as a table `listed` with the column `value`.
    pub fn rows_of(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("json_each(${n}) as listed"),
            Self::Postgres => format!("unnest(${n}) as listed (value)"),
        }
    }

    /// The JSON list of objects in placeholder `n` as a table `listed` whose column `value` is one of them each: a
    /// statement for many rows. Members are read by `listed.value ->> 'name'`, and numbers cast, for both alike.
    pub fn objects_of(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("json_each(${n}) as listed"),
            Self::Postgres => format!("json_array_elements(cast(${n} as json)) as listed (value)"),
        }
    }

    /// A `delete` of at most `$limit` rows of `table` that meet `condition`: rows are named by where they
    /// lie, so that a batch costs what it deletes and not what is left.
    pub fn delete_some(self, table: &str, condition: &str, limit: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "delete from {table} where rowid in (select rowid from {table} where {condition} limit {limit})"
            ),
            Self::Postgres => format!(
                "delete from {table} where ctid = any (array (select ctid from {table} where {condition} limit {limit}))"
            ),
        }
    }
}
