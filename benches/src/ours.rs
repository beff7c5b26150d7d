use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use ledgerline_model::DataType;
use ledgerline_platform::{Changes, Platform};
use serde_json::json;

use crate::cli::{Common, Store};
use crate::sandbox::Sandbox;
use crate::server::Server;

/// How often it is asked whether it is done: seldom, since answering costs as well.
const POLL: Duration = Duration::from_millis(200);

/// A server with a linked company.
pub struct Ours<'a> {
    pub server: Server<'a>,
    company: String,
    sandbox: &'a Sandbox,
    /// Runs that have ended.
    runs: u64,
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
        options: &'a Common,
        store: Store,
        sandbox: &'a Sandbox,
        database: &str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            server: Server::start(options, store, sandbox, database, folder).await?,
            company: String::new(),
            sandbox,
            runs: 0,
        })
    }

    /// Link a company to the organisation: its first Run.
    pub async fn link(&mut self, organisation: &str) -> anyhow::Result<Run> {
        let (company, link) = self.server.company("Bench").await?;
        self.company = company;
        let before = self.standing().await?;
        self.server.approve(&link, organisation)?;
        self.finish(before).await
    }

    /// Have these types read again, in one Run.
    pub async fn refresh(&mut self, types: Types) -> anyhow::Result<Run> {
        let settings: Vec<_> = DataType::ALL
            .into_iter()
            .map(|data_type| {
                json!({
                    "dataType": data_type,
                    "fetchOnFirstLink": types.hold(data_type),
                    "syncSchedule": 0,
                    "syncOrder": 0,
                })
            })
            .collect();
        let company = format!("{}/companies/{}", self.server.address, self.company);
        self.server
            .web
            .post(
                &format!("{company}/syncSettings"),
                &json!({ "settings": settings }),
            )
            .await?;
        let before = self.standing().await?;
        self.server
            .web
            .post(&format!("{company}/data/all"), &json!({}))
            .await?;
        self.finish(before).await
    }

    /// Change a share of what the platform has: how many records.
    pub async fn mutate(&self, organisation: &str, changes: u64) -> anyhow::Result<u64> {
        self.sandbox.mutate(organisation, changes).await
    }

    async fn standing(&mut self) -> anyhow::Result<Standing> {
        self.server.process.forget_peak()?;
        Ok(Standing {
            database: self.server.database.settled_cpu().await?,
            read: self.read().await?,
            server: self.server.process.cpu()?,
            at: Instant::now(),
        })
    }

    async fn read(&mut self) -> anyhow::Result<u64> {
        self.server
            .database
            .number("select cast(coalesce(sum(read_count), 0) as bigint) from pull")
            .await
    }

    /// Wait until the Run is closed and what it had staged is cleared away.
    async fn finish(&mut self, before: Standing) -> anyhow::Result<Run> {
        loop {
            thread::sleep(POLL);
            let runs = self.server.database.number("select count(*) from run").await?;
            if runs > self.runs && self.server.database.number(UNFINISHED).await? == 0 {
                self.runs = runs;
                break;
            }
        }
        let seconds = before.at.elapsed().as_secs_f64();
        let server_seconds = self.server.process.cpu()? - before.server;
        let database_seconds = self.server.database.settled_cpu().await? - before.database;
        let failed = self.server.database.number(FAILED).await?;
        ensure!(failed == 0, "{failed} Pulls failed");
        let proved = self.server.database.number(PROVED).await?;
        ensure!(proved == 1, "the Run was not found consistent");
        let written = self.server.database.number(WRITTEN).await?;
        Ok(Run {
            cpu_seconds: server_seconds + database_seconds,
            database_seconds,
            seconds,
            peak_megabytes: self.server.process.peak()?,
            read: self.read().await? - before.read,
            written,
        })
    }
}

/// Which types a Run reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Types {
    All,
    /// Those that the platform tells the changes of.
    Told,
    /// Those that no feed of changes serves, statements among them: they are listed whole each time.
    Listed,
}

impl Types {
    fn hold(self, data_type: DataType) -> bool {
        match self {
            Self::All => true,
            Self::Told => !is_listed(data_type),
            Self::Listed => is_listed(data_type),
        }
    }
}

fn is_listed(data_type: DataType) -> bool {
    let platform = ledgerline_xero::platform();
    let mut feeds = platform.about().feeds_of(data_type);
    feeds.all(|feed| feed.strategy_of(data_type).cursor == Changes::Unknown)
}

/// Runs that are not closed yet, and jobs that belong to Runs.
pub const UNFINISHED: &str = "select (select count(*) from run where finished_at is null)
    + (select count(*) from job where kind in ('feed.read', 'pull.complete', 'run.close', 'staged.clean'))";

const FAILED: &str = "select count(*) from pull where state <> 'Complete'";

/// Whether the last Run was found to be of one instant, with the control totals right: that is part of the work.
const PROVED: &str = "select count(*) from run
    where run_id = (select run_id from run order by created_at desc, run_id desc limit 1)
        and consistency like '%\"status\":\"consistent\"%'";

/// Records that carry a publication of the last Run.
const WRITTEN: &str = "select count(*) from record r
    join publication p on p.app_id = r.app_id and p.publication_id = r.publication_id
    where p.run_id = (select run_id from run order by created_at desc, run_id desc limit 1)";

struct Standing {
    database: f64,
    server: f64,
    read: u64,
    at: Instant,
}
