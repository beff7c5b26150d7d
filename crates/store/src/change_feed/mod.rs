use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, CompanyId, ConnectionId, DataType, PublicationId, PullId, RunId, Timestamp};

use crate::db::{Row, Value, sql};
use crate::publications::{self, IS_FIRST};
use crate::{Error, Result, Tx};

/// What a publication did to a record, in the eyes of readers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub kind: Kind,
    pub remote_id: String,
    pub publication: Publication,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It was not there, or was deleted.
    Added,
    Changed,
    /// It is marked as deleted.
    Removed,
}

/// A publication that changed something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publication {
    pub id: PublicationId,
    pub seq: i64,
    pub at: Timestamp,
    pub company: CompanyId,
    pub connection: ConnectionId,
    pub data_type: DataType,
    pub pull: Option<PullId>,
    pub run: Option<RunId>,
    /// It is the first load of its type.
    pub is_first: bool,
}

/// How far a reader has come: everything of the publications up to `seq`, but for those records of `seq` itself
/// whose ids come after `within`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Position {
    pub seq: i64,
    pub within: Option<String>,
}

/// Whose changes.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    pub app: AppId,
    pub environment: Environment,
    pub company: Option<CompanyId>,
    pub data_type: Option<DataType>,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub changes: Vec<Change>,
    /// Where to go on.
    pub next: Position,
    pub has_more: bool,
}

/// The changes after `from`, in the order of publications and, within one, of remote ids. All publications that the
/// transaction does not see will have higher numbers than those that it does, so that a reader who goes on at `next`
/// misses none. Those of deleted connections are no more. A position after the last publication, as a store that was
/// set back to a backup knows it, becomes the last one: what had come after it will be published anew.
pub async fn page(tx: &mut Tx, of: Of, from: &Position, limit: usize) -> Result<Page> {
    let last = publications::last_seq(tx, of.app).await?;
    let mut changes = Vec::new();
    let mut within = from.within.clone();
    let mut from = if within.is_some() {
        from.seq
    } else {
        from.seq.saturating_add(1)
    };
    loop {
        let publications = publications(tx, of, from, last).await?;
        let Some(end) = publications.last().map(|publication| publication.seq) else {
            let next = Position {
                seq: last,
                within: None,
            };
            return Ok(Page {
                changes,
                next,
                has_more: false,
            });
        };
        for publication in publications {
            let after = within.take().filter(|_| publication.seq == from);
            // One more than wanted tells whether there is more.
            let wanted = limit + 1 - changes.len();
            changes.extend(of_publication(tx, of.app, publication, after.as_deref(), wanted).await?);
            if changes.len() > limit {
                changes.truncate(limit);
                let next = changes.last().map(Change::position).unwrap_or_default();
                return Ok(Page {
                    changes,
                    next,
                    has_more: true,
                });
            }
        }
        from = end + 1;
    }
}

/// Where a reader stands who knows the state as of an instant.
pub async fn position(tx: &mut Tx, app: AppId, as_of: Timestamp) -> Result<Position> {
    // Numbers and instants grow together; from the newest back, since that is what is asked for.
    let row = sql(
        "select seq from publication where app_id = $1 and seq is not null and at <= $2
         order by seq desc
         limit 1",
    )
    .bind(app)
    .bind(as_of)
    .first(tx)
    .await?;
    let seq = row.map_or(Ok(0), |row| row.int("seq"))?;
    Ok(Position { seq, within: None })
}

impl Change {
    fn position(&self) -> Position {
        Position {
            seq: self.publication.seq,
            within: Some(self.remote_id.clone()),
        }
    }
}

/// Publications that are looked up at a time.
const AT_ONCE: i64 = 200;

/// The next publications from `from` to `to` that changed anything.
async fn publications(tx: &mut Tx, of: Of, from: i64, to: i64) -> Result<Vec<Publication>> {
    let mut only = String::new();
    let mut values: Vec<Value> = Vec::new();
    if let Some(company) = of.company {
        values.push(company.into());
        only.push_str(&format!(" and c.company_id = ${}", values.len() + 5));
    }
    if let Some(data_type) = of.data_type {
        values.push(data_type.key().into());
        only.push_str(&format!(" and p.data_type = ${}", values.len() + 5));
    }
    sql(format!(
        "select p.publication_id, p.seq, p.at, p.connection_id, p.data_type, p.pull_id, p.run_id, c.company_id,
                {IS_FIRST} as is_first
         from publication p
         join connection c on c.app_id = p.app_id and c.connection_id = p.connection_id
         where p.app_id = $1 and c.environment = $2 and p.seq between $3 and $4 {only}
           and (
               exists (
                   select 1 from record r
                   where r.app_id = p.app_id and r.publication_id = p.publication_id and not r.is_first
               )
               or exists (
                   select 1 from pull
                   where pull.app_id = p.app_id and pull.pull_id = p.pull_id and pull.first_load
                     and pull.publication_id = p.publication_id and pull.changed_count > 0
               )
               or exists (
                   select 1 from record_version v
                   where v.app_id = p.app_id and v.from_publication_id = p.publication_id
               )
           )
         order by p.seq
         limit $5"
    ))
    .bind(of.app)
    .bind(of.environment.key())
    .bind(from)
    .bind(to)
    .bind(AT_ONCE)
    .bind_all(values)
    .all(tx)
    .await?
    .iter()
    .map(publication)
    .collect()
}

/// The records that became what they were with a publication, superseded since or not, by remote id. One that was
/// there before has a version that the publication superseded.
async fn of_publication(
    tx: &mut Tx,
    app: AppId,
    publication: Publication,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Change>> {
    let current = if publication.is_first || is_large(tx, app, publication.id).await? {
        BY_KEY
    } else {
        BY_PUBLICATION
    };
    let text = format!(
        "select changed.remote_id, changed.is_deleted, (
             select before.is_deleted from record_version before
             where before.app_id = $1 and before.connection_id = $3 and before.data_type = $4
                 and before.remote_id = changed.remote_id and before.to_publication_id = $2
         ) as was_deleted
         from (
             select * from ({current}) as current
             union all
             select * from (
                 select remote_id, is_deleted from record_version
                 where app_id = $1 and from_publication_id = $2 and remote_id > $5
                 order by remote_id
                 limit $6
             ) as superseded
         ) as changed
         order by changed.remote_id
         limit $6"
    );
    let mut changes = Vec::new();
    sql(text)
        .bind(app)
        .bind(publication.id)
        .bind(publication.connection)
        .bind(publication.data_type.key())
        .bind(after.unwrap_or_default())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .each(tx, |row| {
            changes.push(Change {
                kind: Kind::of(row.bool("is_deleted")?, row.opt_bool("was_deleted")?),
                remote_id: row.text("remote_id")?,
                publication,
            });
            Ok(true)
        })
        .await?;
    Ok(changes)
}

impl Kind {
    const fn of(is_deleted: bool, was_deleted: Option<bool>) -> Self {
        match (is_deleted, was_deleted) {
            (true, _) => Self::Removed,
            (false, None | Some(true)) => Self::Added,
            (false, Some(false)) => Self::Changed,
        }
    }
}

/// Of a publication with more records than this not all are looked at for each page.
const MANY: i64 = 5000;

async fn is_large(tx: &mut Tx, app: AppId, publication: PublicationId) -> Result<bool> {
    let row = sql("select count(*) as records from (
             select 1 from record where app_id = $1 and publication_id = $2 and not is_first limit $3
         ) as found")
    .bind(app)
    .bind(publication)
    .bind(MANY)
    .first(tx)
    .await?;
    Ok(row.map_or(Ok(0), |row| row.int("records"))? >= MANY)
}

/// All of the publication, sorted.
const BY_PUBLICATION: &str = "
    select remote_id, is_deleted from record
    where app_id = $1 and publication_id = $2 and not is_first and remote_id > $5
    order by remote_id
    limit $6";

/// The type's records in their order, from where the reader stands: most of them are still as the publication left them.
const BY_KEY: &str = "
    select remote_id, is_deleted from record
    where app_id = $1 and connection_id = $3 and data_type = $4 and remote_id > $5 and publication_id = $2
    order by remote_id
    limit $6";

fn publication(row: &Row) -> Result<Publication> {
    Ok(Publication {
        id: PublicationId(row.uuid("publication_id")?),
        seq: row.int("seq")?,
        at: row.at("at")?,
        company: CompanyId(row.uuid("company_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        data_type: row
            .text("data_type")?
            .parse()
            .map_err(|_| Error::Corrupt { column: "data_type" })?,
        pull: row.opt_uuid("pull_id")?.map(PullId),
        run: row.opt_uuid("run_id")?.map(RunId),
        is_first: row.bool("is_first")?,
    })
}

#[cfg(test)]
mod tests;
