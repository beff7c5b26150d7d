use std::sync::Arc;
use std::time::Duration;

use ledgerline_engine::clock::FakeClock;
use ledgerline_engine::ids::SeededIds;
use ledgerline_engine::pull::Memos;
use ledgerline_engine::{Bell, Config, Engine};
use ledgerline_model::app::{App, Environment, Scope, Settings};
use ledgerline_model::{AppId, Clock, Ids, Secret, Timestamp};
use ledgerline_platform::http::Http;
use ledgerline_platform::{Endpoints, Entry, Platform, Registry};
use ledgerline_platform_testing::InProcess;
use ledgerline_sandbox::{Sandbox, SandboxClock};
use ledgerline_store::{api_keys, apps};

/// An app that speaks the Accend dialect.
pub mod accend;
/// An answer, printed for snapshots.
mod answer;
/// A browser without JavaScript.
pub mod browser;
/// An app that speaks the Codat dialect.
pub mod codat;
/// Requests to routers within the process.
mod in_process;
/// A receiver of webhooks.
pub mod receiver;
/// A fresh database of the kind under test.
pub mod store;
/// An app that speaks the Sync2Books dialect.
pub mod sync2books;

pub use answer::Answer;
pub use in_process::Tamper;
use in_process::Tampered;

/// When every test world begins.
pub const BEGINNING: &str = "2026-03-10T09:00:00Z";

/// Where the server under test believes to be.
pub const PUBLIC_URL: &str = "http://ledgerline.test";

/// A server, the simulators, and one clock for both.
pub struct World {
    pub engine: Arc<Engine>,
    pub sandbox: Arc<Sandbox>,
    pub app: AppId,
    pub key: Secret,
    /// Changes what the platforms answer.
    pub tamper: Tamper,
    server: axum::Router,
    simulators: axum::Router,
    clock: Arc<FakeClock>,
    database: store::Database,
}

/// Another key than the world's.
pub struct Stranger {
    pub key: Secret,
}

impl Stranger {
    pub fn codat<'a>(&self, world: &'a World) -> codat::Codat<'a> {
        codat::Codat {
            world,
            key: self.key.clone(),
        }
    }

    pub fn accend<'a>(&self, world: &'a World) -> accend::Accend<'a> {
        accend::Accend {
            world,
            key: self.key.clone(),
        }
    }

    pub fn sync2books<'a>(&self, world: &'a World) -> sync2books::Sync2Books<'a> {
        sync2books::Sync2Books {
            world,
            key: self.key.clone(),
        }
    }
}

impl World {
    pub async fn new() -> Self {
        Self::of(vec![Arc::new(ledgerline_xero::platform())]).await
    }

    /// A world of QuickBooks Online alone.
    pub async fn of_quickbooks() -> Self {
        Self::of(vec![Arc::new(ledgerline_quickbooks_online::platform())]).await
    }

    /// A world of all platforms.
    pub async fn of_all() -> Self {
        let quickbooks = Arc::new(ledgerline_quickbooks_online::platform());
        Self::of(vec![Arc::new(ledgerline_xero::platform()), quickbooks]).await
    }

    async fn of(platforms: Vec<Arc<dyn Platform>>) -> Self {
        let beginning: Timestamp = BEGINNING.parse().unwrap();
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(42));
        let clock = Arc::new(FakeClock::new(beginning));
        let sandbox = Sandbox::new(SandboxClock::frozen(beginning));
        let simulators = ledgerline_sandbox::router(sandbox.clone());
        let tamper = Tamper::default();
        let database = store::Database::fresh(ids.clone()).await;
        let mut registry = Registry::default();
        for platform in platforms {
            let sandbox = "http://sandbox.test".parse().unwrap();
            let endpoints = Endpoints::of_sandbox(platform.about(), &sandbox).unwrap();
            registry.add(Entry {
                platform,
                test: Some(Arc::new(endpoints)),
                live: None,
            });
        }
        let shapes = ledgerline_api::shapes(&registry, &PUBLIC_URL.parse().unwrap());
        let engine = Arc::new(Engine {
            store: database.store.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            http: Http::new(Arc::new(Tampered(InProcess(simulators.clone()), tamper.clone()))),
            webhooks: Arc::new(ledgerline_engine::deliver::Network::new().unwrap()),
            registry,
            config: Config::new(PUBLIC_URL.parse().unwrap()),
            shapes,
            work: Bell::default(),
            known: ledgerline_engine::push::Known::default(),
            memos: Memos::default(),
            budgets: Arc::default(),
        });
        let app = App {
            id: AppId::new(&*ids, beginning),
            name: "Test App".into(),
            settings: Settings::default(),
            created_at: beginning,
        };
        let (key, secret) = api_keys::mint(&*ids, app.id, Environment::Test, None, None, beginning);
        let mut tx = engine.store.write().await.unwrap();
        apps::insert(&mut tx, &app).await.unwrap();
        api_keys::insert(&mut tx, &key).await.unwrap();
        tx.commit().await.unwrap();
        let server = ledgerline_api::router(engine.clone());
        Self {
            engine,
            sandbox,
            app: app.id,
            key: secret,
            tamper,
            server,
            simulators,
            clock,
            database,
        }
    }

    /// A client of the Codat dialect with the app's test key.
    pub fn codat(&self) -> codat::Codat<'_> {
        codat::Codat {
            world: self,
            key: self.key.clone(),
        }
    }

    /// A client of the Accend dialect with the app's test key.
    pub fn accend(&self) -> accend::Accend<'_> {
        accend::Accend {
            world: self,
            key: self.key.clone(),
        }
    }

    /// A client of the Sync2Books dialect with the app's test key.
    pub fn sync2books(&self) -> sync2books::Sync2Books<'_> {
        sync2books::Sync2Books {
            world: self,
            key: self.key.clone(),
        }
    }

    /// A second app, which must see nothing of the first.
    pub async fn another_app(&self) -> Stranger {
        let now = self.now();
        let app = App {
            id: AppId::new(&*self.engine.ids, now),
            name: "Another App".into(),
            settings: Settings::default(),
            created_at: now,
        };
        let (key, secret) = api_keys::mint(&*self.engine.ids, app.id, Environment::Test, None, None, now);
        let mut tx = self.engine.store.write().await.unwrap();
        apps::insert(&mut tx, &app).await.unwrap();
        api_keys::insert(&mut tx, &key).await.unwrap();
        tx.commit().await.unwrap();
        Stranger { key: secret }
    }

    /// Another key of the app, with these scopes.
    pub async fn key_with(&self, scopes: &[Scope]) -> Stranger {
        let mut tx = self.engine.store.write().await.unwrap();
        let (ids, scopes) = (&*self.engine.ids, Some(scopes.to_vec()));
        let (key, secret) = api_keys::mint(ids, self.app, Environment::Test, None, scopes, self.now());
        api_keys::insert(&mut tx, &key).await.unwrap();
        tx.commit().await.unwrap();
        Stranger { key: secret }
    }

    /// Run everything that is due, to the end; time passes only while a job waits for a platform's limits.
    pub async fn run_jobs(&self) {
        let jobs = ledgerline_engine::jobs::run_due(&self.engine);
        tokio::pin!(jobs);
        loop {
            tokio::select! {
                biased;
                done = &mut jobs => {
                    done.unwrap();
                    return;
                }
                at = self.clock.next_to_wake(self.engine.config.patience) => {
                    self.advance(Duration::try_from(at - self.now()).unwrap_or_default());
                }
            }
        }
    }

    /// Do what is due, and what falls due within the next minute: where so many requests a second are allowed, the rest
    /// waits.
    pub async fn run_slowly(&self) {
        for _ in 0..30 {
            self.run_jobs().await;
            self.advance(Duration::from_secs(2));
        }
        self.run_jobs().await;
    }

    /// Time passes, for the server and the platforms alike.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.sandbox.clock.advance(by);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A request to the server.
    pub async fn request(&self, request: http::Request<String>) -> Answer {
        Answer::of(in_process::call(&self.server, request.map(Into::into)).await)
    }

    /// A request to the sandbox's control API; the JSON of the answer.
    pub async fn control(&self, method: &str, path: &str, body: serde_json::Value) -> serde_json::Value {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://sandbox.test/_sandbox/{path}"))
            .header("content-type", "application/json")
            .body(body.to_string().into())
            .unwrap();
        let answer = in_process::call(&self.simulators, request).await;
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or(serde_json::Value::Null)
    }

    /// Make an organisation at a simulated platform; its id.
    pub async fn organisation(&self, invoices: u32) -> String {
        let wanted = serde_json::json!({
            "platform": "xero", "seed": 7, "months": 12, "invoices": invoices, "limits": "off", "latency_ms": 0,
        });
        let made = self.control("POST", "organisations", wanted).await;
        made["id"].as_str().unwrap().to_owned()
    }

    /// How many rows a table of the store has.
    pub async fn count(&self, table: &str) -> i64 {
        self.database.count(table).await
    }

    /// Close the store and remove its database.
    pub async fn end(self) {
        self.database.remove().await;
    }
}
