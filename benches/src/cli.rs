use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

/// Measures Ledgerline against what its work would cost at least.
#[derive(Parser)]
#[command(name = "ledgerline-bench")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Pull a generated organisation in full, with changes, and without
    Pull(Pull),
    /// The limit: download and parse the pages of a plan
    #[command(hide = true)]
    Download {
        #[arg(long)]
        plan: PathBuf,
    },
    /// The limit: insert rows
    #[command(hide = true)]
    Insert {
        #[arg(long)]
        rows: PathBuf,
        #[arg(long)]
        changed: PathBuf,
        #[arg(long)]
        database: String,
        #[arg(long)]
        postmaster: Option<u32>,
    },
}

#[derive(Args)]
pub struct Pull {
    /// Invoices of the organisations
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    pub sizes: Vec<u64>,
    #[arg(long, value_enum, default_value_t = Stores::Both)]
    pub store: Stores,
    /// The `ledgerline` to measure
    #[arg(long)]
    pub ledgerline: PathBuf,
    /// A PostgreSQL that is nobody else's; `script/bench` starts one
    #[arg(long)]
    pub postgres: Option<Url>,
    /// Process id of its postmaster
    #[arg(long)]
    pub postmaster: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stores {
    Sqlite,
    Postgres,
    Both,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Stores {
    pub fn stores(self) -> Vec<Store> {
        match self {
            Self::Sqlite => vec![Store::Sqlite],
            Self::Postgres => vec![Store::Postgres],
            Self::Both => vec![Store::Sqlite, Store::Postgres],
        }
    }
}
