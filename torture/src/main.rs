//! `ledgerline-torture`: see the library, and `docs/torture.md`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use ledgerline_torture::{Length, Options, Store, nodes, planted, push};
use url::Url;

/// Tortures Ledgerline, and says whether it held.
#[derive(Parser)]
#[command(name = "ledgerline-torture")]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// How long
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The same seed does the same
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    #[arg(long, value_enum, default_value_t = StoreName::Sqlite, global = true)]
    store: StoreName,
    /// Servers on one PostgreSQL
    #[arg(long, global = true)]
    nodes: Option<usize>,
    /// Instead of torture: so many connections due at once on the servers
    #[arg(long)]
    connections: Option<usize>,
    /// Instead: plant each bug in turn, and see whether it is caught
    #[arg(long)]
    planted: bool,
    /// Only this bug
    #[arg(long)]
    bug: Option<String>,
    #[arg(long, default_value_t = 3)]
    companies: usize,
    #[arg(long, default_value_t = 120)]
    invoices: u64,
    /// Steps between two times of quiet
    #[arg(long, default_value_t = 45)]
    steps: usize,
    /// The `ledgerline` to torture; with `--planted`, one with bugs
    #[arg(long, global = true, default_value = "target/debug/ledgerline")]
    ledgerline: PathBuf,
    /// A PostgreSQL on which databases may be made; `script/torture` starts one
    #[arg(long, global = true)]
    postgres: Option<Url>,
}

/// What is tortured, if not what is read.
#[derive(Clone, Copy, Subcommand)]
enum What {
    /// What is written: expenses, each exactly once.
    Push {
        #[arg(long, default_value_t = 2_000)]
        expenses: usize,
        #[arg(long, default_value_t = 4)]
        companies: usize,
        /// Nothing goes wrong: how long it takes by itself
        #[arg(long)]
        calm: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum StoreName {
    Sqlite,
    Postgres,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let store = match (arguments.store, &arguments.postgres) {
        (StoreName::Sqlite, _) => Store::Sqlite,
        (StoreName::Postgres, Some(server)) => Store::Postgres(server.clone()),
        (StoreName::Postgres, None) => {
            anyhow::bail!("`--postgres` names no server; `script/torture` starts one")
        }
    };
    let nodes = match store {
        Store::Sqlite => 1,
        Store::Postgres(_) => arguments.nodes.unwrap_or(2),
    };
    if let Some(What::Push {
        expenses,
        companies,
        calm,
    }) = arguments.what
    {
        let options = push::Options {
            ledgerline: arguments.ledgerline,
            store,
            seed: arguments.seed,
            expenses,
            companies,
            nodes,
            calm,
            talk: true,
        };
        return Ok(pushed(&options).await);
    }
    let options = Options {
        ledgerline: arguments.ledgerline,
        store,
        seed: arguments.seed,
        length: Length::Time(Duration::from_secs(arguments.minutes * 60)),
        steps: arguments.steps,
        companies: arguments.companies,
        invoices: arguments.invoices,
        nodes,
        planted: None,
        talk: true,
    };
    if let Some(connections) = arguments.connections {
        return Ok(match nodes::run(&options, connections).await? {
            Ok(report) => {
                println!("{report}");
                ExitCode::SUCCESS
            }
            Err(wrong) => {
                println!("{wrong}");
                ExitCode::FAILURE
            }
        });
    }
    if arguments.planted {
        let Some(server) = arguments.postgres else {
            anyhow::bail!("`--postgres` names no server; `script/torture` starts one");
        };
        let postgres = Store::Postgres(server);
        let caught = planted::run(&options, &postgres, arguments.bug.as_deref()).await?;
        return Ok(if caught {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    println!(
        "{} nodes on {}, seed {}",
        options.nodes,
        options.store.name(),
        options.seed
    );
    match ledgerline_torture::run(&options).await {
        Ok(report) => {
            println!("held: {report}");
            let faults = report
                .faults
                .iter()
                .map(|(kind, times)| format!("{kind} {times}"));
            println!("faults: {}", faults.collect::<Vec<_>>().join(", "));
            let spared: Vec<&str> = report.spared().collect();
            if !spared.is_empty() {
                println!("never struck: {}", spared.join(", "));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            println!("{failure}");
            println!("not held, seed {}", failure.seed);
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn pushed(options: &push::Options) -> ExitCode {
    println!(
        "{} expenses, {} companies, {} nodes on {}, seed {}",
        options.expenses,
        options.companies,
        options.nodes,
        options.store.name(),
        options.seed
    );
    match push::run(options).await {
        Ok(report) => {
            println!("held: {report}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            println!("not held, seed {}", failure.seed);
            ExitCode::FAILURE
        }
    }
}
