use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::asked::Trouble;
use crate::database::Look;
use crate::graves::Graves;
use crate::ledger::{DataType, TYPES, differences};
use crate::patience::Patience;
use crate::published::Published;
use crate::readers::Readers;
use crate::world::{Company, World};
use crate::{act, asked, sequence, told};

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
/// The sync is one that reads what changed: whatever happened before, it makes the store equal the ledger. One that
/// reads everything must not find more.
/// `trouble` is when servers were killed or stopped, in virtual time: only then may a refresh token have been
/// presented again after a good answer.
pub async fn check(
    world: &mut World,
    graves: &mut Graves,
    readers: &Readers,
    trouble: &[Trouble],
) -> anyhow::Result<Found> {
    end_trouble(world).await?;
    let mut wrong = Vec::new();
    let mut records = 0;
    for extent in [Extent::Changes, Extent::Everything] {
        sync(world, extent).await?;
        for company in &world.companies {
            graves.look(world, company).await?;
            records += compare(world, company, &mut wrong).await?;
        }
        // What a full read would heal is not healed before it has been seen.
        if !wrong.is_empty() {
            wrong.push(format!("so it was after {extent}"));
            break;
        }
    }
    for company in &world.companies {
        asked::check(world, company, trouble, &mut wrong).await?;
    }
    wrong.extend(readers.compare_mirrors().await);
    wrong.extend(readers.wrong());
    let mut look = world.database.look().await?;
    runs(&mut look, &mut wrong).await?;
    sequence::check(&mut look, &mut wrong).await?;
    let events = told::check(world, &mut look, &mut wrong).await?;
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

/// How much a sync reads.
#[derive(Clone, Copy)]
pub enum Extent {
    Changes,
    Everything,
}

impl Extent {
    /// Of a request to read.
    pub const fn query(self) -> &'static str {
        match self {
            Self::Changes => "",
            Self::Everything => "?full=true",
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changes => "a read of what changed",
            Self::Everything => "a read of everything",
        })
    }
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
async fn sync(world: &World, extent: Extent) -> anyhow::Result<()> {
    for company in &world.companies {
        let path = format!("/companies/{}/data/all{}", company.id, extent.query());
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
pub async fn until_idle(world: &World) -> anyhow::Result<()> {
    let mut patience = Patience::new();
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
        if let Some(left) = patience.look(&world.database).await? {
            bail!("{}: {left}", reading.join(", "));
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
        compared += compare_type(world, company, data_type, wrong).await?;
    }
    Ok(compared)
}

/// The store against the ledger, for one data type.
pub async fn compare_type(
    world: &World,
    company: &Company,
    data_type: &DataType,
    wrong: &mut Vec<String>,
) -> anyhow::Result<usize> {
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
    wrong.extend(differences(data_type, &ours, &theirs));
    Ok(theirs.len())
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
