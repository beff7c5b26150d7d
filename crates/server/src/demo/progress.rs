use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::bail;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Deserialize;

use super::client::{Client, Page};
use super::world::World;

/// A Pull, as `data/history` tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    id: String,
    data_type: String,
    status: String,
    error_message: Option<String>,
    progress: u64,
    is_completed: bool,
    is_errored: bool,
    /// Ours: rows read so far.
    #[serde(default)]
    records_read: u64,
}

/// Show a bar per data type until every Pull of the company has ended; one that ended badly is an error.
pub async fn until_all_ended(world: &World, client: &Client<'_>, company: &str) -> anyhow::Result<()> {
    let bars = MultiProgress::new();
    let mut shown: BTreeMap<String, ProgressBar> = BTreeMap::new();
    let path = format!("companies/{company}/data/history?pageSize=200&orderBy=-requested");
    for _ in 0..3000 {
        let pulls: Page<Pull> = client.get(&path).await?;
        let mut latest: BTreeMap<&str, &Pull> = BTreeMap::new();
        for pull in pulls.results.iter().rev() {
            latest.insert(&pull.data_type, pull);
        }
        for pull in latest.values() {
            let bar = shown
                .entry(pull.id.clone())
                .or_insert_with(|| bars.add(bar(&pull.data_type)));
            bar.set_position(pull.progress);
            bar.set_message(rate(pull, bar.elapsed()));
            if pull.is_completed && !bar.is_finished() {
                bar.finish();
            }
        }
        if let Some(pull) = latest.values().find(|pull| pull.is_errored) {
            bail!(
                "{} ended {}: {}",
                pull.data_type,
                pull.status,
                pull.error_message.as_deref().unwrap_or("")
            );
        }
        if !latest.is_empty() && latest.values().all(|pull| pull.is_completed) {
            let records: u64 = latest.values().map(|pull| pull.records_read).sum();
            println!("  {} data types, {records} records read", latest.len());
            return Ok(());
        }
        world.wait_a_little().await;
    }
    bail!("the data did not arrive in time")
}

fn bar(data_type: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("  {prefix:<20} {bar:28} {pos:>3} %  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(100).with_style(style);
    bar.set_prefix(data_type.to_owned());
    bar
}

fn rate(pull: &Pull, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if pull.is_completed || seconds < 0.2 {
        return format!("{} records", pull.records_read);
    }
    format!(
        "{} records, {:.0} a second",
        pull.records_read,
        pull.records_read as f64 / seconds
    )
}
