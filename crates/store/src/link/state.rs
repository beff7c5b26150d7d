use ledgerline_model::{AppId, ConnectionId, LinkSessionId, Secret, Timestamp};

use crate::db::sql;
use crate::seal::{self, Place};
use crate::{Result, Tx};

/// A customer who was sent to the platform's consent page; its hash comes back with the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// SHA-256 of the `state` parameter.
    pub hash: [u8; 32],
    pub app: AppId,
    pub session: LinkSessionId,
    /// Set where the link was a connection's.
    pub connection: Option<ConnectionId>,
    pub platform: String,
    /// For PKCE; empty where the platform has none.
    pub code_verifier: Secret,
    pub expires_at: Timestamp,
}

pub async fn insert_state(tx: &mut Tx, state: &State) -> Result<()> {
    let row = row_name(&state.hash);
    let verifier = seal::seal(tx, place(state.app, &row), &state.code_verifier).await?;
    sql(
        "insert into oauth_state (state_hash, app_id, session_id, connection_id, platform, code_verifier, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&state.hash[..])
    .bind(state.app)
    .bind(state.session)
    .bind(state.connection)
    .bind(state.platform.as_str())
    .bind(verifier)
    .bind(state.expires_at)
    .run(tx)
    .await?;
    Ok(())
}

/// It can be taken once, until it expires.
pub async fn take_state(tx: &mut Tx, hash: &[u8; 32], now: Timestamp) -> Result<Option<State>> {
    let row = sql("update oauth_state set used_at = $2
         where state_hash = $1 and used_at is null and expires_at > $2
         returning app_id, session_id, connection_id, platform, code_verifier, expires_at")
    .bind(&hash[..])
    .bind(now)
    .first(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let app = AppId(row.uuid("app_id")?);
    let code_verifier = seal::unseal(tx, place(app, &row_name(hash)), &row.bytes("code_verifier")?).await?;
    Ok(Some(State {
        hash: *hash,
        app,
        session: LinkSessionId(row.uuid("session_id")?),
        connection: row.opt_uuid("connection_id")?.map(ConnectionId),
        platform: row.text("platform")?,
        code_verifier,
        expires_at: row.at("expires_at")?,
    }))
}

fn row_name(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

const fn place(app: AppId, row: &str) -> Place<'_> {
    Place {
        app,
        table: "oauth_state",
        row,
        column: "code_verifier",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{an_app, at, ids, on_both_stores};

    #[tokio::test]
    async fn a_state_is_taken_once_and_in_time() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let state = State {
                hash: [9; 32],
                app: app.id,
                session: LinkSessionId::new(&*ids(), at(0)),
                connection: None,
                platform: "xero".to_owned(),
                code_verifier: Secret::new("verifier"),
                expires_at: at(600),
            };
            insert_state(&mut tx, &state).await.unwrap();
            assert_eq!(take_state(&mut tx, &[9; 32], at(600)).await.unwrap(), None);
            assert_eq!(take_state(&mut tx, &[9; 32], at(599)).await.unwrap(), Some(state));
            assert_eq!(take_state(&mut tx, &[9; 32], at(599)).await.unwrap(), None);
        })
        .await;
    }
}
