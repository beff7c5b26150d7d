use anyhow::{bail, ensure};
use ledgerline_sandbox::approve::{self, Decision};
use serde_json::json;

use super::client::{Client, Company, Connection, Page, Webhook, control};
use super::show::{self, BalanceSheet, DataStatus};
use super::world::World;
use super::{compare, listener, progress};

/// What the tour saw.
pub struct Summary {
    pub company: String,
    pub link_url: String,
    pub data_types: usize,
    pub records: u64,
    pub webhooks: usize,
}

#[derive(serde::Deserialize)]
struct Organisations {
    results: Vec<Organisation>,
}

#[derive(serde::Deserialize)]
struct Organisation {
    id: String,
}

#[derive(serde::Deserialize)]
struct Counted {}

/// Walk through the product; the first thing that is not as it should be ends it.
pub async fn run(world: &World) -> anyhow::Result<Summary> {
    let client = Client::new(world);
    show::step("1. A company, and somebody who wants to be told");
    let company: Company = client
        .post("companies", &json!({ "name": "Harbour Bakery" }))
        .await?;
    println!("  company {} ({})", company.name, company.id);
    let listener = listener::start().await?;
    let hook = json!({
        "url": listener.url,
        "eventTypes": ["connection.connected", "read.completed.initial", "read.completed"],
    });
    let webhook: Webhook = client.post("webhooks", &hook).await?;
    listener.trust(webhook.secret);
    println!("  webhooks go to {}", listener.url);

    show::step("2. The customer connects their books");
    let organisations = json!({
        "platform": "xero", "seed": 7, "months": 18, "invoices": 1500, "limits": "off", "latency_ms": 15,
    });
    let made: Organisation = control(
        world,
        http::Method::POST,
        "_sandbox/organisations",
        Some(organisations),
    )
    .await?;
    let path = format!("companies/{}/connections", company.id);
    let connection: Connection = client.post(&path, &json!({ "platformKey": "gbol" })).await?;
    println!("  the link page: {}", connection.link_url);
    let decision = Decision {
        organisation: Some(made.id.clone()),
        refuse: false,
    };
    approve::approve(&approve::client()?, connection.link_url.as_str(), &decision).await?;
    let linked: Connection = client.get(&format!("{path}/{}", connection.id)).await?;
    ensure!(
        linked.status == "Linked",
        "after consent the connection is {}",
        linked.status
    );
    println!("  consented: the connection is {}", linked.status);

    show::step("3. Its data arrives");
    progress::until_all_ended(world, &client, &company.id).await?;

    show::step("4. How fresh it is");
    let statuses = data_status(&client, &company.id, &connection.id).await?;
    show::data_status(&statuses);
    let types = statuses
        .iter()
        .filter(|(status, _)| status.current_status == "Complete")
        .count();
    let wrong = statuses
        .iter()
        .find(|(status, _)| !matches!(status.current_status.as_str(), "Complete" | "NotSupported"));
    if let Some((status, _)) = wrong {
        bail!("{} ended {}", status.data_type, status.current_status);
    }
    let sheet: BalanceSheet = client
        .get(&format!(
            "companies/{}/data/financials/balanceSheet?periodLength=1&periodsToCompare=1",
            company.id
        ))
        .await?;
    show::step("5. The balance sheet");
    show::balance_sheet(&sheet);
    for report in &sheet.reports {
        let net = report.assets.value - report.liabilities.value;
        ensure!(
            net.normalized() == report.net_assets.normalized(),
            "net assets are not assets - liabilities"
        );
    }
    let organisation = only_organisation(world, &made.id).await?;
    let live = compare::with_the_platform(world, &client, &organisation, &company.id, &connection.id).await?;
    println!("\n  {live} records compared with the platform's own ledger: all there, none too many");

    show::step("6. The platform changes, a refresh brings it");
    let since = world.house.engine.now();
    let _: Counted = control(
        world,
        http::Method::POST,
        &format!("_sandbox/organisations/{organisation}/mutate"),
        Some(json!({ "seed": 11, "creates": 12, "edits": 20, "deletes": 6, "voids": 4 })),
    )
    .await?;
    client
        .order(&format!("companies/{}/data/all", company.id))
        .await?;
    progress::until_all_ended(world, &client, &company.id).await?;
    changes(&client, &company.id, &connection.id, since).await?;
    let records =
        compare::with_the_platform(world, &client, &organisation, &company.id, &connection.id).await?;

    show::step("7. What was told");
    let wanted = ["connection.connected", "read.completed.initial", "read.completed"];
    let events = hear(world, &listener, &wanted).await?;
    for event in &events {
        println!("  {event}, signature verified");
    }
    ensure!(
        listener.refused() == 0,
        "{} webhooks came with a bad signature",
        listener.refused()
    );
    println!();
    Ok(Summary {
        company: company.id,
        link_url: connection.link_url.to_string(),
        data_types: types,
        records,
        webhooks: events.len(),
    })
}

async fn only_organisation(world: &World, id: &str) -> anyhow::Result<String> {
    let all: Organisations = control(world, http::Method::GET, "_sandbox/organisations", None).await?;
    ensure!(
        all.results.iter().any(|organisation| organisation.id == id),
        "the organisation `{id}` is gone"
    );
    Ok(id.to_owned())
}

/// `dataStatus`, with the number of live records of each type that has been read.
async fn data_status(
    client: &Client<'_>,
    company: &str,
    connection: &str,
) -> anyhow::Result<Vec<(DataStatus, Option<u64>)>> {
    let statuses: std::collections::BTreeMap<String, DataStatus> =
        client.get(&format!("companies/{company}/dataStatus")).await?;
    let mut rows = Vec::new();
    for (_, status) in statuses {
        let listed = compare::COMPARED
            .iter()
            .find(|(data_type, ..)| *data_type == status.data_type);
        let count = match listed {
            Some((_, name, level)) if status.current_status == "Complete" => {
                let path = compare::path(company, connection, name, *level);
                let page: Page<serde::de::IgnoredAny> = client.get(&format!("{path}?pageSize=1")).await?;
                Some(page.total_results)
            }
            _ => None,
        };
        rows.push((status, count));
    }
    Ok(rows)
}

/// Print what the refresh changed, type by type.
async fn changes(
    client: &Client<'_>,
    company: &str,
    connection: &str,
    since: ledgerline_model::Timestamp,
) -> anyhow::Result<()> {
    let mut changed = 0;
    let mut deleted = 0;
    for (data_type, name, level) in compare::COMPARED {
        let path = compare::path(company, connection, name, level);
        let since = ledgerline_model::Instant(since);
        let count = async |query: &str| -> anyhow::Result<u64> {
            let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let page: Page<serde::de::IgnoredAny> =
                client.get(&format!("{path}?pageSize=1&query={query}")).await?;
            Ok(page.total_results)
        };
        let all = count(&format!("modifiedDate>={since}")).await?;
        let gone = count(&format!("modifiedDate>={since}&&metadata.isDeleted=true")).await?;
        if all > 0 {
            println!(
                "  {data_type:<20} {:>4} new or changed, {gone:>3} deleted",
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

/// Wait until each of the wanted events was heard.
async fn hear(world: &World, listener: &listener::Listener, wanted: &[&str]) -> anyhow::Result<Vec<String>> {
    for _ in 0..250 {
        let events = listener.events();
        if wanted
            .iter()
            .all(|wanted| events.iter().any(|event| event == wanted))
        {
            return Ok(events);
        }
        world.wait_a_little().await;
    }
    bail!("of {wanted:?} only {:?} came", listener.events())
}
