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
    /// Push expenses into the books of simulated platforms
    Push(Push),
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
        /// What has changed since, once and again
        #[arg(long)]
        changed: Vec<PathBuf>,
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
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct Push {
    /// Expenses of each push
    #[arg(long, default_value_t = 1000)]
    pub items: usize,
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "xero,quickbooks-online"
    )]
    pub platforms: Vec<Platform>,
    /// How long the platform takes for an answer, in milliseconds
    #[arg(long, value_delimiter = ',', default_value = "0,200")]
    pub latencies: Vec<u64>,
    /// Whether the platform keeps its limits: a thousand expenses take a quarter of an hour at Xero then
    #[arg(long, value_enum, value_delimiter = ',', default_value = "off,real")]
    pub limits: Vec<Limits>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Platform {
    Xero,
    QuickbooksOnline,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Limits {
    Off,
    Real,
}

/// What each measurement needs.
#[derive(Args)]
pub struct Common {
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
