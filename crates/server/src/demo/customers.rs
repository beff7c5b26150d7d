use anyhow::ensure;
use ledgerline_sandbox::approve::{self, Decision};
use serde::Deserialize;
use serde_json::json;

use super::client::{Client, Company, Connection, control};
use super::world::World;

/// A company of the demo, and where its books are.
pub struct Profile {
    pub name: &'static str,
    /// As the dialect names the platform.
    platform_key: &'static str,
    /// As the sandbox does.
    simulator: &'static str,
    /// As people do.
    pub platform: &'static str,
    seed: u64,
    invoices: u64,
}

pub const PROFILES: [Profile; 2] = [
    Profile {
        name: "Harbour Bakery",
        platform_key: "gbol",
        simulator: "xero",
        platform: "Xero",
        seed: 7,
        invoices: 1500,
    },
    Profile {
        name: "Mill Lane Cycles",
        platform_key: "qhyg",
        simulator: "quickbooks_online",
        platform: "QuickBooks Online",
        seed: 23,
        invoices: 600,
    },
];

/// A company that is linked.
pub struct Customer {
    pub profile: &'static Profile,
    pub company: String,
    pub connection: String,
    pub link_url: String,
    /// Its books, at the sandbox.
    pub organisation: String,
}

#[derive(Deserialize)]
struct Organisation {
    id: String,
}

/// Make a company.
pub async fn make(client: &Client<'_>, profile: &Profile) -> anyhow::Result<Company> {
    client.post("companies", &json!({ "name": profile.name })).await
}

/// Make its books at the simulated platform, and consent as their owner would: through the link page.
pub async fn connect(
    world: &World,
    client: &Client<'_>,
    profile: &'static Profile,
    company: Company,
) -> anyhow::Result<Customer> {
    let wanted = json!({
        "platform": profile.simulator, "seed": profile.seed, "months": 18, "invoices": profile.invoices,
        "limits": "off", "latency_ms": 15,
    });
    let made: Organisation =
        control(world, http::Method::POST, "_sandbox/organisations", Some(wanted)).await?;
    let path = format!("companies/{}/connections", company.id);
    let connection: Connection = client
        .post(&path, &json!({ "platformKey": profile.platform_key }))
        .await?;
    println!(
        "  {}, on {}: the link page: {}",
        company.name, profile.platform, connection.link_url
    );
    let decision = Decision {
        organisation: Some(made.id.clone()),
        refuse: false,
    };
    approve::approve(&approve::client()?, connection.link_url.as_str(), &decision).await?;
    let linked: Connection = client.get(&format!("{path}/{}", connection.id)).await?;
    ensure!(
        linked.status == "Linked",
        "after consent the connection of {} is {}",
        company.name,
        linked.status
    );
    println!("  consented: the connection is {}", linked.status);
    Ok(Customer {
        profile,
        company: company.id,
        connection: connection.id,
        link_url: connection.link_url.to_string(),
        organisation: made.id,
    })
}
