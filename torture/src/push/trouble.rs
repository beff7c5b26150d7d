use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::act;
use crate::process::pause;
use crate::world::{Company, World};

/// Something that is done to servers and platforms; companies and nodes by their numbers.
#[derive(Clone, Debug)]
pub enum Step {
    /// The platform fails in some way from now on; `instead` of all that it did wrong before.
    Fault {
        company: usize,
        instead: bool,
        fault: Value,
    },
    EndFaults {
        company: usize,
    },
    /// Time jumps: what was held is looked for.
    Advance {
        seconds: u64,
    },
    /// kill -9 after so many more calls of the company's platform, and a new start.
    Kill {
        node: usize,
        company: usize,
        after: u64,
    },
    /// SIGSTOP for longer than a lease, time jumps meanwhile, then SIGCONT: the worker does not know that it has
    /// lost its job.
    Freeze {
        node: usize,
        company: usize,
        after: u64,
        ms: u64,
    },
}

/// What a platform does wrong, and how often.
const FAULTS: [(&str, f64); 16] = [
    ("429", 0.2),
    ("5xx_before", 0.3),
    ("5xx_after_commit", 0.4),
    ("5xx_after_commit", 0.4),
    ("late_commit", 0.4),
    ("late_commit", 0.4),
    ("reset", 0.4),
    ("reset", 0.4),
    ("truncated", 0.2),
    ("malformed", 0.2),
    ("html", 0.2),
    ("slow", 0.5),
    ("key_ignored", 1.0),
    ("key_ignored", 1.0),
    ("key_ignored", 1.0),
    ("key_expired", 0.6),
];

/// What it does wrong when a token is refreshed.
const TOKEN_FAULTS: [&str; 4] = ["429", "5xx_before", "5xx_after_commit", "reset"];

impl Step {
    /// The next one, by chance.
    pub fn any(random: &mut StdRng, companies: usize, nodes: usize) -> Self {
        let company = random.random_range(0..companies);
        let node = random.random_range(0..nodes);
        match random.random_range(0..100) {
            0..34 => Self::Fault {
                company,
                instead: random.random_bool(0.4),
                fault: fault(random),
            },
            34..38 => Self::EndFaults { company },
            38..92 => Self::Advance {
                seconds: [20, 61, 95, 190, 250, 400, 2000][random.random_range(0..7)],
            },
            92..98 => Self::Kill {
                node,
                company,
                after: random.random_range(0..40),
            },
            _ => Self::Freeze {
                node,
                company,
                after: random.random_range(0..30),
                ms: random.random_range(4300..6000),
            },
        }
    }
}

fn fault(random: &mut StdRng) -> Value {
    if random.random_bool(0.08) {
        let kind = TOKEN_FAULTS[random.random_range(0..TOKEN_FAULTS.len())];
        return json!({ "kind": kind, "count": 1, "data_type": "tokens" });
    }
    // Searches lag now and then, for less than a hold.
    if random.random_bool(0.12) {
        return json!({ "kind": "search_lag", "ms": random.random_range(5_000..170_000) });
    }
    let (kind, rate) = FAULTS[random.random_range(0..FAULTS.len())];
    let mut fault = json!({ "kind": kind, "rate": rate, "count": random.random_range(3..60) });
    match kind {
        // Many, or they would strike no call that is sent again.
        "key_ignored" | "key_expired" => fault["count"] = json!(random.random_range(50..300)),
        "slow" => fault["ms"] = json!(random.random_range(20..300)),
        "late_commit" => fault["ms"] = json!(random.random_range(1_000..170_000)),
        _ => {}
    }
    fault
}

/// Calls that faults struck, by kind, of all that were planned so far.
#[derive(Default)]
pub struct Struck(BTreeMap<String, usize>);

impl Struck {
    /// Add those of what is planned now, which is forgotten then.
    pub async fn end_faults(&mut self, world: &World, company: &Company) -> anyhow::Result<()> {
        let path = format!("organisations/{}/faults", company.organisation);
        let planned = world.control("GET", &path, None).await?;
        for planned in planned["results"].as_array().into_iter().flatten() {
            let kind = planned["kind"].as_str().unwrap_or_default().to_owned();
            let struck = planned["struck"].as_u64().unwrap_or_default();
            if struck > 0 {
                *self.0.entry(kind).or_default() += usize::try_from(struck)?;
            }
        }
        world.control("DELETE", &path, None).await?;
        Ok(())
    }

    pub fn by_kind(&self) -> &BTreeMap<String, usize> {
        &self.0
    }
}

/// Do one step.
pub async fn act(world: &mut World, struck: &mut Struck, step: &Step) -> anyhow::Result<()> {
    match step {
        Step::Fault {
            company,
            instead,
            fault,
        } => {
            let company = world.companies[*company].clone();
            if *instead {
                struck.end_faults(world, &company).await?;
            }
            let path = format!("organisations/{}/faults", company.organisation);
            world.control("POST", &path, Some(fault)).await?;
        }
        Step::EndFaults { company } => {
            let company = world.companies[*company].clone();
            struck.end_faults(world, &company).await?;
        }
        Step::Advance { seconds } => world.advance_seconds(*seconds).await?,
        Step::Kill { node, company, after } => {
            act::wait_for_more(world, *company, *after).await?;
            world.restart_node(*node).await?;
        }
        Step::Freeze {
            node,
            company,
            after,
            ms,
        } => {
            act::wait_for_more(world, *company, *after).await?;
            if let Some(process) = &world.nodes[*node].process {
                process.stop()?;
                // Whoever takes over looks for what is in doubt, and sends again what is not there.
                for _ in 0..3 {
                    pause(Duration::from_millis(*ms / 3)).await;
                    world.advance_seconds(200).await?;
                }
                pause(Duration::from_millis(300)).await;
                process.go_on()?;
            }
        }
    }
    Ok(())
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
