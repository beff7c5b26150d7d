use ledgerline_model::Secret;
use ledgerline_platform::{self as platform, NeedsReauth, Sent};

use super::fetch::{Source, Stop};
use crate::{Engine, grants, jobs};

/// The access token of the connection's grant.
pub(crate) async fn access_token(engine: &Engine, source: &Source) -> Result<Secret, Stop> {
    grants::access_token(engine, source.connection.app, source.grant)
        .await
        .map_err(stop)
}

/// Another token than `refused`, which the platform no longer accepts.
pub(crate) async fn renewed_token(
    engine: &Engine,
    source: &Source,
    refused: &Secret,
) -> Result<Secret, Stop> {
    grants::force_refresh_after_401(engine, source.connection.app, source.grant, refused)
        .await
        .map_err(stop)
}

/// The platform no longer honours the consent.
pub(crate) async fn lost(
    engine: &Engine,
    source: &Source,
    what: NeedsReauth,
    message: &str,
) -> Result<(), jobs::Error> {
    match what {
        NeedsReauth::Grant => {
            grants::lost(engine, source.connection.app, source.grant, None, message).await?;
        }
        NeedsReauth::Connection => grants::connection_lost(engine, &source.connection, message).await?,
    }
    Ok(())
}

fn stop(error: grants::Error) -> Stop {
    match error {
        grants::Error::NeedsReauth(reason) => {
            Stop::Refused(platform::Error::NeedsReauth(NeedsReauth::Grant, reason))
        }
        grants::Error::Cut | grants::Error::NotFound => Stop::Cut,
        grants::Error::Unavailable {
            retry_after: Some(wait),
            ..
        } => Stop::Refused(platform::Error::RateLimited {
            retry_after: Some(wait),
        }),
        grants::Error::Unavailable {
            reason,
            retry_after: None,
        } => unavailable(reason),
        grants::Error::NotConfigured(what) => unavailable(what.to_owned()),
        grants::Error::Store(error) => Stop::Job(error.into()),
    }
}

fn unavailable(reason: String) -> Stop {
    Stop::Refused(platform::Error::Unavailable {
        sent: Sent::Never,
        reason,
    })
}
