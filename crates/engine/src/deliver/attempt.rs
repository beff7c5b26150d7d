use ledgerline_model::EndpointId;
use ledgerline_model::event::Endpoint;
use ledgerline_store::deliveries::{self, Delivery, State};
use ledgerline_store::jobs::{self, Job};
use ledgerline_store::{Tx, apps, endpoints, events};
use tracing::{info, warn};

use super::schedule::{Outcome, PROBE, after_failure, judge, soon_again};
use super::wake::come_back;
use super::{Reach, authorization, signature};
use crate::{Engine, Manner, Telling};

/// Deliveries of one endpoint that one run of the job makes, before others get their turn.
const BATCH: i64 = 20;

/// Run the job: make the endpoint's attempts that are due, one after the other, then come back when the next
/// one is. While deliveries wait, one of them is tried every 15 minutes out of turn; the first success pulls
/// all of them forward.
pub async fn attempt(engine: &Engine, job: &Job) -> ledgerline_store::Result<()> {
    let id: EndpointId = serde_json::from_str(&job.payload)
        .ok()
        .and_then(|id: String| id.parse().ok())
        .ok_or(ledgerline_store::Error::Corrupt { column: "payload" })?;
    for _ in 0..BATCH {
        match plan(engine, job, id).await? {
            Plan::Send(sending) => send(engine, job, *sending).await?,
            Plan::Ended => return Ok(()),
        }
    }
    let mut tx = engine.store.write().await?;
    come_back(&mut tx, job, id, engine.now()).await?;
    tx.commit().await
}

enum Plan {
    Send(Box<Sending>),
    /// The job was ended or postponed.
    Ended,
}

struct Sending {
    endpoint: Endpoint,
    delivery: Delivery,
    /// `Err`: there is nothing to send, with the reason.
    request: Result<http::Request<bytes::Bytes>, String>,
    manner: Manner,
    /// Out of turn: its failure does not count as an attempt.
    probe: bool,
}

async fn plan(engine: &Engine, job: &Job, id: EndpointId) -> ledgerline_store::Result<Plan> {
    let mut tx = engine.store.write().await?;
    let now = engine.now();
    let endpoint = endpoints::find_by_id(&mut tx, job.app, id).await?;
    let endpoint = endpoint.filter(|endpoint| !endpoint.disabled);
    let next = deliveries::waiting_of(&mut tx, job.app, id, 1).await?.pop();
    let (Some(endpoint), Some(delivery)) = (endpoint, next) else {
        jobs::done(&mut tx, job.id, job.fence).await?;
        tx.commit().await?;
        return Ok(Plan::Ended);
    };
    let due = match delivery.state {
        State::Waiting { next_at } => next_at,
        State::Delivered { .. } | State::Failed => now,
    };
    let probe = due > now;
    if probe && !endpoints::take_probe(&mut tx, job.app, id, now, now + PROBE).await? {
        let until = endpoints::probe_at(&mut tx, job.app, id).await?;
        let until = until.map_or(due, |probe| probe.min(due));
        come_back(&mut tx, job, id, until).await?;
        tx.commit().await?;
        return Ok(Plan::Ended);
    }
    let request = request(engine, &mut tx, &endpoint, &delivery).await?;
    tx.commit().await?;
    let shape = engine.shapes.find(&endpoint.dialect);
    Ok(Plan::Send(Box::new(Sending {
        manner: shape.map_or(Manner::Signed, |shape| shape.manner),
        endpoint,
        delivery,
        request,
        probe,
    })))
}

async fn request(
    engine: &Engine,
    tx: &mut Tx,
    endpoint: &Endpoint,
    delivery: &Delivery,
) -> ledgerline_store::Result<Result<http::Request<bytes::Bytes>, String>> {
    let event = events::find(tx, endpoint.app, endpoint.environment, delivery.event).await?;
    let secret = endpoints::secret(tx, endpoint.app, endpoint.id).await?;
    let app = apps::find(tx, endpoint.app).await?;
    let shape = engine.shapes.find(&endpoint.dialect);
    let (Some(event), Some(secret), Some(app), Some(shape)) = (event, secret, app, shape) else {
        return Ok(Err("the event can no longer be told".into()));
    };
    let telling = Telling {
        app: &app,
        endpoint,
        event: &event,
        delivery: delivery.id,
    };
    let Some(body) = (shape.body)(&telling) else {
        return Ok(Err("the endpoint's dialect has no word for the event".into()));
    };
    Ok(match shape.manner {
        Manner::Signed => signature::sign(&endpoint.url, &secret, event.id, engine.real_now(), body),
        Manner::Authorized { app_header } => {
            let authorization = apps::alert_authorization(tx, app.id).await?;
            authorization::request(&endpoint.url, authorization.as_ref(), app_header, app.id, body)
        }
    })
}

async fn send(engine: &Engine, job: &Job, sending: Sending) -> ledgerline_store::Result<()> {
    let Sending {
        endpoint,
        delivery,
        request,
        manner,
        probe,
    } = sending;
    let (app, id) = (delivery.app, delivery.id);
    let request = match request {
        Ok(request) => request,
        Err(reason) => {
            let mut tx = engine.store.write().await?;
            jobs::check_fence(&mut tx, job.id, job.fence).await?;
            deliveries::give_up(&mut tx, app, id, None, &reason).await?;
            return tx.commit().await;
        }
    };
    let reach = Reach::of(endpoint.environment, engine.config.allow_private_webhooks);
    let outcome = judge(engine.webhooks.post(reach, request).await);
    let now = engine.now();
    let mut tx = engine.store.write().await?;
    jobs::check_fence(&mut tx, job.id, job.fence).await?;
    match outcome {
        Outcome::Delivered { status } => {
            deliveries::succeeded(&mut tx, app, id, now, status).await?;
            endpoints::set_failing(&mut tx, app, endpoint.id, None).await?;
            // What waited for the receiver's return need not wait longer.
            deliveries::pull_forward(&mut tx, app, endpoint.id, now).await?;
        }
        Outcome::Failed {
            status,
            reason,
            retry_after,
            gone,
        } => {
            endpoints::set_failing(&mut tx, app, endpoint.id, Some(now)).await?;
            // The next probe is 15 minutes after this attempt, whatever that one was.
            endpoints::set_probe(&mut tx, app, endpoint.id, now + PROBE).await?;
            let attempts = delivery.attempts + 1;
            let since = endpoint.failing_since.unwrap_or(now);
            let mut next = after_failure(attempts, since, retry_after, gone, now, random(engine));
            if manner != Manner::Signed {
                next.at = soon_again(attempts, status, retry_after, now);
            }
            match (probe, next.at) {
                (true, _) => {}
                (false, Some(at)) => {
                    deliveries::failed_attempt(&mut tx, app, id, status, &reason, at).await?;
                }
                (false, None) => {
                    warn!(delivery.id = %id, endpoint.id = %endpoint.id, reason, "A delivery was given up after {attempts} attempts");
                    deliveries::give_up(&mut tx, app, id, status, &reason).await?;
                }
            }
            if next.disable {
                info!(endpoint.id = %endpoint.id, reason, "Disabled an endpoint that has done nothing but fail");
                endpoints::disable(&mut tx, app, endpoint.id).await?;
            }
        }
    }
    tx.commit().await
}

fn random(engine: &Engine) -> u64 {
    let mut bytes = [0; 8];
    engine.ids.fill(&mut bytes);
    u64::from_be_bytes(bytes)
}
