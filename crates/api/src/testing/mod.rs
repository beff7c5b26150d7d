//! What the tests of the surfaces share: a server over a fresh store, with a made-up platform.

/// A platform that nobody can reach: its description is all that is needed.
mod platform;
/// Records as a Pull would have left them.
mod seed;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use ledgerline_engine::clock::FakeClock;
use ledgerline_engine::ids::SeededIds;
use ledgerline_engine::{Config, Engine, Shapes};
use ledgerline_model::app::{App, Environment, Settings};
use ledgerline_model::{AppId, Ids, Secret};
use ledgerline_platform::Registry;
use ledgerline_platform::http::Http;
use ledgerline_store::{Keyring, Options, Store, api_keys, apps};
use serde_json::Value;
use tower::ServiceExt;

/// A server with one app and one test key.
pub struct World {
    pub engine: Arc<Engine>,
    pub app: AppId,
    pub key: Secret,
    pub clock: Arc<FakeClock>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let clock = Arc::new(FakeClock::new("2027-03-05T12:00:00Z".parse().unwrap()));
        let options = Options {
            url: format!("sqlite://{}/store.db", folder.path().display()),
            connections: 4,
        };
        let store = Store::open(&options, Keyring::new([7; 32], ids.clone()))
            .await
            .unwrap();
        let mut registry = Registry::default();
        registry.add(platform::entry());
        let engine = Arc::new(Engine {
            store,
            clock: clock.clone(),
            ids,
            http: Http::new(Arc::new(platform::Unreachable)),
            webhooks: Arc::new(platform::Unreachable),
            registry,
            config: Config {
                // Time stands still while jobs run.
                patience: Duration::ZERO,
                ..Config::new("https://books.example/".parse().unwrap())
            },
            shapes: Shapes::default(),
            work: ledgerline_engine::Bell::default(),
            known: ledgerline_engine::push::Known::default(),
            memos: ledgerline_engine::pull::Memos::default(),
            budgets: Arc::default(),
        });
        let mut world = Self {
            router: crate::router(engine.clone()),
            app: AppId(uuid::Uuid::nil()),
            engine,
            key: Secret::new(""),
            clock,
            _folder: folder,
        };
        world.app = world.new_app("Lender").await;
        world.key = world.new_key(world.app, Environment::Test).await;
        world
    }

    pub async fn new_app(&self, name: &str) -> AppId {
        let app = App {
            id: AppId::new(self.engine.ids.as_ref(), self.engine.now()),
            name: name.to_owned(),
            settings: Settings::default(),
            created_at: self.engine.now(),
        };
        let mut tx = self.engine.store.write().await.unwrap();
        apps::insert(&mut tx, &app).await.unwrap();
        tx.commit().await.unwrap();
        app.id
    }

    /// A setting of the app, as the command line makes it.
    pub async fn set(&self, name: &str, value: &str) {
        let mut tx = self.engine.store.write().await.unwrap();
        let mut settings = apps::find(&mut tx, self.app).await.unwrap().unwrap().settings;
        settings.extra.insert(name.to_owned(), value.to_owned());
        apps::save_settings(&mut tx, self.app, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn new_key(&self, app: AppId, environment: Environment) -> Secret {
        let (ids, now) = (self.engine.ids.as_ref(), self.engine.now());
        let (key, secret) = api_keys::mint(ids, app, environment, Some("tests".to_owned()), None, now);
        let mut tx = self.engine.store.write().await.unwrap();
        api_keys::insert(&mut tx, &key).await.unwrap();
        tx.commit().await.unwrap();
        secret
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, body).await
    }

    pub async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let basic = format!("Basic {}", STANDARD.encode(self.key.expose()));
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::AUTHORIZATION, basic);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.raw(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes: Bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

impl Answer {
    /// Where no amount is looked at.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The `error` of a refusal, which has to have the dialect's shape.
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let body = self.json();
        assert_eq!(body["statusCode"], status);
        assert_eq!(body["validation"], Value::Null);
        assert!(body.as_object().unwrap().contains_key("validation"));
        assert_eq!(body["canBeRetried"], "Unknown");
        assert_eq!(body["detailedErrorCode"], 0);
        assert_eq!(body["correlationId"].as_str().unwrap().len(), 32);
        body["error"].as_str().unwrap().to_owned()
    }
}
