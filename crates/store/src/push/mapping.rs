use ledgerline_model::push::Mapping;
use ledgerline_model::{AppId, CompanyId, Timestamp};

use crate::db::{json, sql};
use crate::{Result, Tx};

/// `None` until it was set.
pub async fn find(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Mapping>> {
    let row = sql("select content from mapping_config where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .first(tx)
        .await?;
    row.map(|row| row.json("content")).transpose()
}

pub async fn save(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    mapping: &Mapping,
    now: Timestamp,
) -> Result<()> {
    sql(
        "insert into mapping_config (app_id, company_id, content, updated_at) values ($1, $2, $3, $4)
         on conflict (app_id, company_id) do update
         set content = excluded.content, updated_at = excluded.updated_at",
    )
    .bind(app)
    .bind(company)
    .bind(json(mapping, "content")?)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
