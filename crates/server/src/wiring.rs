use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ledgerline_engine::clock::SystemClock;
use ledgerline_engine::ids::SystemIds;
use ledgerline_engine::pull::Memos;
use ledgerline_engine::{Bell, Engine, deliver};
use ledgerline_model::Ids;
use ledgerline_platform::http::{Http, Network};
use ledgerline_platform::{About, Endpoints, Entry, Platform, Registry};
use ledgerline_store::{Keyring, Options, Store};
use url::Url;

use crate::config::Config;
use crate::{config, follow, master_key};

/// The engine, and the clock by which it goes.
pub struct House {
    pub engine: Arc<Engine>,
    pub clock: Arc<SystemClock>,
}

/// Open the store and put everything together.
pub async fn build(config: &Config) -> anyhow::Result<House> {
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let clock = Arc::new(SystemClock::default());
    let store = open_store(config, &ids).await?;
    follow::restore_offset(&store, &clock).await?;
    let network = Network::new().context("the HTTP client could not be made")?;
    let webhooks = deliver::Network::new().context("the HTTP client could not be made")?;
    let mut engine_config = ledgerline_engine::Config::new(config.public_url()?);
    engine_config.allow_private_webhooks = config.webhooks.allow_private;
    engine_config.workers = config.worker_concurrency;
    engine_config.job_lease = Duration::from_secs(config.job_lease_seconds.max(1));
    let registry = registry(config)?;
    let shapes = ledgerline_api::shapes(&registry, &engine_config.public_url);
    let engine = Engine {
        store,
        clock: clock.clone(),
        ids,
        http: Http::new(Arc::new(network)),
        webhooks: Arc::new(webhooks),
        registry,
        config: engine_config,
        shapes,
        work: Bell::default(),
        known: ledgerline_engine::push::Known::default(),
        memos: Memos::default(),
        budgets: Arc::default(),
    };
    Ok(House {
        engine: Arc::new(engine),
        clock,
    })
}

pub async fn open_store(config: &Config, ids: &Arc<dyn Ids>) -> anyhow::Result<Store> {
    let keyring = Keyring::new(master_key::find(config, &**ids)?, ids.clone());
    let options = Options {
        url: config.database_url.clone(),
        connections: config.database_connections,
    };
    Store::open(&options, keyring).await.with_context(|| {
        let without_password = config.database_url.split('@').next_back().unwrap_or_default();
        format!("the database `{without_password}` could not be opened")
    })
}

/// Every platform that Ledgerline speaks. Adding one means a line here and one in `Cargo.toml`.
pub fn platforms() -> Vec<Arc<dyn Platform>> {
    vec![
        Arc::new(ledgerline_quickbooks_online::platform()),
        Arc::new(ledgerline_xero::platform()),
    ]
}

fn registry(config: &Config) -> anyhow::Result<Registry> {
    let mut registry = Registry::default();
    for key in config.platforms.keys() {
        let known = platforms().iter().any(|platform| platform.about().key == key);
        anyhow::ensure!(
            known,
            "`[platforms.{key}]` is configured, but there is no such platform"
        );
    }
    for platform in platforms() {
        let about = platform.about();
        let configured = config.platforms.get(about.key).cloned().unwrap_or_default();
        let test = match &config.sandbox_url {
            Some(sandbox) => Some(Arc::new(test_endpoints(about, sandbox, &configured)?)),
            None => None,
        };
        let live = live_endpoints(about, &configured)?.map(Arc::new);
        registry.add(Entry { platform, test, live });
    }
    Ok(registry)
}

/// The simulator's hosts; without a client pair of its own, configured addresses are for them too (a
/// checking proxy in between, for example).
fn test_endpoints(about: &About, sandbox: &Url, configured: &config::Platform) -> anyhow::Result<Endpoints> {
    let mut endpoints = Endpoints::of_sandbox(about, sandbox)?;
    if configured.client_id.is_none() {
        endpoints.urls.extend(configured.urls.clone());
    }
    Ok(endpoints)
}

fn live_endpoints(about: &About, configured: &config::Platform) -> anyhow::Result<Option<Endpoints>> {
    let (Some(client_id), Some(client_secret)) = (&configured.client_id, &configured.client_secret) else {
        return Ok(None);
    };
    let mut urls = std::collections::BTreeMap::new();
    for host in about.hosts {
        urls.insert(host.name.to_owned(), host.live.parse()?);
    }
    for (name, url) in &configured.urls {
        let known = about.hosts.iter().any(|host| host.name == name);
        anyhow::ensure!(known, "`[platforms.{}]` has no setting `{name}`", about.key);
        urls.insert(name.clone(), url.clone());
    }
    Ok(Some(Endpoints {
        urls,
        client_id: client_id.clone(),
        client_secret: client_secret.clone(),
        scopes: configured
            .scopes
            .clone()
            .unwrap_or_else(|| about.scopes.to_owned()),
    }))
}
