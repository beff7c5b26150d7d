use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::act;
use crate::database::{Look, text};
use crate::graves::Graves;
use crate::ledger::{TYPES, differences};
use crate::published::Published;
use crate::readers::Readers;
use crate::world::{Company, World};

/// What was found when all was quiet.
pub struct Found {
    pub wrong: Vec<String>,
    pub publications: usize,
    pub observations: usize,
    pub records: usize,
    pub events: usize,
}

/// End all trouble, sync everything once, and look at everything.
///
/// `trouble` is when servers were killed or stopped, in virtual time: only then may a refresh token have been
/// presented again after a good answer.
pub async fn check(
    world: &mut World,
    graves: &mut Graves,
    readers: &Readers,
    trouble: &[Trouble],
) -> anyhow::Result<Found> {
    end_trouble(world).await?;
    sync(world, graves).await?;
    let mut wrong = Vec::new();
    let mut records = 0;
    for company in &world.companies {
        graves.look(world, company).await?;
        records += compare(world, company, &mut wrong).await?;
        requests(world, company, trouble, &mut wrong).await?;
    }
    wrong.extend(readers.compare_mirrors().await);
    wrong.extend(readers.wrong());
    let mut look = world.database.look().await?;
    runs(&mut look, &mut wrong).await?;
    sequence(&mut look, &mut wrong).await?;
    let events = events(world, &mut look, &mut wrong).await?;
    let observed = readers.observed();
    let published = Published::of(&mut look).await?;
    wrong.extend(published.check(readers.lists(), &observed));
    wrong.extend(graves.check(readers.lists(), &observed));
    if wrong.is_empty() {
        graves.healed();
    }
    Ok(Found {
        wrong,
        publications: published.len(),
        observations: observed.len(),
        records,
        events,
    })
}

async fn end_trouble(world: &mut World) -> anyhow::Result<()> {
    world.receiver.set_down(false);
    for (number, company) in world.companies.iter().enumerate() {
        act::end_faults(world, number).await?;
        let path = format!("organisations/{}/mutate", company.organisation);
        world.control("DELETE", &path, None).await?;
    }
    // Whatever waits for the end of a pause, or for another try, goes on.
    until_idle(world).await?;
    // What customers have cut is found out by reading.
    for number in std::mem::take(&mut world.cut) {
        let path = format!("/companies/{}/data/queue/company", world.companies[number].id);
        world.web.ask("POST", &world.url(&path), None).await?;
    }
    until_idle(world).await?;
    for number in 0..world.companies.len() {
        for _ in 0..3 {
            act::reconnect(world, number).await?;
            if act::is_linked(world, number).await? {
                break;
            }
        }
    }
    until_idle(world).await
}

/// One sync of every type, in which nothing goes wrong.
async fn sync(world: &World, graves: &Graves) -> anyhow::Result<()> {
    for company in &world.companies {
        // A list that says nothing of its length may have been short: what was missed is only found by reading all.
        let full = if graves.is_misled(company) {
            "?full=true"
        } else {
            ""
        };
        let path = format!("/companies/{}/data/all{full}", company.id);
        let answer = world.web.ask("POST", &world.url(&path), None).await?;
        let answer = answer.context("nobody answers")?;
        if !answer.is_good() {
            bail!("{path} answered {}: {}", answer.status, answer.text());
        }
    }
    until_idle(world).await?;
    for company in &world.companies {
        for (data_type, status) in statuses(world, company).await? {
            if !matches!(status.as_str(), "Complete" | "NotSupported") {
                bail!("{data_type} of {} is {status} after a quiet sync", company.id);
            }
        }
    }
    Ok(())
}

/// Let time pass until nothing is being read, and nobody waits to be told.
async fn until_idle(world: &World) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(240);
    world.advance_and_settle(1).await?;
    loop {
        let mut reading = Vec::new();
        for company in &world.companies {
            for (data_type, status) in statuses(world, company).await? {
                if matches!(status.as_str(), "Queued" | "Fetching" | "Processing") {
                    reading.push(format!("{data_type} of {}: {status}", company.id));
                }
            }
        }
        if reading.is_empty() {
            return Ok(());
        }
        if Instant::now() > end {
            bail!("nothing moves any more: {}", reading.join(", "));
        }
        world.advance_and_settle(16).await?;
    }
}

async fn statuses(world: &World, company: &Company) -> anyhow::Result<BTreeMap<String, String>> {
    let url = world.url(&format!("/companies/{}/dataStatus", company.id));
    let told = world.web.get(&url).await?;
    let told = told.as_object().context("no statuses")?;
    Ok(told
        .iter()
        .map(|(data_type, status)| {
            let status = status["currentStatus"].as_str().unwrap_or_default();
            (data_type.clone(), status.to_owned())
        })
        .collect())
}

/// The store against the ledger: how many records were compared.
async fn compare(world: &World, company: &Company, wrong: &mut Vec<String>) -> anyhow::Result<usize> {
    let mut compared = 0;
    for data_type in TYPES {
        let path = data_type.list(&company.id, &company.connection);
        let ours = world
            .web
            .get(&world.url(&format!("{path}?pageSize=5000")))
            .await?;
        let path = format!(
            "organisations/{}/ledger?dataType={}",
            company.organisation, data_type.key
        );
        let theirs = world.control("GET", &path, None).await?;
        let rows = |answer: &Value| answer["results"].as_array().cloned().unwrap_or_default();
        let (ours, theirs) = (rows(&ours), rows(&theirs));
        compared += theirs.len();
        wrong.extend(differences(data_type, &ours, &theirs));
    }
    Ok(compared)
}

/// What the platform says of how it was asked.
async fn requests(
    world: &World,
    company: &Company,
    trouble: &[Trouble],
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let path = format!("organisations/{}/requests", company.organisation);
    let told = world.control("GET", &path, None).await?;
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
            good: request["status"] == 200 && request["fault"].is_null(),
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

/// Nothing is left half done.
async fn runs(look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    for (what, statement) in [
        ("Runs have no end", "select cast(count(*) as text) from run where finished_at is null"),
        (
            "Pulls have no end",
            "select cast(count(*) as text) from pull where state in ('Queued', 'Fetching', 'Processing')",
        ),
        (
            "publications are of Pulls that did not complete",
            "select cast(count(*) as text) from publication b
             join pull p on p.app_id = b.app_id and p.pull_id = b.pull_id
             where b.seq is not null and p.state <> 'Complete'",
        ),
        (
            "staged rows are left of Pulls that have ended",
            "select cast(count(*) as text) from pull_change c join pull p on p.app_id = c.app_id and p.pull_id = c.pull_id
             where p.state not in ('Queued', 'Fetching', 'Processing')",
        ),
        (
            "records of ended first loads are shown",
            "select cast(count(*) as text) from record r
             join publication p on p.app_id = r.app_id and p.publication_id = r.publication_id
             join data_status s on s.app_id = r.app_id and s.connection_id = r.connection_id
                  and s.data_type = r.data_type
             where p.seq is null and s.publication_id is not null",
        ),
    ] {
        let count = look.number(statement).await?;
        if count > 0 {
            wrong.push(format!("{count} {what}"));
        }
    }
    Ok(())
}

/// Publications are numbered without a hole, later ones later; those that close one Run are of one instant.
pub async fn sequence(look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let statement = format!(
        "select {}, {}, {} from publication p where seq is not null order by p.seq",
        text("seq"),
        text("at"),
        look.id("run_id"),
    );
    let mut before = (0, None);
    for (index, row) in look.rows(&statement).await?.into_iter().enumerate() {
        let [Some(seq), Some(at), run] = row.as_slice() else {
            bail!("a publication has no number");
        };
        let at = at.parse::<i64>()?;
        if seq.parse::<i64>()? != i64::try_from(index)? + 1 {
            wrong.push(format!("publication {} has the number {seq}", index + 1));
            break;
        }
        let (last, of) = before;
        if at < last || (at == last && (run.is_none() || *run != of)) {
            wrong.push(format!("publication {seq} is not later than the one before it"));
        }
        before = (at, run.clone());
    }
    Ok(())
}

/// Each end of a Run has been told once, and each company's events are numbered without a hole; the receiver has
/// heard all that was for it. How many events there are.
async fn events(world: &World, look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<usize> {
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

/// A reader of the sequence never sees a number before the ones below it: to be asked all the while.
pub async fn hole_in_sequence(look: &mut Look) -> anyhow::Result<Option<String>> {
    let statement = "select cast(count(seq) as text), cast(coalesce(max(seq), 0) as text) from publication";
    let rows = look.rows(statement).await?;
    let row = rows.first().context("no count")?;
    Ok((row[0] != row[1]).then(|| {
        json!({ "publications": row[0], "highest": row[1], "what": "a number was seen before one below it" })
            .to_string()
    }))
}
