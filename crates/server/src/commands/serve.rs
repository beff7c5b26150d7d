use std::sync::Arc;

use anyhow::Context;
use ledgerline_engine::Engine;
use ledgerline_sandbox::{Sandbox, SandboxClock};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use url::Url;

use crate::cli::{Role, Serve};
use crate::config::Config;
use crate::follow::Follower;
use crate::wiring::House;
use crate::{listen, wiring};

/// Where `--sandbox` listens unless it is told.
const SANDBOX_URL: &str = "http://127.0.0.1:8081";

/// The variables by which glibc learns how many memory arenas it may keep, and that large blocks go back to
/// the system at once.
const ARENAS: &str = "MALLOC_ARENA_MAX";
const TRIM: &str = "MALLOC_TRIM_THRESHOLD_";

/// Become the same process anew with two memory arenas, unless the operator has said how many.
///
/// A page is allocated by one thread and freed by another. With an arena for each thread that memory stays
/// with the process, and what it holds grows with the length of a read: 96 MB instead of 61 at its peak with
/// 100,000 invoices. The allocator reads the variable before anything of ours runs.
#[cfg(target_os = "linux")]
pub fn with_few_arenas() {
    use std::os::unix::process::CommandExt;

    if std::env::var_os(ARENAS).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        let mut again = std::process::Command::new(program);
        let error = again
            .args(std::env::args_os().skip(1))
            .env(ARENAS, "2")
            .env(TRIM, "131072")
            .exec();
        // It goes on as it is: more memory is no reason not to serve.
        tracing::debug!(%error, "Could not begin anew with fewer memory arenas");
    }
}

/// Run until the process is told to end.
pub async fn run(mut config: Config, options: &Serve) -> anyhow::Result<()> {
    if let Some(listen) = options.listen {
        config.listen = listen;
    }
    if let Some(role) = options.role {
        config.role = role;
    }
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    if options.sandbox {
        let url = config.sandbox_url.get_or_insert(SANDBOX_URL.parse()?).clone();
        let listener = bind_sandbox(&url).await?;
        let sandbox = Sandbox::new(SandboxClock::real());
        let ended = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            if let Err(error) = ledgerline_sandbox::serve(listener, sandbox, ended).await {
                error!(%error, "The simulated platforms ended");
            }
        });
    }
    let house = wiring::build(&config).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("`{}` cannot be listened on", config.listen))?;
    greet(&house.engine).await?;
    start(&config, &house, listener, &stop, &mut tasks).await;
    wait_for_the_end().await?;
    info!("Ending");
    stop.cancel();
    if options.sandbox {
        // The simulators have no work to finish.
        tasks.abort_all();
    }
    while tasks.join_next().await.is_some() {}
    house.engine.store.close().await;
    Ok(())
}

/// Start what the role asks for; every task ends after `stop`.
pub async fn start(
    config: &Config,
    house: &House,
    listener: TcpListener,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) {
    let engine = &house.engine;
    if let Some(sandbox) = &config.sandbox_url {
        let follower = Follower::new(engine.clone(), house.clock.clone(), sandbox.clone());
        follower.greet().await;
        tasks.spawn(follower.follow(stop.clone()));
    }
    if config.role != Role::Worker {
        let router = ledgerline_api::router(engine.clone());
        tasks.spawn(listen::serve(
            listener,
            router,
            engine.clock.clone(),
            stop.clone(),
        ));
    }
    if config.role != Role::Api {
        tasks.spawn(ledgerline_engine::jobs::run_worker(engine.clone(), stop.clone()));
    }
}

/// A link with which the operator enters the dashboard, good for once.
pub async fn dashboard_link(engine: &Arc<Engine>) -> anyhow::Result<Url> {
    Ok(ledgerline_api::dashboard::login_url(engine).await?)
}

async fn greet(engine: &Arc<Engine>) -> anyhow::Result<()> {
    let address = &engine.config.public_url;
    println!("Ledgerline is at {address}");
    println!("API reference:   {}", address.join("docs")?);
    println!(
        "Dashboard:       {} (good for one login)",
        dashboard_link(engine).await?
    );
    Ok(())
}

async fn bind_sandbox(url: &Url) -> anyhow::Result<TcpListener> {
    let host = url.host_str().context("the sandbox's address has no host")?;
    let port = url
        .port_or_known_default()
        .context("the sandbox's address has no port")?;
    TcpListener::bind((host, port))
        .await
        .with_context(|| format!("`{url}` cannot be listened on"))
}

/// Ctrl-C or SIGTERM.
pub async fn wait_for_the_end() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
