use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::act::act;
use crate::asked::{Faults, Trouble};
use crate::database::Store;
use crate::graves::Graves;
use crate::process::pause;
use crate::quiet;
use crate::readers::Readers;
use crate::step::{Deck, Extent, FAULTS, Step};
use crate::watch::Watch;
use crate::world::{Wanted, World};

/// What is tortured, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `ledgerline` to torture.
    pub ledgerline: PathBuf,
    pub store: Store,
    pub seed: u64,
    pub length: Length,
    /// Steps between two times of quiet.
    pub steps: usize,
    pub companies: usize,
    /// Invoices of each company.
    pub invoices: u64,
    /// Servers on one database; SQLite serves one.
    pub nodes: usize,
    /// A bug that the servers are to have: see [`crate::planted`].
    pub planted: Option<String>,
    /// Say what is being done.
    pub talk: bool,
}

/// When it is enough.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// After the first time of quiet behind it; after twice as long while there are kinds of faults that have never
    /// struck.
    Time(Duration),
    /// So many times of quiet.
    Rounds(usize),
}

/// What was done, and held.
#[derive(Default, Debug)]
pub struct Report {
    pub rounds: usize,
    pub steps: usize,
    pub kills: usize,
    pub freezes: usize,
    pub publications: usize,
    pub observations: usize,
    pub answers: u64,
    pub polls: u64,
    pub records: usize,
    pub events: usize,
    /// How often each kind of fault has struck.
    pub faults: BTreeMap<String, usize>,
    pub elapsed: Duration,
}

/// What did not hold, and how to see it again.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    pub round: usize,
    pub wrong: Vec<String>,
    pub log: Vec<String>,
    /// Where the logs of the processes are.
    pub logs: Option<PathBuf>,
    pub elapsed: Duration,
}

/// Torture until it is enough, or until something does not hold.
pub async fn run(options: &Options) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut failure = Failure::of(options.seed);
    let wanted = Wanted {
        ledgerline: &options.ledgerline,
        store: &options.store,
        nodes: options.nodes,
        planted: options.planted.as_deref(),
    };
    let mut world = match World::start(&wanted).await {
        Ok(world) => world,
        Err(error) => {
            failure.wrong.push(format!("{error:#}"));
            return Err(failure);
        }
    };
    let mut report = Report::default();
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
    failure.logs = Some(world.keep_logs());
    Err(failure)
}

async fn torture(
    options: &Options,
    world: &mut World,
    report: &mut Report,
    failure: &mut Failure,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut random = StdRng::seed_from_u64(options.seed);
    world.subscribe().await?;
    for number in 0..options.companies {
        let organisation = json!({
            "platform": "xero", "seed": options.seed * 100 + number as u64, "months": 12,
            "invoices": options.invoices, "limits": "off", "latency_ms": 5, "page_size": 40,
        });
        world.link(&format!("Company {number}"), &organisation).await?;
    }
    let mut graves = Graves::default();
    for company in &world.companies {
        graves.look(world, company).await?;
    }
    let readers = Readers::start(world, options.seed);
    let watch = Watch::start(&world.database).await?;
    let extent = Extent {
        companies: options.companies,
        nodes: options.nodes,
    };
    let mut trouble = Vec::new();
    let mut faults = Faults::default();
    let mut deck = Deck::default();
    loop {
        failure.log.clear();
        for _ in 0..options.steps {
            let step = Step::any(&mut random, &mut deck, extent);
            let at = start.elapsed().as_millis();
            failure.log.push(format!("{at:>7} ms  {step}"));
            if options.talk {
                println!("{at:>7} ms  {step}");
            }
            report.steps += 1;
            report.kills += usize::from(matches!(step, Step::Kill { .. }));
            report.freezes += usize::from(matches!(step, Step::Freeze { .. }));
            let from = world.now().await?;
            act(world, &mut graves, &step).await?;
            if matches!(step, Step::Kill { .. } | Step::Freeze { .. }) {
                let to = world.now().await?;
                trouble.push(Trouble { from, to });
            }
            pause(Duration::from_millis(random.random_range(0..300))).await;
            for (number, node) in world.nodes.iter_mut().enumerate() {
                if node
                    .process
                    .as_mut()
                    .is_some_and(crate::process::Process::has_ended)
                {
                    anyhow::bail!("node {number} has ended by itself");
                }
            }
            failure.wrong.extend(readers.wrong());
            failure.wrong.extend(watch.wrong());
            if !failure.wrong.is_empty() {
                return Ok(());
            }
        }
        let found = quiet::check(world, &mut graves, &readers, &trouble).await?;
        for company in &world.companies {
            faults.count(world, company).await?;
        }
        report.faults.clone_from(faults.struck());
        failure.wrong.extend(found.wrong);
        failure.wrong.extend(watch.wrong());
        (report.answers, report.polls) = readers.counts();
        report.publications = found.publications;
        report.observations += found.observations;
        report.records += found.records;
        report.events = found.events;
        report.rounds += 1;
        report.elapsed = start.elapsed();
        failure.round = report.rounds;
        if options.talk {
            println!("{report}");
        }
        let enough = match options.length {
            // Somewhat longer if a kind of fault has never struck.
            Length::Time(time) => {
                let spent = start.elapsed();
                spent >= time * 2 || (spent >= time && report.spared().next().is_none())
            }
            Length::Rounds(rounds) => report.rounds >= rounds,
        };
        if enough || !failure.wrong.is_empty() {
            readers.stop();
            return Ok(());
        }
    }
}

impl Report {
    /// The kinds of faults that have never struck.
    pub fn spared(&self) -> impl Iterator<Item = &'static str> {
        let kinds = FAULTS.iter().map(|(kind, _)| *kind);
        kinds.filter(|kind| !self.faults.contains_key(*kind))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds, {} steps, {} kills, {} freezes, {} calls struck by {} kinds of faults; {} publications, {} \
             events, {} records compared; {} answers read ({} states), {} polls; {} s",
            self.rounds,
            self.steps,
            self.kills,
            self.freezes,
            self.faults.values().sum::<usize>(),
            self.faults.len(),
            self.publications,
            self.events,
            self.records,
            self.answers,
            self.observations,
            self.polls,
            self.elapsed.as_secs(),
        )
    }
}

/// So much of what is wrong is shown.
const SHOWN: usize = 12;

impl Failure {
    /// Nothing has failed yet.
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            round: 0,
            wrong: Vec::new(),
            log: Vec::new(),
            logs: None,
            elapsed: Duration::ZERO,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        writeln!(
            text,
            "seed {}, after round {}: what was done since the last quiet:",
            self.seed, self.round
        )?;
        for line in &self.log {
            writeln!(text, "  {line}")?;
        }
        writeln!(text, "{} things are wrong:", self.wrong.len())?;
        for wrong in self.wrong.iter().take(SHOWN) {
            writeln!(text, "  {wrong}")?;
        }
        if let Some(logs) = &self.logs {
            writeln!(text, "logs and database: {}", logs.display())?;
        }
        f.write_str(&text)
    }
}

impl std::error::Error for Failure {}
