use ledgerline_model::connection::{Connection, State};
use ledgerline_model::{GrantId, Secret, Timestamp};
use ledgerline_platform::http::Answer;
use ledgerline_platform::pass_through::{Call, MAX_ANSWER, Passed, Request};
use ledgerline_platform::{Error as PlatformError, Sent};
use ledgerline_store::connections;

use crate::budget::{self, Purpose};
use crate::{Engine, grants};

/// Why there is no answer of the platform.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not linked, or no longer.
    #[error("the connection is not linked")]
    NotLinked,
    #[error("the platform does not offer this")]
    Unsupported,
    /// Our budget of its requests is used up.
    #[error("nothing more may be asked of the platform before {0}")]
    Wait(Timestamp),
    /// No usable answer came; `sent` says whether the request may have taken effect.
    #[error("the platform is not available: {reason}")]
    Unavailable { sent: Sent, reason: String },
    #[error("the platform's answer is larger than {MAX_ANSWER} bytes")]
    TooLarge,
    #[error(transparent)]
    Store(#[from] ledgerline_store::Error),
}

/// Ask the connection's platform what the app wants to know: within the budgets and with the token that pulls
/// use. A token that has expired is renewed once. Whatever the platform answers is the answer.
pub async fn pass_through(
    engine: &Engine,
    connection: &Connection,
    request: &Request,
) -> Result<Answer, Error> {
    let grant = connection.grant.filter(|_| connection.state == State::Linked);
    let grant = grant.ok_or(Error::NotLinked)?;
    let token = grants::access_token(engine, connection.app, grant)
        .await
        .map_err(|error| of_grant(engine, error))?;
    let mut passed = ask(engine, connection, grant, request, &token).await?;
    let mut answer = scrubbed(passed.answer, &token);
    if passed.token_expired {
        let renewed = grants::force_refresh_after_401(engine, connection.app, grant, &token)
            .await
            .map_err(|error| of_grant(engine, error))?;
        passed = ask(engine, connection, grant, request, &renewed).await?;
        answer = scrubbed(passed.answer, &renewed);
    }
    if answer.body.len() > MAX_ANSWER {
        return Err(Error::TooLarge);
    }
    Ok(answer)
}

/// How many requests may be asked in this way now, by our own count; `None`: the platform has no limits.
pub async fn room(engine: &Engine, connection: &Connection) -> Result<Option<u32>, Error> {
    let room = budget::room_until(engine, connection, Purpose::PassThrough, engine.now())
        .await
        .map_err(of_budget)?;
    Ok(Some(room).filter(|room| *room < u32::MAX))
}

async fn ask(
    engine: &Engine,
    connection: &Connection,
    grant: GrantId,
    request: &Request,
    token: &Secret,
) -> Result<Passed, Error> {
    let entry = engine
        .registry
        .find(&connection.platform)
        .ok_or(Error::Unsupported)?;
    let organisation = connection.organisation.as_ref().ok_or(Error::NotLinked)?;
    let cx = budget::take(engine, connection, Purpose::PassThrough, 1)
        .await
        .map_err(of_budget)?;
    // After a disconnect has been committed nothing more is asked with that consent.
    let mut tx = engine.store.read().await?;
    let now = connections::find(&mut tx, connection.app, connection.environment, connection.id).await?;
    drop(tx);
    if !now.is_some_and(|now| now.state == State::Linked && now.grant == Some(grant)) {
        return Err(Error::NotLinked);
    }
    let call = Call {
        access_token: token,
        organisation,
        request,
    };
    entry
        .platform
        .pass_through(&cx, &call)
        .await
        .map_err(|error| of_platform(engine, error))
}

/// The answer without the token, should the platform have repeated it.
fn scrubbed(answer: Answer, token: &Secret) -> Answer {
    let token = token.expose().as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(token.len().max(1)).any(|part| part == token);
    let mut headers = answer.headers;
    let told: Vec<_> = headers
        .iter()
        .filter(|(_, value)| holds(value.as_bytes()))
        .map(|(name, _)| name.clone())
        .collect();
    for name in told {
        headers.remove(name);
    }
    let body = if holds(&answer.body) {
        let text = String::from_utf8_lossy(&answer.body);
        text.replace(&*String::from_utf8_lossy(token), "[redacted]")
            .into()
    } else {
        answer.body
    };
    Answer {
        status: answer.status,
        headers,
        body,
    }
}

fn of_budget(error: budget::Error) -> Error {
    match error {
        budget::Error::Wait(until) => Error::Wait(until),
        budget::Error::NotConfigured => Error::Unsupported,
        budget::Error::Store(error) => Error::Store(error),
    }
}

fn of_platform(engine: &Engine, error: PlatformError) -> Error {
    match error {
        // Let out by our own budgets only; the platform's 429 is an answer.
        PlatformError::RateLimited { retry_after } => {
            let wait = retry_after.unwrap_or(std::time::Duration::from_secs(1));
            Error::Wait(crate::jobs::lease::later(engine.now(), wait))
        }
        PlatformError::Unsupported { .. } => Error::Unsupported,
        PlatformError::Unavailable { sent, reason } => Error::Unavailable { sent, reason },
        other => Error::Unavailable {
            sent: Sent::Maybe,
            reason: other.to_string(),
        },
    }
}

fn of_grant(engine: &Engine, error: grants::Error) -> Error {
    match error {
        grants::Error::NotFound | grants::Error::Cut | grants::Error::NeedsReauth(_) => Error::NotLinked,
        grants::Error::Unavailable {
            retry_after: Some(wait),
            ..
        } => Error::Wait(crate::jobs::lease::later(engine.now(), wait)),
        grants::Error::Unavailable {
            reason,
            retry_after: None,
        } => Error::Unavailable {
            sent: Sent::Never,
            reason,
        },
        grants::Error::NotConfigured(_) => Error::Unsupported,
        grants::Error::Store(error) => Error::Store(error),
    }
}
