//! A store, a clock that stands still, one company linked to scripted books.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::app::{App, Environment, Settings};
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::{Connection, Organisation, State};
use ledgerline_model::event::{Body, RunSnapshot};
use ledgerline_model::grant::{self, Grant, Tokens};
use ledgerline_model::query::ListRequest;
use ledgerline_model::record::Record;
use ledgerline_model::run::{DataStatus, Extent, Pull, PullState, Reason};
use ledgerline_model::{
    AppId, Clock, CompanyId, ConnectionId, DataType, GrantId, Ids, Secret, Timestamp, from_micros,
};
use ledgerline_platform::http::{Failure, Http, Transport};
use ledgerline_platform::{Endpoints, Entry, Registry, Row, Sent};
use ledgerline_store::{Keyring, Options, Store, publications, reading};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::books::Books;
use crate::clock::FakeClock;
use crate::ids::SystemIds;
use crate::{Config, Engine, Shapes, deliver, jobs, pull};

pub struct World {
    pub engine: Engine,
    pub clock: Arc<FakeClock>,
    pub books: Arc<Books>,
    pub company: Company,
    pub connection: Connection,
}

/// Run `test` in a fresh world on SQLite, and on PostgreSQL where `LEDGERLINE_TEST_POSTGRES` names a server.
pub async fn on_both_stores(page_size: usize, test: impl AsyncFn(World)) {
    with_books(|| Books::with_pages_of(page_size), test).await;
}

/// The same with books that can be asked for changes.
pub async fn with_changes(page_size: usize, test: impl AsyncFn(World)) {
    with_books(|| Books::with_changes_in_pages_of(page_size), test).await;
}

/// The same with books that tell control totals, so that sets are closed.
pub async fn with_sets(page_size: usize, test: impl AsyncFn(World)) {
    with_books(|| Books::with_totals_and_pages_of(page_size), test).await;
}

/// The same on SQLite alone.
pub async fn with_sets_on_sqlite(page_size: usize, test: impl AsyncFn(World)) {
    with_books_on_sqlite(Books::with_totals_and_pages_of(page_size), &test).await;
}

async fn with_books(books: impl Fn() -> Arc<Books>, test: impl AsyncFn(World)) {
    with_books_on_sqlite(books(), &test).await;
    let Ok(server) = std::env::var("LEDGERLINE_TEST_POSTGRES") else {
        return;
    };
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "ledgerline_pull_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    test(World::new(&format!("{address}/{name}"), books()).await).await;
    admin
        .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
        .await
        .unwrap();
}

pub async fn on_sqlite(page_size: usize, test: impl AsyncFn(World)) {
    with_books_on_sqlite(Books::with_pages_of(page_size), test).await;
}

async fn with_books_on_sqlite(books: Arc<Books>, test: impl AsyncFn(World)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/store.db", folder.path().display());
    test(World::new(&url, books).await).await;
}

impl World {
    async fn new(url: &str, books: Arc<Books>) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(SystemIds);
        let options = Options {
            url: url.to_owned(),
            connections: 4,
        };
        let store = Store::open(&options, Keyring::new([7; 32], ids.clone()))
            .await
            .unwrap();
        let clock = Arc::new(FakeClock::new(from_micros(1_800_000_000_000_000)));
        let mut registry = Registry::default();
        registry.add(Entry {
            platform: books.clone(),
            test: Some(Arc::new(Endpoints {
                urls: BTreeMap::new(),
                client_id: String::new(),
                client_secret: Secret::new(""),
                scopes: String::new(),
            })),
            live: None,
        });
        let (company, connection) = seed(&store, &*ids, clock.now()).await;
        let engine = Engine {
            store,
            clock: clock.clone(),
            ids,
            http: Http::new(Arc::new(Nowhere)),
            webhooks: Arc::new(Nowhere),
            registry,
            config: Config {
                // Time stands still while jobs run.
                patience: Duration::ZERO,
                ..Config::new("http://localhost".parse().unwrap())
            },
            shapes: Shapes::default(),
            work: crate::Bell::default(),
            known: crate::push::Known::default(),
            memos: pull::Memos::default(),
            budgets: Arc::default(),
        };
        Self {
            engine,
            clock,
            books,
            company,
            connection,
        }
    }

    pub async fn ask(&self, data_type: DataType) -> Result<Pull, pull::Error> {
        let mut tx = self.engine.store.write().await.unwrap();
        let pull = pull::request(
            &self.engine,
            &mut tx,
            &self.company,
            &self.connection,
            data_type,
            Reason::OnDemand,
            Extent::Changes,
        )
        .await?;
        tx.commit().await.unwrap();
        Ok(pull)
    }

    pub async fn ask_for_all(&self) -> Vec<Pull> {
        self.ask_for(Extent::Changes).await
    }

    pub async fn ask_for(&self, extent: Extent) -> Vec<Pull> {
        // So that the order of Pulls is that of asking.
        self.advance(1);
        self.ask_of(&self.company, extent).await
    }

    pub async fn ask_of(&self, company: &Company, extent: Extent) -> Vec<Pull> {
        let mut tx = self.engine.store.write().await.unwrap();
        let pulls = pull::request_all(&self.engine, &mut tx, company, Reason::OnDemand, extent)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        pulls
    }

    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.engine).await.unwrap()
    }

    /// Publish documents that we wrote and read back.
    pub async fn publish_written(&self, rows: Vec<Row>) {
        let source = pull::Source::of(&self.engine, self.connection.clone()).unwrap();
        let mut tx = self.engine.store.write().await.unwrap();
        let asked_at_seq = publications::last_seq(&mut tx, self.company.app).await.unwrap();
        let documents = rows.into_iter().map(|row| vec![row]).collect();
        pull::publish_written(
            &self.engine,
            &mut tx,
            &source,
            &self.connection,
            documents,
            asked_at_seq,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Ask for everything and let it happen.
    pub async fn sync(&self) {
        self.ask_for_all().await;
        self.run_jobs().await;
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub async fn pull(&self, pull: &Pull) -> Pull {
        let mut tx = self.engine.store.read().await.unwrap();
        ledgerline_store::pulls::find(&mut tx, pull.app, pull.id)
            .await
            .unwrap()
            .unwrap()
    }

    /// The newest Pull of a type.
    pub async fn latest(&self, data_type: DataType) -> Pull {
        let mut tx = self.engine.store.read().await.unwrap();
        let pulls = ledgerline_store::pulls::list(&mut tx, self.company.app, self.company.id, 0, 1000)
            .await
            .unwrap();
        pulls
            .into_iter()
            .find(|pull| pull.data_type == data_type)
            .unwrap()
    }

    pub async fn is_readable(&self, data_type: DataType) -> bool {
        let mut tx = self.engine.store.read().await.unwrap();
        reading::published(&mut tx, self.of(data_type)).await.unwrap()
    }

    fn of(&self, data_type: DataType) -> reading::Of {
        reading::Of {
            app: self.company.app,
            connection: self.connection.id,
            data_type,
            as_of: None,
        }
    }

    pub async fn records(&self, data_type: DataType) -> Vec<Record> {
        let request = ListRequest {
            filter: None,
            order: None,
            page: 1,
            page_size: 100_000,
        };
        let mut tx = self.engine.store.read().await.unwrap();
        reading::list(&mut tx, self.of(data_type), &request)
            .await
            .unwrap()
            .records
    }

    /// Id and text of the live records.
    pub async fn live(&self, data_type: DataType) -> Vec<(String, String)> {
        let records = self.records(data_type).await.into_iter();
        let mut live: Vec<_> = records
            .filter(|record| !record.is_deleted)
            .map(|record| (record.remote_id, serde_json::from_str(&record.standard).unwrap()))
            .collect();
        live.sort();
        live
    }

    pub async fn deleted(&self, data_type: DataType) -> Vec<String> {
        let records = self.records(data_type).await.into_iter();
        records
            .filter(|record| record.is_deleted)
            .map(|record| record.remote_id)
            .collect()
    }

    pub async fn status(&self, data_type: DataType) -> DataStatus {
        let mut tx = self.engine.store.read().await.unwrap();
        let all = ledgerline_store::status::of_connection(&mut tx, self.company.app, self.connection.id)
            .await
            .unwrap();
        all.into_iter()
            .find(|status| status.data_type == data_type)
            .unwrap()
    }

    /// Another company of that profile in that zone, linked to the same books.
    pub async fn another(&self, profile: Profile, zone: &str) -> Company {
        let (app, now) = (self.company.app, self.engine.now());
        let (store, ids) = (&self.engine.store, &*self.engine.ids);
        link(store, ids, now, app, (profile, Some(zone))).await.0
    }

    /// The Runs that were told to have completed, in order.
    pub async fn completed_runs(&self) -> Vec<RunSnapshot> {
        self.completed_runs_of(&self.company).await
    }

    pub async fn completed_runs_of(&self, company: &Company) -> Vec<RunSnapshot> {
        let told = self.events_of(company).await.into_iter();
        told.filter_map(|body| match body {
            Body::RunCompleted { run, .. } => Some(run),
            _ => None,
        })
        .collect()
    }

    /// All that was told of the company, in order.
    pub async fn events(&self) -> Vec<Body> {
        self.events_of(&self.company).await
    }

    async fn events_of(&self, company: &Company) -> Vec<Body> {
        let mut tx = self.engine.store.read().await.unwrap();
        let Company {
            app, environment, id, ..
        } = *company;
        let events = ledgerline_store::events::list_after(&mut tx, app, environment, id, 0, 1000)
            .await
            .unwrap();
        events.into_iter().map(|event| event.body).collect()
    }

    /// What readers see equals the books, type by type, and nothing is left behind.
    pub async fn assert_in_step(&self) {
        for data_type in [DataType::Invoices, DataType::Bills, DataType::Customers] {
            assert_eq!(
                self.live(data_type).await,
                self.books.live(data_type),
                "{data_type}"
            );
            let status = self.status(data_type).await;
            assert!(
                matches!(status.state, PullState::Complete { .. }),
                "{data_type}: {status:?}"
            );
            assert_eq!(
                usize::try_from(status.records).unwrap(),
                self.books.live(data_type).len(),
                "{data_type}"
            );
        }
        assert!(!self.has_jobs().await, "no job is left");
    }

    /// Due or to come.
    pub async fn has_jobs(&self) -> bool {
        let mut tx = self.engine.store.read().await.unwrap();
        let far = self.clock.now() + jiff::SignedDuration::from_hours(1000);
        ledgerline_store::jobs::due_count(&mut tx, far).await.unwrap() > 0
    }
}

async fn seed(store: &Store, ids: &dyn Ids, at: Timestamp) -> (Company, Connection) {
    let app = App {
        id: AppId::new(ids, at),
        name: "Hofladen".into(),
        settings: Settings::default(),
        created_at: at,
    };
    let mut tx = store.write().await.unwrap();
    ledgerline_store::apps::insert(&mut tx, &app).await.unwrap();
    tx.commit().await.unwrap();
    link(store, ids, at, app.id, (Profile::Codat, None)).await
}

/// A company of that profile in that zone, linked to the books.
async fn link(
    store: &Store,
    ids: &dyn Ids,
    at: Timestamp,
    app: AppId,
    (profile, zone): (Profile, Option<&str>),
) -> (Company, Connection) {
    let company = Company {
        app,
        id: CompanyId::new(ids, at),
        environment: Environment::Test,
        name: "Mühle Oberau".into(),
        description: None,
        tags: BTreeMap::new(),
        profile,
        keep_alive: true,
        zone: zone.map(str::to_owned),
        link_epoch: 0,
        created_at: at,
        created_by: None,
    };
    let grant = Grant {
        app,
        id: GrantId::new(ids, at),
        environment: Environment::Test,
        platform: "books".into(),
        subject: company.id.to_string(),
        tokens: Some(Tokens {
            access: Secret::new("access"),
            refresh: Secret::new("refresh"),
            expires_at: at + jiff::SignedDuration::from_hours(100_000),
        }),
        generation: 1,
        state: grant::State::Active,
        refreshed_at: at,
    };
    let connection = Connection {
        app,
        id: ConnectionId::new(ids, at),
        company: company.id,
        environment: Environment::Test,
        platform: "books".into(),
        state: State::Linked,
        organisation: Some(Organisation {
            id: "1".into(),
            name: "Mühle".into(),
            link: None,
        }),
        grant: Some(grant.id),
        zone: None,
        link_epoch: 0,
        created_at: at,
        linked_at: Some(at),
        last_sync_at: None,
        errors: Vec::new(),
    };
    let mut tx = store.write().await.unwrap();
    ledgerline_store::companies::insert(&mut tx, &company)
        .await
        .unwrap();
    ledgerline_store::grants::insert(&mut tx, &grant).await.unwrap();
    ledgerline_store::connections::insert(&mut tx, &connection)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (company, connection)
}

/// No request leaves these tests.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let reason = "nothing leaves these tests".into();
        Err(Failure {
            sent: Sent::Never,
            reason,
        })
    }
}

#[async_trait]
impl deliver::Transport for Nowhere {
    async fn post(&self, _: deliver::Reach, _: http::Request<Bytes>) -> Result<deliver::Received, String> {
        Err("nothing leaves these tests".into())
    }
}
