use std::path::{Path, PathBuf};
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

use super::Measured;
use crate::database::{self, sqlite_options};
use crate::process;
use crate::rows::{Reader, Row};

/// The least that keeps a record: its key, its hash, both texts, and an index over what made it visible. What changes is
/// made visible by another publication than the one before, here as in the store.
const TABLE: &str = "create table raw (
    data_type text not null,
    id text not null,
    publication bigint not null,
    hash bytea not null,
    standard text not null,
    source text not null,
    is_gone boolean not null,
    primary key (data_type, id)
)";
const INDEX: &str = "create index raw_by_publication on raw (data_type, publication)";

/// Rows of one statement on SQLite.
const AT_ONCE: usize = 32;

/// Rows of a full read into an empty table, and what changed over them, once and again: what each took.
pub async fn run(
    rows: &Path,
    changed: &[PathBuf],
    database: &str,
    postmaster: Option<u32>,
) -> anyhow::Result<()> {
    let mut table = Table::make(database).await?;
    let full = table.take_in(rows, 1, postmaster).await?;
    table.clean().await?;
    let mut over = Vec::new();
    for (publication, rows) in (2..).zip(changed) {
        over.push(table.take_in(rows, publication, postmaster).await?);
    }
    println!("{}", serde_json::to_string(&(full, over))?);
    Ok(())
}

fn cpu(postmaster: Option<u32>) -> anyhow::Result<f64> {
    Ok(process::own_cpu() + postmaster.map_or(Ok(0.0), process::cpu_of_postgres)?)
}

enum Table {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Table {
    async fn make(database: &str) -> anyhow::Result<Self> {
        Ok(if database.starts_with("sqlite:") {
            let mut db = SqliteConnection::connect_with(&sqlite_options(database)?).await?;
            sqlx::query(TABLE).execute(&mut db).await?;
            sqlx::query(INDEX).execute(&mut db).await?;
            Self::Sqlite(db)
        } else {
            let mut db = PgConnection::connect(database).await?;
            database::pack(&mut db).await?;
            sqlx::query(TABLE).execute(&mut db).await?;
            sqlx::query(INDEX).execute(&mut db).await?;
            Self::Postgres(db)
        })
    }

    /// The file is read page by page, as pages come one by one; what reading it costs is taken off.
    async fn take_in(
        &mut self,
        file: &Path,
        publication: i64,
        postmaster: Option<u32>,
    ) -> anyhow::Result<Measured> {
        let before_reading = process::own_cpu();
        let (mut count, mut bytes) = (0, 0);
        let mut pages = Reader::open(file)?;
        while let Some(page) = pages.page()? {
            count += page.len() as u64;
            bytes += page
                .iter()
                .map(|row| row.standard.len() + row.source.len())
                .sum::<usize>() as u64;
        }
        let reading = process::own_cpu() - before_reading;
        let mut pages = Reader::open(file)?;
        self.settle().await?;
        let (start, before) = (Instant::now(), cpu(postmaster)?);
        while let Some(page) = pages.page()? {
            match self {
                Self::Sqlite(db) => sqlite(db, publication, page).await?,
                Self::Postgres(db) => postgres(db, publication, page).await?,
            }
        }
        self.settle().await?;
        Ok(Measured {
            cpu_seconds: cpu(postmaster)? - before - reading,
            seconds: start.elapsed().as_secs_f64(),
            count,
            bytes,
        })
    }

    async fn clean(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(db) => database::clean(db).await,
        }
    }

    /// What was put off is done.
    async fn settle(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(db) => {
                db.execute("pragma wal_checkpoint(passive)").await?;
            }
            Self::Postgres(db) => database::checkpoint(db).await?,
        }
        Ok(())
    }
}

/// What a later row for the same id does.
const REPLACE: &str = "on conflict (data_type, id) do update set publication = excluded.publication,
    hash = excluded.hash, standard = excluded.standard, source = excluded.source, is_gone = excluded.is_gone";

async fn sqlite(db: &mut SqliteConnection, publication: i64, page: Vec<Row>) -> anyhow::Result<()> {
    let whole = insert_text(AT_ONCE);
    let (gone, page): (Vec<Row>, Vec<Row>) = page.into_iter().partition(Row::is_gone);
    let mut tx = db.begin_with("begin immediate").await?;
    if let Some(first) = gone.first() {
        let ids: Vec<&str> = gone.iter().map(|row| row.id.as_str()).collect();
        sqlx::query(
            "update raw set is_gone = true, publication = ?
             where data_type = ? and not is_gone and id in (select value from json_each(?))",
        )
        .bind(publication)
        .bind(first.data_type.as_str())
        .bind(serde_json::to_string(&ids)?)
        .execute(&mut *tx)
        .await?;
    }
    let mut rows: std::vec::IntoIter<Row> = page.into_iter();
    while rows.len() > 0 {
        let count = rows.len().min(AT_ONCE);
        let text = if count == AT_ONCE {
            whole.clone()
        } else {
            insert_text(count)
        };
        let mut query = sqlx::query(AssertSqlSafe(text));
        for row in rows.by_ref().take(count) {
            query = query.bind(row.data_type).bind(row.id).bind(publication);
            query = query.bind(row.hash).bind(row.standard).bind(row.source);
        }
        query.execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn insert_text(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?, ?, false)"; rows].join(", ");
    format!(
        "insert into raw (data_type, id, publication, hash, standard, source, is_gone) values {values} {REPLACE}"
    )
}

async fn postgres(db: &mut PgConnection, publication: i64, page: Vec<Row>) -> anyhow::Result<()> {
    let Some(data_type) = page.first().map(|row| row.data_type.clone()) else {
        return Ok(());
    };
    let (gone, page): (Vec<Row>, Vec<Row>) = page.into_iter().partition(Row::is_gone);
    if !gone.is_empty() {
        let ids: Vec<String> = gone.into_iter().map(|row| row.id).collect();
        sqlx::query(
            "update raw set is_gone = true, publication = $1
             where data_type = $2 and not is_gone and id = any ($3)",
        )
        .bind(publication)
        .bind(data_type.as_str())
        .bind(ids)
        .execute(&mut *db)
        .await?;
    }
    let (mut ids, mut hashes) = (Vec::new(), Vec::new());
    let (mut standards, mut sources) = (Vec::new(), Vec::new());
    for row in page {
        ids.push(row.id);
        hashes.push(row.hash);
        standards.push(row.standard);
        sources.push(row.source);
    }
    let text = format!(
        "insert into raw (data_type, id, publication, hash, standard, source, is_gone)
         select $1, page.id, $2, page.hash, page.standard, page.source, false
         from unnest($3, $4, $5, $6) as page (id, hash, standard, source)
         {REPLACE}"
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(data_type)
        .bind(publication)
        .bind(ids)
        .bind(hashes)
        .bind(standards)
        .bind(sources)
        .execute(&mut *db)
        .await?;
    Ok(())
}
