use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, header};
use ledgerline_engine::Engine;
use ledgerline_model::{Secret, Timestamp};
use ledgerline_store::dashboard::{self, Session};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::errors::Error;
use crate::cookies;
use crate::pages::Site;

/// A session without use ends after this many seconds.
const IDLE: i64 = 30 * 60;
/// Every session ends after this many seconds.
const LONGEST: i64 = 12 * 3600;
/// Use is noted at most this often, so that reading pages writes little.
const NOTED_EVERY: i64 = 60;

/// Somebody who is logged in.
pub(super) struct Operator {
    /// Goes into every form, and has to come back with it.
    pub(super) csrf: String,
    hash: [u8; 32],
}

impl Operator {
    /// Who the cookie says it is.
    pub(super) async fn find(engine: &Engine, headers: &HeaderMap) -> Result<Self, Error> {
        let site = Site::new(&engine.config.public_url);
        let Some(cookie) = cookies::find(headers, &name(&site)) else {
            return Err(Error::SignedOut(site));
        };
        let hash = sha256(&cookie);
        let now = engine.real_now();
        let mut tx = engine.store.read().await?;
        let Some(session) = dashboard::find_session(&mut tx, &hash, now).await? else {
            return Err(Error::SignedOut(site));
        };
        drop(tx);
        if now.as_second() - session.seen_at.as_second() >= NOTED_EVERY {
            let mut tx = engine.store.write().await?;
            dashboard::touch_session(&mut tx, &hash, now, expiry(session.created_at, now)).await?;
            tx.commit().await?;
        }
        Ok(Self {
            csrf: csrf(&cookie),
            hash,
        })
    }

    /// Whether a form came from a page of this session.
    pub(super) fn check(&self, engine: &Engine, token: &str) -> Result<(), Error> {
        if bool::from(self.csrf.as_bytes().ct_eq(token.as_bytes())) {
            Ok(())
        } else {
            Err(Error::Forged(Site::new(&engine.config.public_url)))
        }
    }

    pub(super) async fn end(&self, engine: &Engine) -> Result<(), Error> {
        let mut tx = engine.store.write().await?;
        dashboard::delete_session(&mut tx, &self.hash).await?;
        Ok(tx.commit().await?)
    }
}

/// Begin a session: the header that gives the browser its cookie.
pub(super) async fn begin(
    engine: &Engine,
    tx: &mut ledgerline_store::Tx,
) -> ledgerline_store::Result<(header::HeaderName, HeaderValue)> {
    let now = engine.real_now();
    let cookie = random(engine);
    let session = Session {
        hash: sha256(&cookie),
        created_at: now,
        seen_at: now,
        expires_at: expiry(now, now),
    };
    dashboard::insert_session(tx, &session).await?;
    let site = Site::new(&engine.config.public_url);
    Ok(cookies::set(&site, &name(&site), &cookie, LONGEST))
}

/// The header that takes the cookie away.
pub(super) fn forget(site: &Site) -> (header::HeaderName, HeaderValue) {
    cookies::set(site, &name(site), &Secret::new(""), 0)
}

/// 256 random bits that fit into a URL.
pub(super) fn random(engine: &Engine) -> Secret {
    let mut bytes = [0; 32];
    engine.ids.fill(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn sha256(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

fn expiry(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let second = (now.as_second() + IDLE).min(created_at.as_second() + LONGEST);
    Timestamp::from_second(second).unwrap_or(now)
}

/// Known only to who has the cookie; needs no column.
fn csrf(cookie: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update("csrf:");
    hash.update(cookie.expose());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

fn name(site: &Site) -> String {
    cookies::name(site, "ledgerline_dashboard")
}
