use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure};
use serde::de::IgnoredAny;
use serde_json::json;

use super::client::{Client, Page, Webhook, control};
use super::customers::{self, Customer};
use super::listener::{self, Heard, Listener};
use super::show::{self, BalanceSheet, DataStatus, Standing};
use super::world::World;
use super::{compare, expenses, progress};

/// What the tour saw.
pub struct Summary {
    pub customers: Vec<Customer>,
    /// The sync of expenses of each.
    pub syncs: Vec<String>,
    pub data_types: usize,
    pub records: u64,
    pub webhooks: usize,
}

/// What is told of each customer, besides its expenses.
const TOLD: [&str; 2] = ["connection.connected", "read.completed.initial"];
/// Of the one that was refreshed.
const REFRESHED: &str = "read.completed";

/// Walk through the product; the first thing that is not as it should be ends it.
pub async fn run(world: &World) -> anyhow::Result<Summary> {
    let client = Client::new(world);
    show::step("1. Two companies, and somebody who wants to be told");
    let mut companies = Vec::new();
    for profile in &customers::PROFILES {
        let company = customers::make(&client, profile).await?;
        println!("  company {} ({})", company.name, company.id);
        companies.push((profile, company));
    }
    let listener = listen(&client).await?;

    show::step("2. Their owners connect their books");
    let mut linked = Vec::new();
    for (profile, company) in companies {
        linked.push(customers::connect(world, &client, profile, company).await?);
    }

    show::step("3. Their data arrives");
    for customer in &linked {
        println!("  {}", customer.profile.name);
        progress::until_all_ended(world, &client, &customer.company).await?;
    }

    show::step("4. How fresh it is");
    let data_types = freshness(&client, &linked).await?;

    show::step("5. The balance sheets");
    balance_sheets(&client, &linked).await?;
    let live = compared(world, &client, &linked).await?;
    println!("\n  {live} records compared with the platforms' own ledgers: all there, none too many");

    show::step("6. A platform changes, a refresh brings it");
    if let Some(customer) = linked.first() {
        refreshed(world, &client, customer).await?;
    }
    compared(world, &client, &linked).await?;

    show::step("7. Expenses are written into the books, each once");
    let mut syncs = Vec::new();
    for customer in &linked {
        syncs.push(expenses::push(world, &client, &listener, customer).await?);
    }
    let records = compared(world, &client, &linked).await?;

    show::step("8. What was told");
    let heard = hear(world, &listener, &linked).await?;
    for heard in &heard {
        let company = heard.payload["referenceCompany"]["name"].as_str();
        println!(
            "  {:<18} {}, signature verified",
            company.unwrap_or_default(),
            heard.event_type
        );
    }
    println!();
    Ok(Summary {
        customers: linked,
        syncs,
        data_types,
        records,
        webhooks: heard.len(),
    })
}

async fn listen(client: &Client<'_>) -> anyhow::Result<Listener> {
    let listener = listener::start().await?;
    let [connected, read] = TOLD;
    let [successful, unsuccessful] = expenses::TOLD;
    let events = [connected, read, REFRESHED, successful, unsuccessful];
    let hook = json!({ "url": listener.url, "eventTypes": events });
    let webhook: Webhook = client.post("webhooks", &hook).await?;
    listener.trust(webhook.secret);
    println!("  webhooks go to {}", listener.url);
    Ok(listener)
}

/// Show how the data types stand: how many of them are complete. One that is not, though the platform has it, is an
/// error.
async fn freshness(client: &Client<'_>, linked: &[Customer]) -> anyhow::Result<usize> {
    let mut standings = Vec::new();
    for customer in linked {
        standings.push(Standing {
            name: format!("{}, {}", customer.profile.name, customer.profile.platform),
            types: data_status(client, customer).await?,
        });
    }
    show::data_status(&standings);
    let mut complete = BTreeSet::new();
    for (status, _) in standings.iter().flat_map(|standing| &standing.types) {
        match status.current_status.as_str() {
            "Complete" => {
                complete.insert(status.data_type.as_str());
            }
            "NotSupported" => {}
            other => bail!("{} ended {other}", status.data_type),
        }
    }
    Ok(complete.len())
}

/// `dataStatus`, with the number of live records of each type that has been read.
async fn data_status(
    client: &Client<'_>,
    customer: &Customer,
) -> anyhow::Result<Vec<(DataStatus, Option<u64>)>> {
    let path = format!("companies/{}/dataStatus", customer.company);
    let statuses: BTreeMap<String, DataStatus> = client.get(&path).await?;
    let mut rows = Vec::new();
    for (_, status) in statuses {
        let mut compared = compare::COMPARED.iter();
        let listed = compared.find(|(data_type, ..)| *data_type == status.data_type);
        let count = match listed {
            Some((_, name, level)) if status.current_status == "Complete" => {
                let path = compare::path(customer, name, *level);
                let page: Page<IgnoredAny> = client.get(&format!("{path}?pageSize=1")).await?;
                Some(page.total_results)
            }
            _ => None,
        };
        rows.push((status, count));
    }
    Ok(rows)
}

async fn balance_sheets(client: &Client<'_>, linked: &[Customer]) -> anyhow::Result<()> {
    for customer in linked {
        let path = format!(
            "companies/{}/data/financials/balanceSheet?periodLength=1&periodsToCompare=1",
            customer.company
        );
        let sheet: BalanceSheet = client.get(&path).await?;
        println!("  {}", customer.profile.name);
        show::balance_sheet(&sheet);
        for report in &sheet.reports {
            let net = report.assets.value - report.liabilities.value;
            ensure!(
                net.normalized() == report.net_assets.normalized(),
                "net assets are not assets - liabilities"
            );
        }
    }
    Ok(())
}

/// Everything that the platforms have is stored, and nothing else: how many records.
async fn compared(world: &World, client: &Client<'_>, linked: &[Customer]) -> anyhow::Result<u64> {
    let mut live = 0;
    for customer in linked {
        live += compare::with_the_platform(world, client, customer).await?;
    }
    Ok(live)
}

/// Change a customer's books, have them read again, and show what that brought.
async fn refreshed(world: &World, client: &Client<'_>, customer: &Customer) -> anyhow::Result<()> {
    let since = world.house.engine.now();
    let path = format!("_sandbox/organisations/{}/mutate", customer.organisation);
    let wanted = json!({ "seed": 11, "creates": 12, "edits": 20, "deletes": 6, "voids": 4 });
    let _: IgnoredAny = control(world, http::Method::POST, &path, Some(wanted)).await?;
    println!("  {}", customer.profile.name);
    client
        .order(&format!("companies/{}/data/all", customer.company))
        .await?;
    progress::until_all_ended(world, client, &customer.company).await?;
    changes(client, customer, since).await
}

/// Print what a refresh changed, type by type.
async fn changes(
    client: &Client<'_>,
    customer: &Customer,
    since: ledgerline_model::Timestamp,
) -> anyhow::Result<()> {
    let mut changed = 0;
    let mut deleted = 0;
    for (data_type, name, level) in compare::COMPARED {
        let path = compare::path(customer, name, level);
        let since = ledgerline_model::Instant(since);
        let count = async |query: &str| -> anyhow::Result<u64> {
            let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let page: Page<IgnoredAny> = client.get(&format!("{path}?pageSize=1&query={query}")).await?;
            Ok(page.total_results)
        };
        let all = count(&format!("modifiedDate>={since}")).await?;
        let gone = count(&format!("modifiedDate>={since}&&metadata.isDeleted=true")).await?;
        if all > 0 {
            println!(
                "    {data_type:<20} {:>4} new or changed, {gone:>3} deleted",
                all - gone
            );
        }
        changed += all - gone;
        deleted += gone;
    }
    ensure!(
        changed > 0 && deleted > 0,
        "the refresh brought {changed} changes and {deleted} deletions"
    );
    Ok(())
}

/// Wait until everything was heard of everybody.
async fn hear(world: &World, listener: &Listener, linked: &[Customer]) -> anyhow::Result<Vec<Heard>> {
    for _ in 0..250 {
        let heard = listener.heard();
        let is_told = |customer: &Customer, event: &str| {
            let company = customer.company.as_str();
            heard
                .iter()
                .any(|heard| heard.event_type == event && heard.payload["referenceCompany"]["id"] == company)
        };
        let of_all = linked
            .iter()
            .all(|customer| TOLD.iter().all(|event| is_told(customer, event)));
        if of_all && linked.first().is_none_or(|customer| is_told(customer, REFRESHED)) {
            let refused = listener.refused();
            ensure!(refused == 0, "{refused} webhooks came with a bad signature");
            return Ok(heard);
        }
        world.wait_a_little().await;
    }
    let came: Vec<String> = listener
        .heard()
        .into_iter()
        .map(|heard| heard.event_type)
        .collect();
    bail!("of {TOLD:?} of each company and {REFRESHED} only {came:?} came")
}
