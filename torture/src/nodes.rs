use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::asked::repeated_tokens;
use crate::database::Look;
use crate::ledger::TYPES;
use crate::sequence;
use crate::torture::Options;
use crate::world::{Company, Wanted, World};

/// Customers who consent at the same time.
const AT_ONCE: usize = 4;

/// Link so many companies under the platform's real limits, let all of them fall due at once, and see that
/// each Run happened once, no refresh token was used twice, and no limit was broken: what was counted.
pub async fn run(options: &Options, connections: usize) -> anyhow::Result<Result<String, Wrong>> {
    let wanted = Wanted {
        ledgerline: &options.ledgerline,
        store: &options.store,
        nodes: options.nodes,
        planted: options.planted.as_deref(),
    };
    let start = Instant::now();
    let mut world = World::start(&wanted).await?;
    // Few types are read: what is tried here is who reads, not what.
    let few = |data_type: &str| ["invoices", "bills", "customers", "items"].contains(&data_type);
    set_schedules(&world, few, few).await?;
    link_all(&mut world, options, connections).await?;
    world.advance_and_settle(1).await?;
    until_idle(&world).await?;
    let linked = start.elapsed().as_secs();
    let before = runs(&world).await?;
    // An hour later every schedule is due, every access token has ended, and every server knows it.
    world.advance_and_settle(61).await?;
    until_idle(&world).await?;
    let mut wrong = Vec::new();
    let mut look = world.database.look().await?;
    sequence::check(&mut look, &mut wrong).await?;
    let after = runs(&world).await?;
    for company in &world.companies {
        let connection = company.connection.replace('-', "");
        let more =
            after.get(&connection).copied().unwrap_or(0) - before.get(&connection).copied().unwrap_or(0);
        if more != 1 {
            wrong.push(format!(
                "{more} Runs of {connection} were made, where one was due"
            ));
        }
        platform(&world, company, &mut wrong).await?;
    }
    wrong.extend(twice_in_a_period(&mut look).await?);
    if !wrong.is_empty() {
        let logs = world.keep_logs();
        return Ok(Err(Wrong { found: wrong, logs }));
    }
    let nodes = world.nodes.len();
    world.end().await?;
    Ok(Ok(format!(
        "held: {connections} connections on {nodes} servers: each Run once, each refresh token once, no limit broken; \
         linked after {linked} s, all over after {} s",
        start.elapsed().as_secs()
    )))
}

/// What did not hold.
#[derive(Debug)]
pub struct Wrong {
    pub found: Vec<String>,
    /// Where the logs of the processes are.
    pub logs: PathBuf,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nlogs: {}", self.found.join("\n"), self.logs.display())
    }
}

/// Which types the first link fetches, and which are read hourly.
pub async fn set_schedules(
    world: &World,
    fetched: impl Fn(&str) -> bool,
    hourly: impl Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let others = ["company", "balanceSheet", "profitAndLoss"].into_iter();
    let settings: Vec<Value> = TYPES
        .iter()
        .map(|data_type| data_type.key)
        .chain(others)
        .map(|data_type| {
            json!({
                "dataType": data_type, "fetchOnFirstLink": fetched(data_type),
                "syncSchedule": i64::from(hourly(data_type)), "syncOrder": 0,
            })
        })
        .collect();
    let body = json!({ "settings": settings, "overridesDefaults": true });
    world.web.post(&world.url("/profile/syncSettings"), &body).await?;
    Ok(())
}

async fn link_all(world: &mut World, options: &Options, connections: usize) -> anyhow::Result<()> {
    let mut companies = Vec::new();
    for number in 0..connections {
        let organisation = json!({
            "platform": "xero", "seed": options.seed * 1000 + number as u64, "months": 2, "invoices": 3,
            "limits": "real",
        });
        companies.push(world.company(&format!("Company {number}"), &organisation).await?);
    }
    for chunk in companies.chunks(AT_ONCE) {
        let consenting = chunk.iter().map(|company| world.approve(company));
        for consented in futures::future::join_all(consenting).await {
            consented?;
        }
    }
    world.companies = companies;
    Ok(())
}

/// Let time pass until no Run is left, however often a minute's calls are used up.
async fn until_idle(world: &World) -> anyhow::Result<()> {
    let mut look = world.database.look().await?;
    for _ in 0..240 {
        let open = "select cast(count(*) as text) from run where finished_at is null";
        if look.number(open).await? == 0 {
            return Ok(());
        }
        world.advance_and_settle(1).await?;
    }
    bail!("Runs have no end")
}

/// How many Runs read the invoices of each connection.
async fn runs(world: &World) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut look = world.database.look().await?;
    let statement = format!(
        "select {}, cast(count(*) as text) from pull where data_type = 'invoices' group by connection_id",
        look.id("connection_id")
    );
    let mut runs = BTreeMap::new();
    for row in look.rows(&statement).await? {
        let [Some(connection), Some(count)] = row.as_slice() else {
            bail!("a count is null");
        };
        runs.insert(connection.clone(), count.parse()?);
    }
    Ok(runs)
}

/// Runs that were started for the same period of the same connection.
pub async fn twice_in_a_period(look: &mut Look) -> anyhow::Result<Vec<String>> {
    let statement = format!(
        "select {}, period_key, cast(count(*) as text) from run
         where period_key is not null group by connection_id, period_key having count(*) > 1",
        look.id("connection_id")
    );
    let rows = look.rows(&statement).await?;
    Ok(rows
        .into_iter()
        .map(|row| format!("Runs of one period: {row:?}"))
        .collect())
}

async fn platform(world: &World, company: &Company, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let path = format!("organisations/{}/requests", company.organisation);
    let told = world.control("GET", &path, None).await?;
    let violations = told["violations"].as_array().context("no violations are told")?;
    wrong.extend(
        violations
            .iter()
            .map(|violation: &Value| format!("a rule was broken: {violation}")),
    );
    let repeated = repeated_tokens(&told, &[]);
    if repeated > 0 {
        wrong.push(format!(
            "refresh tokens of {} were used again {repeated} times after a good answer",
            company.organisation
        ));
    }
    Ok(())
}
