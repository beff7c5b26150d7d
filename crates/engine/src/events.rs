//! What others must hear of: a row in the transaction of the change itself, fanned out to deliveries by a job.

/// From one event to a delivery for each endpoint that wants it.
mod fan_out;
/// The neutral pictures that events hold.
mod snapshot;

use ledgerline_model::app::Environment;
use ledgerline_model::event::{Body, Event};
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::{AppId, CompanyId, EventId, Timestamp};
use ledgerline_store::Tx;
use ledgerline_store::jobs::{self, NewJob};

pub use fan_out::fan_out;
pub use snapshot::{of_company, of_connection};

use crate::Engine;

/// Kind of the job that makes deliveries of events.
pub const FAN_OUT: &str = "events.fan_out";

/// Say what happened, in the transaction in which it does, and see that it will be told.
pub async fn append(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    body: Body,
) -> ledgerline_store::Result<Event> {
    let now = engine.now();
    let id = EventId::new(&*engine.ids, now);
    let event = Event {
        app,
        id,
        environment,
        company,
        sequence: 0,
        at: now,
        body,
    };
    if planted::is(Bug::EventOutsideTransaction) {
        let (store, clock, later) = (engine.store.clone(), engine.clock.clone(), event.clone());
        tokio::spawn(async move {
            clock
                .sleep_until(now + std::time::Duration::from_millis(300))
                .await;
            if let Ok(mut tx) = store.write().await
                && write(&mut tx, later).await.is_ok()
            {
                let _ = tx.commit().await;
            }
        });
        return Ok(event);
    }
    let event = write(tx, event).await?;
    engine.work.notify_one();
    Ok(event)
}

/// The same of several things that happened at once to a company, in this order.
pub async fn append_all(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    bodies: Vec<Body>,
) -> ledgerline_store::Result<()> {
    if bodies.is_empty() {
        return Ok(());
    }
    let now = engine.now();
    let bodies = bodies.into_iter();
    let bodies = bodies.map(|body| (EventId::new(&*engine.ids, now), body));
    ledgerline_store::events::append_all(tx, app, environment, company, now, bodies.collect()).await?;
    see_told(tx, app, now).await?;
    engine.work.notify_one();
    Ok(())
}

async fn write(tx: &mut Tx, event: Event) -> ledgerline_store::Result<Event> {
    let Event {
        app,
        id,
        environment,
        company,
        at: now,
        body,
        ..
    } = event;
    let event = ledgerline_store::events::append(tx, app, environment, company, now, id, body).await?;
    see_told(tx, app, now).await?;
    Ok(event)
}

/// Have a job make the deliveries.
async fn see_told(tx: &mut Tx, app: AppId, now: Timestamp) -> ledgerline_store::Result<()> {
    let key = format!("{FAN_OUT}:{app}");
    if !jobs::waits(tx, app, &key, now).await? {
        let job = NewJob {
            app,
            kind: FAN_OUT,
            payload: "{}".into(),
            concurrency_key: Some(key),
            run_at: now,
        };
        jobs::enqueue(tx, job).await?;
    }
    Ok(())
}
