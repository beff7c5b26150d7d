use std::sync::Arc;

use anyhow::Context;
use ledgerline_engine::ids::SystemIds;
use ledgerline_model::Ids;
use ledgerline_store::apps;

use crate::cli;
use crate::config::Config;
use crate::wiring;

pub async fn run(config: &Config, command: &cli::Apps) -> anyhow::Result<()> {
    let cli::Apps::Set { name, settings } = command;
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let store = wiring::open_store(config, &ids).await?;
    let mut tx = store.write().await?;
    let mut app = apps::find_by_name(&mut tx, name)
        .await?
        .with_context(|| format!("there is no app `{name}`; `ledgerline keys create` makes one"))?;
    for setting in settings {
        let (key, value) = setting
            .split_once('=')
            .with_context(|| format!("`{setting}` is not of the form KEY=VALUE"))?;
        app.settings.extra.insert(key.to_owned(), value.to_owned());
    }
    apps::save_settings(&mut tx, app.id, &app.settings).await?;
    tx.commit().await?;
    for (key, value) in &app.settings.extra {
        println!("{key}={value}");
    }
    Ok(())
}
