use ledgerline_model::EndpointId;
use ledgerline_model::app::Environment;
use ledgerline_model::event::Endpoint;
use ledgerline_store::deliveries::{Recent, State};
use ledgerline_store::{apps, deliveries, endpoints};
use standardwebhooks::Webhook;

use super::mint;
use crate::testing::{World, on_both_stores};

const DAY: u64 = 24 * 3600;

async fn endpoint(world: &World) -> (EndpointId, Webhook) {
    endpoint_of(world, "plain").await
}

async fn endpoint_of(world: &World, dialect: &str) -> (EndpointId, Webhook) {
    let endpoint = Endpoint {
        app: world.app,
        id: EndpointId::new(&*world.engine.ids, world.engine.now()),
        environment: Environment::Test,
        dialect: dialect.into(),
        url: "https://hooks.example/in".into(),
        event_types: Vec::new(),
        company_tags: Vec::new(),
        disabled: false,
        created_at: world.engine.now(),
        failing_since: None,
    };
    let secret = mint(&*world.engine.ids);
    let mut tx = world.write().await;
    endpoints::insert(&mut tx, &endpoint, &secret).await.unwrap();
    tx.commit().await.unwrap();
    (endpoint.id, Webhook::new(secret.expose()).unwrap())
}

async fn recent(world: &World) -> Vec<Recent> {
    let mut tx = world.read().await;
    deliveries::recent(&mut tx, world.app, Environment::Test, 100)
        .await
        .unwrap()
}

async fn is_disabled(world: &World, id: EndpointId) -> bool {
    let mut tx = world.read().await;
    endpoints::find_by_id(&mut tx, world.app, id)
        .await
        .unwrap()
        .unwrap()
        .disabled
}

#[tokio::test]
async fn what_happened_is_told_signed_and_once() {
    on_both_stores(async |world| {
        let (_, webhook) = endpoint(&world).await;
        world.receiver.answer(Some(204));
        let company = world.company(Environment::Test).await;
        world.run_jobs().await;
        let heard = world.receiver.heard();
        assert_eq!(heard.len(), 1);
        let header = |name: &str| heard[0].headers()[name].to_str().unwrap().to_owned();
        let id = world.events(&company).await[0].id;
        assert_eq!(header("webhook-id"), format!("msg_{}", id.0.simple()));
        let at = header("webhook-timestamp").parse().unwrap();
        assert_eq!(at, world.engine.real_now().as_second());
        let signature = webhook.sign(&header("webhook-id"), at, heard[0].body()).unwrap();
        assert_eq!(header("webhook-signature"), signature);
        for name in ["id", "timestamp", "signature"] {
            assert_eq!(
                header(&format!("svix-{name}")),
                header(&format!("webhook-{name}"))
            );
        }
        assert_eq!(heard[0].body(), &r#"{"name":"company.created"}"#);
        assert!(matches!(
            recent(&world).await[0].delivery.state,
            State::Delivered { .. }
        ));
        world.advance(DAY);
        world.run_jobs().await;
        assert!(world.receiver.heard().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_told_with_an_authorization_is_repeated_for_two_minutes() {
    on_both_stores(async |world| {
        endpoint_of(&world, "authorized").await;
        let authorization = ledgerline_model::Secret::new("Bearer of the app");
        let mut tx = world.write().await;
        apps::set_alert_authorization(&mut tx, world.app, Some(&authorization))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.receiver.answer(Some(503));
        world.company(Environment::Test).await;
        let mut heard = Vec::new();
        for _ in 0..30 {
            world.run_jobs().await;
            heard.extend(world.receiver.heard());
            world.advance(10);
        }
        assert_eq!(heard.len(), 4);
        for request in &heard {
            assert_eq!(request.headers()["authorization"], "Bearer of the app");
            assert_eq!(request.headers()["x-app"], world.app.to_string());
            assert!(!request.headers().contains_key("webhook-signature"));
        }
        assert_eq!(recent(&world).await[0].delivery.state, State::Failed);

        // Most answers are final, and without an Authorization there is none.
        let mut tx = world.write().await;
        apps::set_alert_authorization(&mut tx, world.app, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.receiver.answer(Some(500));
        world.company(Environment::Test).await;
        let mut heard = Vec::new();
        for _ in 0..30 {
            world.run_jobs().await;
            heard.extend(world.receiver.heard());
            world.advance(10);
        }
        assert_eq!(heard.len(), 1);
        assert!(!heard[0].headers().contains_key("authorization"));
    })
    .await;
}

#[tokio::test]
async fn a_failed_delivery_comes_again_with_the_same_id() {
    on_both_stores(async |world| {
        endpoint(&world).await;
        world.receiver.answer(Some(503));
        world.company(Environment::Test).await;
        world.run_jobs().await;
        world.run_jobs().await;
        let first = world.receiver.heard();
        assert_eq!(first.len(), 1, "not before its time");
        world.receiver.answer(Some(200));
        world.advance(6);
        world.run_jobs().await;
        let second = world.receiver.heard();
        assert_eq!(
            second[0].headers()["webhook-id"],
            first[0].headers()["webhook-id"]
        );
        assert_ne!(
            second[0].headers()["webhook-timestamp"],
            first[0].headers()["webhook-timestamp"]
        );
        assert_eq!(recent(&world).await[0].delivery.attempts, 2);
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_returns_after_a_day_hears_everything_within_a_quarter_of_an_hour() {
    on_both_stores(async |world| {
        let (id, _) = endpoint(&world).await;
        for _ in 0..30 {
            world.company(Environment::Test).await;
        }
        for _ in 0..96 {
            world.run_jobs().await;
            world.advance(900);
        }
        world.receiver.heard();
        world.receiver.answer(Some(200));
        world.run_jobs().await;
        assert_eq!(world.receiver.heard().len(), 30);
        let all = recent(&world).await;
        assert!(
            all.iter()
                .all(|recent| matches!(recent.delivery.state, State::Delivered { .. }))
        );
        assert!(!is_disabled(&world, id).await);
    })
    .await;
}

#[tokio::test]
async fn probes_cost_no_attempt() {
    on_both_stores(async |world| {
        endpoint(&world).await;
        world.company(Environment::Test).await;
        // After 5 s, 5 min and 30 min the next attempt is two hours away; until then there are probes.
        for pause in [0, 6, 340, 2000, 901, 901] {
            world.advance(pause);
            world.run_jobs().await;
        }
        assert_eq!(world.receiver.heard().len(), 6, "four attempts and two probes");
        assert_eq!(recent(&world).await[0].delivery.attempts, 4);
    })
    .await;
}

#[tokio::test]
async fn five_days_of_failure_disable_an_endpoint() {
    on_both_stores(async |world| {
        let (id, _) = endpoint(&world).await;
        for day in 0..6 {
            assert!(!is_disabled(&world, id).await, "day {day}");
            world.company(Environment::Test).await;
            world.run_jobs().await;
            world.advance(DAY);
        }
        assert!(is_disabled(&world, id).await);
        world.receiver.heard();
        world.company(Environment::Test).await;
        world.run_jobs().await;
        assert!(world.receiver.heard().is_empty(), "nothing more goes there");
    })
    .await;
}

#[tokio::test]
async fn gone_disables_at_once() {
    on_both_stores(async |world| {
        let (id, _) = endpoint(&world).await;
        world.receiver.answer(Some(410));
        world.company(Environment::Test).await;
        world.run_jobs().await;
        assert!(is_disabled(&world, id).await);
    })
    .await;
}

/// The real way out, against a listener of this process.
mod network {
    use std::net::SocketAddr;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use crate::deliver::{Network, Reach, Received, Transport};

    /// Answers every connection with this text, whatever it asks.
    async fn listener(answer: String) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    async fn post(reach: Reach, url: String) -> Result<Received, String> {
        let request = http::Request::post(url).body(Bytes::from_static(b"{}")).unwrap();
        Network::new().unwrap().post(reach, request).await
    }

    fn status(answer: Result<Received, String>) -> u16 {
        answer.unwrap().status.as_u16()
    }

    #[tokio::test]
    async fn loopback_is_for_the_test_world_only() {
        let port = listener("HTTP/1.1 204 No Content\r\n\r\n".into()).await.port();
        for host in ["127.0.0.1", "localhost"] {
            assert_eq!(
                status(post(Reach::Loopback, format!("http://{host}:{port}/in")).await),
                204
            );
            for scheme in ["http", "https"] {
                assert!(
                    post(Reach::Public, format!("{scheme}://{host}:{port}/in"))
                        .await
                        .is_err()
                );
            }
        }
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let inner = listener("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".into()).await;
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: http://{inner}/\r\ncontent-length: 0\r\n\r\n");
        let outer = listener(answer).await;
        assert_eq!(
            status(post(Reach::Loopback, format!("http://{outer}/")).await),
            302
        );
    }

    #[tokio::test]
    async fn a_long_answer_is_not_read_to_its_end() {
        let body = "x".repeat(1_000_000);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{body}");
        let address = listener(answer).await;
        assert_eq!(
            status(post(Reach::Loopback, format!("http://{address}/")).await),
            200
        );
    }
}
