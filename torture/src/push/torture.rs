use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::bail;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::books::{Books, Platform};
use super::client::{Client, Item, Shared, State};
use super::trouble::{Step, Struck, act};
use super::{ends, ledger};
use crate::database::Store;
use crate::process::pause;
use crate::torture::Failure;
use crate::world::{Wanted, World};
use crate::{act as calm, nodes};

/// What is pushed, to whom, and in how much trouble.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `ledgerline` to torture.
    pub ledgerline: PathBuf,
    pub store: Store,
    pub seed: u64,
    pub expenses: usize,
    /// Half of them keep their books with Xero, half with QuickBooks Online.
    pub companies: usize,
    /// Servers on one database; SQLite serves one.
    pub nodes: usize,
    /// Nothing goes wrong: how long pushing takes by itself.
    pub calm: bool,
    /// Say what is being done.
    pub talk: bool,
}

/// What was done, and held.
#[derive(Default, Debug)]
pub struct Report {
    pub expenses: usize,
    pub lost: usize,
    pub doubled: usize,
    pub posted: usize,
    pub rejected: usize,
    pub needs_review: usize,
    /// Rejected first, then corrected and sent again.
    pub corrected: usize,
    pub changed: usize,
    /// Handed over again although they were in the books.
    pub repeated: usize,
    /// How often somebody was told to look before the app asked again, by the reason given.
    pub reviews: BTreeMap<String, usize>,
    pub datasets: usize,
    pub syncs: usize,
    pub unanswered: usize,
    pub steps: usize,
    pub kills: usize,
    pub freezes: usize,
    /// Calls of the platforms that were struck, by kind of fault.
    pub struck: BTreeMap<String, usize>,
    pub elapsed: Duration,
}

/// Push until each expense has come to its end, and count.
pub async fn run(options: &Options) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut failure = Failure::of(options.seed);
    let wanted = Wanted {
        ledgerline: &options.ledgerline,
        store: &options.store,
        nodes: options.nodes,
        planted: None,
    };
    let mut world = match World::start(&wanted).await {
        Ok(world) => world,
        Err(error) => {
            failure.wrong.push(format!("{error:#}"));
            return Err(failure);
        }
    };
    let mut report = Report {
        expenses: options.expenses,
        ..Report::default()
    };
    let ended = torture(options, &mut world, &mut report, &mut failure).await;
    if let Err(error) = ended {
        failure.wrong.push(format!("{error:#}"));
    }
    report.elapsed = start.elapsed();
    failure.elapsed = start.elapsed();
    if failure.wrong.is_empty() {
        if let Err(error) = world.end().await {
            failure.wrong.push(format!("{error:#}"));
            return Err(failure);
        }
        return Ok(report);
    }
    failure.log.push(report.to_string());
    failure.logs = Some(world.keep_logs());
    Err(failure)
}

async fn torture(
    options: &Options,
    world: &mut World,
    report: &mut Report,
    failure: &mut Failure,
) -> anyhow::Result<()> {
    // What is pushed is read back at once; lists of records are another torture's business.
    nodes::set_schedules(world, |_| false, |_| false).await?;
    let all = open(options, world).await?;
    world.companies = all.iter().map(|books| books.company.clone()).collect();
    let shared = Shared::default();
    let mut clients: Vec<Client<'_>> = all
        .iter()
        .enumerate()
        .map(|(number, books)| {
            let bases = world.nodes.iter().map(|node| node.base.clone()).collect();
            let seed = options.seed * 1000 + number as u64;
            let count = share(options.expenses, options.companies, number);
            Client::new(books, &shared, world.web.clone(), bases, seed, count)
        })
        .collect();
    let pushing = async {
        futures::future::try_join_all(clients.iter_mut().map(Client::run)).await?;
        shared.done.set(true);
        Ok(())
    };
    let troubling = trouble(options, world, &shared, report, failure);
    futures::future::try_join(pushing, troubling).await?;
    check(world, &all, &clients, &shared, report, &mut failure.wrong).await
}

/// All kinds of trouble until nearly all is pushed; then none, until all is.
async fn trouble(
    options: &Options,
    world: &mut World,
    shared: &Shared,
    report: &mut Report,
    failure: &mut Failure,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut struck = Struck::default();
    let mut said = Instant::now();
    while !options.calm && shared.open.get() > options.expenses / 50 {
        let step = Step::any(&mut random, options.companies, options.nodes);
        failure
            .log
            .push(format!("{:>7} ms  {step}", start.elapsed().as_millis()));
        report.steps += 1;
        report.kills += usize::from(matches!(step, Step::Kill { .. }));
        report.freezes += usize::from(matches!(step, Step::Freeze { .. }));
        act(world, &mut struck, &step).await?;
        pause(Duration::from_millis(random.random_range(0..150))).await;
        for (number, node) in world.nodes.iter_mut().enumerate() {
            if node
                .process
                .as_mut()
                .is_some_and(crate::process::Process::has_ended)
            {
                bail!("node {number} has ended by itself");
            }
        }
        if shared.is_cut.take() {
            reconnect(world).await?;
        }
        if options.talk && said.elapsed() > Duration::from_secs(10) {
            said = Instant::now();
            println!(
                "{:>4} s: {} steps, {} expenses are open",
                start.elapsed().as_secs(),
                report.steps,
                shared.open.get()
            );
        }
    }
    for company in world.companies.clone() {
        struck.end_faults(world, &company).await?;
    }
    report.struck.clone_from(struck.by_kind());
    shared.calm.set(true);
    calm_down(world, shared).await
}

/// Time passes until the app has learned of the end of each expense.
async fn calm_down(world: &World, shared: &Shared) -> anyhow::Result<()> {
    let end = Instant::now() + SETTLED_WITHIN;
    while !shared.done.get() {
        if Instant::now() > end {
            bail!(
                "{} expenses have no end, though all trouble has",
                shared.open.get()
            );
        }
        world.advance_seconds(95).await?;
        pause(Duration::from_millis(150)).await;
        if shared.is_cut.take() {
            reconnect(world).await?;
        }
    }
    Ok(())
}

/// Without trouble all is over after so long.
const SETTLED_WITHIN: Duration = Duration::from_secs(300);

/// Customers consent again where that is needed.
async fn reconnect(world: &World) -> anyhow::Result<()> {
    for number in 0..world.companies.len() {
        calm::reconnect(world, number).await?;
    }
    Ok(())
}

/// What the servers, the app and the ledgers say of each expense has to be the same, and has to be as it was meant.
async fn check(
    world: &World,
    all: &[Books],
    clients: &[Client<'_>],
    shared: &Shared,
    report: &mut Report,
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    for (books, client) in all.iter().zip(clients) {
        let counted = compare(world, books, client, wrong).await?;
        report.lost += counted.lost;
        report.doubled += counted.doubled;
        for item in &client.items {
            match item.state {
                State::Posted => report.posted += 1,
                State::Refused(_) => report.rejected += 1,
                State::Review(_) => report.needs_review += 1,
                State::Unsent => {}
            }
        }
    }
    for (message, _) in shared.reviews.borrow().iter() {
        *report.reviews.entry(message.clone()).or_default() += 1;
    }
    report.corrected = shared.corrected.get();
    report.changed = shared.changed.get();
    report.repeated = shared.repeated.get();
    report.datasets = shared.datasets.get();
    report.syncs = shared.syncs.get();
    report.unanswered = shared.unanswered.get();
    Ok(())
}

async fn open(options: &Options, world: &World) -> anyhow::Result<Vec<Books>> {
    let mut all = Vec::new();
    for number in 0..options.companies {
        let platform = if number % 2 == 0 {
            Platform::Xero
        } else {
            Platform::QuickBooksOnline
        };
        let seed = options.seed * 100 + number as u64;
        let name = format!("Company {number}");
        all.push(Books::open(world, &name, platform, seed, &json!({ "latency_ms": 2 })).await?);
    }
    Ok(all)
}

/// How many of `all` are the company's.
const fn share(all: usize, companies: usize, number: usize) -> usize {
    all / companies + if number < all % companies { 1 } else { 0 }
}

/// What one company's ledger, the servers' store and the app say of each of its expenses.
pub async fn compare(
    world: &World,
    books: &Books,
    client: &Client<'_>,
    wrong: &mut Vec<String>,
) -> anyhow::Result<ledger::Counted> {
    let ends = ends::of(&mut world.database.look().await?, books).await?;
    let wanted: Vec<ledger::Wanted> = client.items.iter().map(Item::wanted).collect();
    let counted = ledger::count(&ledger::entries(world, books).await?, &wanted);
    wrong.extend(counted.wrong.iter().cloned());
    for item in &client.items {
        let id = &item.expense.id;
        wrong.extend(item.fault());
        let Some(end) = ends.get(id) else {
            wrong.push(format!("{id} is not in the store"));
            continue;
        };
        let fits = match item.state {
            State::Posted => end.state == "posted",
            State::Refused(_) => end.state == "rejected" || end.state == "invalid",
            State::Review(_) => end.state == "needs_review",
            State::Unsent => false,
        };
        if !fits {
            wrong.push(format!(
                "{id} is {} in the store, and the app knows: {:?}",
                end.state, item.state
            ));
        }
        let found = counted.found.get(id).map(Vec::as_slice).unwrap_or_default();
        if let (Some(posted), [entry]) = (&end.posted, found)
            && posted != entry
        {
            wrong.push(format!("{id} is {entry} in the books, and {posted} in the store"));
        }
    }
    Ok(counted)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} expenses: {} lost, {} doubled; {} posted ({} corrected, {} changed), {} rejected, {} to be looked at",
            self.expenses,
            self.lost,
            self.doubled,
            self.posted,
            self.corrected,
            self.changed,
            self.rejected,
            self.needs_review,
        )?;
        writeln!(
            f,
            "{} datasets, {} syncs, {} expenses handed over again, {} answers that never came, {} times somebody was \
             told to look",
            self.datasets,
            self.syncs,
            self.repeated,
            self.unanswered,
            self.reviews.values().sum::<usize>()
        )?;
        for (reason, times) in &self.reviews {
            writeln!(f, "  {times}: {reason}")?;
        }
        let struck: Vec<String> = self
            .struck
            .iter()
            .map(|(kind, times)| format!("{kind} {times}"))
            .collect();
        write!(
            f,
            "{} steps, {} kills, {} freezes; calls struck: {}; {} s",
            self.steps,
            self.kills,
            self.freezes,
            struck.join(", "),
            self.elapsed.as_secs()
        )
    }
}
