use std::path::PathBuf;
use std::time::Instant;

use ledgerline_model::planted::Bug;

use crate::database::Store;
use crate::stage::{Moment, Stage};
use crate::torture::Options;
use crate::world::Wanted;
use crate::{push, scenario};

/// Seeds that are tried for each bug.
const SEEDS: u64 = 3;

/// Make the trouble of each bug, or of the one named: first without it, when everything has to hold, then with it,
/// when something must not. Whether all were caught.
pub async fn run(options: &Options, postgres: &Store, only: Option<&str>) -> anyhow::Result<bool> {
    let bugs: Vec<Bug> = Bug::ALL
        .iter()
        .copied()
        .filter(|bug| only.is_none_or(|only| only == bug.name()))
        .collect();
    anyhow::ensure!(
        !bugs.is_empty(),
        "there is no such bug; see `crates/model/src/planted.rs`"
    );
    for bug in &bugs {
        let start = Instant::now();
        // What is found where nothing was planted would be no proof.
        let held = hold(options, postgres, *bug, options.seed).await;
        if let Err(wrong) = held {
            anyhow::bail!("the trouble of {}, without the bug: {wrong}", bug.name());
        }
        println!(
            "held        {:<28} {:>4} s",
            bug.name(),
            start.elapsed().as_secs()
        );
    }
    let mut missed = 0;
    for bug in &bugs {
        let start = Instant::now();
        let caught = catch(options, postgres, *bug).await;
        let took = start.elapsed().as_secs();
        match &caught {
            Some(evidence) => println!("caught      {:<28} {took:>4} s  {evidence}", bug.name()),
            None => println!("NOT CAUGHT  {:<28} {took:>4} s", bug.name()),
        }
        missed += usize::from(caught.is_none());
    }
    println!("{} bugs, {} caught", bugs.len(), bugs.len() - missed);
    Ok(missed == 0)
}

/// Make the trouble of a bug that is not there.
pub async fn hold(options: &Options, postgres: &Store, bug: Bug, seed: u64) -> Result<(), Wrong> {
    provoke(options, postgres, bug, None, seed).await
}

/// Where a server is stopped in the middle of a transaction while it reads, others go on.
pub async fn hold_in_transaction(options: &Options, postgres: &Store) -> Result<(), Wrong> {
    let wanted = Wanted {
        ledgerline: &options.ledgerline,
        store: postgres,
        nodes: 2,
        planted: None,
    };
    let scene = async |stage: &mut Stage| {
        scenario::a_sleeper_wakes_while_another_reads(stage, Moment::InTransaction).await
    };
    play(&wanted, options.seed, scene).await
}

/// What gave the bug away.
async fn catch(options: &Options, postgres: &Store, bug: Bug) -> Option<String> {
    for seed in options.seed..options.seed + SEEDS {
        if let Err(wrong) = provoke(options, postgres, bug, Some(bug.name()), seed).await {
            let first = wrong.found.first().map_or("", |found| found.as_str());
            let first: String = first
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(140)
                .collect();
            return Some(format!("seed {seed}: {first}"));
        }
    }
    None
}

/// What did not hold.
#[derive(Debug)]
pub struct Wrong {
    pub found: Vec<String>,
    /// Where the logs of the processes are.
    pub logs: Option<PathBuf>,
}

/// So much of what is wrong is shown.
const SHOWN: usize = 6;

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for found in self.found.iter().take(SHOWN) {
            let line: String = found.chars().take(300).collect();
            writeln!(f, "{line}")?;
        }
        match &self.logs {
            Some(logs) => write!(f, "logs and database: {}", logs.display()),
            None => Ok(()),
        }
    }
}

async fn provoke(
    options: &Options,
    postgres: &Store,
    bug: Bug,
    planted: Option<&str>,
    seed: u64,
) -> Result<(), Wrong> {
    let (store, nodes) = if scenario::needs_several(bug) {
        (postgres, 2)
    } else {
        (&Store::Sqlite, 1)
    };
    let wanted = Wanted {
        ledgerline: &options.ledgerline,
        store,
        nodes,
        planted,
    };
    if bug.is_of_pushes() {
        return push_through(&wanted, bug, seed).await;
    }
    let scene = async |stage: &mut Stage| scenario::provoke(bug, stage).await;
    play(&wanted, seed, scene).await
}

/// The trouble of a bug of pushes: expenses are pushed through it, and counted.
async fn push_through(wanted: &Wanted<'_>, bug: Bug, seed: u64) -> Result<(), Wrong> {
    let nowhere = |error: anyhow::Error| Wrong {
        found: vec![format!("{error:#}")],
        logs: None,
    };
    let (found, world) = push::scenario::provoke(bug, wanted, seed)
        .await
        .map_err(nowhere)?;
    if found.is_empty() {
        return world.end().await.map_err(nowhere);
    }
    let logs = wanted.planted.is_none().then(|| world.keep_logs());
    Err(Wrong { found, logs })
}

/// A scene, and everything that has to be true behind it.
async fn play(
    wanted: &Wanted<'_>,
    seed: u64,
    scene: impl AsyncFnOnce(&mut Stage) -> anyhow::Result<()>,
) -> Result<(), Wrong> {
    let nowhere = |error: anyhow::Error| Wrong {
        found: vec![format!("{error:#}")],
        logs: None,
    };
    let mut stage = Stage::set(wanted, seed).await.map_err(nowhere)?;
    let alarm = stage.alarm();
    let ended = tokio::select! {
        ended = async {
            scene(&mut stage).await?;
            stage.all_is_well().await
        } => ended,
        () = alarm => Ok(()),
    };
    let mut found = stage.wrong();
    found.extend(ended.err().map(|error| format!("{error:#}")));
    if found.is_empty() {
        return stage.world.end().await.map_err(nowhere);
    }
    let keep = wanted.planted.is_none();
    // The evidence of a planted bug is known; that of another is looked for.
    let logs = keep.then(|| stage.world.keep_logs());
    Err(Wrong { found, logs })
}
