//! The Xero face.

use std::sync::Arc;

use crate::Sandbox;

/// Everything under `/xero`.
pub fn router(sandbox: Arc<Sandbox>) -> axum::Router {
    axum::Router::new().with_state(sandbox)
}

/// What the face remembers besides the ledgers: grants, tokens, connections.
#[derive(Debug, Default)]
pub struct State;

impl State {
    /// What a restart has to keep.
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Take over what [`State::snapshot`] gave.
    pub fn restore(&self, _saved: serde_json::Value) -> Result<(), serde_json::Error> {
        Ok(())
    }
}
