//! Opened links, and consents under way.

/// A browser that opened a link.
mod session;
/// A customer who was sent to the platform's consent page.
mod state;

pub use session::{Session, find_session, find_session_by_id, insert_session, set_pending};
pub use state::{State, insert_state, take_state};

use ledgerline_model::Timestamp;

use crate::db::sql;
use crate::{Result, Tx};

/// Forget what ended before `before`.
pub async fn clean(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let states = sql("delete from oauth_state where expires_at < $1")
        .bind(before)
        .run(tx)
        .await?;
    let sessions = sql("delete from link_session where expires_at < $1")
        .bind(before)
        .run(tx)
        .await?;
    Ok(states + sessions)
}
