use std::path::Path;

use anyhow::Context;
use ledgerline_sandbox::approve::{self, Decision, Outcome};
use ledgerline_sandbox::state::StateFile;
use ledgerline_sandbox::{Sandbox, SandboxClock};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::serve::wait_for_the_end;
use crate::cli;
use crate::cli::SandboxCommand;

/// Serve the simulators, or play the customer.
pub async fn run(options: &cli::Sandbox) -> anyhow::Result<()> {
    match &options.command {
        Some(SandboxCommand::Approve {
            url,
            organisation,
            refuse,
        }) => {
            let decision = Decision {
                organisation: organisation.clone(),
                refuse: *refuse,
            };
            match approve::approve(&approve::client()?, url.as_str(), &decision).await? {
                Outcome::Linked => println!("Linked."),
                Outcome::Refused => println!("Refused, as asked."),
            }
            Ok(())
        }
        None => {
            let listener = TcpListener::bind(options.listen)
                .await
                .with_context(|| format!("`{}` cannot be listened on", options.listen))?;
            println!("The simulated platforms are at http://{}", listener.local_addr()?);
            serve(listener, options.state.as_deref()).await
        }
    }
}

async fn serve(listener: TcpListener, state: Option<&Path>) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let sandbox = Sandbox::new(SandboxClock::real());
    let keeping = state
        .map(|path| {
            StateFile::open(path, &sandbox).with_context(|| format!("`{}` cannot be used", path.display()))
        })
        .transpose()?
        .map(|file| file.keep(sandbox.clone(), stop.clone().cancelled_owned()));
    let keeping = async {
        match keeping {
            Some(keeping) => keeping.await,
            None => Ok(()),
        }
    };
    let serving = ledgerline_sandbox::serve(listener, sandbox.clone(), stop.clone().cancelled_owned());
    let ending = async {
        let ended = wait_for_the_end().await;
        stop.cancel();
        ended
    };
    let (served, kept, ended) = tokio::join!(serving, keeping, ending);
    served?;
    kept?;
    ended
}
