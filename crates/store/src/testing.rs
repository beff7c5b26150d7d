//! What the tests of the store share: a fresh store of each kind, and a few made-up rows.

/// Publications as Pulls make them.
pub(crate) mod publish;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ledgerline_model::app::{App, Environment, Settings};
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::{Connection, State};
use ledgerline_model::event::Endpoint;
use ledgerline_model::{AppId, CompanyId, ConnectionId, EndpointId, Ids, Secret, Timestamp, from_micros};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{Keyring, Options, Store, Tx, apps, companies, connections, endpoints};

/// Run `test` on a fresh SQLite, and on a fresh database of the PostgreSQL that
/// `LEDGERLINE_TEST_POSTGRES` names, if it does.
pub(crate) async fn on_both_stores(test: impl AsyncFn(Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&format!("sqlite://{}/store.db", folder.path().display())).await;
    test(store.clone()).await;
    store.close().await;

    let Ok(server) = std::env::var("LEDGERLINE_TEST_POSTGRES") else {
        return;
    };
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "ledgerline_store_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    let store = open(&format!("{address}/{name}")).await;
    test(store.clone()).await;
    store.close().await;
    admin
        .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
        .await
        .unwrap();
}

pub(crate) async fn open(url: &str) -> Store {
    let options = Options {
        url: url.to_owned(),
        connections: 8,
    };
    Store::open(&options, Keyring::new([7; 32], ids())).await.unwrap()
}

pub(crate) fn ids() -> Arc<dyn Ids> {
    Arc::new(Random)
}

/// So many seconds after the beginning of 2026.
pub(crate) fn at(seconds: i64) -> Timestamp {
    from_micros((1_767_225_600 + seconds) * 1_000_000)
}

pub(crate) async fn an_app(tx: &mut Tx, name: &str) -> App {
    let app = App {
        id: AppId::new(&Random, at(0)),
        name: name.to_owned(),
        settings: Settings::default(),
        created_at: at(0),
    };
    apps::insert(tx, &app).await.unwrap();
    app
}

pub(crate) async fn a_company(tx: &mut Tx, app: AppId) -> Company {
    let company = Company {
        app,
        id: CompanyId::new(&Random, at(0)),
        environment: Environment::Test,
        name: "Bäckerei Kern".to_owned(),
        description: None,
        tags: BTreeMap::new(),
        profile: Profile::Codat,
        keep_alive: true,
        zone: None,
        link_epoch: 0,
        created_at: at(0),
        created_by: None,
    };
    companies::insert(tx, &company).await.unwrap();
    company
}

/// One that nobody has consented to yet.
pub(crate) async fn a_connection(tx: &mut Tx, company: &Company, platform: &str) -> Connection {
    let connection = Connection {
        app: company.app,
        id: ConnectionId::new(&Random, at(0)),
        company: company.id,
        environment: company.environment,
        platform: platform.to_owned(),
        state: State::PendingAuth,
        organisation: None,
        grant: None,
        zone: None,
        link_epoch: 0,
        created_at: at(0),
        linked_at: None,
        last_sync_at: None,
        errors: Vec::new(),
    };
    connections::insert(tx, &connection).await.unwrap();
    connection
}

/// Its secret is `whsec_test`.
pub(crate) async fn an_endpoint(tx: &mut Tx, app: AppId, dialect: &str) -> Endpoint {
    let endpoint = Endpoint {
        app,
        id: EndpointId::new(&Random, at(0)),
        environment: Environment::Test,
        dialect: dialect.to_owned(),
        url: "http://127.0.0.1:9/hook".to_owned(),
        event_types: vec!["read.completed".to_owned()],
        company_tags: Vec::new(),
        disabled: false,
        created_at: at(0),
        failing_since: None,
    };
    endpoints::insert(tx, &endpoint, &Secret::new("whsec_test"))
        .await
        .unwrap();
    endpoint
}

struct Random;

impl Ids for Random {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}
