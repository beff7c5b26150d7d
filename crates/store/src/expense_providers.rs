use ledgerline_model::{AppId, CompanyId, ConnectionId, Timestamp};

use crate::db::sql;
use crate::{Result, Tx};

/// That the app hands over expenses for a company: shown as a connection, of which nothing is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provider {
    pub id: ConnectionId,
    pub created_at: Timestamp,
}

/// The company's one.
pub async fn find(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Provider>> {
    let row =
        sql("select provider_id, created_at from expense_provider where app_id = $1 and company_id = $2")
            .bind(app)
            .bind(company)
            .first(tx)
            .await?;
    row.map(|row| {
        Ok(Provider {
            id: ConnectionId(row.uuid("provider_id")?),
            created_at: row.at("created_at")?,
        })
    })
    .transpose()
}

/// The caller holds the company, and has seen that it has none.
pub async fn insert(tx: &mut Tx, app: AppId, company: CompanyId, provider: &Provider) -> Result<()> {
    sql("insert into expense_provider (app_id, company_id, provider_id, created_at) values ($1, $2, $3, $4)")
        .bind(app)
        .bind(company)
        .bind(provider.id)
        .bind(provider.created_at)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<()> {
    sql("delete from expense_provider where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .run(tx)
        .await?;
    Ok(())
}
