use std::fmt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::cli::{Limits, Platform, Push, Store};
use crate::database;
use crate::ours::UNFINISHED;
use crate::sandbox::Sandbox;
use crate::server::Server;

/// How often it is asked whether it is done.
const POLL: Duration = Duration::from_millis(100);
/// Expenses of one request.
const AT_ONCE: usize = 50;

/// What is measured.
#[derive(Clone, Copy)]
pub struct Setting {
    pub platform: Platform,
    pub limits: Limits,
    pub latency_ms: u64,
    pub store: Store,
}

/// What it took.
pub struct Case {
    pub setting: Setting,
    pub items: usize,
    pub seconds: f64,
    /// Of the server and the database server.
    pub cpu_seconds: f64,
    /// As the server counts them.
    pub commits: u64,
    /// As PostgreSQL counts them, those that only read with them.
    pub transactions: Option<u64>,
    /// What the platform was asked.
    pub requests: u64,
}

/// Push expenses into new books, from the request for the sync to its end; what is there afterwards is checked.
pub async fn measure(
    options: &Push,
    sandbox: &Sandbox,
    folder: &Path,
    setting: Setting,
) -> anyhow::Result<Case> {
    let (platform, limits) = (setting.platform.simulator(), setting.limits.key());
    let wanted = json!({
        "platform": platform, "seed": 1, "months": 2, "invoices": 20, "limits": limits,
        "latency_ms": setting.latency_ms,
    });
    let organisation = sandbox.make(&wanted).await?;
    let name = format!("push_{}", std::process::id());
    let address = database::fresh(&options.common, setting.store, folder, &name).await?;
    let mut server = Server::start(&options.common, setting.store, sandbox, &address, folder).await?;
    let (company, _) = server.company("Bench").await?;
    let connections = format!("{}/companies/{company}/connections", server.address);
    let wanted = json!({ "platformKey": setting.platform.key() });
    let made = server.web.post(&connections, &wanted).await?;
    let link = made["linkUrl"].as_str().context("the connection has no link")?;
    server.approve(link, &organisation)?;
    while server.database.number(UNFINISHED).await? > 0 {
        thread::sleep(POLL);
    }
    let base = format!("{}/companies/{company}/sync/expenses", server.address);
    let account = set_up(&server, &company, &base).await?;
    for number in 0..options.items.div_ceil(AT_ONCE) {
        let left = options.items - number * AT_ONCE;
        let items: Vec<Value> = (0..left.min(AT_ONCE))
            .map(|place| expense(number * AT_ONCE + place, &account))
            .collect();
        let path = format!("{base}/data/expense-transactions");
        server.web.post(&path, &json!({ "items": items })).await?;
    }
    // What reading the books used up of the limits is over.
    sandbox.advance("3m").await?;

    let booked = sandbox.rows(&organisation, "directCosts", "").await?;
    let stored = server.database.number(STORED).await?;
    let before = Standing::of(&mut server, sandbox, &organisation).await?;
    let started = Instant::now();
    let sync = server.web.post(&format!("{base}/syncs"), &json!({})).await?;
    let sync = sync["syncId"].as_str().context("the sync has no id")?.to_owned();
    let status = loop {
        thread::sleep(POLL);
        let status = server.web.get(&format!("{base}/syncs/{sync}/status")).await?;
        if status["syncStatusCode"].as_u64().unwrap_or(0) >= 2000 {
            break status;
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    ensure!(status["syncStatusCode"] == 2000, "the sync ended: {status}");
    let after = Standing::of(&mut server, sandbox, &organisation).await?;
    ensure!(
        after.violations == before.violations,
        "{} requests broke a limit of the platform",
        after.violations - before.violations
    );
    let booked = sandbox.rows(&organisation, "directCosts", "").await? - booked;
    ensure!(
        booked == options.items,
        "{booked} expenses are in the books, not {}",
        options.items
    );
    let stored = server.database.number(STORED).await? - stored;
    ensure!(
        stored == options.items as u64,
        "{stored} expenses can be read, not {}",
        options.items
    );
    drop(server);
    database::drop(&options.common, setting.store, folder, &name).await?;
    Ok(Case {
        setting,
        items: options.items,
        seconds,
        cpu_seconds: after.cpu_seconds - before.cpu_seconds,
        commits: after.commits - before.commits,
        transactions: after
            .transactions
            .zip(before.transactions)
            .map(|(after, before)| after - before),
        requests: after.requests - before.requests,
    })
}

const STORED: &str = "select count(*) from record where data_type = 'directCosts'";
/// PostgreSQL's processes tell what they did with some delay.
const TOLD: Duration = Duration::from_secs(3);

struct Standing {
    commits: u64,
    transactions: Option<u64>,
    cpu_seconds: f64,
    requests: u64,
    violations: usize,
}

impl Standing {
    async fn of(server: &mut Server<'_>, sandbox: &Sandbox, organisation: &str) -> anyhow::Result<Self> {
        let cpu_seconds = server.process.cpu()? + server.database.settled_cpu().await?;
        let metrics = server.web.text(&format!("{}/metrics", server.address)).await?;
        let count = metrics
            .lines()
            .find_map(|line| line.strip_prefix("store_commits_total "));
        let commits = count.context("the server does not count its commits")?.parse()?;
        let (requests, violations) = sandbox.asked(organisation).await?;
        let transactions = match &server.database {
            database::Database::Sqlite(_) => None,
            database::Database::Postgres(..) => {
                thread::sleep(TOLD);
                Some(server.database.number(TRANSACTIONS).await?)
            }
        };
        Ok(Self {
            commits,
            transactions,
            cpu_seconds,
            requests,
            violations,
        })
    }
}

const TRANSACTIONS: &str = "select xact_commit from pg_stat_database where datname = current_database()";

/// Say what expenses are booked on: the account of their lines.
async fn set_up(server: &Server<'_>, company: &str, base: &str) -> anyhow::Result<String> {
    let web = &server.web;
    web.post(&format!("{base}/connections/partnerExpense"), &json!({}))
        .await?;
    let options = web.get(&format!("{base}/mappingOptions")).await?;
    let accounts = options["accounts"].as_array().context("there are no accounts")?;
    let one = |is: &dyn Fn(&Value) -> bool| {
        let account = accounts.iter().find(|account| is(account));
        account.map(|account| account["id"].clone())
    };
    let bank = one(&|account| account["isBankAccount"] == true);
    let expense = one(&|account| account["accountType"] == "Expense" && account["isBankAccount"] == false);
    let mut config = json!({ "bankAccount": { "id": bank.context("there is no bank account")? } });
    for (member, list) in [("supplier", "suppliers"), ("customer", "customers")] {
        let url = format!("{}/companies/{company}/data/{list}?pageSize=1", server.address);
        let page = web.get(&url).await?;
        config[member] = json!({ "id": page["results"][0]["id"] });
    }
    web.post(&format!("{base}/config"), &config).await?;
    let expense = expense.context("there is no account of expenses")?;
    Ok(expense.as_str().unwrap_or_default().to_owned())
}

fn expense(number: usize, account: &str) -> Value {
    json!({
        "id": format!("0331d9b9-a1cd-4d46-84d3-{number:012x}"),
        "type": "Payment",
        "issueDate": "2026-11-02",
        "currency": "GBP",
        "merchantName": "Harbour Stationers",
        "lines": [{ "netAmount": 12, "taxAmount": 0, "accountRef": { "id": account } }],
    })
}

impl Platform {
    const fn simulator(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::QuickbooksOnline => "quickbooks_online",
        }
    }

    /// As the dialect names it.
    const fn key(self) -> &'static str {
        match self {
            Self::Xero => "gbol",
            Self::QuickbooksOnline => "qhyg",
        }
    }
}

impl Limits {
    const fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Real => "real",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.platform {
            Platform::Xero => "Xero",
            Platform::QuickbooksOnline => "QuickBooks Online",
        };
        let limits = self.limits.key();
        write!(
            f,
            "{name}, limits {limits}, {} ms, {:?}",
            self.latency_ms, self.store
        )
    }
}
