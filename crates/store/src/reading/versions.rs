use ledgerline_model::record::Record;
use ledgerline_model::{PublicationId, PullId, RunId, Timestamp};

use super::{Of, rows};
use crate::db::{Row, Value, sql};
use crate::{Result, Tx};

/// A form that a record had.
#[derive(Clone, Debug)]
pub struct Version {
    pub record: Record,
    /// When the publication that superseded it became visible; `None`: it is what readers see.
    pub valid_to: Option<Timestamp>,
    /// What read it; a document that was read back after it was written was read by no Pull.
    pub pull: Option<PullId>,
    pub run: Option<RunId>,
    /// The one that superseded it.
    pub superseded_by: Option<PublicationId>,
}

/// The forms that a record had until `of.as_of`, the newest first, and how many there are.
pub async fn versions(
    tx: &mut Tx,
    of: Of,
    remote_id: &str,
    offset: u64,
    limit: u32,
) -> Result<(Vec<Version>, u64)> {
    let mut keys = rows::keys(of);
    if of.as_of.is_none() {
        keys.push(Value::Int(Some(i64::MAX)));
    }
    keys.push(remote_id.into());
    let counted = sql(format!("select count(*) as total {FROM}"))
        .bind_all(keys.iter().cloned())
        .first(tx)
        .await?;
    let total = counted.map_or(Ok(0), |row| row.int("total"))?;
    let mut versions = Vec::new();
    sql(format!(
        "select {}, publication.pull_id, publication.run_id, record.to_publication_id, superseded.at as valid_to
         {FROM}
         order by publication.seq desc
         limit $6 offset $7",
        rows::WHOLE
    ))
    .bind_all(keys)
    .bind(i64::from(limit))
    .bind(i64::try_from(offset).unwrap_or(i64::MAX))
    .each(tx, |row| {
        versions.push(version(&row, of)?);
        Ok(true)
    })
    .await?;
    Ok((versions, u64::try_from(total).unwrap_or_default()))
}

/// `$4` is the instant, `$5` the remote id.
const FROM: &str = "from (
        select remote_id, standard, source, is_deleted, source_modified_at, publication_id,
            cast(null as uuid) as to_publication_id
        from record
        where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = $5
        union all
        select remote_id, standard, source, is_deleted, source_modified_at, from_publication_id, to_publication_id
        from record_version
        where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = $5
    ) as record
    join publication on publication.app_id = $1 and publication.publication_id = record.publication_id
    left join publication superseded
        on superseded.app_id = $1 and superseded.publication_id = record.to_publication_id
    where publication.at <= $4";

fn version(row: &Row, of: Of) -> Result<Version> {
    let superseded = row.opt_uuid("to_publication_id")?.map(PublicationId);
    let valid_to = row.opt_at("valid_to")?;
    // What superseded it later was not known then.
    let known = valid_to.filter(|at| of.as_of.is_none_or(|as_of| *at <= as_of));
    Ok(Version {
        record: rows::record(row, of.data_type)?,
        valid_to: known,
        pull: row.opt_uuid("pull_id")?.map(PullId),
        run: row.opt_uuid("run_id")?.map(RunId),
        superseded_by: superseded.filter(|_| known.is_some()),
    })
}
