//! What the tests of link, grants and deliveries share: a world on a fresh store, a scripted platform and a
//! scripted receiver.

/// A platform that only knows consent and tokens.
pub mod consent;
/// Books that can be written to.
pub mod ledger;
/// A receiver of webhooks.
pub mod receiver;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::app::{App, Environment, Settings};
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::Connection;
use ledgerline_model::event::Event;
use ledgerline_model::{AppId, ConnectionId, Ids, LinkSessionId, Secret, from_micros};
use ledgerline_platform::http::{Failure, Http, Transport};
use ledgerline_platform::{Endpoints, Entry, Registry};
use ledgerline_store::{Keyring, Options, Store, Tx};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use url::Url;

use self::consent::Consents;
use self::receiver::Receiver;
use crate::clock::FakeClock;
use crate::companies::{self, NewCompany};
use crate::ids::SystemIds;
use crate::link::{self, Callback, Opened, Outcome, Target};
use crate::{Config, Engine, Manner, Shape, Shapes, connections, jobs};

pub struct World {
    pub engine: Arc<Engine>,
    pub clock: Arc<FakeClock>,
    pub platform: Arc<Consents>,
    pub receiver: Arc<Receiver>,
    pub app: AppId,
}

/// Run `test` in a fresh world on SQLite, and on PostgreSQL where `LEDGERLINE_TEST_POSTGRES` names a server.
pub async fn on_both_stores(test: impl AsyncFn(World)) {
    let folder = tempfile::tempdir().unwrap();
    test(World::new(&format!("sqlite://{}/store.db", folder.path().display())).await).await;
    let Ok(server) = std::env::var("LEDGERLINE_TEST_POSTGRES") else {
        return;
    };
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("ledgerline_link_{}_{number}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    let world = World::new(&format!("{address}/{name}")).await;
    let store = world.engine.store.clone();
    test(world).await;
    store.close().await;
    admin
        .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
        .await
        .unwrap();
}

impl World {
    async fn new(url: &str) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(SystemIds);
        let options = Options {
            url: url.to_owned(),
            connections: 8,
        };
        let keyring = Keyring::new([7; 32], ids.clone());
        let store = Store::open(&options, keyring).await.unwrap();
        let clock = Arc::new(FakeClock::new(from_micros(1_800_000_000_000_000)));
        let (platform, receiver) = (Arc::new(Consents::default()), Arc::new(Receiver::default()));
        let mut registry = Registry::default();
        registry.add(Entry {
            platform: platform.clone(),
            test: Some(Arc::new(Endpoints {
                urls: BTreeMap::new(),
                client_id: "client".into(),
                client_secret: Secret::new("secret"),
                scopes: "books".into(),
            })),
            live: None,
        });
        let told = Shape {
            wants: Arc::new(|_, _| true),
            body: Arc::new(|telling| Some(format!("{{\"name\":\"{}\"}}", telling.event.body.name()))),
            manner: Manner::Signed,
        };
        let authorized = Shape {
            manner: Manner::Authorized { app_header: "x-app" },
            ..told.clone()
        };
        let mut engine = Engine {
            store,
            clock: clock.clone(),
            ids,
            http: Http::new(Arc::new(Nowhere)),
            webhooks: receiver.clone(),
            registry,
            config: Config::new(Url::parse("https://ledgerline.example").unwrap()),
            shapes: Shapes(BTreeMap::from([("plain", told), ("authorized", authorized)])),
            work: crate::Bell::default(),
            known: crate::push::Known::default(),
            memos: crate::pull::Memos::default(),
            budgets: Arc::default(),
        };
        engine.config.workers = 1;
        // Time stands still while jobs run.
        engine.config.patience = Duration::ZERO;
        let app = App {
            id: AppId::new(&*engine.ids, engine.now()),
            name: "Kassenbuch".into(),
            settings: Settings::default(),
            created_at: engine.now(),
        };
        let mut tx = engine.store.write().await.unwrap();
        ledgerline_store::apps::insert(&mut tx, &app).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            engine: Arc::new(engine),
            clock,
            platform,
            receiver,
            app: app.id,
        }
    }

    pub async fn write(&self) -> Tx {
        self.engine.store.write().await.unwrap()
    }

    pub async fn read(&self) -> Tx {
        self.engine.store.read().await.unwrap()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub async fn run_jobs(&self) {
        jobs::run_due(&self.engine).await.unwrap();
    }

    pub async fn settings(&self, settings: Settings) {
        let mut tx = self.write().await;
        ledgerline_store::apps::save_settings(&mut tx, self.app, &settings)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn company(&self, environment: Environment) -> Company {
        let mut tx = self.write().await;
        let new = NewCompany {
            app: self.app,
            environment,
            name: "Bäckerei Kern".into(),
            description: None,
            tags: BTreeMap::new(),
            profile: Profile::Codat,
            keep_alive: true,
            created_by: None,
        };
        let company = companies::create(&self.engine, &mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        company
    }

    pub async fn connection_of(&self, company: &Company) -> Connection {
        let mut tx = self.write().await;
        let made = connections::create(&self.engine, &mut tx, company, "consents").await;
        tx.commit().await.unwrap();
        made.unwrap()
    }

    pub async fn unlink(&self, company: &Company, id: ConnectionId) {
        let mut tx = self.write().await;
        connections::unlink(&self.engine, &mut tx, company, id, connections::By::App)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// As the browser of a customer who follows the link.
    pub async fn open(&self, target: Target) -> Opened {
        let mut tx = self.read().await;
        let url = link::url(&self.engine, &mut tx, target).await.unwrap();
        drop(tx);
        let token = url.path_segments().unwrap().next_back().unwrap().to_owned();
        link::open(&self.engine, &token, "user=42").await.unwrap()
    }

    /// The `state` that the consent page would carry back.
    pub async fn begin(&self, opened: &Opened) -> String {
        let url = link::begin(&self.engine, opened.session, &opened.cookie, "consents")
            .await
            .unwrap();
        let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
        state.into_owned()
    }

    pub async fn come_back(&self, opened: &Opened, parameters: &[(&str, &str)]) -> Callback {
        let parameters = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let cookie = |id: LinkSessionId| (id == opened.session).then(|| opened.cookie.clone());
        link::callback(&self.engine, "consents", parameters, &cookie)
            .await
            .unwrap()
    }

    /// Follow the link and consent as `code` says: `SUBJECT:ORGANISATION,ORGANISATION`.
    pub async fn consent(&self, target: impl Into<Target>, code: &str) -> Outcome {
        let opened = self.open(target.into()).await;
        let state = self.begin(&opened).await;
        self.come_back(&opened, &[("state", &state), ("code", code)])
            .await
            .outcome
    }

    /// A company linked to that organisation.
    pub async fn linked(&self, code: &str) -> (Company, Connection) {
        let company = self.company(Environment::Test).await;
        let outcome = self.consent(&company, code).await;
        let Outcome::Linked { connection } = outcome else {
            panic!("{outcome:?}");
        };
        let connection = self.connection(connection).await;
        (company, connection)
    }

    pub async fn connection(&self, id: ConnectionId) -> Connection {
        let mut tx = self.read().await;
        ledgerline_store::connections::find(&mut tx, self.app, Environment::Test, id)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn connections(&self, company: &Company) -> Vec<Connection> {
        let mut tx = self.read().await;
        ledgerline_store::connections::of_company(&mut tx, self.app, company.id)
            .await
            .unwrap()
    }

    pub async fn events(&self, company: &Company) -> Vec<Event> {
        let mut tx = self.read().await;
        ledgerline_store::events::list_after(&mut tx, self.app, company.environment, company.id, 0, 100)
            .await
            .unwrap()
    }

    pub async fn event_names(&self, company: &Company) -> Vec<&'static str> {
        let events = self.events(company).await;
        events.iter().map(|event| event.body.name()).collect()
    }
}

/// No request leaves these tests.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        unreachable!("no request leaves these tests")
    }
}
