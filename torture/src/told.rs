use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::bail;
use serde_json::Value;

use crate::database::{Look, text};
use crate::world::World;

/// Each end of a Run has been told once, and each company's events are numbered without a hole; the receiver has
/// heard all that was for it. How many events there are.
pub async fn check(world: &World, look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<usize> {
    let statement = format!(
        "select {}, {}, {}, name, body from event e order by e.company_id, e.sequence",
        look.id("event_id"),
        look.id("company_id"),
        text("sequence")
    );
    let rows = look.rows(&statement).await?;
    let mut last: HashMap<String, i64> = HashMap::new();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        let [Some(_), Some(company), Some(sequence), Some(name), Some(body)] = row.as_slice() else {
            bail!("a column of an event is null");
        };
        let before = last.insert(company.clone(), sequence.parse()?).unwrap_or(0);
        if sequence.parse::<i64>()? != before + 1 {
            wrong.push(format!("event {sequence} of {company} follows {before}"));
        }
        if name == "run.completed" {
            let body: Value = serde_json::from_str(body)?;
            let run = body["run"]["id"].as_str().unwrap_or_default().replace('-', "");
            *told.entry(run).or_default() += 1;
        }
    }
    let statement = format!(
        "select {} from run where finished_at is not null",
        look.id("run_id")
    );
    let ended = look.rows(&statement).await?;
    let ended: BTreeSet<String> = ended.into_iter().flatten().flatten().collect();
    for run in &ended {
        let times = told.get(run).copied().unwrap_or(0);
        if times != 1 {
            wrong.push(format!("the end of Run {run} was told {times} times"));
        }
    }
    deliveries(world, look, wrong).await?;
    Ok(rows.len())
}

async fn deliveries(world: &World, look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    wrong.extend(world.receiver.wrong());
    let statement = format!("select {}, state from delivery", look.id("event_id"));
    // While deliveries wait, a probe goes out every quarter of an hour.
    for _ in 0..8 {
        let rows = look.rows(&statement).await?;
        if rows.iter().all(|row| row[1].as_deref() == Some("delivered")) {
            break;
        }
        world.advance_and_settle(16).await?;
    }
    let heard = world.receiver.ids();
    for row in look.rows(&statement).await? {
        let [Some(event), Some(state)] = row.as_slice() else {
            bail!("a column of a delivery is null");
        };
        if state != "delivered" {
            wrong.push(format!("event {event} is not delivered, but {state}"));
        } else if !heard.contains(&format!("msg_{event}")) {
            wrong.push(format!("event {event} is called delivered, but was never heard"));
        }
    }
    let unfanned = "select cast(count(*) as text) from event where not fanned_out";
    let unfanned = look.number(unfanned).await?;
    if unfanned > 0 {
        wrong.push(format!("{unfanned} events were never passed on"));
    }
    Ok(())
}
