/// Every page downloaded and parsed into the wire structs, and nothing done with it.
pub mod download;
/// Rows inserted as they are.
pub mod insert;

use std::process::Command;

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

/// Measure in a process of its own: this one again, with other arguments.
pub fn in_a_process(arguments: &[&str]) -> anyhow::Result<Measured> {
    let printed = process::output(Command::new(std::env::current_exe()?).args(arguments))?;
    Ok(serde_json::from_str(&printed)?)
}
