/// Every page downloaded and parsed into the wire structs, and nothing done with it.
pub mod download;
/// Rows inserted as they are.
pub mod insert;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::process;

/// What a limit's process found.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Measured {
    pub cpu_seconds: f64,
    pub seconds: f64,
    /// Objects of the platform, or rows.
    pub count: u64,
    pub bytes: u64,
}

/// Ask what the plan says, and parse the answers.
pub fn download(plan: &Path) -> anyhow::Result<Measured> {
    in_a_process(&["download", "--plan", text(plan)?])
}

/// Write the rows of the first file, then those of the others over them: what the first took, and each of the others.
pub fn insert(
    (rows, changed): (&Path, &[PathBuf]),
    database: &str,
    postmaster: Option<u32>,
) -> anyhow::Result<(Measured, Vec<Measured>)> {
    let postmaster = postmaster.map(|id| id.to_string());
    let mut arguments = vec!["insert", "--rows", text(rows)?, "--database", database];
    for changed in changed {
        arguments.extend(["--changed", text(changed)?]);
    }
    if let Some(id) = &postmaster {
        arguments.extend(["--postmaster", id]);
    }
    in_a_process(&arguments)
}

/// Measure in a process of its own: this one again, with other arguments.
fn in_a_process<T: DeserializeOwned>(arguments: &[&str]) -> anyhow::Result<T> {
    let printed = process::output(Command::new(std::env::current_exe()?).args(arguments))?;
    Ok(serde_json::from_str(&printed)?)
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder has no name in UTF-8")
}
