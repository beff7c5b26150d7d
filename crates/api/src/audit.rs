use std::fmt;

use ledgerline_engine::Engine;
use ledgerline_model::AppId;
use ledgerline_store::audit::{self, Entry};
use ledgerline_store::{Result, Tx};

use crate::auth::{App, Caller, Means};

/// Who acts, for the log.
pub struct Actor {
    app: AppId,
    name: String,
}

impl From<&App> for Actor {
    fn from(app: &App) -> Self {
        Self {
            app: app.app,
            name: format!("key {}", app.key.prefix),
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        let name = match &caller.means {
            Means::Key(key) => format!("key {}", key.prefix),
            Means::Token(company) => format!("customer {company}"),
        };
        Self {
            app: caller.app,
            name,
        }
    }
}

/// Note what was done to `subject`, in the transaction that does it. `action` is `noun.verb-ed`.
pub async fn note(
    engine: &Engine,
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    subject: impl fmt::Display,
    result: &str,
) -> Result<()> {
    let entry = Entry {
        app: actor.app,
        at: engine.now(),
        actor: actor.name.clone(),
        action: action.to_owned(),
        subject: subject.to_string(),
        result: result.to_owned(),
    };
    audit::append(tx, &entry).await
}
