use ledgerline_model::connection::Organisation;
use ledgerline_model::{GrantId, LinkSessionId, Secret};
use ledgerline_platform::{ConsentAnswer, Error as PlatformError};
use ledgerline_store::link::{Session, State, take_state};
use tracing::warn;

use super::begin::redirect_uri;
use super::choose::Pending;
use super::session::{company_of, find, sha256};
use super::{Error, Outcome, finish};
use crate::{Engine, grants};

/// What came of a return from the consent page.
pub struct Callback {
    /// `None` where it belongs to no session of this browser.
    pub session: Option<LinkSessionId>,
    pub outcome: Outcome,
}

/// A browser's cookie of a session.
pub type CookieOf<'a> = &'a (dyn Fn(LinkSessionId) -> Option<Secret> + Sync);

/// The browser came back from the consent page of `platform` with these parameters. `cookie` gives the
/// browser's cookie of a session.
pub async fn callback(
    engine: &Engine,
    platform: &str,
    parameters: Vec<(String, String)>,
    cookie: CookieOf<'_>,
) -> Result<Callback, Error> {
    let Some((state, session)) = take(engine, platform, &parameters, cookie).await? else {
        return Ok(Callback {
            session: None,
            outcome: Outcome::Expired,
        });
    };
    let id = session.id;
    let outcome = answer(engine, state, &session, parameters).await?;
    let outcome = finish::note(engine, &session, platform, outcome).await?;
    Ok(Callback {
        session: Some(id),
        outcome,
    })
}

/// The attempt that comes back: known, in time, for the first time, of this platform and this browser.
async fn take(
    engine: &Engine,
    platform: &str,
    parameters: &[(String, String)],
    cookie: CookieOf<'_>,
) -> Result<Option<(State, Session)>, Error> {
    let Some(text) = only(parameters, "state") else {
        return Ok(None);
    };
    let mut tx = engine.store.write().await?;
    let Some(state) = take_state(&mut tx, &sha256(text), engine.now()).await? else {
        return Ok(None);
    };
    let session = match cookie(state.session) {
        Some(cookie) => find(engine, &mut tx, state.session, &cookie).await,
        None => Err(Error::Expired),
    };
    tx.commit().await?;
    match session {
        Ok(session) if state.platform == platform => Ok(Some((state, session))),
        Ok(_) | Err(Error::Expired) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn answer(
    engine: &Engine,
    state: State,
    session: &Session,
    parameters: Vec<(String, String)>,
) -> Result<Outcome, Error> {
    let platform = state.platform.as_str();
    if let Some(error) = only(&parameters, "error") {
        return Ok(if error == "access_denied" {
            Outcome::Refused
        } else {
            failed("The platform refused to show its consent page to us.")
        });
    }
    let Some(code) = only(&parameters, "code") else {
        return Ok(failed("The platform sent no code."));
    };
    let mut tx = engine.store.read().await?;
    let company = company_of(&mut tx, session.app, session.company).await?;
    drop(tx);
    let entry = engine.registry.find(platform);
    let Some((entry, endpoints)) =
        entry.and_then(|entry| Some((entry, entry.endpoints(company.environment)?)))
    else {
        return Err(Error::UnknownPlatform(platform.to_owned()));
    };
    let answer = ConsentAnswer {
        redirect_uri: redirect_uri(engine, platform),
        code: Secret::new(code),
        code_verifier: state.code_verifier,
        parameters,
    };
    let linked = match entry.platform.link(&engine.cx(endpoints), &answer).await {
        Ok(linked) => linked,
        Err(error) => {
            warn!(company.id = %company.id, platform, %error, "A consent could not be completed");
            return Ok(failed(excuse(&error)));
        }
    };
    let grant = grants::receive(engine, &company, platform, &linked).await?;
    choose_from(
        engine,
        session,
        platform,
        grant,
        linked.picked,
        linked.organisations,
    )
    .await
}

/// One organisation is linked at once; of several the customer has to choose.
async fn choose_from(
    engine: &Engine,
    session: &Session,
    platform: &str,
    grant: GrantId,
    picked: Vec<Organisation>,
    reached: Vec<Organisation>,
) -> Result<Outcome, Error> {
    if let Some(own) = own_organisation(engine, session).await? {
        // A connection's link asks nothing: it is this organisation or none.
        return match reached.iter().chain(&picked).find(|reached| reached.id == own.id) {
            Some(reached) => finish::link(engine, session, platform, grant, reached).await,
            None => Ok(Outcome::OtherOrganisation { expected: own.name }),
        };
    }
    match picked.as_slice() {
        [] => Ok(Outcome::NoOrganisation),
        [organisation] => finish::link(engine, session, platform, grant, organisation).await,
        _ => {
            let pending = Pending::new(platform, grant, picked.clone()).write()?;
            let mut tx = engine.store.write().await?;
            ledgerline_store::link::set_pending(&mut tx, session.app, session.id, Some(&pending)).await?;
            tx.commit().await?;
            Ok(Outcome::Choose {
                organisations: picked,
            })
        }
    }
}

async fn own_organisation(engine: &Engine, session: &Session) -> Result<Option<Organisation>, Error> {
    let Some(id) = session.connection else {
        return Ok(None);
    };
    let mut tx = engine.store.read().await?;
    let own = ledgerline_store::connections::of_company(&mut tx, session.app, session.company).await?;
    Ok(own
        .into_iter()
        .find(|connection| connection.id == id)
        .and_then(|connection| connection.organisation))
}

/// A parameter that is there exactly once (RFC 6749 §3.1).
fn only<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = parameters.iter().filter(|(key, _)| key == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

fn failed(message: &str) -> Outcome {
    Outcome::Failed {
        message: message.to_owned(),
    }
}

/// For the customer: what to do, without the platform's own words, which nobody vouches for.
const fn excuse(error: &PlatformError) -> &'static str {
    match error {
        PlatformError::NeedsReauth(..) | PlatformError::TokenExpired => {
            "The platform no longer accepts this consent: it was used already, or took too long."
        }
        PlatformError::RateLimited { .. } | PlatformError::Unavailable { .. } => {
            "The platform could not be reached. Trying again in a few minutes may help."
        }
        PlatformError::Forbidden { .. }
        | PlatformError::Malformed { .. }
        | PlatformError::CursorExpired { .. }
        | PlatformError::Rejected { .. }
        | PlatformError::Unsupported { .. } => "The platform refused the connection.",
    }
}
