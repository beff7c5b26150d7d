use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;

use crate::world::{Company, World};

/// What the platform says of how it was asked.
pub async fn check(
    world: &World,
    company: &Company,
    trouble: &[Trouble],
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let told = requests(world, company).await?;
    let violations = told["violations"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_dead = |violation: &&Value| violation["rule"] == "refresh_token.dead";
    // Whoever was killed with new tokens in hand, and tries the old ones when their half hour is over, is refused.
    let dead = violations.iter().filter(is_dead).count();
    let lost = refreshes(&told).filter(|refresh| !refresh.good).count();
    if dead > trouble.len() + lost {
        wrong.push(format!("dead refresh tokens were used {dead} times"));
    }
    let others = violations.iter().filter(|violation| !is_dead(violation));
    wrong.extend(others.map(|violation| format!("a rule of the platform was broken: {violation}")));
    let repeated = repeated_tokens(&told, trouble);
    if repeated > 0 {
        wrong.push(format!(
            "{repeated} refresh tokens were used again although the answer had come"
        ));
    }
    Ok(())
}

/// What the platform was asked so far, and the rules that were broken.
async fn requests(world: &World, company: &Company) -> anyhow::Result<Value> {
    let path = format!("organisations/{}/requests", company.organisation);
    world.control("GET", &path, None).await
}

/// How often each kind of fault has struck, counted from quiet to quiet: the platform keeps its latest requests only.
#[derive(Default)]
pub struct Faults {
    struck: BTreeMap<String, usize>,
    /// Requests that were counted, by organisation.
    counted: HashMap<String, u64>,
}

impl Faults {
    pub async fn count(&mut self, world: &World, company: &Company) -> anyhow::Result<()> {
        let told = requests(world, company).await?;
        let total = told["total"].as_u64().context("no total")?;
        let counted = self.counted.insert(company.organisation.clone(), total);
        let fresh = usize::try_from(total - counted.unwrap_or(0))?;
        let requests = told["requests"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fresh = &requests[requests.len().saturating_sub(fresh)..];
        for fault in fresh.iter().filter_map(|request| request["fault"].as_str()) {
            *self.struck.entry(fault.to_owned()).or_default() += 1;
        }
        Ok(())
    }

    /// By the names of the kinds.
    pub fn struck(&self) -> &BTreeMap<String, usize> {
        &self.struck
    }
}

/// A server was killed or stopped, and ran again: instants of the world's clock.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub from: Timestamp,
    pub to: Timestamp,
}

struct Refresh<'a> {
    token: &'a str,
    at: Timestamp,
    /// The new tokens were sent, and nothing was wrong with the answer.
    good: bool,
}

fn refreshes(told: &Value) -> impl Iterator<Item = Refresh<'_>> {
    let requests = told["requests"].as_array().map(Vec::as_slice).unwrap_or_default();
    requests.iter().filter_map(|request| {
        let path = request["path"].as_str()?;
        path.ends_with("/connect/token").then_some(Refresh {
            token: request["query"].as_str()?,
            at: request["at"].as_str()?.parse().ok()?,
            good: request["status"] == 200 && (request["fault"].is_null() || request["fault"] == "slow"),
        })
    })
}

/// How often a refresh token was presented again after a good answer, though nobody was in trouble in between.
pub fn repeated_tokens(told: &Value, trouble: &[Trouble]) -> usize {
    let mut answered: HashMap<&str, Timestamp> = HashMap::new();
    let mut repeated = 0;
    for refresh in refreshes(told) {
        if let Some(&first) = answered.get(refresh.token) {
            let excused = trouble
                .iter()
                .any(|trouble| trouble.to >= first && trouble.from <= refresh.at);
            repeated += usize::from(!excused);
        }
        if refresh.good {
            answered.entry(refresh.token).or_insert(refresh.at);
        }
    }
    repeated
}
