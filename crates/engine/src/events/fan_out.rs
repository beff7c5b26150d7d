use ledgerline_model::DeliveryId;
use ledgerline_store::deliveries::{self, Delivery, State};
use ledgerline_store::endpoints;
use ledgerline_store::jobs::{self, Job};

use crate::{Engine, deliver};

/// Events that one transaction takes.
const BATCH: i64 = 50;

/// Run the job: make the deliveries of what happened. Deliveries and mark are one transaction, so that no
/// event is fanned out twice or not at all.
pub async fn fan_out(engine: &Engine, job: &Job) -> ledgerline_store::Result<()> {
    loop {
        let mut tx = engine.store.write().await?;
        jobs::check_fence(&mut tx, job.id, job.fence).await?;
        let events = ledgerline_store::events::unfanned(&mut tx, job.app, BATCH).await?;
        if events.is_empty() {
            jobs::done(&mut tx, job.id, job.fence).await?;
            return tx.commit().await;
        }
        for event in &events {
            for endpoint in endpoints::list(&mut tx, event.app, event.environment, None).await? {
                let wanted = engine
                    .shapes
                    .find(&endpoint.dialect)
                    .is_some_and(|shape| !endpoint.disabled && (shape.wants)(&endpoint, event));
                if wanted {
                    let now = engine.now();
                    let delivery = Delivery {
                        app: event.app,
                        id: DeliveryId::new(&*engine.ids, now),
                        event: event.id,
                        endpoint: endpoint.id,
                        state: State::Waiting { next_at: now },
                        attempts: 0,
                        last_status: None,
                        last_error: None,
                        created_at: now,
                    };
                    deliveries::insert(&mut tx, &delivery).await?;
                    deliver::wake(engine, &mut tx, endpoint.app, endpoint.id, now).await?;
                }
            }
            ledgerline_store::events::mark_fanned(&mut tx, event.app, event.id).await?;
        }
        tx.commit().await?;
        engine.work.notify_one();
    }
}
