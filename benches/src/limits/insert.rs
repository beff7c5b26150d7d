use std::path::Path;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

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

/// The file is read page by page, as pages come one by one; what reading it costs is taken off.
pub async fn run(rows: &Path, database: &str, postmaster: Option<u32>) -> anyhow::Result<()> {
    let before_reading = cpu(None)?;
    let (mut count, mut bytes) = (0, 0);
    let mut pages = Reader::open(rows)?;
    while let Some(page) = pages.page()? {
        count += page.len() as u64;
        bytes += page
            .iter()
            .map(|row| row.standard.len() + row.source.len())
            .sum::<usize>() as u64;
    }
    let reading = cpu(None)? - before_reading;
    let pages = Reader::open(rows)?;
    let (start, before) = (Instant::now(), cpu(postmaster)?);
    if database.starts_with("sqlite:") {
        sqlite(database, pages).await?;
    } else {
        postgres(database, pages).await?;
    }
    let measured = Measured {
        cpu_seconds: cpu(postmaster)? - before - reading,
        seconds: start.elapsed().as_secs_f64(),
        count,
        bytes,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

fn cpu(postmaster: Option<u32>) -> anyhow::Result<f64> {
    let own = process::cpu_of(std::process::id())?;
    Ok(own + postmaster.map_or(Ok(0.0), process::cpu_of_postgres)?)
}

async fn sqlite(database: &str, mut pages: Reader) -> anyhow::Result<()> {
    let mut db = SqliteConnection::connect_with(&sqlite_options(database)?).await?;
    sqlx::query(TABLE).execute(&mut db).await?;
    sqlx::query(INDEX).execute(&mut db).await?;
    let whole = insert_text(AT_ONCE);
    while let Some(page) = pages.page()? {
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
    }
    db.close().await?;
    Ok(())
}

fn insert_text(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!("insert into raw (data_type, id, publication, hash, standard, source) values {values}")
}

async fn postgres(database: &str, mut pages: Reader) -> anyhow::Result<()> {
    let mut db = PgConnection::connect(database).await?;
    sqlx::query(TABLE).execute(&mut db).await?;
    sqlx::query(INDEX).execute(&mut db).await?;
    while let Some(page) = pages.page()? {
        let Some(data_type) = page.first().map(|row| row.data_type.clone()) else {
            continue;
        };
        let (mut ids, mut hashes) = (Vec::new(), Vec::new());
        let (mut standards, mut sources) = (Vec::new(), Vec::new());
        for row in page {
            ids.push(row.id);
            hashes.push(row.hash);
            standards.push(row.standard);
            sources.push(row.source);
        }
        sqlx::query(
            "insert into raw (data_type, id, publication, hash, standard, source)
             select $1, page.id, $2, page.hash, page.standard, page.source
             from unnest($3, $4, $5, $6) as page (id, hash, standard, source)",
        )
        .bind(data_type)
        .bind(1_i64)
        .bind(ids)
        .bind(hashes)
        .bind(standards)
        .bind(sources)
        .execute(&mut db)
        .await?;
    }
    database::checkpoint(&mut db).await?;
    db.close().await?;
    Ok(())
}
