/// One platform, on one store.
mod case;
/// What the platform allows.
mod limit;
/// What is printed.
mod report;

use tempfile::TempDir;

use crate::cli::{Limits, Platform, Push};
use crate::sandbox::Sandbox;

pub async fn run(options: &Push) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let sandbox = Sandbox::start(&options.common.ledgerline, folder.path())?;
    let mut cases = Vec::new();
    for &platform in &options.platforms {
        for &limits in &options.limits {
            // Its answers do not say that they do not count, so that the server counts in any case.
            if platform == Platform::QuickbooksOnline && limits == Limits::Off {
                continue;
            }
            for &latency_ms in &options.latencies {
                for store in options.common.store.stores() {
                    let setting = case::Setting {
                        platform,
                        limits,
                        latency_ms,
                        store,
                    };
                    eprintln!("{setting}");
                    let case = case::measure(options, &sandbox, folder.path(), setting).await?;
                    eprintln!("{:.1} s", case.seconds);
                    cases.push(case);
                }
            }
        }
    }
    report::print(&cases);
    Ok(())
}
