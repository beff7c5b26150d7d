use anyhow::Context;
use ledgerline_model::Secret;
use ledgerline_model::app::Environment;
use ledgerline_platform::http::Http;
use ledgerline_sandbox::{Sandbox, SandboxClock};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::commands::{keys, serve};
use crate::config;
use crate::wiring::{self, House};

/// A server and a sandbox that run in this process, on loopback.
pub struct World {
    pub house: House,
    /// The server's address.
    pub base: Url,
    /// The sandbox's address.
    pub sandbox: Url,
    pub key: Secret,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    sandbox_task: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

/// Start both; on the usual ports where they are free, unless `any_port`.
pub async fn start(any_port: bool) -> anyhow::Result<World> {
    let folder = tempfile::tempdir().context("no folder for the demo's data could be made")?;
    let sandbox_listener = bind(8081, any_port).await?;
    let listener = bind(8080, any_port).await?;
    let sandbox: Url = format!("http://{}/", sandbox_listener.local_addr()?).parse()?;
    let base: Url = format!("http://{}/", listener.local_addr()?).parse()?;

    let stop = CancellationToken::new();
    let simulators = Sandbox::new(SandboxClock::real());
    let sandbox_task = tokio::spawn(ledgerline_sandbox::serve(
        sandbox_listener,
        simulators,
        stop.clone().cancelled_owned(),
    ));

    let mut config = config::defaults()?;
    config.database_url = format!("sqlite://{}", folder.path().join("demo.db").display());
    config.public_url = Some(base.clone());
    config.sandbox_url = Some(sandbox.clone());
    let house = wiring::build(&config).await?;
    let engine = &house.engine;
    let key = keys::create(
        &engine.store,
        &*engine.ids,
        &*engine.clock,
        keys::Wanted {
            app: "Demo",
            environment: Environment::Test,
            name: None,
            scopes: None,
        },
    )
    .await?;
    let mut tasks = JoinSet::new();
    serve::start(&config, &house, listener, &stop, &mut tasks).await;
    Ok(World {
        house,
        base,
        sandbox,
        key,
        stop,
        tasks,
        sandbox_task,
        _folder: folder,
    })
}

impl World {
    pub fn http(&self) -> &Http {
        &self.house.engine.http
    }

    /// Real time passes a little.
    pub async fn wait_a_little(&self) {
        let clock = &self.house.engine.clock;
        clock
            .sleep_until(clock.now() + std::time::Duration::from_millis(80))
            .await;
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.sandbox_task.abort();
        self.house.engine.store.close().await;
    }
}

async fn bind(port: u16, any_port: bool) -> anyhow::Result<TcpListener> {
    if !any_port && let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
        return Ok(listener);
    }
    TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("no port on loopback could be listened on")
}
