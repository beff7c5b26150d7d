use std::path::Path;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

use super::Measured;
use crate::database::{self, sqlite_options};
use crate::process;
use crate::rows::{Reader, Row};

/// The least that keeps a record: its key, its hash, both texts, and an index over what made it visible.
const TABLE: &str = "create table raw (
    data_type text not null,
    id text not null,
    publication bigint not null,
    hash bytea not null,
    standard text not null,
    source text not null,
    primary key (data_type, id)
)";
const INDEX: &str = "create index raw_by_publication on raw (data_type, publication)";

/// Rows of one statement on SQLite, as in the store: more do not make it faster.
const AT_ONCE: usize = 32;

/// Rows of a full read into an empty table, and what changed over them: what each took.
pub async fn run(files: [&Path; 2], database: &str, postmaster: Option<u32>) -> anyhow::Result<()> {
    let mut table = Table::make(database).await?;
    let full = table.take_in(files[0], postmaster).await?;
    let changed = table.take_in(files[1], postmaster).await?;
    println!("{}", serde_json::to_string(&(full, changed))?);
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
            sqlx::query(TABLE).execute(&mut db).await?;
            sqlx::query(INDEX).execute(&mut db).await?;
            Self::Postgres(db)
        })
    }

    /// The file is read page by page, as pages come one by one; what reading it costs is taken off.
    async fn take_in(&mut self, file: &Path, postmaster: Option<u32>) -> anyhow::Result<Measured> {
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
                Self::Sqlite(db) => sqlite(db, page).await?,
                Self::Postgres(db) => postgres(db, page).await?,
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
    hash = excluded.hash, standard = excluded.standard, source = excluded.source";

async fn sqlite(db: &mut SqliteConnection, page: Vec<Row>) -> anyhow::Result<()> {
    let whole = insert_text(AT_ONCE);
    let mut tx = db.begin_with("begin immediate").await?;
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
            query = query.bind(row.data_type).bind(row.id).bind(1_i64);
            query = query.bind(row.hash).bind(row.standard).bind(row.source);
        }
        query.execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn insert_text(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!("insert into raw (data_type, id, publication, hash, standard, source) values {values} {REPLACE}")
}

async fn postgres(db: &mut PgConnection, page: Vec<Row>) -> anyhow::Result<()> {
    let Some(data_type) = page.first().map(|row| row.data_type.clone()) else {
        return Ok(());
    };
    let (mut ids, mut hashes) = (Vec::new(), Vec::new());
    let (mut standards, mut sources) = (Vec::new(), Vec::new());
    for row in page {
        ids.push(row.id);
        hashes.push(row.hash);
        standards.push(row.standard);
        sources.push(row.source);
    }
    let text = format!(
        "insert into raw (data_type, id, publication, hash, standard, source)
         select $1, page.id, $2, page.hash, page.standard, page.source
         from unnest($3, $4, $5, $6) as page (id, hash, standard, source)
         {REPLACE}"
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(data_type)
        .bind(1_i64)
        .bind(ids)
        .bind(hashes)
        .bind(standards)
        .bind(sources)
        .execute(db)
        .await?;
    Ok(())
}
