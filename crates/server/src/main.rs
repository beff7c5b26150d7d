//! The binary `ledgerline`: configuration, command line, wiring.

/// The command line.
mod cli;
/// One file per command.
mod commands;
/// Configuration: flags, then `LEDGERLINE_*`, then `ledgerline.toml`, then defaults.
mod config;
/// `ledgerline demo`: the product shown at work.
mod demo;
/// Following the clock of a sandbox.
mod follow;
/// Accepting connections with time limits on slow clients.
mod listen;
/// The key under which all other keys are sealed.
mod master_key;
/// Building the engine out of the configuration.
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let quiet = matches!(arguments.command, cli::Command::Demo(_));
    start_logging(arguments.log_json, if quiet { "error" } else { LOGS });
    #[cfg(target_os = "linux")]
    if matches!(arguments.command, cli::Command::Serve(_)) {
        commands::serve::with_few_arenas();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime could not be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is logged unless `RUST_LOG` says otherwise.
const LOGS: &str = "warn,ledgerline=info,ledgerline_engine=info,ledgerline_api=info";

/// Logs go to standard error.
fn start_logging(json: bool, default: &str) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| default.to_owned().into());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        logs.json().init();
    } else {
        logs.compact().init();
    }
}
