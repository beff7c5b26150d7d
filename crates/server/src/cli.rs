use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

/// Self-hosted accounting-data sync.
#[derive(Parser)]
#[command(name = "ledgerline", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Configuration file
    #[arg(long, global = true, default_value = "ledgerline.toml")]
    pub config: PathBuf,
    /// Database: `sqlite://PATH` or `postgres://…`
    #[arg(long, global = true)]
    pub database_url: Option<String>,
    /// Write logs as JSON
    #[arg(long, global = true)]
    pub log_json: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the API, the worker and the dashboard
    Serve(Serve),
    /// Run the simulated accounting platforms
    Sandbox(Sandbox),
    /// Show the product at work, with everything it needs
    Demo(Demo),
    /// Manage API keys
    #[command(subcommand)]
    Keys(Keys),
    /// Manage apps
    #[command(subcommand)]
    Apps(Apps),
    /// Bring the database to this version's schema
    Migrate,
    /// Check the database, the keys, the clocks and the addresses
    Doctor,
    /// Print the OpenAPI documents
    Openapi {
        /// Write one file per dialect into this folder instead
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Show what a connector makes of a recorded answer
    Map {
        /// Key of the platform, e.g. `xero`
        #[arg(long)]
        platform: String,
        /// Key of the data type, e.g. `invoices`
        #[arg(long = "type")]
        data_type: String,
        file: PathBuf,
    },
}

#[derive(Args, Default)]
pub struct Serve {
    /// Address to listen on
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// What to do: everything, or only one half
    #[arg(long)]
    pub role: Option<Role>,
    /// Run the simulated platforms inside the server
    #[arg(long)]
    pub sandbox: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    All,
    Api,
    Worker,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sandbox {
    #[command(subcommand)]
    pub command: Option<SandboxCommand>,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8081")]
    pub listen: SocketAddr,
    /// Keep organisations, consents and changes in this file
    #[arg(long)]
    pub state: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum SandboxCommand {
    /// Follow a link as a consenting customer would; exits 0 when linked
    Approve {
        url: Url,
        /// Id of the organisation to choose; the first of the platform if none is named
        #[arg(long)]
        organisation: Option<String>,
        /// Refuse instead
        #[arg(long)]
        refuse: bool,
    },
}

#[derive(Args)]
pub struct Demo {
    /// Run through and end: exits 0 if all is as it should be
    #[arg(long)]
    pub tour: bool,
}

#[derive(Subcommand)]
pub enum Keys {
    /// Make an API key, and the app if there is none of that name; the key stands alone on the last line
    Create {
        #[arg(long)]
        app: String,
        #[arg(long, value_parser = ["test", "live"])]
        env: String,
        /// A name for people
        #[arg(long)]
        name: Option<String>,
        /// Of what needs a scope, by commas, what the key may do; all without a word, none with ''
        #[arg(long)]
        scopes: Option<String>,
    },
    /// Show the secret by which an app may sign its requests, always the same; it stands alone on the last line
    ClientSecret {
        #[arg(long)]
        app: String,
        #[arg(long, value_parser = ["test", "live"])]
        env: String,
    },
}

#[derive(Subcommand)]
pub enum Apps {
    /// Change settings of an app, e.g. `compat.integrationType=expenses`
    Set {
        name: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
}
