use ledgerline_model::event::{Body, CompanySnapshot};

use super::*;
use crate::testing::{a_company, an_app, an_endpoint, at, ids, on_both_stores};
use crate::{Store, endpoints, events};

async fn a_delivery(store: &Store, next_at: i64) -> (Tx, Delivery) {
    let mut tx = store.write().await.unwrap();
    let app = an_app(&mut tx, "One").await;
    let company = a_company(&mut tx, app.id).await;
    let endpoint = an_endpoint(&mut tx, app.id, "codat").await;
    let body = Body::CompanyCreated {
        company: CompanySnapshot {
            id: company.id.0,
            name: company.name.clone(),
            description: None,
            tags: company.tags.clone(),
            created_at: company.created_at,
            external_id: None,
        },
    };
    let id = EventId::new(&*ids(), at(0));
    events::append(&mut tx, app.id, company.environment, company.id, at(0), id, body)
        .await
        .unwrap();
    let delivery = Delivery {
        app: app.id,
        id: DeliveryId::new(&*ids(), at(0)),
        event: id,
        endpoint: endpoint.id,
        state: State::Waiting { next_at: at(next_at) },
        attempts: 0,
        last_status: None,
        last_error: None,
        created_at: at(0),
    };
    assert!(insert(&mut tx, &delivery).await.unwrap());
    (tx, delivery)
}

#[tokio::test]
async fn a_delivery_waits_until_it_is_heard() {
    on_both_stores(async |store| {
        let (mut tx, delivery) = a_delivery(&store, 5).await;
        let (app, id) = (delivery.app, delivery.id);
        assert_eq!(due(&mut tx, at(4), 10).await.unwrap(), []);
        assert_eq!(
            due(&mut tx, at(5), 10).await.unwrap(),
            std::slice::from_ref(&delivery)
        );
        failed_attempt(&mut tx, app, id, Some(503), "unavailable", at(300))
            .await
            .unwrap();
        let waiting = waiting_of(&mut tx, app, delivery.endpoint, 10).await.unwrap();
        assert_eq!(
            (waiting[0].attempts, waiting[0].last_status, waiting[0].state),
            (1, Some(503), State::Waiting { next_at: at(300) })
        );
        assert_eq!(
            pull_forward(&mut tx, app, delivery.endpoint, at(10))
                .await
                .unwrap(),
            1
        );
        assert_eq!(due(&mut tx, at(10), 10).await.unwrap().len(), 1);
        succeeded(&mut tx, app, id, at(11), 204).await.unwrap();
        give_up(&mut tx, app, id, None, "an older attempt").await.unwrap();
        let found = find(&mut tx, app, id).await.unwrap().unwrap();
        assert_eq!(
            (found.state, found.attempts),
            (State::Delivered { at: at(11) }, 2)
        );
        let recent = recent(&mut tx, app, Environment::Test, 10).await.unwrap();
        assert_eq!(
            (recent[0].event_name.as_str(), recent.len()),
            ("company.created", 1)
        );
        assert!(replay(&mut tx, app, id, at(20)).await.unwrap());
        assert_eq!(due(&mut tx, at(20), 10).await.unwrap()[0].attempts, 0);
    })
    .await;
}

#[tokio::test]
async fn an_event_goes_to_an_endpoint_once() {
    on_both_stores(async |store| {
        let (mut tx, delivery) = a_delivery(&store, 0).await;
        let again = Delivery {
            id: DeliveryId::new(&*ids(), at(1)),
            ..delivery.clone()
        };
        assert!(!insert(&mut tx, &again).await.unwrap());
        give_up(&mut tx, delivery.app, delivery.id, None, "no route")
            .await
            .unwrap();
        let found = find(&mut tx, delivery.app, delivery.id).await.unwrap().unwrap();
        assert_eq!(
            (found.state, found.last_error.as_deref()),
            (State::Failed, Some("no route"))
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_is_due_for_a_disabled_endpoint() {
    on_both_stores(async |store| {
        let (mut tx, delivery) = a_delivery(&store, 0).await;
        endpoints::disable(&mut tx, delivery.app, delivery.endpoint)
            .await
            .unwrap();
        assert_eq!(due(&mut tx, at(1), 10).await.unwrap(), []);
        let environment = Environment::Test;
        endpoints::delete(&mut tx, delivery.app, environment, delivery.endpoint)
            .await
            .unwrap();
        assert_eq!(find(&mut tx, delivery.app, delivery.id).await.unwrap(), None);
    })
    .await;
}
