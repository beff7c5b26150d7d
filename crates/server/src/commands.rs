//! One file per command.

/// `ledgerline apps`.
mod apps;
/// `ledgerline doctor`.
mod doctor;
/// `ledgerline keys`.
pub mod keys;
/// `ledgerline map`.
mod map;
/// `ledgerline openapi`.
mod openapi;
/// `ledgerline sandbox`.
mod sandbox;
/// `ledgerline serve`.
pub mod serve;

use std::sync::Arc;

use ledgerline_engine::ids::SystemIds;
use ledgerline_model::Ids;

use crate::cli::{Arguments, Command};
use crate::{config, demo, wiring};

/// Run the command that was asked for.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = || config::read(&arguments);
    match &arguments.command {
        Command::Serve(options) => serve::run(config()?, options).await,
        Command::Sandbox(options) => sandbox::run(options).await,
        Command::Demo(options) => demo::run(options).await,
        Command::Keys(command) => keys::run(&config()?, command).await,
        Command::Apps(command) => apps::run(&config()?, command).await,
        Command::Migrate => {
            let ids: Arc<dyn Ids> = Arc::new(SystemIds);
            wiring::open_store(&config()?, &ids).await?;
            println!("The database has this version's schema.");
            Ok(())
        }
        Command::Doctor => doctor::run(&config()?).await,
        Command::Openapi { dir } => openapi::run(dir.as_deref()),
        Command::Map {
            platform,
            data_type,
            file,
        } => map::run(platform, data_type, file),
    }
}
