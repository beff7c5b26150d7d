use ledgerline_model::push::{Batch, BatchState, BatchStatus, Member};
use ledgerline_model::{AppId, CompanyId, ConnectionId, DatasetId, PushId, Timestamp};

use crate::db::{Row, Value, sql};
use crate::{Result, Tx};

const COLUMNS: &str = "batch.app_id, batch.batch_id, batch.company_id, batch.connection_id, batch.items, \
                       batch.created_at, batch.refused_at, batch.refused, dataset.push_id";

const TABLES: &str =
    "batch join dataset on dataset.app_id = batch.app_id and dataset.dataset_id = batch.batch_id";

/// Queue the dataset of that id.
pub async fn insert(tx: &mut Tx, batch: &Batch) -> Result<()> {
    sql(
        "insert into batch (app_id, batch_id, company_id, connection_id, items, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(batch.app)
    .bind(batch.id)
    .bind(batch.company)
    .bind(batch.connection)
    .bind(batch.items)
    .bind(batch.created_at)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, id: DatasetId) -> Result<Option<Batch>> {
    sql(format!(
        "select {COLUMNS} from {TABLES} where batch.app_id = $1 and batch.batch_id = $2"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The one whose turn is next.
pub async fn next(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Batch>> {
    sql(format!(
        "select {COLUMNS} from {TABLES}
         where dataset.app_id = $1 and dataset.company_id = $2 and dataset.push_id is null
             and batch.refused_at is null
         order by dataset.dataset_id limit 1"
    ))
    .bind(app)
    .bind(company)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// It could not be begun.
pub async fn refuse(tx: &mut Tx, app: AppId, id: DatasetId, at: Timestamp, reason: &str) -> Result<()> {
    sql("update batch set refused_at = $3, refused = $4 where app_id = $1 and batch_id = $2")
        .bind(app)
        .bind(id)
        .bind(at)
        .bind(reason)
        .run(tx)
        .await?;
    Ok(())
}

/// The batches that a push writes.
pub async fn of_push(tx: &mut Tx, app: AppId, company: CompanyId, push: PushId) -> Result<Vec<Batch>> {
    sql(format!(
        "select {COLUMNS} from {TABLES}
         where dataset.app_id = $1 and dataset.company_id = $2 and dataset.push_id = $3 order by dataset.dataset_id"
    ))
    .bind(app)
    .bind(company)
    .bind(push)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// The expenses of all batches that a push writes, in their order.
pub async fn members(tx: &mut Tx, app: AppId, company: CompanyId, push: PushId) -> Result<Vec<Member>> {
    let rows = sql(format!(
        "select {COLUMNS}, dataset_item.position, dataset_item.transaction_id
         from {TABLES}
         join dataset_item on dataset_item.app_id = batch.app_id and dataset_item.dataset_id = batch.batch_id
         where dataset.app_id = $1 and dataset_item.dataset_id in (
             select dataset_id from dataset where app_id = $1 and company_id = $2 and push_id = $3
         )"
    ))
    .bind(app)
    .bind(company)
    .bind(push)
    .all(tx)
    .await?;
    let member = |row: &Row| {
        let batch = read(row)?;
        let member = Member {
            batch: batch.id,
            connection: batch.connection,
            transaction: row.text("transaction_id")?,
            created_at: batch.created_at,
        };
        Ok((row.int("position")?, member))
    };
    let mut members: Vec<(i64, Member)> = rows.iter().map(member).collect::<Result<_>>()?;
    members.sort_by_key(|(position, member)| (member.batch, *position));
    Ok(members.into_iter().map(|(_, member)| member).collect())
}

/// Which batches of a company are listed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub app: AppId,
    pub company: CompanyId,
    pub status: Option<BatchStatus>,
    /// Made then or later.
    pub from: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, wanted: &Wanted, offset: i64, limit: i64) -> Result<Vec<Batch>> {
    let (conditions, values) = wanted.conditions();
    let (after, of) = (values.len() + 1, values.len() + 2);
    let select = format!(
        "select {COLUMNS} from {TABLES} {ATTEMPT} where {conditions}
         order by batch.batch_id desc limit ${of} offset ${after}"
    );
    let mut query = sql(select);
    for value in values {
        query = query.bind(value);
    }
    let rows = query.bind(offset).bind(limit).all(tx).await?;
    rows.iter().map(read).collect()
}

pub async fn count(tx: &mut Tx, wanted: &Wanted) -> Result<i64> {
    let (conditions, values) = wanted.conditions();
    let mut query = sql(format!(
        "select count(*) as batches from {TABLES} {ATTEMPT} where {conditions}"
    ));
    for value in values {
        query = query.bind(value);
    }
    let row = query.first(tx).await?;
    row.map_or(Ok(0), |row| row.int("batches"))
}

/// The push that has taken it, where one has.
const ATTEMPT: &str = "left join push on push.app_id = dataset.app_id and push.push_id = dataset.push_id";

/// Whether an expense of it is in the books, as its push saw it, or as it was found later.
const IS_WRITTEN: &str = "exists (
    select 1 from dataset_item
    join push_item on push_item.app_id = dataset_item.app_id and push_item.push_id = push.push_id
        and push_item.transaction_id = dataset_item.transaction_id
    where dataset_item.app_id = batch.app_id and dataset_item.dataset_id = batch.batch_id
        and push_item.leg = 'expense' and (push_item.status = 'completed' or push_item.found = 'completed'))";

impl Wanted {
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut conditions = "batch.app_id = $1 and batch.company_id = $2".to_owned();
        let mut values = vec![self.app.into(), self.company.into()];
        match self.status {
            None => {}
            Some(BatchStatus::Pending) => {
                conditions.push_str(" and dataset.push_id is null and batch.refused_at is null");
            }
            Some(BatchStatus::Processing) => conditions.push_str(" and push.state = 'running'"),
            Some(BatchStatus::Completed) => {
                conditions.push_str(&format!(" and push.state = 'ended' and {IS_WRITTEN}"));
            }
            Some(BatchStatus::Failed) => {
                conditions.push_str(&format!(
                    " and (batch.refused_at is not null or push.state = 'ended' and not {IS_WRITTEN})"
                ));
            }
        }
        for (bound, operator) in [(self.from, ">="), (self.until, "<")] {
            if let Some(bound) = bound {
                values.push(bound.into());
                conditions.push_str(&format!(" and batch.created_at {operator} ${}", values.len()));
            }
        }
        (conditions, values)
    }
}

fn read(row: &Row) -> Result<Batch> {
    let state = match (row.opt_uuid("push_id")?, row.opt_at("refused_at")?) {
        (Some(push), _) => BatchState::Taken(PushId(push)),
        (None, Some(at)) => BatchState::Refused {
            at,
            reason: row.opt_text("refused")?.unwrap_or_default(),
        },
        (None, None) => BatchState::Queued,
    };
    Ok(Batch {
        app: AppId(row.uuid("app_id")?),
        id: DatasetId(row.uuid("batch_id")?),
        company: CompanyId(row.uuid("company_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        items: row.int("items")?,
        created_at: row.at("created_at")?,
        state,
    })
}
