use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Details};
use ledgerline_model::query::fold;
use ledgerline_model::{AppId, CompanyId};

use crate::db::{Row, json, sql};
use crate::{Error, Result, Tx};

/// Whether `error` says that another company of the app has the external id.
///
/// PostgreSQL has given up the transaction by then: whoever catches it begins another.
pub fn is_taken(error: &Error) -> bool {
    error.is_constraint(
        "company_one_external_id",
        "company_details.app_id, company_details.environment, company_details.external_id",
    )
}

/// The company with this external id.
pub async fn with_external_id(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    external_id: &str,
) -> Result<Option<CompanyId>> {
    sql("select company_id from company_details where app_id = $1 and environment = $2 and external_id = $3")
        .bind(app)
        .bind(environment.key())
        .bind(external_id)
        .first(tx)
        .await?
        .map(|row| row.uuid("company_id").map(CompanyId))
        .transpose()
}

/// The app's own id of the company.
pub async fn external_id(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<String>> {
    let row = sql("select external_id from company_details where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(company)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_text("external_id"))
}

/// Keep what the app says of the company, instead of what it said before. An external id that another company
/// has is refused: see [`is_taken`].
pub async fn save(tx: &mut Tx, company: &Company, details: &Details) -> Result<()> {
    sql(
        "insert into company_details (app_id, company_id, environment, external_id, external_id_folded, currency,
             details)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (app_id, company_id) do update
         set external_id = excluded.external_id, external_id_folded = excluded.external_id_folded,
             currency = excluded.currency, details = excluded.details",
    )
    .bind(company.app)
    .bind(company.id)
    .bind(company.environment.key())
    .bind(details.external_id.as_deref())
    .bind(details.external_id.as_deref().map(fold))
    .bind(details.currency.as_deref())
    .bind(json(details, "details")?)
    .run(tx)
    .await?;
    Ok(())
}

/// From a row that may have none.
pub(crate) fn read(row: &Row) -> Result<Details> {
    let rest = match row.opt_text("details")? {
        Some(_) => row.json("details")?,
        None => Details::default(),
    };
    Ok(Details {
        external_id: row.opt_text("external_id")?,
        currency: row.opt_text("currency")?,
        ..rest
    })
}
