use ledgerline_model::push::{Content, Dataset, Operation};
use ledgerline_model::{AppId, CompanyId, DatasetId, PushId, Timestamp};
use serde::Serialize;

use crate::db::{Row, json, sql};
use crate::{Result, Tx};

/// When the company's newest was handed over.
pub async fn last_created(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Timestamp>> {
    let row = sql("select max(created_at) as at from dataset where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_at("at"))
}

/// Keep a list of expenses, in their order.
pub async fn insert(tx: &mut Tx, dataset: &Dataset, contents: &[Content]) -> Result<()> {
    sql(
        "insert into dataset (app_id, dataset_id, company_id, version, operation, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(dataset.app)
    .bind(dataset.id)
    .bind(dataset.company)
    .bind(dataset.version)
    .bind(dataset.operation.key())
    .bind(dataset.created_at)
    .run(tx)
    .await?;
    let listed: Vec<Listed<'_>> = contents
        .iter()
        .enumerate()
        .map(|(position, content)| Listed {
            position,
            transaction: &content.transaction,
            hash: &content.hash,
            content: &content.json,
        })
        .collect();
    sql(format!(
        "insert into dataset_item (app_id, dataset_id, position, transaction_id, hash, content)
         select $1, $2, cast(listed.value ->> 'position' as bigint), listed.value ->> 'transaction',
                listed.value ->> 'hash', listed.value ->> 'content'
         from {}",
        tx.dialect().objects_of(3)
    ))
    .bind(dataset.app)
    .bind(dataset.id)
    .bind(json(&listed, "dataset_item")?)
    .run(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Listed<'a> {
    position: usize,
    transaction: &'a str,
    hash: &'a str,
    content: &'a str,
}

const COLUMNS: &str = "app_id, dataset_id, company_id, version, operation, created_at, push_id";

pub async fn find(tx: &mut Tx, app: AppId, company: CompanyId, id: DatasetId) -> Result<Option<Dataset>> {
    sql(format!(
        "select {COLUMNS} from dataset where app_id = $1 and company_id = $2 and dataset_id = $3"
    ))
    .bind(app)
    .bind(company)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// Those that no push has taken, oldest first.
pub async fn pending(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Vec<Dataset>> {
    sql(format!(
        "select {COLUMNS} from dataset
         where app_id = $1 and company_id = $2 and push_id is null order by created_at, dataset_id"
    ))
    .bind(app)
    .bind(company)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// A push takes it.
pub async fn take(tx: &mut Tx, app: AppId, id: DatasetId, push: PushId) -> Result<()> {
    sql("update dataset set push_id = $3 where app_id = $1 and dataset_id = $2")
        .bind(app)
        .bind(id)
        .bind(push)
        .run(tx)
        .await?;
    Ok(())
}

/// What it holds, in its order.
pub async fn contents(tx: &mut Tx, app: AppId, id: DatasetId) -> Result<Vec<Content>> {
    sql("select transaction_id, hash, content from dataset_item
         where app_id = $1 and dataset_id = $2 order by position")
    .bind(app)
    .bind(id)
    .all(tx)
    .await?
    .iter()
    .map(content)
    .collect()
}

pub(super) fn content(row: &Row) -> Result<Content> {
    Ok(Content {
        transaction: row.text("transaction_id")?,
        hash: row.text("hash")?,
        json: row.text("content")?,
    })
}

fn read(row: &Row) -> Result<Dataset> {
    Ok(Dataset {
        app: AppId(row.uuid("app_id")?),
        id: DatasetId(row.uuid("dataset_id")?),
        company: CompanyId(row.uuid("company_id")?),
        version: row.int("version")?,
        operation: row.key("operation", Operation::from_key)?,
        created_at: row.at("created_at")?,
        push: row.opt_uuid("push_id")?.map(PushId),
    })
}
