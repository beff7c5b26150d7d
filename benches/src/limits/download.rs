use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use bytes::Bytes;
use ledgerline_platform::http::{Network, Transport};

use super::Measured;
use crate::process;
use crate::survey::{Asked, Plan};

/// What is before the name of an endpoint.
const API: &str = "/api.xro/2.0/";

pub async fn run(plan: &Path) -> anyhow::Result<()> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(plan)?)?;
    let network = Network::new()?;
    let (start, cpu) = (Instant::now(), process::own_cpu());
    let (mut count, mut bytes) = (0, 0);
    for Asked { url, since } in &plan.asked {
        let mut request = http::Request::get(url)
            .header("authorization", format!("Bearer {}", plan.access_token))
            .header("xero-tenant-id", plan.organisation.as_str())
            .header("accept", "application/json");
        if let Some(since) = since {
            request = request.header("if-modified-since", since);
        }
        let answer = network.send(request.body(Bytes::new())?).await?;
        ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
        bytes += answer.body().len() as u64;
        count += ledgerline_xero::parse_page(feed_of(url)?, answer.body())?;
    }
    let measured = Measured {
        cpu_seconds: process::own_cpu() - cpu,
        seconds: start.elapsed().as_secs_f64(),
        count,
        bytes,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

fn feed_of(url: &str) -> anyhow::Result<&str> {
    let (_, path) = url
        .split_once(API)
        .with_context(|| format!("{url} is no address of the API"))?;
    let name = path.split('?').next().unwrap_or(path);
    Ok(if name == "Organisation" {
        "Organisations"
    } else {
        name
    })
}
