/// Which expenses, and the company's defaults.
mod three;
/// What is sent and answered.
mod wire;

use anyhow::{Context, bail, ensure};
use serde_json::json;

use self::wire::{Dataset, Expense, Items, Plan, Record, Status, Sync, Transaction};
use super::client::{Client, Page};
use super::compare::{self, Marked};
use super::customers::Customer;
use super::listener::{Heard, Listener};
use super::show;
use super::world::World;

/// What is told of syncs.
pub const TOLD: [&str; 2] = ["expenses.sync.successful", "expenses.sync.unsuccessful"];

/// Hand three expenses of the customer over and see them arrive: in the platform's books once, told, and among the
/// records at once. Handed over a second time they stay as they are. Gives the first sync's id.
pub async fn push(
    world: &World,
    client: &Client<'_>,
    listener: &Listener,
    customer: &Customer,
) -> anyhow::Result<String> {
    let base = format!("companies/{}/sync/expenses", customer.company);
    let expenses = three::set_up(world, client, customer, &base).await?;
    let dataset = hand_over(client, &base, &expenses).await?;
    let keys = plan(client, &base, &dataset, &expenses).await?;

    let (sync, status) = run(world, client, &base, &dataset).await?;
    ensure!(
        status.sync_status_code == 2000 && status.data_pushed,
        "the sync ended {} {}: {}",
        status.sync_status_code,
        status.sync_status,
        status.error_message
    );
    all_completed(client, &format!("{base}/syncs/{sync}/transactions"), &expenses).await?;
    let [successful, unsuccessful] = TOLD;
    let told = hear(world, listener, successful, &sync).await?;
    for expense in &expenses {
        ensure!(
            told.says(&expense.id, "Completed"),
            "the webhook does not say that {} is completed",
            expense.id
        );
    }
    println!(
        "    sync {sync}: {} ({}), told with a verified signature; read at once:",
        status.sync_status, status.sync_status_code
    );
    for (expense, written) in expenses.iter().zip(once(world, customer, &keys).await?) {
        let record: Record = client.get(&written.path).await?;
        let Marked { data_type, id, .. } = written;
        ensure!(
            record.total_amount.abs().normalized() == expense.total().normalized(),
            "{data_type} `{id}` amounts to {}, not to {}",
            record.total_amount,
            expense.total()
        );
        let what = format!("{data_type} {id}, once in the books");
        show::expense(expense.kind, record.total_amount, expense.merchant_name, &what);
    }

    let dataset = hand_over(client, &base, &expenses).await?;
    let (again, status) = run(world, client, &base, &dataset).await?;
    ensure!(
        status.sync_status_code == 5080 && !status.data_pushed,
        "handed over once more, they ended {} {}",
        status.sync_status_code,
        status.sync_status
    );
    hear(world, listener, unsuccessful, &again).await?;
    once(world, customer, &keys).await?;
    println!(
        "    handed over once more: {} ({}), and still once in the books",
        status.sync_status, status.sync_status_code
    );
    Ok(sync)
}

async fn hand_over(client: &Client<'_>, base: &str, expenses: &[Expense]) -> anyhow::Result<Dataset> {
    let path = format!("{base}/data/expense-transactions");
    client.post(&path, &Items { items: expenses }).await
}

/// Show what a sync would send: the marks, expense by expense, that it can be found by at the platform.
async fn plan(
    client: &Client<'_>,
    base: &str,
    dataset: &Dataset,
    expenses: &[Expense],
) -> anyhow::Result<Vec<String>> {
    let wanted = json!({ "datasetIds": [dataset.dataset_id] });
    let plan: Plan = client.post(&format!("{base}/syncs:plan"), &wanted).await?;
    let mut keys = Vec::with_capacity(expenses.len());
    for expense in expenses {
        let mut planned = plan.transactions.iter();
        let planned = planned
            .find(|planned| planned.transaction_id == expense.id)
            .with_context(|| format!("transaction {} is not in the plan", expense.id))?;
        let key = planned.key.clone().with_context(|| {
            let reason = planned.message.as_deref().unwrap_or_default();
            format!("transaction {} would not be sent: {reason}", expense.id)
        })?;
        for request in &planned.requests {
            let what = format!("{} {}, marked {key}", request.method, request.path);
            show::expense(expense.kind, expense.total(), expense.merchant_name, &what);
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Sync a dataset, and ask how it stands until it has ended.
async fn run(
    world: &World,
    client: &Client<'_>,
    base: &str,
    dataset: &Dataset,
) -> anyhow::Result<(String, Status)> {
    let wanted = json!({ "datasetIds": [dataset.dataset_id] });
    let Sync { sync_id } = client.post(&format!("{base}/syncs"), &wanted).await?;
    for _ in 0..250 {
        let status: Status = client.get(&format!("{base}/syncs/{sync_id}/status")).await?;
        if status.sync_status_code >= 2000 {
            return Ok((sync_id, status));
        }
        world.wait_a_little().await;
    }
    bail!("the sync {sync_id} did not end in time")
}

async fn all_completed(client: &Client<'_>, path: &str, expenses: &[Expense]) -> anyhow::Result<()> {
    let rows: Page<Transaction> = client.get(path).await?;
    ensure!(
        rows.results.len() == expenses.len(),
        "`{path}` lists {} transactions",
        rows.results.len()
    );
    for row in rows.results {
        ensure!(
            row.status == "Completed",
            "transaction {} is {}: {}",
            row.transaction_id,
            row.status,
            row.message.unwrap_or_default()
        );
    }
    Ok(())
}

/// Wait for the event of this sync.
async fn hear(world: &World, listener: &Listener, event: &str, sync: &str) -> anyhow::Result<Heard> {
    for _ in 0..250 {
        let mut heard = listener.heard().into_iter();
        if let Some(heard) = heard.find(|heard| heard.event_type == event && heard.payload["syncId"] == sync)
        {
            return Ok(heard);
        }
        world.wait_a_little().await;
    }
    bail!("`{event}` of the sync {sync} was not told")
}

/// Find what bears the marks in the platform's own ledger, where each has to be once.
async fn once(world: &World, customer: &Customer, keys: &[String]) -> anyhow::Result<Vec<Marked>> {
    let found = compare::marked(world, customer, keys).await?;
    let each = keys.iter().zip(found).map(|(key, mut found)| {
        let times = found.len();
        let first = found.pop().filter(|_| times == 1);
        first.with_context(|| format!("{key} is in the platform's books {times} times"))
    });
    each.collect()
}

impl Heard {
    /// Whether it says that a transaction has this status.
    fn says(&self, transaction: &str, status: &str) -> bool {
        let rows = self.payload["transactions"].as_array();
        rows.is_some_and(|rows| {
            rows.iter()
                .any(|row| row["id"] == transaction && row["status"] == status)
        })
    }
}
