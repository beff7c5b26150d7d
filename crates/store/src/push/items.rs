use std::collections::HashMap;

use ledgerline_model::app::Environment;
use ledgerline_model::push::Content;
use ledgerline_model::{AppId, CompanyId, Timestamp};
use serde::Serialize;

use super::datasets::content;
use crate::db::{json, sql};
use crate::{Result, Tx};

/// Write what each is made of; of one that is known the content is replaced.
pub async fn save(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    contents: &[Content],
    now: Timestamp,
) -> Result<()> {
    let listed: Vec<Listed<'_>> = contents
        .iter()
        .map(|content| Listed {
            transaction: &content.transaction,
            hash: &content.hash,
            content: &content.json,
        })
        .collect();
    sql(format!(
        "insert into item (app_id, company_id, transaction_id, hash, content, created_at)
         select $1, $2, listed.value ->> 'transaction', listed.value ->> 'hash', listed.value ->> 'content', $4
         from {} where true
         on conflict (app_id, company_id, transaction_id) do update
         set hash = excluded.hash, content = excluded.content",
        tx.dialect().objects_of(3)
    ))
    .bind(app)
    .bind(company)
    .bind(json(&listed, "item")?)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Listed<'a> {
    transaction: &'a str,
    hash: &'a str,
    content: &'a str,
}

/// Those of these ids that are known.
pub async fn find(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    transactions: Vec<String>,
) -> Result<HashMap<String, Content>> {
    let any_of = tx.dialect().any_of(3);
    let transactions = tx.dialect().texts(transactions);
    let rows = sql(format!(
        "select transaction_id, hash, content from item
         where app_id = $1 and company_id = $2 and transaction_id {any_of}"
    ))
    .bind(app)
    .bind(company)
    .bind(transactions)
    .all(tx)
    .await?;
    rows.iter()
        .map(|row| {
            let content = content(row)?;
            Ok((content.transaction.clone(), content))
        })
        .collect()
}

/// How many are known of a company.
pub async fn count(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<i64> {
    let row = sql("select count(*) as items from item where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .first(tx)
        .await?;
    row.map_or(Ok(0), |row| row.int("items"))
}

/// In the order of their ids.
pub async fn list(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    offset: i64,
    limit: i64,
) -> Result<Vec<Content>> {
    sql("select transaction_id, hash, content from item
         where app_id = $1 and company_id = $2 order by transaction_id limit $3 offset $4")
    .bind(app)
    .bind(company)
    .bind(limit)
    .bind(offset)
    .all(tx)
    .await?
    .iter()
    .map(content)
    .collect()
}

/// The companies of an environment that have an expense of this id; two are as good as many.
pub async fn owners(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    transaction: &str,
) -> Result<Vec<CompanyId>> {
    sql("select item.company_id from item
         join company on company.app_id = item.app_id and company.company_id = item.company_id
         where item.app_id = $1 and company.environment = $2 and item.transaction_id = $3 limit 2")
    .bind(app)
    .bind(environment.key())
    .bind(transaction)
    .all(tx)
    .await?
    .iter()
    .map(|row| Ok(CompanyId(row.uuid("company_id")?)))
    .collect()
}
