use ledgerline_model::Timestamp;

use crate::db::{Row, sql};
use crate::{Result, Tx};

/// A browser that is logged in; found by the hash of its cookie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub hash: [u8; 32],
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A login link by the SHA-256 of its token.
pub async fn insert_login(tx: &mut Tx, token_hash: &[u8; 32], expires_at: Timestamp) -> Result<()> {
    sql("insert into dashboard_login (token_hash, expires_at) values ($1, $2)")
        .bind(&token_hash[..])
        .bind(expires_at)
        .run(tx)
        .await?;
    Ok(())
}

/// Whether the login is good; it is once.
pub async fn take_login(tx: &mut Tx, token_hash: &[u8; 32], now: Timestamp) -> Result<bool> {
    let taken = sql("update dashboard_login set used_at = $2
         where token_hash = $1 and used_at is null and expires_at > $2")
    .bind(&token_hash[..])
    .bind(now)
    .run(tx)
    .await?;
    Ok(taken > 0)
}

pub async fn insert_session(tx: &mut Tx, session: &Session) -> Result<()> {
    sql(
        "insert into dashboard_session (session_hash, created_at, seen_at, expires_at)
         values ($1, $2, $3, $4)",
    )
    .bind(&session.hash[..])
    .bind(session.created_at)
    .bind(session.seen_at)
    .bind(session.expires_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Unless it has ended.
pub async fn find_session(tx: &mut Tx, hash: &[u8; 32], now: Timestamp) -> Result<Option<Session>> {
    sql(
        "select session_hash, created_at, seen_at, expires_at from dashboard_session
         where session_hash = $1 and expires_at > $2",
    )
    .bind(&hash[..])
    .bind(now)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// It was used, and ends at `expires_at` unless it is used again.
pub async fn touch_session(
    tx: &mut Tx,
    hash: &[u8; 32],
    seen_at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sql("update dashboard_session set seen_at = $2, expires_at = $3 where session_hash = $1")
        .bind(&hash[..])
        .bind(seen_at)
        .bind(expires_at)
        .run(tx)
        .await?;
    Ok(())
}

pub async fn delete_session(tx: &mut Tx, hash: &[u8; 32]) -> Result<()> {
    sql("delete from dashboard_session where session_hash = $1")
        .bind(&hash[..])
        .run(tx)
        .await?;
    Ok(())
}

/// Forget what ended before `before`.
pub async fn clean(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let logins = sql("delete from dashboard_login where expires_at < $1")
        .bind(before)
        .run(tx)
        .await?;
    let sessions = sql("delete from dashboard_session where expires_at < $1")
        .bind(before)
        .run(tx)
        .await?;
    Ok(logins + sessions)
}

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        hash: row.sha256("session_hash")?,
        created_at: row.at("created_at")?,
        seen_at: row.at("seen_at")?,
        expires_at: row.at("expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, on_both_stores};

    #[tokio::test]
    async fn a_login_is_good_once_and_in_time() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            insert_login(&mut tx, &[1; 32], at(10)).await.unwrap();
            assert!(!take_login(&mut tx, &[1; 32], at(10)).await.unwrap());
            assert!(take_login(&mut tx, &[1; 32], at(9)).await.unwrap());
            assert!(!take_login(&mut tx, &[1; 32], at(9)).await.unwrap());
            assert!(!take_login(&mut tx, &[2; 32], at(9)).await.unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn a_session_lives_while_it_is_used() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let mut session = Session {
                hash: [1; 32],
                created_at: at(0),
                seen_at: at(0),
                expires_at: at(10),
            };
            insert_session(&mut tx, &session).await.unwrap();
            touch_session(&mut tx, &session.hash, at(5), at(15))
                .await
                .unwrap();
            (session.seen_at, session.expires_at) = (at(5), at(15));
            assert_eq!(
                find_session(&mut tx, &[1; 32], at(14)).await.unwrap(),
                Some(session)
            );
            assert_eq!(find_session(&mut tx, &[1; 32], at(15)).await.unwrap(), None);
            assert_eq!(clean(&mut tx, at(16)).await.unwrap(), 1);
        })
        .await;
    }
}
