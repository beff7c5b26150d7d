use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ledgerline_model::DataType;
use ledgerline_platform::{Changes, Platform};
use serde_json::json;

use crate::cli::{Pull, Store};
use crate::database::Database;
use crate::process::{self, Process};
use crate::sandbox::Sandbox;
use crate::web::Web;

/// How often it is asked whether it is done: seldom, since answering costs as well.
const POLL: Duration = Duration::from_millis(200);

/// A server with a linked company.
pub struct Ours<'a> {
    process: Process,
    web: Web,
    address: String,
    company: String,
    database: Database,
    sandbox: &'a Sandbox,
    ledgerline: &'a Path,
    /// Pulls that have ended.
    pulls: u64,
    pub idle_megabytes: f64,
}

/// What a Run took.
#[derive(Clone, Copy)]
pub struct Run {
    pub cpu_seconds: f64,
    /// Of it, the database server's.
    pub database_seconds: f64,
    pub seconds: f64,
    pub peak_megabytes: f64,
    /// Rows that the platform gave.
    pub read: u64,
    /// Records that were written by it.
    pub written: u64,
}

impl<'a> Ours<'a> {
    /// Start a server on an empty database.
    pub async fn start(
        options: &'a Pull,
        store: Store,
        sandbox: &'a Sandbox,
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
            company: String::new(),
            database,
            sandbox,
            ledgerline: &options.ledgerline,
            pulls: 0,
            idle_megabytes,
        })
    }

    /// Link a company to the organisation: its first Run.
    pub async fn link(&mut self, organisation: &str) -> anyhow::Result<Run> {
        let made = self
            .web
            .post(
                &format!("{}/companies", self.address),
                &json!({ "name": "Bench" }),
            )
            .await?;
        self.company = made["id"].as_str().context("the company has no id")?.to_owned();
        let link = made["redirect"]
            .as_str()
            .context("the company has no link")?
            .to_owned();
        let before = self.standing().await?;
        let approve = ["sandbox", "approve", &link, "--organisation", organisation];
        process::output(Command::new(self.ledgerline).args(approve))?;
        self.finish(before).await
    }

    /// Have all types read again.
    pub async fn refresh(&mut self) -> anyhow::Result<Run> {
        let before = self.standing().await?;
        let url = format!("{}/companies/{}/data/all", self.address, self.company);
        self.web.post(&url, &json!({})).await?;
        self.finish(before).await
    }

    /// Have the types read again that are listed whole each time.
    pub async fn refresh_listed_whole(&mut self) -> anyhow::Result<Run> {
        let before = self.standing().await?;
        for data_type in listed_whole() {
            let url = format!(
                "{}/companies/{}/data/queue/{data_type}",
                self.address, self.company
            );
            self.web.post(&url, &json!({})).await?;
        }
        self.finish(before).await
    }

    /// Change a share of what the platform has: how many records.
    pub async fn mutate(&self, organisation: &str, changes: u64) -> anyhow::Result<u64> {
        self.sandbox.mutate(organisation, changes).await
    }

    pub async fn records(&mut self) -> anyhow::Result<u64> {
        self.database
            .number("select count(*) from record where not is_deleted")
            .await
    }

    async fn standing(&mut self) -> anyhow::Result<Standing> {
        self.process.forget_peak()?;
        Ok(Standing {
            database: self.database.settled_cpu().await?,
            read: self.read().await?,
            server: self.process.cpu()?,
            at: Instant::now(),
        })
    }

    async fn read(&mut self) -> anyhow::Result<u64> {
        self.database
            .number("select cast(coalesce(sum(read_count), 0) as bigint) from pull")
            .await
    }

    async fn finish(&mut self, before: Standing) -> anyhow::Result<Run> {
        let url = format!(
            "{}/companies/{}/data/history?pageSize=100",
            self.address, self.company
        );
        loop {
            thread::sleep(POLL);
            let page = self.web.get(&url).await?;
            let pulls = page["results"].as_array().context("the history has no results")?;
            let total = page["totalResults"]
                .as_u64()
                .context("the history has no count")?;
            if let Some(failed) = pulls.iter().find(|pull| pull["isErrored"] == true) {
                bail!("a Pull failed: {failed}");
            }
            if total > self.pulls && pulls.iter().all(|pull| pull["isCompleted"] == true) {
                self.pulls = total;
                break;
            }
        }
        let seconds = before.at.elapsed().as_secs_f64();
        let server_seconds = self.process.cpu()? - before.server;
        let database_seconds = self.database.settled_cpu().await? - before.database;
        let written = self.database.number(WRITTEN).await?;
        Ok(Run {
            cpu_seconds: server_seconds + database_seconds,
            database_seconds,
            seconds,
            peak_megabytes: self.process.peak()?,
            read: self.read().await? - before.read,
            written,
        })
    }
}

/// The types that no feed of changes serves.
fn listed_whole() -> impl Iterator<Item = DataType> {
    let platform = ledgerline_xero::platform();
    let about = platform.about();
    let is_listed = |data_type: DataType| {
        let strategies = about.feeds_of(data_type).map(|feed| feed.strategy_of(data_type));
        let cursors: Vec<Changes> = strategies.map(|strategy| strategy.cursor).collect();
        !cursors.is_empty() && cursors.iter().all(|cursor| *cursor == Changes::Unknown)
    };
    DataType::ALL
        .into_iter()
        .filter(move |data_type| is_listed(*data_type))
}

/// Records that carry a publication of the last Run.
const WRITTEN: &str = "select count(*) from record r
    join publication p on p.app_id = r.app_id and p.publication_id = r.publication_id
    where p.run_id = (select run_id from run order by created_at desc limit 1)";

struct Standing {
    database: f64,
    server: f64,
    read: u64,
    at: Instant,
}
