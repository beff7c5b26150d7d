use std::path::PathBuf;

use anyhow::Context;
use tempfile::TempDir;

use crate::cli::{Pull, Store};
use crate::database;
use crate::limits::{self, Measured};
use crate::ours::{Ours, Run, Types};
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
    /// The same, of what 1 % of changes touched, once and again.
    changed_rows_files: Vec<PathBuf>,
    changed_download: Measured,
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
    pub unchanged: Run,
    /// The limits of what the changes touched.
    pub changed_download: Measured,
    pub changed_insert: Measured,
    pub changes: u64,
    /// Of the types that the platform tells the changes of: the median.
    pub changed: Run,
    /// Of the types that are listed whole each time, statements among them, after the same changes.
    pub listed: Run,
    /// Of all types, after as many changes again.
    pub all_changed: Run,
    pub idle_megabytes: f64,
}

impl World {
    pub async fn make(options: &Pull, invoices: u64) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        say(invoices, "the organisation is being made");
        let sandbox = Sandbox::start(&options.common.ledgerline, folder.path())?;
        let organisation = sandbox.organisation(invoices).await?;
        say(invoices, "the connector reads it once, for the limits");
        let rows_file = folder.path().join("rows");
        let plan = folder.path().join("plan.json");
        let rows = survey::survey(&sandbox, &organisation, None, &plan, &rows_file).await?;
        say(invoices, &format!("{rows} records; limit: download and parse"));
        let download = limits::download(&plan)?;
        let (mut changed_rows_files, mut changed_downloads) = (Vec::new(), Vec::new());
        for time in 0..TIMES {
            sandbox.advance(OVERLAP).await?;
            let since = sandbox.now().await?;
            let changes = sandbox.mutate(&organisation, rows / 100).await?;
            let file = folder.path().join(format!("changed_rows_{time}"));
            let touched = survey::survey(&sandbox, &organisation, Some(since), &plan, &file).await?;
            say(
                invoices,
                &format!("{changes} changes touch {touched} records; limit: download and parse"),
            );
            changed_rows_files.push(file);
            changed_downloads.push(limits::download(&plan)?);
        }
        let changed_download = median(changed_downloads, |limit| limit.cpu_seconds)?;
        Ok(Self {
            invoices,
            sandbox,
            folder,
            rows,
            rows_file,
            download,
            changed_rows_files,
            changed_download,
        })
    }

    pub async fn measure(&self, options: &Pull, store: Store) -> anyhow::Result<Case> {
        let folder = self.folder.path();
        say(self.invoices, &format!("{store:?}: limit: raw insert"));
        let (insert, changed_insert) = {
            let database = database::fresh(&options.common, store, folder, "raw").await?;
            let files = (self.rows_file.as_path(), self.changed_rows_files.as_slice());
            let postmaster = options.common.postmaster.filter(|_| store == Store::Postgres);
            let measured = limits::insert(files, &database, postmaster)?;
            database::drop(&options.common, store, folder, "raw").await?;
            let (insert, changed) = measured;
            (insert, median(changed, |limit| limit.cpu_seconds)?)
        };
        // One of its own, since it will be changed.
        let organisation = self.sandbox.organisation(self.invoices).await?;
        // Its books are older than that.
        self.sandbox.advance(OVERLAP).await?;
        let address = database::fresh(&options.common, store, folder, "ours").await?;
        let mut ours = Ours::start(&options.common, store, &self.sandbox, &address, folder).await?;
        say(self.invoices, &format!("{store:?}: ours: full pull"));
        let full = ours.link(&organisation).await?;
        ours.server.database.clean().await?;
        self.sandbox.advance(OVERLAP).await?;
        say(self.invoices, &format!("{store:?}: ours: nothing changed"));
        let unchanged = ours.refresh(Types::All).await?;
        let mut changes = 0;
        let (mut told, mut listed) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            changes = ours.mutate(&organisation, self.rows / 100).await?;
            // Beyond the overlap, so that the closing pass does not read the changes once more.
            self.sandbox.advance(OVERLAP).await?;
            say(
                self.invoices,
                &format!("{store:?}: ours: {changes} changes on the platform"),
            );
            let run = ours.refresh(Types::Told).await?;
            say(
                self.invoices,
                &format!(
                    "{store:?}: ours: {} read, {} written, {:.2} CPU s; now what is listed whole",
                    run.read, run.written, run.cpu_seconds
                ),
            );
            told.push(run);
            // Or else what the next changes refer to would be missing.
            listed.push(ours.refresh(Types::Listed).await?);
        }
        let changed = median(told, |run| run.cpu_seconds)?;
        let listed = median(listed, |run| run.cpu_seconds)?;
        let as_many = ours.mutate(&organisation, self.rows / 100).await?;
        self.sandbox.advance(OVERLAP).await?;
        say(
            self.invoices,
            &format!("{store:?}: ours: all types after {as_many} changes"),
        );
        let all_changed = ours.refresh(Types::All).await?;
        let idle_megabytes = ours.server.idle_megabytes;
        drop(ours);
        database::drop(&options.common, store, folder, "ours").await?;
        Ok(Case {
            invoices: self.invoices,
            store,
            rows: self.rows,
            download: self.download,
            insert,
            full,
            unchanged,
            changed_download: self.changed_download,
            changed_insert,
            changes,
            changed,
            listed,
            all_changed,
            idle_megabytes,
        })
    }
}

/// So often a small Run is measured, and its limit; what is told is the one in the middle.
const TIMES: usize = 3;

/// The one in the middle.
fn median<T: Copy>(mut measured: Vec<T>, seconds: impl Fn(&T) -> f64) -> anyhow::Result<T> {
    measured.sort_by(|one, other| seconds(one).total_cmp(&seconds(other)));
    let middle = measured.get(measured.len() / 2).copied();
    middle.context("nothing was measured")
}

/// Longer than any platform's changes are asked for twice.
const OVERLAP: &str = "10m";

fn say(invoices: u64, what: &str) {
    eprintln!("{invoices} invoices: {what}");
}
