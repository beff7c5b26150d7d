use std::collections::{BTreeSet, HashMap};

use axum::extract::RawPathParams;
use ledgerline_model::consistency::Consistency;
use ledgerline_model::query::Schema;
use ledgerline_model::run::Pull;
use ledgerline_model::{AppId, PullId, RunId};
use ledgerline_store::{Tx, closings, pulls};

use super::errors::Error;
use super::owned::CompanyOf;
use super::paging::{List, ListParameters, Page};
use super::views::PullOperation;

/// `isCompleted` and `isErrored` cannot be asked for: `status` says more.
const SCHEMA: Schema = Schema {
    noun: "Dataset",
    text: "id companyId connectionId dataType status errorMessage",
    number: "progress recordsRead",
    date: "requested completed",
    flag: "",
};

/// List the reads of a company's data, the newest first.
#[utoipa::path(
    get, path = "/companies/{companyId}/data/history", tag = "Refresh data", params(ListParameters),
    responses((status = 200, body = Page<PullOperation>))
)]
pub async fn list_history(of: CompanyOf, list: List) -> Result<axum::Json<Page<PullOperation>>, Error> {
    let request = list
        .request(&SCHEMA)
        .map_err(|error| Error::bad_data_query(error.to_string()))?;
    let mut tx = of.engine.store.read().await?;
    let (app, company) = (of.app, of.company.id);
    if request.filter.is_none() && request.order.is_none() {
        let total = pulls::count(&mut tx, app, company).await?;
        let offset = i64::try_from(request.offset()).unwrap_or(i64::MAX);
        let found = pulls::list(&mut tx, app, company, offset, i64::from(list.page_size)).await?;
        let page = found.into_iter().map(Into::into).collect();
        let page = with_consistency(&mut tx, app, page).await?;
        return Ok(axum::Json(
            list.page(page, u64::try_from(total).unwrap_or_default()),
        ));
    }
    let mut all: Vec<PullOperation> = Vec::new();
    pulls::each(&mut tx, app, company, |pull: Pull| {
        let pull = PullOperation::from(pull);
        if request.filter.as_ref().is_none_or(|filter| filter.matches(&pull)) {
            all.push(pull);
        }
        Ok(true)
    })
    .await?;
    let (page, total) = request.apply(all);
    let page = with_consistency(&mut tx, app, page).await?;
    Ok(axum::Json(
        list.page(page, u64::try_from(total).unwrap_or_default()),
    ))
}

/// Get one read of a company's data.
#[utoipa::path(
    get, path = "/companies/{companyId}/data/history/{datasetId}", tag = "Refresh data",
    responses((status = 200, body = PullOperation))
)]
pub async fn get_history(of: CompanyOf, path: RawPathParams) -> Result<axum::Json<PullOperation>, Error> {
    let pull = find_pull(&of, &path).await?;
    let mut tx = of.engine.store.read().await?;
    let consistency = closings::of_pull(&mut tx, of.app, pull.id).await?;
    let view = PullOperation::from(pull);
    let consistency = consistency.filter(|_| view.closed_with().is_some());
    Ok(axum::Json(view.with(consistency)))
}

/// With what was found when their Runs were closed.
async fn with_consistency(
    tx: &mut Tx,
    app: AppId,
    page: Vec<PullOperation>,
) -> Result<Vec<PullOperation>, Error> {
    let runs: BTreeSet<RunId> = page.iter().filter_map(PullOperation::closed_with).collect();
    let runs: Vec<RunId> = runs.into_iter().collect();
    let found: HashMap<RunId, Consistency> = closings::of_runs(tx, app, &runs).await?.into_iter().collect();
    let with = |view: PullOperation| {
        let consistency = view.closed_with().and_then(|run| found.get(&run).cloned());
        view.with(consistency)
    };
    Ok(page.into_iter().map(with).collect())
}

/// The read that `{datasetId}` names, of this company.
pub async fn find_pull(of: &CompanyOf, path: &RawPathParams) -> Result<Pull, Error> {
    let asked = path
        .iter()
        .find(|(name, _)| *name == "datasetId")
        .map_or("", |(_, value)| value);
    let no_such = || Error::no_such("dataset", asked);
    let id: PullId = asked.parse().map_err(|_| no_such())?;
    let mut tx = of.engine.store.read().await?;
    let found = pulls::find(&mut tx, of.app, id).await?;
    found
        .filter(|pull| pull.company == of.company.id)
        .ok_or_else(no_such)
}
