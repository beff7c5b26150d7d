//! How fast a Pull is, and how far that is from what downloading, parsing and inserting alone would cost; how fast
//! expenses are pushed, and how far that is from what the platform allows.
//! `docs/performance.md` says what is measured and how; `script/bench` starts it.

/// One size on one store: the limits, then ours.
mod case;
/// The command line.
mod cli;
/// The two limits, each in a process of its own.
mod limits;
/// `ledgerline serve`, linked and pulled through its API.
mod ours;
/// Expenses pushed: how fast, and with how many commits.
mod push;
/// What is printed.
mod report;
/// `ledgerline serve`, as a process of its own.
mod server;
/// What the connector asks for, and the rows that it makes.
mod survey;

/// A database of our own on either store.
mod database;
/// Processes, their CPU time and their memory.
mod process;
/// Rows in a file.
mod rows;
/// The simulated platform, as a process of its own.
mod sandbox;
/// JSON over HTTP.
mod web;

use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    // Whoever installed one first is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::Arguments::parse().command {
        cli::Command::Pull(options) => pull(&options).await,
        cli::Command::Push(options) => push::run(&options).await,
        cli::Command::Download { plan } => limits::download::run(&plan).await,
        cli::Command::Insert {
            rows,
            changed,
            database,
            postmaster,
        } => limits::insert::run(&rows, &changed, &database, postmaster).await,
    }
}

async fn pull(options: &cli::Pull) -> anyhow::Result<()> {
    let mut cases = Vec::new();
    for &invoices in &options.sizes {
        let world = case::World::make(options, invoices).await?;
        for store in options.common.store.stores() {
            cases.push(world.measure(options, store).await?);
        }
    }
    report::print(&cases);
    Ok(())
}
