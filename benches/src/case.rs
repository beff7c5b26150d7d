use std::path::PathBuf;

use anyhow::Context;
use tempfile::TempDir;

use crate::cli::{Pull, Store};
use crate::database;
use crate::limits::{self, Measured};
use crate::ours::{Ours, Run};
use crate::sandbox::Sandbox;
use crate::survey;

/// An organisation of one size, and what reading it costs at least.
pub struct World {
    invoices: u64,
    sandbox: Sandbox,
    folder: TempDir,
    rows: u64,
    rows_file: PathBuf,
    download: Measured,
}

/// One size on one store.
pub struct Case {
    pub invoices: u64,
    pub store: Store,
    /// Rows that both limits and ours handle.
    pub rows: u64,
    pub download: Measured,
    pub insert: Measured,
    pub full: Run,
    /// Of the types that are listed whole each time, statements among them, with nothing changed.
    pub whole: Run,
    pub changes: u64,
    pub changed: Run,
    pub unchanged: Run,
    pub idle_megabytes: f64,
}

impl World {
    pub async fn make(options: &Pull, invoices: u64) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        say(invoices, "the organisation is being made");
        let sandbox = Sandbox::start(&options.ledgerline, folder.path())?;
        let organisation = sandbox.organisation(invoices).await?;
        say(invoices, "the connector reads it once, for the limits");
        let (plan, rows_file) = (folder.path().join("plan.json"), folder.path().join("rows"));
        let rows = survey::survey(&sandbox, &organisation, &plan, &rows_file).await?;
        say(invoices, &format!("{rows} records; limit: download and parse"));
        let plan = plan.to_str().context("the folder has no name in UTF-8")?;
        let download = limits::in_a_process(&["download", "--plan", plan])?;
        Ok(Self {
            invoices,
            sandbox,
            folder,
            rows,
            rows_file,
            download,
        })
    }

    pub async fn measure(&self, options: &Pull, store: Store) -> anyhow::Result<Case> {
        let folder = self.folder.path();
        say(self.invoices, &format!("{store:?}: limit: raw insert"));
        let insert = {
            let database = database::fresh(options, store, folder, "raw").await?;
            let rows = self
                .rows_file
                .to_str()
                .context("the folder has no name in UTF-8")?;
            let postmaster = options.postmaster.unwrap_or_default().to_string();
            let mut arguments = vec!["insert", "--rows", rows, "--database", &database];
            if store == Store::Postgres {
                arguments.extend(["--postmaster", &postmaster]);
            }
            let measured = limits::in_a_process(&arguments)?;
            database::drop(options, store, folder, "raw").await?;
            measured
        };
        // One of its own, since it will be changed.
        let organisation = self.sandbox.organisation(self.invoices).await?;
        let address = database::fresh(options, store, folder, "ours").await?;
        let mut ours = Ours::start(options, store, &self.sandbox, &address, folder).await?;
        say(self.invoices, &format!("{store:?}: ours: full pull"));
        let full = ours.link(&organisation).await?;
        say(self.invoices, &format!("{store:?}: ours: what is listed whole"));
        let whole = ours.refresh_listed_whole().await?;
        let changes = ours.records().await? / 100;
        // Beyond the overlap, so that only what changed is read.
        self.sandbox.advance(OVERLAP).await?;
        let changes = ours.mutate(&organisation, changes).await?;
        say(
            self.invoices,
            &format!("{store:?}: ours: {changes} changes on the platform"),
        );
        let changed = ours.refresh().await?;
        self.sandbox.advance(OVERLAP).await?;
        say(self.invoices, &format!("{store:?}: ours: nothing changed"));
        let unchanged = ours.refresh().await?;
        let idle_megabytes = ours.idle_megabytes;
        drop(ours);
        database::drop(options, store, folder, "ours").await?;
        Ok(Case {
            invoices: self.invoices,
            store,
            rows: self.rows,
            download: self.download,
            insert,
            full,
            whole,
            changes,
            changed,
            unchanged,
            idle_megabytes,
        })
    }
}

/// Longer than any platform's changes are asked for twice.
const OVERLAP: &str = "10m";

fn say(invoices: u64, what: &str) {
    eprintln!("{invoices} invoices: {what}");
}
