use std::sync::Arc;

use anyhow::Context;
use ledgerline_engine::clock::SystemClock;
use ledgerline_engine::ids::SystemIds;
use ledgerline_engine::signing;
use ledgerline_model::app::{App, Environment, Scope, Settings};
use ledgerline_model::{AppId, Clock, Ids, Secret};
use ledgerline_store::{Store, api_keys, apps};

use crate::cli;
use crate::config::Config;
use crate::wiring;

pub async fn run(config: &Config, command: &cli::Keys) -> anyhow::Result<()> {
    let (cli::Keys::Create { env, .. } | cli::Keys::ClientSecret { env, .. }) = command;
    let environment = Environment::from_key(env).context("`--env` is `test` or `live`")?;
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let clock = SystemClock::default();
    let store = wiring::open_store(config, &ids).await?;
    match command {
        cli::Keys::Create {
            app, name, scopes, ..
        } => {
            let wanted = Wanted {
                app,
                environment,
                name: name.as_deref(),
                scopes: scopes.as_deref().map(known).transpose()?,
            };
            let key = create(&store, &*ids, &clock, wanted).await?;
            println!("A key for the app `{app}`, {env}. It is shown this once:");
            println!("{}", key.expose());
        }
        cli::Keys::ClientSecret { app, .. } => {
            let secret = client_secret(&store, app, environment).await?;
            println!("The client secret of the app `{app}`, {env}:");
            println!("{}", secret.expose());
        }
    }
    Ok(())
}

async fn client_secret(store: &Store, app: &str, environment: Environment) -> anyhow::Result<Secret> {
    let mut tx = store.write().await?;
    let found = apps::find_by_name(&mut tx, app).await?;
    let app = found.with_context(|| format!("There is no app `{app}`"))?;
    let secret = signing::client_secret(&mut tx, app.id, environment).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The scopes of a list by commas; none in an empty one.
fn known(scopes: &str) -> anyhow::Result<Vec<Scope>> {
    let named = scopes.split(',').map(str::trim).filter(|name| !name.is_empty());
    named
        .map(|name| {
            Scope::from_key(name).with_context(|| {
                let all = Scope::ALL.map(Scope::key).join("`, `");
                format!("There is no scope `{name}`: there are `{all}`")
            })
        })
        .collect()
}

/// A key that is to be made.
pub struct Wanted<'a> {
    /// Name of the app.
    pub app: &'a str,
    pub environment: Environment,
    pub name: Option<&'a str>,
    /// `None`: all.
    pub scopes: Option<Vec<Scope>>,
}

/// Make a key, and the app if there is none of that name.
pub async fn create(
    store: &Store,
    ids: &dyn Ids,
    clock: &dyn Clock,
    wanted: Wanted<'_>,
) -> anyhow::Result<Secret> {
    let Wanted {
        app: app_name,
        environment,
        name,
        scopes,
    } = wanted;
    let now = clock.now();
    let mut tx = store.write().await?;
    let app = match apps::find_by_name(&mut tx, app_name).await? {
        Some(app) => app.id,
        None => {
            let app = App {
                id: AppId::new(ids, now),
                name: app_name.to_owned(),
                settings: Settings::default(),
                created_at: now,
            };
            apps::insert(&mut tx, &app).await?;
            app.id
        }
    };
    let (key, secret) = api_keys::mint(ids, app, environment, name.map(str::to_owned), scopes, now);
    api_keys::insert(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(secret)
}
