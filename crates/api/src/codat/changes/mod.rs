/// The place in the feed that a reader hands back.
mod cursor;

use ledgerline_model::{CompanyId, DataType, Instant};
use ledgerline_store::change_feed::{self, Change, Kind, Position};
use ledgerline_store::{Tx, companies};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::as_of;
use super::errors::Error;
use super::query::Parameters;
use crate::auth::App;

const MAX_LIMIT: u32 = 1000;

/// What the feed takes, for the description.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct ChangesParameters {
    /// `next` of the page before. Absent: from the first publication on, or from `since`.
    cursor: Option<String>,
    /// For a first page without a cursor: what was published after this instant, or after now (`latest`). Lists read
    /// with the same `asOf` hold what came before.
    since: Option<String>,
    /// At most so many changes.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// Of this company alone.
    #[param(rename = "companyId")]
    company_id: Option<Uuid>,
    /// Of this data type alone.
    #[param(rename = "dataType")]
    data_type: Option<String>,
}

/// What publications changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Changes)]
pub struct ChangesPage {
    results: Vec<ChangeView>,
    /// Whether there is more already.
    has_more: bool,
    /// The cursor of the next page, now or whenever something was published.
    next: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Change)]
pub struct ChangeView {
    /// `added`, `changed` or `removed`, in the eyes of who reads the records.
    kind: &'static str,
    #[schema(value_type = String)]
    data_type: DataType,
    record_id: String,
    company_id: Uuid,
    connection_id: Uuid,
    publication_id: Uuid,
    /// The publication's number; they grow in the order in which changes became visible.
    sequence: i64,
    /// When it became visible: the `modifiedDate` that it gave the record.
    #[schema(value_type = String)]
    at: Instant,
    /// The read that found it; null where a document was read back after it had been written.
    dataset_id: Option<Uuid>,
    run_id: Option<Uuid>,
}

/// List what changed in the data of all companies, in the order in which it became visible.
///
/// Whoever goes on with `next` hears of each change once and misses none, however long he was away. A record that
/// changed several times is there several times, and a read of it shows its newest form. What deleted companies and
/// connections had is left out.
#[utoipa::path(
    get, path = "/changes", tag = "Read data", params(ChangesParameters),
    responses((status = 200, body = ChangesPage))
)]
pub async fn list_changes(app: App, parameters: Parameters) -> Result<axum::Json<ChangesPage>, Error> {
    let limit = parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(100);
    let key = cursor::Key::of(&app).await?;
    let mut tx = app.engine.store.read().await?;
    let of = change_feed::Of {
        app: app.app,
        environment: app.environment,
        company: company(&mut tx, &app, &parameters).await?,
        data_type: data_type(&parameters)?,
    };
    let from = begin(&mut tx, &app, &key, &parameters).await?;
    let page = change_feed::page(&mut tx, of, &from, limit as usize).await?;
    Ok(axum::Json(ChangesPage {
        results: page.changes.into_iter().map(Into::into).collect(),
        has_more: page.has_more,
        next: key.sign(&page.next),
    }))
}

/// Where the page begins.
async fn begin(
    tx: &mut Tx,
    app: &App,
    key: &cursor::Key,
    parameters: &Parameters,
) -> Result<Position, Error> {
    let (cursor, since) = (parameters.text("cursor"), parameters.text("since"));
    match (cursor, since) {
        (Some(_), Some(_)) => Err(Error::bad_request(
            "The parameter `since` is for a first page: `cursor` says where the next one begins.",
        )),
        (Some(cursor), None) => key.open(cursor).ok_or_else(|| {
            Error::bad_request(
                "The parameter `cursor` has to be the `next` of an answer to this key's environment.",
            )
        }),
        (None, Some(since)) => {
            let at = as_of::instant(&app.engine, tx, app.app, "since", since).await?;
            Ok(change_feed::position(tx, app.app, at).await?)
        }
        (None, None) => Ok(Position::default()),
    }
}

async fn company(tx: &mut Tx, app: &App, parameters: &Parameters) -> Result<Option<CompanyId>, Error> {
    let Some(asked) = parameters.text("companyId") else {
        return Ok(None);
    };
    let id = asked.parse().map_err(|_| Error::no_company(asked))?;
    let company = companies::find(tx, app.app, app.environment, id).await?;
    let company = company.ok_or_else(|| Error::no_company(asked))?;
    Ok(Some(company.id))
}

fn data_type(parameters: &Parameters) -> Result<Option<DataType>, Error> {
    let asked = parameters.text("dataType").map(str::parse).transpose();
    asked.map_err(|_| Error::bad_request("The parameter `dataType` names no data type, e.g. `invoices`."))
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            kind: match change.kind {
                Kind::Added => "added",
                Kind::Changed => "changed",
                Kind::Removed => "removed",
            },
            data_type: change.publication.data_type,
            record_id: change.remote_id,
            company_id: change.publication.company.0,
            connection_id: change.publication.connection.0,
            publication_id: change.publication.id.0,
            sequence: change.publication.seq,
            at: Instant(change.publication.at),
            dataset_id: change.publication.pull.map(|id| id.0),
            run_id: change.publication.run.map(|id| id.0),
        }
    }
}
