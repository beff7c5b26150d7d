use std::time::Duration;

use ledgerline_model::app::Environment;
use ledgerline_model::{LinkSessionId, Secret};
use ledgerline_platform::{Consent, oauth};
use ledgerline_store::connections;
use ledgerline_store::link::{State, insert_state};
use url::Url;

use super::Error;
use super::session::{company_of, find, random_text, sha256};
use crate::Engine;

/// The customer has so long at the platform, in virtual time.
const TIME_TO_CONSENT: Duration = Duration::from_secs(600);

/// The platform's consent page, for the browser of this session.
pub async fn begin(
    engine: &Engine,
    session: LinkSessionId,
    cookie: &Secret,
    platform: &str,
) -> Result<Url, Error> {
    let mut tx = engine.store.write().await?;
    let session = find(engine, &mut tx, session, cookie).await?;
    let company = company_of(&mut tx, session.app, session.company).await?;
    let all = connections::of_company(&mut tx, session.app, session.company).await?;
    if all.iter().any(|connection| connection.state.is_active()) {
        return Err(Error::AlreadyLinked);
    }
    if let Some(id) = session.connection {
        let own = all
            .iter()
            .find(|connection| connection.id == id)
            .ok_or(Error::NotFound)?;
        if own.platform != platform {
            return Err(Error::UnknownPlatform(platform.to_owned()));
        }
    }
    if !session.platforms.is_empty() && !session.platforms.iter().any(|allowed| allowed == platform) {
        return Err(Error::UnknownPlatform(platform.to_owned()));
    }
    let entry = engine
        .registry
        .find(platform)
        .ok_or_else(|| Error::UnknownPlatform(platform.to_owned()))?;
    let endpoints = match (entry.endpoints(company.environment), company.environment) {
        (Some(endpoints), _) => endpoints,
        (None, Environment::Test) => return Err(Error::NoSandbox),
        (None, Environment::Live) => return Err(Error::NotConfigured(entry.about().name)),
    };
    if company.environment == Environment::Live && engine.clock.offset_micros() != 0 {
        return Err(Error::MovedClock);
    }
    let (state, verifier) = (random_text(&*engine.ids), random_text(&*engine.ids));
    let consent = Consent {
        redirect_uri: redirect_uri(engine, platform),
        state: state.expose().to_owned(),
        code_challenge: oauth::code_challenge(verifier.expose()),
    };
    let url = entry
        .platform
        .consent_url(endpoints, &consent)
        .map_err(Error::Platform)?;
    let state = State {
        hash: sha256(state.expose()),
        app: session.app,
        session: session.id,
        connection: session.connection,
        platform: platform.to_owned(),
        code_verifier: verifier,
        expires_at: engine.now() + TIME_TO_CONSENT,
    };
    insert_state(&mut tx, &state).await?;
    tx.commit().await?;
    Ok(url)
}

/// One address per platform, so that the answer of one cannot be passed off as another's.
pub(super) fn redirect_uri(engine: &Engine, platform: &str) -> Url {
    let mut url = engine.config.public_url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["oauth", "callback", platform]);
    }
    url
}
