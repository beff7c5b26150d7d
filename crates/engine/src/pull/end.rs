use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::consistency::Consistency;
use ledgerline_model::event::{Body, CompanySnapshot, PullSnapshot, RunSnapshot};
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::run::{Failure, Pull, PullState, Run};
use ledgerline_model::{AppId, RunId, Timestamp};
use ledgerline_store::{
    Tx, changes, companies, company_details, connections, issues, publications, pulls, runs, versions,
};
use tracing::warn;

use super::{CleanRun, CloseRun};
use crate::{Engine, events, jobs, schedule};

/// End every active Pull of a connection because it was cut. The caller holds the company or the connection.
pub async fn cancel_all(engine: &Engine, tx: &mut Tx, connection: &Connection) -> Result<(), jobs::Error> {
    end_all(
        engine,
        tx,
        connection,
        Failure::Cancelled,
        "The connection was cut.",
    )
    .await
}

/// End every active Pull of a connection badly. The caller holds the company or the connection.
pub async fn end_all(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    failure: Failure,
    message: &str,
) -> Result<(), jobs::Error> {
    for pull in pulls::lock_active_of_connection(tx, connection.app, connection.id).await? {
        end(engine, tx, pull, failure, message).await?;
    }
    Ok(())
}

/// End one Pull badly: what readers see stays as it is.
pub(super) async fn end(
    engine: &Engine,
    tx: &mut Tx,
    mut pull: Pull,
    failure: Failure,
    message: &str,
) -> Result<(), jobs::Error> {
    pull.state = PullState::Failed {
        at: engine.now(),
        failure,
    };
    pull.paused_until = None;
    pull.message = Some(message.to_owned());
    let data_type = pull.data_type;
    warn!(pull.id = %pull.id, failure = failure.key(), message, "The Pull of {data_type} ended badly");
    pulls::save(tx, &pull).await?;
    if planted::is(Bug::StagedOfFailedPull) && !pull.first_load {
        changes::prune(tx, &pull).await?;
        versions::supersede(tx, &pull).await?;
        changes::apply_present(tx, &pull).await?;
        changes::apply_gone(tx, &pull).await?;
        publications::publish(tx, pull.app, pull.publication, engine.now()).await?;
    }
    count_down(engine, tx, pull.app, pull.run, 1).await
}

/// So many Pulls of the Run have ended; the last one queues the job that closes it, if there is anything to close.
pub(super) async fn count_down(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    run: RunId,
    ended: i64,
) -> Result<(), jobs::Error> {
    let company = match runs::find(tx, app, run).await? {
        Some(found) => companies::lock(tx, app, found.company)
            .await?
            .map(|company| (company, found.connection)),
        None => None,
    };
    let Some((company, connection)) = company else {
        runs::end_pulls(tx, app, run, ended).await?;
        return Ok(());
    };
    let connection = connections::find(tx, app, company.environment, connection).await?;
    count_down_of(engine, tx, run, &company, connection, ended).await
}

/// The same where the caller holds the company and the connection.
pub(super) async fn count_down_of(
    engine: &Engine,
    tx: &mut Tx,
    run: RunId,
    company: &Company,
    connection: Option<Connection>,
    ended: i64,
) -> Result<(), jobs::Error> {
    let app = company.app;
    let left = runs::end_pulls(tx, app, run, ended).await?;
    if left == 0
        && let Some(run) = runs::find(tx, app, run).await?
    {
        let pulls = pulls::of_run(tx, app, run.id).await?;
        if pulls.iter().any(|pull| pull.state.is_complete()) {
            let key = Some(format!("{}:{}", jobs::RUN_CLOSE, run.connection));
            jobs::enqueue(tx, app, jobs::RUN_CLOSE, &CloseRun::of(run.id), key, engine.now()).await?;
        } else {
            complete_run(engine, tx, &run, company, None).await?;
        }
    }
    // A type that was due while it was being read is due now.
    if let Some(connection) = connection {
        schedule::set_timer(engine, tx, company, &connection).await?;
    }
    Ok(())
}

/// When one of the Run's types is read next by itself.
async fn next_at(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    pulls: &[PullSnapshot],
) -> Result<Option<Timestamp>, jobs::Error> {
    let upcoming = schedule::upcoming(engine, tx, company, connection).await?;
    let of_run = |data_type| pulls.iter().any(|pull| pull.data_type == data_type);
    let due = upcoming
        .iter()
        .filter(|upcoming| of_run(upcoming.setting.data_type));
    Ok(due.filter_map(|upcoming| upcoming.due_at).min())
}

/// End the Run, and say how. `consistency`: how far its types agree; `None` where none was read.
pub(super) async fn complete_run(
    engine: &Engine,
    tx: &mut Tx,
    run: &Run,
    company: &Company,
    consistency: Option<Consistency>,
) -> Result<(), jobs::Error> {
    engine.memos.drop_run(run.id);
    let now = engine.now();
    runs::finish(tx, run.app, run.id, now).await?;
    jobs::enqueue(tx, run.app, jobs::STAGED_CLEAN, &CleanRun::of(run.id), None, now).await?;
    let mut snapshots = Vec::new();
    for pull in pulls::of_run(tx, run.app, run.id).await? {
        snapshots.push(PullSnapshot {
            id: pull.id.0,
            data_type: pull.data_type,
            state: pull.state.key().to_owned(),
            read: pull.read,
            gone: pull.gone,
            changed: pull.changed,
            deleted: pull.deleted,
            quarantined: pull.quarantined,
            issues: issues::count(tx, &pull).await?,
            cause: pull.cause.map(|cause| cause.key().to_owned()),
            failed_attempts: pull.failed_attempts,
            changed_months: match pull.data_type.is_statement() {
                true => publications::changed_by_run(tx, run.app, run.id, pull.data_type).await?,
                false => Vec::new(),
            },
            message: pull.message,
        });
    }
    let connection = connections::find(tx, run.app, company.environment, run.connection).await?;
    let next_at = match &connection {
        Some(connection) => next_at(engine, tx, company, connection, &snapshots).await?,
        None => None,
    };
    let platform = connection.map_or_else(String::new, |connection| connection.platform);
    let body = Body::RunCompleted {
        company: CompanySnapshot {
            external_id: company_details::external_id(tx, run.app, company.id).await?,
            ..events::of_company(company)
        },
        run: RunSnapshot {
            id: run.id.0,
            reason: run.reason.key().to_owned(),
            connection: run.connection.0,
            platform,
            period: run.period.clone(),
            dialect: runs::dialect(tx, run.app, run.id).await?,
            data_period: run.data_period,
            started_at: run.created_at,
            finished_at: now,
            pulls: snapshots,
            next_at,
            consistency,
        },
    };
    events::append(engine, tx, run.app, company.environment, company.id, body).await?;
    Ok(())
}
