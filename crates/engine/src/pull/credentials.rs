use ledgerline_model::Secret;
use ledgerline_platform::{self as platform, NeedsReauth};
use ledgerline_store::grants;

use super::fetch::{Source, Stop};
use crate::{Engine, jobs};

/// The access token of the connection's grant.
pub(super) async fn access_token(engine: &Engine, source: &Source) -> Result<Secret, Stop> {
    let mut tx = engine.store.read().await?;
    let grant = grants::find(&mut tx, source.connection.app, source.grant).await?;
    match grant.and_then(|grant| grant.tokens) {
        Some(tokens) => Ok(tokens.access),
        None => Err(Stop::Refused(platform::Error::NeedsReauth(
            NeedsReauth::Grant,
            "its tokens are destroyed".into(),
        ))),
    }
}

/// Another token than `refused`, which the platform no longer accepts.
pub(super) async fn renewed_token(
    engine: &Engine,
    source: &Source,
    refused: &Secret,
) -> Result<Secret, Stop> {
    let token = access_token(engine, source).await?;
    if token == *refused {
        return Err(Stop::Refused(platform::Error::TokenExpired));
    }
    Ok(token)
}

/// The platform no longer honours the consent.
pub(super) async fn lost(
    engine: &Engine,
    source: &Source,
    what: NeedsReauth,
    _message: &str,
) -> Result<(), jobs::Error> {
    let _ = (engine, source, what);
    Ok(())
}
