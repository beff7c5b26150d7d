use std::path::Path;

use anyhow::Context;
use ledgerline_model::DataType;
use ledgerline_platform::Content;

use crate::wiring;

/// Print what a connector makes of a recorded answer: one record a line, issues after it.
pub fn run(platform: &str, data_type: &str, file: &Path) -> anyhow::Result<()> {
    let platforms = wiring::platforms();
    let known = || {
        platforms
            .iter()
            .map(|platform| platform.about().key)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let connector = platforms
        .iter()
        .find(|candidate| candidate.about().key == platform)
        .with_context(|| format!("there is no platform `{platform}`; there is: {}", known()))?;
    let data_type: DataType = data_type.parse()?;
    let recording = std::fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let rows = connector.map(data_type, &recording)?;
    if rows.is_empty() {
        println!("# The file holds nothing of the type `{data_type}`.");
    }
    for row in rows {
        match row.content {
            Content::Present(present) => {
                println!("{}", present.standard.json);
                for issue in &present.issues {
                    println!("# {}: `{}`: {}", issue.rule, issue.field, issue.message);
                }
            }
            Content::Gone => println!("# {}: deleted, or not of this type", row.remote_id),
            Content::Quarantined { issue, .. } => {
                println!(
                    "# {}: quarantined: {}: `{}`: {}",
                    row.remote_id, issue.rule, issue.field, issue.message
                );
            }
        }
    }
    Ok(())
}
