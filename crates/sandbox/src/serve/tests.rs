use std::{path::PathBuf, time::Duration};

use axum::{response::IntoResponse, routing::get};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};
use tower::ServiceExt;

use super::*;
use crate::{
    SandboxClock,
    approve::{self, Decision, Fetch, Outcome},
    state::StateFile,
};

struct Process {
    url: String,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<io::Result<()>>,
}

async fn start(state: PathBuf) -> Process {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let sandbox = Sandbox::new(SandboxClock::real());
    let state = StateFile::open(&state, &sandbox).expect("a state");
    let (stop, stopped) = oneshot::channel::<()>();
    let (ends, end) = oneshot::channel::<()>();
    let serving = serve(listener, sandbox.clone(), async {
        let _ = stopped.await;
        let _ = ends.send(());
    });
    let keeping = state.keep(sandbox, async {
        let _ = end.await;
    });
    let ended = tokio::spawn(async {
        let (served, kept) = tokio::join!(serving, keeping);
        served.and(kept)
    });
    Process { url, stop, ended }
}

#[tokio::test]
async fn process_ends_at_once_and_starts_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let state = directory.path().join("state.json");
    let http = approve::client().expect("a client");
    let process = start(state.clone()).await;
    let organisations = format!("{}/_sandbox/organisations", process.url);
    let made: Value = http
        .post(&organisations)
        .json(&json!({ "invoices": 10 }))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let held = format!("{}/_sandbox/clock?follower=s&offset=0&wait=50", process.url);
    let poll = tokio::spawn(http.get(held).send());
    // The poll is heard of before it is held.
    while http
        .get(format!("{}/_sandbox/clock", process.url))
        .send()
        .await
        .is_err()
    {}
    process.stop.send(()).expect("still there");
    let ended = tokio::time::timeout(Duration::from_secs(10), process.ended)
        .await
        .expect("no poll holds it");
    ended.expect("no panic").expect("saved");
    let _ = poll.await;

    let process = start(state).await;
    let organisations = format!("{}/_sandbox/organisations", process.url);
    let listed: Value = http
        .get(&organisations)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(listed["results"][0]["id"], made["id"]);
    process.stop.send(()).expect("still there");
    process.ended.await.expect("no panic").expect("saved");
}

#[tokio::test]
async fn cut_connection_is_an_error_for_the_client() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let sandbox = Sandbox::new(SandboxClock::real());
    let ledger = crate::generate::company(&crate::generate::Wish::default(), sandbox.clock.now());
    let about = crate::organisation::About {
        platform: "xero".to_owned(),
        group: ledger.facts.id,
        limits: crate::Limits::Off,
        latency_ms: 0,
        page_size: None,
        seed: 1,
    };
    let organisation = sandbox.add_organisation(crate::Organisation::new(about, ledger));
    organisation
        .faults
        .plan(serde_json::from_value(json!({ "kind": "reset", "count": 1 })).expect("a fault"));
    let answer = move || async move {
        let shape = |_| ().into_response();
        crate::faults::around(&sandbox, &organisation, &[], shape, || async {
            "0123456789".into_response()
        })
        .await
        .response
    };
    let site = Router::new().route("/", get(answer));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let http = approve::client().expect("a client");
    let read = async || http.get(format!("http://{address}/")).send().await?.text().await;
    assert!(read().await.is_err(), "the connection is cut");
    assert_eq!(read().await.expect("the whole answer"), "0123456789");
}

/// A server whose link leads to the simulator's consent page, and back.
struct World {
    sandbox: Arc<Sandbox>,
    /// Of the consent page, below the simulator.
    consent: &'static str,
}

const CONSENT_PAGES: [&str; 2] = [
    "xero/identity/connect/authorize",
    "quickbooks_online/connect/oauth2",
];

impl Fetch for World {
    async fn fetch(&self, request: http::Request<Bytes>) -> anyhow::Result<http::Response<Bytes>> {
        if request.uri().host() == Some("ledgerline.test") {
            let callback = request.uri().path() == "/oauth/callback/x";
            let consent = format!(
                "http://sandbox.test/{}?response_type=code&client_id=sandbox-client&redirect_uri=http%3A%2F%2Fledgerline.test%2Foauth%2Fcallback%2Fx&scope=offline_access%20openid%20accounting.transactions&state=s1",
                self.consent
            );
            let linked = request
                .uri()
                .query()
                .is_some_and(|query| query.contains("code=") && query.contains("state=s1"));
            let outcome = if linked { "linked" } else { "refused" };
            let page = format!("<meta name=\"ledgerline:outcome\" content=\"{outcome}\">");
            let response = http::Response::builder();
            return Ok(if callback {
                response.status(200).body(page.into())?
            } else {
                response
                    .status(303)
                    .header("location", consent)
                    .body(Bytes::new())?
            });
        }
        let (head, body) = request.into_parts();
        let request = http::Request::from_parts(head, axum::body::Body::from(body));
        let (head, body) = router(self.sandbox.clone()).oneshot(request).await?.into_parts();
        Ok(http::Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

#[tokio::test]
async fn customer_gets_through_the_real_consent_page() {
    for consent in CONSENT_PAGES {
        let sandbox = Sandbox::new(SandboxClock::real());
        gets_through(&World { sandbox, consent }).await;
    }
}

async fn gets_through(world: &World) {
    let link = "http://ledgerline.test/link/s/t";
    let refusing = Decision {
        refuse: true,
        ..Decision::default()
    };
    assert_eq!(
        approve::approve(world, link, &refusing).await.expect("refused"),
        Outcome::Refused
    );
    assert_eq!(
        approve::approve(world, link, &Decision::default())
            .await
            .expect("linked"),
        Outcome::Linked
    );
    let made = world.sandbox.organisations();
    assert_eq!(made.len(), 1, "it was made, since there was none");
    assert!(world.consent.starts_with(&made[0].about.platform));
    let named = Decision {
        organisation: Some(made[0].id.to_string()),
        refuse: false,
    };
    assert_eq!(
        approve::approve(world, link, &named).await.expect("linked"),
        Outcome::Linked
    );
}
