use axum::extract::RawPathParams;
use http::StatusCode;
use ledgerline_engine::pull;
use ledgerline_model::DataType;
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{Extent, Pull, Reason};
use ledgerline_store::{Tx, connections};

use super::errors::Error;
use super::owned::{CompanyOf, find_connection};
use super::query::Parameters;
use super::views::PullOperation;

/// Old clients ask for all types by this name.
const ALL: &str = "all";

/// Queue a read of every type that is fetched on the first link and that the platform can give.
///
/// Types that are being read already are left out.
#[utoipa::path(
    post, path = "/companies/{companyId}/data/all", tag = "Refresh data",
    params(("full" = Option<bool>, Query, description = "Ours. `true`: everything is read, not only what changed.")),
    responses((status = 204))
)]
pub async fn refresh_all(of: CompanyOf, parameters: Parameters) -> Result<StatusCode, Error> {
    queue_all(&of, extent(&parameters)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Queue a read of one data type.
#[utoipa::path(
    post, path = "/companies/{companyId}/data/queue/{dataType}", tag = "Refresh data",
    params(
        ("connectionId" = Option<String>, Query, description = "Absent: the company's linked connection."),
        ("full" = Option<bool>, Query, description = "Ours. `true`: everything is read, not only what changed."),
    ),
    responses((status = 200, body = PullOperation))
)]
pub async fn refresh_data_type(
    of: CompanyOf,
    path: RawPathParams,
    parameters: Parameters,
) -> Result<axum::Json<PullOperation>, Error> {
    let extent = extent(&parameters)?;
    let asked = path.iter().find(|(name, _)| *name == "dataType");
    let asked = asked.map_or("", |(_, value)| value);
    if asked.eq_ignore_ascii_case(ALL) {
        let first = queue_all(&of, extent).await?.into_iter().next();
        let busy = || Error::bad_request("Every data type of the company is being read already.");
        return Ok(axum::Json(first.ok_or_else(busy)?.into()));
    }
    let connection = match parameters.text("connectionId") {
        Some(id) => {
            let found = find_connection(&of.engine, of.app, of.company.environment, of.company.id, id);
            Some(found.await?.ok_or_else(|| Error::no_connection(id))?)
        }
        None => None,
    };
    let data_type: DataType = asked
        .parse()
        .map_err(|_| Error::no_data_type(asked, "any platform"))?;
    queue(&of, connection, data_type, extent).await
}

/// Queue a read of what the organisation says of itself.
#[utoipa::path(
    post, path = "/companies/{companyId}/data/info", tag = "Refresh data",
    responses((status = 200, body = PullOperation))
)]
pub async fn refresh_info(of: CompanyOf) -> Result<axum::Json<PullOperation>, Error> {
    queue(&of, None, DataType::Company, Extent::Changes).await
}

fn extent(parameters: &Parameters) -> Result<Extent, Error> {
    Ok(if parameters.flag("full")? {
        Extent::Everything
    } else {
        Extent::Changes
    })
}

async fn queue_all(of: &CompanyOf, extent: Extent) -> Result<Vec<Pull>, Error> {
    let mut tx = of.engine.store.write().await?;
    let pulls = pull::request_all(&of.engine, &mut tx, &of.company, Reason::OnDemand, extent)
        .await
        .map_err(refused)?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(pulls)
}

async fn queue(
    of: &CompanyOf,
    connection: Option<Connection>,
    data_type: DataType,
    extent: Extent,
) -> Result<axum::Json<PullOperation>, Error> {
    let mut tx = of.engine.store.write().await?;
    let connection = match connection {
        Some(connection) => connection,
        None => active(&mut tx, of).await?,
    };
    let pull = pull::request(
        &of.engine,
        &mut tx,
        &of.company,
        &connection,
        data_type,
        Reason::OnDemand,
        extent,
    )
    .await
    .map_err(refused)?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(axum::Json(pull.into()))
}

async fn active(tx: &mut Tx, of: &CompanyOf) -> Result<Connection, Error> {
    connections::active(tx, of.app, of.company.id)
        .await?
        .ok_or_else(not_linked)
}

fn not_linked() -> Error {
    Error::bad_request("The company has no linked connection to read from.")
}

fn refused(error: pull::Error) -> Error {
    match error {
        pull::Error::AlreadyInProgress {
            company,
            running,
            data_type,
        } => Error::already_in_progress(data_type, company, running),
        pull::Error::NotSupported { data_type, platform } => Error::no_data_type(data_type.key(), &platform),
        pull::Error::NotLinked => not_linked(),
        // Of Runs of certain days alone, which this dialect does not ask for.
        pull::Error::NotReadYet => Error::bad_request("The first read has not completed."),
        pull::Error::Job(error) => Error::internal(&error),
    }
}
