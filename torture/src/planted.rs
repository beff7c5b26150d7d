use std::time::{Duration, Instant};

use ledgerline_model::planted::Bug;
use url::Url;

use crate::database::Store;
use crate::nodes;
use crate::torture::{self, Length, Options};

/// Seeds that are tried for each bug.
const SEEDS: u64 = 4;

/// Plant each bug, or the one named, and torture until it is caught; whether all were.
pub async fn run(options: &Options, postgres: Option<Url>, only: Option<&str>) -> anyhow::Result<bool> {
    // What is found where nothing was planted would be no proof.
    let control = Options {
        length: Length::Rounds(1),
        companies: 2,
        planted: None,
        talk: false,
        ..options.clone()
    };
    if let Some(found) = torture_with(&control, None).await? {
        anyhow::bail!("without any bug: {found}");
    }
    let mut all_caught = true;
    for bug in Bug::ALL {
        // Only a torture of pushes can find these.
        if bug.is_of_pushes() || only.is_some_and(|only| only != bug.name()) {
            continue;
        }
        let start = Instant::now();
        let mut caught = None;
        for seed in options.seed..options.seed + SEEDS {
            let hunt = hunt(options, *bug, seed, postgres.as_ref());
            caught = torture_with(&hunt, Some(*bug)).await?;
            if caught.is_some() {
                break;
            }
        }
        let took = start.elapsed().as_secs();
        match &caught {
            Some(evidence) => println!("caught      {:<28} {took:>4} s  {evidence}", bug.name()),
            None => println!("NOT CAUGHT  {:<28} {took:>4} s", bug.name()),
        }
        all_caught &= caught.is_some();
    }
    Ok(all_caught)
}

/// How the bug is looked for: those of several workers need several servers.
fn hunt(options: &Options, bug: Bug, seed: u64, postgres: Option<&Url>) -> Options {
    let several = matches!(
        bug,
        Bug::NoFence | Bug::NumberWithoutLock | Bug::RefreshWithoutLease
    );
    let (store, nodes) = match postgres.filter(|_| several) {
        Some(server) => (Store::Postgres(server.clone()), 2),
        None => (Store::Sqlite, 1),
    };
    Options {
        store,
        nodes,
        seed,
        length: Length::Time(Duration::from_secs(60)),
        companies: 2,
        planted: Some(bug.name().to_owned()),
        talk: false,
        ..options.clone()
    }
}

/// What gave the bug away.
async fn torture_with(options: &Options, bug: Option<Bug>) -> anyhow::Result<Option<String>> {
    if bug == Some(Bug::RefreshWithoutLease) {
        let held = nodes::run(options, CONNECTIONS).await?;
        return Ok(held
            .err()
            .and_then(|wrong| wrong.found.first().map(|wrong| first_line(wrong))));
    }
    let Err(failure) = torture::run(options).await else {
        return Ok(None);
    };
    let wrong = failure
        .wrong
        .first()
        .map(|wrong| first_line(wrong))
        .unwrap_or_default();
    Ok(Some(format!("seed {}: {wrong}", options.seed)))
}

/// Due at once where refreshes are to meet.
const CONNECTIONS: usize = 8;

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(140).collect()
}
