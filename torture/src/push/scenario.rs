use std::time::{Duration, Instant};

use anyhow::ensure;
use ledgerline_model::planted::Bug;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::books::{Books, Platform};
use super::client::{Client, Shared};
use super::expense::{Expense, Fate, Kind};
use super::ledger;
use super::torture::compare;
use crate::nodes;
use crate::process::pause;
use crate::world::{Wanted, World};

/// Make the trouble in which this bug of pushes would show, then see that each expense is in the books once: what is
/// wrong.
pub async fn provoke(bug: Bug, wanted: &Wanted<'_>, seed: u64) -> anyhow::Result<(Vec<String>, World)> {
    let mut world = World::start(wanted).await?;
    nodes::set_schedules(&world, |_| false, |_| false).await?;
    let platform = if seed.is_multiple_of(2) {
        Platform::QuickBooksOnline
    } else {
        Platform::Xero
    };
    let latency = match bug {
        // Time to be killed in.
        Bug::StatusBeforeIntent => 60,
        _ => 0,
    };
    let books = Books::open(
        &world,
        "Company 0",
        platform,
        seed,
        &json!({ "latency_ms": latency }),
    )
    .await?;
    world.companies = vec![books.company.clone()];
    let mut random = StdRng::seed_from_u64(seed);
    let expenses = (0..EXPENSES)
        .map(|number| Expense::of(&mut random, &books, number, Kind::Payment, Fate::Fine))
        .collect();
    let shared = Shared::default();
    let bases = world.nodes.iter().map(|node| node.base.clone()).collect();
    let web = world.web.clone();
    let mut client = Client::of(&books, &shared, web, bases, seed, expenses);
    for fault in faults(bug) {
        let path = format!("organisations/{}/faults", books.company.organisation);
        world.control("POST", &path, Some(&fault)).await?;
    }
    shared.calm.set(true);
    let pushing = async {
        client.run().await?;
        shared.done.set(true);
        anyhow::Ok(())
    };
    let troubling = async {
        if bug == Bug::StatusBeforeIntent {
            kill_behind_some_writes(&mut world, &books).await?;
        }
        until_over(&world, &shared).await
    };
    futures::future::try_join(pushing, troubling).await?;
    let mut wrong = Vec::new();
    compare(&world, &books, &client, &mut wrong).await?;
    Ok((wrong, world))
}

/// Few: what is wrong with one is wrong with all.
const EXPENSES: usize = 12;

/// What the platform does wrong while they are pushed.
fn faults(bug: Bug) -> Vec<Value> {
    let lost = json!({ "kind": "5xx_after_commit", "data_type": "directCosts", "count": 4 });
    match bug {
        // What was written is found only long after it was looked for twice: nothing but its key keeps it from being
        // written again.
        Bug::KeyPerAttempt => vec![
            lost,
            json!({ "kind": "search_lag", "data_type": "directCosts", "ms": 600_000 }),
        ],
        // Nothing but the search does.
        Bug::ResendWithoutSearch => vec![lost, json!({ "kind": "key_ignored" })],
        Bug::StatusBeforeIntent => vec![json!({ "kind": "key_ignored" })],
        // The key under which it would be found, and refused, is not the one that it was written with.
        _ => vec![lost],
    }
}

/// kill -9 when the platform has written some of a round, whose answers are not stored yet.
async fn kill_behind_some_writes(world: &mut World, books: &Books) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(30);
    while ledger::entries(world, books).await?.len() < 2 {
        ensure!(Instant::now() < end, "nothing is written");
        pause(Duration::from_millis(5)).await;
    }
    world.restart_node(0).await
}

/// Time passes, a hold at a time, until all is pushed.
async fn until_over(world: &World, shared: &Shared) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(60);
    while !shared.done.get() {
        ensure!(Instant::now() < end, "{} expenses have no end", shared.open.get());
        pause(Duration::from_millis(400)).await;
        world.advance_seconds(185).await?;
    }
    Ok(())
}
