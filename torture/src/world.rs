use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database::{Database, Store};
use crate::patience::Patience;
use crate::process::{self, Process, pause};
use crate::receiver::Receiver;
use crate::web::Web;

/// The master key of every server here.
const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// Real seconds after which a silent worker has lost its job.
pub const LEASE: Duration = Duration::from_secs(4);

/// A sandbox, a database, servers that come and go, a receiver, and companies.
pub struct World {
    pub sandbox: String,
    pub nodes: Vec<Node>,
    pub companies: Vec<Company>,
    pub receiver: Receiver,
    pub database: Database,
    pub web: Web,
    /// Companies whose customers have cut access at the platform, of which nobody may know yet.
    pub cut: BTreeSet<usize>,
    ledgerline: PathBuf,
    planted: Option<String>,
    _sandbox_process: Process,
    folder: TempDir,
}

/// A server, and where it is whenever it runs.
pub struct Node {
    pub base: String,
    pub process: Option<Process>,
}

/// One of the app's customers.
#[derive(Clone, Debug)]
pub struct Company {
    pub id: String,
    pub connection: String,
    pub organisation: String,
    pub link_url: String,
}

/// How a world is made.
pub struct Wanted<'a> {
    pub ledgerline: &'a Path,
    pub store: &'a Store,
    pub nodes: usize,
    /// A bug that the servers are to have.
    pub planted: Option<&'a str>,
}

impl World {
    pub async fn start(wanted: &Wanted<'_>) -> anyhow::Result<Self> {
        // Whoever installed one first is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir()?;
        let database = Database::fresh(wanted.store, folder.path()).await?;
        let ledgerline = wanted.ledgerline.to_owned();
        let address = format!("127.0.0.1:{}", process::free_port()?);
        let mut command = Command::new(&ledgerline);
        command
            .current_dir(folder.path())
            .args(["sandbox", "--listen", &address]);
        let sandbox_process = Process::start(&mut command, &folder.path().join("sandbox.log"))?;
        let mut command = Command::new(&ledgerline);
        command
            .current_dir(folder.path())
            .env("LEDGERLINE_MASTER_KEY", MASTER_KEY)
            .env("LEDGERLINE_DATABASE_URL", &database.url)
            .args(["keys", "create", "--app", "Torture", "--env", "test"]);
        let printed = process::output(command).await?;
        let key = printed.lines().last().context("no key was printed")?;
        let mut world = Self {
            sandbox: format!("http://{address}"),
            nodes: Vec::new(),
            companies: Vec::new(),
            receiver: Receiver::start().await?,
            database,
            web: Web::new(key.to_owned())?,
            cut: BTreeSet::new(),
            ledgerline,
            planted: wanted.planted.map(str::to_owned),
            _sandbox_process: sandbox_process,
            folder,
        };
        world
            .until("the sandbox answers", async |world| {
                world.control("GET", "clock", None).await.is_ok()
            })
            .await?;
        for _ in 0..wanted.nodes {
            let base = format!("http://127.0.0.1:{}", process::free_port()?);
            world.nodes.push(Node { base, process: None });
            world.start_node(world.nodes.len() - 1).await?;
        }
        Ok(world)
    }

    /// Start a server that does not run, and wait until it can serve.
    pub async fn start_node(&mut self, node: usize) -> anyhow::Result<()> {
        let log = self.folder.path().join(format!("node-{node}.log"));
        let base = self.nodes[node].base.clone();
        let mut command = Command::new(&self.ledgerline);
        command
            .current_dir(self.folder.path())
            .arg("serve")
            .env("LEDGERLINE_MASTER_KEY", MASTER_KEY)
            .env("LEDGERLINE_DATABASE_URL", &self.database.url)
            .env("LEDGERLINE_LISTEN", base.trim_start_matches("http://"))
            .env("LEDGERLINE_SANDBOX_URL", &self.sandbox)
            .env("LEDGERLINE_JOB_LEASE_SECONDS", LEASE.as_secs().to_string());
        if let Some(bug) = &self.planted {
            command.env("LEDGERLINE_TEST_PLANTED", bug);
        }
        self.nodes[node].process = Some(Process::start(&mut command, &log)?);
        let url = format!("{base}/readyz");
        self.until("the server is ready", async |world| {
            let answer = world.web.ask("GET", &url, None).await;
            answer.is_ok_and(|answer| answer.is_some_and(|answer| answer.is_good()))
        })
        .await
    }

    /// kill -9, and start anew.
    pub async fn restart_node(&mut self, node: usize) -> anyhow::Result<()> {
        if let Some(process) = self.nodes[node].process.take() {
            process.kill()?;
        }
        self.start_node(node).await
    }

    /// Subscribe the receiver to everything.
    pub async fn subscribe(&self) -> anyhow::Result<()> {
        let all = [
            "connection.connected",
            "connection.reconnected",
            "connection.disconnected",
            "connection.failed",
            "read.completed",
            "read.completed.initial",
        ];
        let wanted = json!({ "url": self.receiver.url, "eventTypes": all });
        let made = self.web.post(&self.url("/webhooks"), &wanted).await?;
        let secret = made["secret"].as_str().context("the endpoint has no secret")?;
        self.receiver.verify_with(secret)
    }

    /// A company whose customer has consented to the first reading.
    pub async fn link(&mut self, name: &str, organisation: &Value) -> anyhow::Result<()> {
        let company = self.company(name, organisation).await?;
        self.approve(&company).await?;
        self.companies.push(company);
        Ok(())
    }

    /// A company that waits for its customer's consent.
    pub async fn company(&self, name: &str, organisation: &Value) -> anyhow::Result<Company> {
        let made = self.control("POST", "organisations", Some(organisation)).await?;
        let company = self
            .web
            .post(&self.url("/companies"), &json!({ "name": name }))
            .await?;
        let id = text(&company["id"])?;
        let path = self.url(&format!("/companies/{id}/connections"));
        let key = if organisation["platform"] == "quickbooks_online" {
            "qhyg"
        } else {
            "gbol"
        };
        let connection = self.web.post(&path, &json!({ "platformKey": key })).await?;
        Ok(Company {
            connection: text(&connection["id"])?,
            organisation: text(&made["id"])?,
            link_url: text(&connection["linkUrl"])?,
            id,
        })
    }

    /// The customer follows the link, and consents.
    pub async fn approve(&self, company: &Company) -> anyhow::Result<()> {
        let mut command = Command::new(&self.ledgerline);
        command
            .current_dir(self.folder.path())
            .args(["sandbox", "approve", &company.link_url])
            .args(["--organisation", &company.organisation]);
        process::output(command).await?;
        Ok(())
    }

    /// An address at the first server.
    pub fn url(&self, path: &str) -> String {
        self.url_at(0, path)
    }

    pub fn url_at(&self, node: usize, path: &str) -> String {
        format!("{}{path}", self.nodes[node % self.nodes.len()].base)
    }

    /// The sandbox's own controls.
    pub async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.sandbox);
        self.web.call(method, &url, body).await
    }

    /// Jump ahead.
    pub async fn advance(&self, minutes: u64) -> anyhow::Result<()> {
        self.advance_seconds(minutes * 60).await
    }

    pub async fn advance_seconds(&self, seconds: u64) -> anyhow::Result<()> {
        let body = json!({ "advance": format!("{seconds}s") });
        self.control("POST", "clock", Some(&body)).await?;
        Ok(())
    }

    /// Jump ahead, and wait until everybody has done what fell due.
    pub async fn advance_and_settle(&self, minutes: u64) -> anyhow::Result<()> {
        let body = json!({ "advance": format!("{minutes}m"), "settle": true });
        let url = format!("{}/_sandbox/clock", self.sandbox);
        let mut patience = Patience::new();
        let mut asked = body;
        loop {
            // It gives up after a minute, and says what is left; the answer may take longer than our patience.
            match self.web.ask("POST", &url, Some(&asked)).await? {
                Some(answer) if answer.is_good() => return Ok(()),
                Some(answer) if answer.status != 504 => bail!("settle: {}", answer.text()),
                Some(_) | None => asked = json!({ "settle": true }),
            }
            if let Some(left) = patience.look(&self.database).await? {
                bail!("the servers have work left: {left}");
            }
        }
    }

    /// The time of the world.
    pub async fn now(&self) -> anyhow::Result<Timestamp> {
        Ok(text(&self.control("GET", "clock", None).await?["now"])?.parse()?)
    }

    /// How many calls the organisation's platform has answered.
    pub async fn requests(&self, company: &Company) -> anyhow::Result<u64> {
        let path = format!("organisations/{}/requests", company.organisation);
        let told = self.control("GET", &path, None).await?;
        told["total"].as_u64().context("no total")
    }

    /// Poll until it is so, for longer than the database bears with a transaction whose process was stopped.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(150);
        while !is_so(self).await {
            if Instant::now() > end {
                bail!("waited in vain until {what}");
            }
            pause(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Keep the logs for whoever looks for a bug: where they are.
    pub fn keep_logs(self) -> PathBuf {
        self.folder.keep()
    }

    pub async fn end(mut self) -> anyhow::Result<()> {
        self.nodes.clear();
        self.database.remove().await
    }
}

pub fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value
        .as_str()
        .context("a text is missing in an answer")?
        .to_owned())
}
