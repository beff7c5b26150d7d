//! Who is told of events, as the dialects register it that have the same fields for it.

use ledgerline_engine::deliver::{self, Reach};
use ledgerline_model::event::Endpoint;
use ledgerline_model::{EndpointId, Secret};
use ledgerline_store::{Error, endpoints};

use crate::audit::{self, Actor};
use crate::auth::App;

/// A dialect has at most so many in an environment of an app.
const MAX: usize = 50;

/// What a request asks for.
pub struct Wanted<'a> {
    pub dialect: &'static str,
    /// The events of the dialect.
    pub names: &'a [&'a str],
    pub url: &'a str,
    /// None means all.
    pub event_types: Vec<String>,
}

/// Why an address is not registered; the reasons say nothing of the field's name.
#[derive(Debug)]
pub enum Refused {
    Url(String),
    EventTypes(String),
    /// There are so many.
    TooMany(usize),
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Register an address. The secret is shown once.
pub async fn make(app: &App, wanted: Wanted<'_>) -> Result<(Endpoint, Secret), Refused> {
    let engine = &app.engine;
    let url = Reach::of(app.environment, engine.config.allow_private_webhooks)
        .check(wanted.url)
        .map_err(|refusal| Refused::Url(refusal.to_string()))?;
    let now = engine.now();
    let endpoint = Endpoint {
        app: app.app,
        id: EndpointId::new(engine.ids.as_ref(), now),
        environment: app.environment,
        dialect: wanted.dialect.to_owned(),
        url: url.into(),
        event_types: checked(wanted.names, wanted.event_types)?,
        company_tags: Vec::new(),
        disabled: false,
        created_at: now,
        failing_since: None,
    };
    let secret = deliver::mint(engine.ids.as_ref());
    let mut tx = engine.store.write().await?;
    let known = endpoints::list(&mut tx, app.app, app.environment, Some(wanted.dialect)).await?;
    if known.len() >= MAX {
        return Err(Refused::TooMany(MAX));
    }
    endpoints::insert(&mut tx, &endpoint, &secret).await?;
    let actor = Actor::from(app);
    audit::note(engine, &mut tx, &actor, "webhook.made", endpoint.id, "done").await?;
    tx.commit().await?;
    Ok((endpoint, secret))
}

/// Those of a dialect.
pub async fn list(app: &App, dialect: &str) -> Result<Vec<Endpoint>, Error> {
    let mut tx = app.engine.store.read().await?;
    endpoints::list(&mut tx, app.app, app.environment, Some(dialect)).await
}

/// Stop telling an address; what waits for it is dropped. Whether there was one of the dialect.
pub async fn delete(app: &App, dialect: &str, id: EndpointId) -> Result<bool, Error> {
    let mut tx = app.engine.store.write().await?;
    let found = endpoints::find(&mut tx, app.app, app.environment, id).await?;
    if found.is_none_or(|endpoint| endpoint.dialect != dialect) {
        return Ok(false);
    }
    endpoints::delete(&mut tx, app.app, app.environment, id).await?;
    let actor = Actor::from(app);
    audit::note(&app.engine, &mut tx, &actor, "webhook.deleted", id, "done").await?;
    tx.commit().await?;
    Ok(true)
}

fn checked(names: &[&str], mut asked: Vec<String>) -> Result<Vec<String>, Refused> {
    asked.sort();
    asked.dedup();
    if let Some(unknown) = asked.iter().find(|name| !names.contains(&name.as_str())) {
        let unknown: String = unknown.chars().take(64).collect();
        let reason = format!("there is no event `{unknown}`; there are {}", names.join(", "));
        return Err(Refused::EventTypes(reason));
    }
    if asked.is_empty() {
        asked = names.iter().map(|name| (*name).to_owned()).collect();
    }
    Ok(asked)
}
