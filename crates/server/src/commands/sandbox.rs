use std::sync::Arc;

use anyhow::Context;
use ledgerline_platform::http::Network;
use ledgerline_sandbox::{Sandbox, SandboxClock};
use tokio::net::TcpListener;

use crate::cli;
use crate::cli::SandboxCommand;

/// Serve the simulators, or play the customer.
pub async fn run(options: &cli::Sandbox) -> anyhow::Result<()> {
    match &options.command {
        Some(SandboxCommand::Approve { url, organisation, refuse }) => {
            let _ = (url, organisation, refuse, Network::new());
            Ok(())
        }
        None => {
            let sandbox = Sandbox::new(SandboxClock::real());
            let listener = TcpListener::bind(options.listen)
                .await
                .with_context(|| format!("`{}` cannot be listened on", options.listen))?;
            println!("The simulated platforms are at http://{}", listener.local_addr()?);
            serve(listener, sandbox, options).await
        }
    }
}

async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>, _options: &cli::Sandbox) -> anyhow::Result<()> {
    tokio::select! {
        served = ledgerline_sandbox::serve(listener, sandbox) => served,
        ended = super::serve::wait_for_the_end() => ended,
    }
}
