use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::{CompanyId, ConnectionId};
use ledgerline_store::{Tx, companies, connections, jobs as queue, status};
use tracing::info;

use super::{DUE, Due, Payload, due, states};
use crate::{Engine, jobs, pull};

/// Run the job: start one Run for all types of the connection that are due.
pub(crate) async fn tick(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let Payload { company, connection } = jobs::payload(job)?;
    let seen = if planted::is(Bug::ScheduleWithoutKey) {
        Some(seen_before(engine, job, CompanyId(company), ConnectionId(connection)).await?)
    } else {
        None
    };
    let mut tx = engine.store.write().await?;
    queue::check_fence(&mut tx, job.id, job.fence).await?;
    let company = companies::lock(&mut tx, job.app, CompanyId(company)).await?;
    let connection = connections::lock(&mut tx, job.app, ConnectionId(connection)).await?;
    if let Some((company, connection)) = company.zip(connection) {
        let states = states(engine, &mut tx, &company, &connection).await?;
        let due = seen.unwrap_or_else(|| due(&states, engine.now()));
        if let Due::Now { period, data_types } = due {
            let started =
                pull::start_period(engine, &mut tx, &company, &connection, &data_types, &period).await?;
            if started {
                info!(connection.id = %connection.id, period, ?data_types, "A period is due");
            } else {
                // The period has its Run: what else was due in it waits for the next.
                for data_type in data_types {
                    let now = engine.now();
                    status::started(&mut tx, job.app, connection.id, data_type, now, true).await?;
                }
            }
        }
        set_timer(engine, &mut tx, &company, &connection).await?;
    }
    queue::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(())
}

/// See that somebody looks when the next of the connection's types is due. The caller holds the company: two who
/// did this at once could each miss what the other has written.
pub(crate) async fn set_timer(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let states = states(engine, tx, company, connection).await?;
    let run_at = match due(&states, now) {
        Due::Now { .. } => Some(now),
        Due::Later(at) => Some(at),
        Due::Never => None,
    };
    let payload = Payload {
        company: company.id.0,
        connection: connection.id.0,
    };
    let payload = serde_json::to_string(&payload).map_err(|cause| jobs::Error::Payload {
        kind: DUE.into(),
        cause,
    })?;
    queue::set_timer(tx, connection.app, DUE, &key(connection), &payload, run_at).await?;
    Ok(())
}

/// Nothing of the connection is due any more.
pub(crate) async fn clear_timer(tx: &mut Tx, connection: &Connection) -> ledgerline_store::Result<()> {
    queue::set_timer(tx, connection.app, DUE, &key(connection), "", None).await
}

/// What is due as somebody sees it who holds nothing, a moment before he acts on it.
async fn seen_before(
    engine: &Engine,
    job: &jobs::Job,
    company: CompanyId,
    connection: ConnectionId,
) -> Result<Due, jobs::Error> {
    let mut tx = engine.store.write().await?;
    let company = companies::lock(&mut tx, job.app, company).await?;
    let connection = connections::lock(&mut tx, job.app, connection).await?;
    let seen = match company.zip(connection) {
        Some((company, connection)) => due(
            &states(engine, &mut tx, &company, &connection).await?,
            engine.now(),
        ),
        None => Due::Never,
    };
    drop(tx);
    let a_moment = std::time::Duration::from_millis(300);
    engine
        .clock
        .sleep_until(jobs::lease::later(engine.now(), a_moment))
        .await;
    Ok(seen)
}

fn key(connection: &Connection) -> String {
    format!("{DUE}:{}", connection.id)
}
