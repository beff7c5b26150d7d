use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use crate::cli::{Common, Store};
use crate::database::Database;
use crate::process::{self, Process};
use crate::sandbox::Sandbox;
use crate::web::Web;

/// `ledgerline serve` with an app, as a process of its own.
pub struct Server<'a> {
    pub process: Process,
    /// With the app's key.
    pub web: Web,
    pub address: String,
    pub database: Database,
    pub idle_megabytes: f64,
    ledgerline: &'a Path,
}

impl<'a> Server<'a> {
    /// Start it on an empty database.
    pub async fn start(
        options: &'a Common,
        store: Store,
        sandbox: &Sandbox,
        database: &str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let port = process::free_port()?;
        let address = format!("http://127.0.0.1:{port}");
        let ledgerline = |arguments: &[&str]| {
            let mut command = Command::new(&options.ledgerline);
            command
                .current_dir(folder)
                .args(arguments)
                .env("LEDGERLINE_DATABASE_URL", database)
                .env("LEDGERLINE_LISTEN", format!("127.0.0.1:{port}"))
                .env("LEDGERLINE_SANDBOX_URL", sandbox.url.as_str())
                .env(
                    "LEDGERLINE_MASTER_KEY",
                    "dGhlIGJlbmNoIGhhcyBhIGtleSBvZiAzMiBieXRlcy4=",
                );
            command
        };
        let printed = process::output(&mut ledgerline(&[
            "keys", "create", "--app", "bench", "--env", "test",
        ]))?;
        let key = printed.lines().last().context("no key was printed")?.to_owned();
        let log = folder.join("server.log");
        let process = Process::start(&mut ledgerline(&["serve"]), &log)?;
        process::wait_for_port(port, &log)?;
        let database = Database::open(options, store, database).await?;
        // What a start needs for a moment is given back by then.
        thread::sleep(Duration::from_secs(3));
        let idle_megabytes = process.resident()?;
        Ok(Self {
            process,
            web: Web::new(Some(key))?,
            address,
            database,
            idle_megabytes,
            ledgerline: &options.ledgerline,
        })
    }

    /// Make a company: its id and its link.
    pub async fn company(&self, name: &str) -> anyhow::Result<(String, String)> {
        let url = format!("{}/companies", self.address);
        let made = self.web.post(&url, &json!({ "name": name })).await?;
        let text = |member: &str| made[member].as_str().map(str::to_owned);
        let id = text("id").context("the company has no id")?;
        Ok((id, text("redirect").context("the company has no link")?))
    }

    /// Follow a link as a customer who consents.
    pub fn approve(&self, link: &str, organisation: &str) -> anyhow::Result<()> {
        let approve = ["sandbox", "approve", link, "--organisation", organisation];
        process::output(Command::new(self.ledgerline).args(approve)).map(drop)
    }
}
