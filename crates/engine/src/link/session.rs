use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledgerline_model::app::{App, Environment};
use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, ConnectionError, Organisation};
use ledgerline_model::{AppId, CompanyId, ConnectionId, Ids, LinkSessionId, Secret};
use ledgerline_store::access_tokens::{self, Terms};
use ledgerline_store::link::Session;
use ledgerline_store::{Tx, apps, companies, connections};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Error;
use super::choose::Pending;
use super::token::{self, Kind, key};
use crate::Engine;

/// A cookie counts for so long, in real time.
const LIFETIME: Duration = Duration::from_secs(3600);

/// How the random tokens begin that reach one company and open its link.
pub const CUSTOMER_TOKEN: &str = "cust_token_";

/// A link that was opened: the page's address and the cookie that has to come with it.
pub struct Opened {
    pub session: LinkSessionId,
    pub cookie: Secret,
}

/// Open a link; `query` is its query string, kept for the redirect template.
pub async fn open(engine: &Engine, token: &str, query: &str) -> Result<Opened, Error> {
    let mut tx = engine.store.write().await?;
    let mut meant = if token.starts_with(CUSTOMER_TOKEN) {
        meant_by_customer_token(engine, &mut tx, token).await?
    } else {
        meant_by_link(&mut tx, token).await?
    };
    if meant.connection.is_none() && meant.terms.platforms.is_empty() {
        meant.terms.platforms.extend(wanted_platform(engine, query));
    }
    let cookie = random_text(&*engine.ids);
    let now = engine.real_now();
    let session = Session {
        id: LinkSessionId::new(&*engine.ids, now),
        cookie_hash: sha256(cookie.expose()),
        app: meant.app,
        company: meant.company,
        connection: meant.connection,
        query: query.chars().take(MAX_QUERY).collect(),
        platforms: meant.terms.platforms,
        redirect_url: meant.terms.redirect_url,
        pending: None,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    ledgerline_store::link::insert_session(&mut tx, &session).await?;
    // States end in virtual time, which is never behind: what real time has left for a day is over.
    ledgerline_store::link::clean(&mut tx, now - KEPT).await?;
    tx.commit().await?;
    Ok(Opened {
        session: session.id,
        cookie,
    })
}

/// The parameter of a company's link by which it leads to one platform only. It gives no right that the link without
/// it would not: the customer may choose any platform there.
pub(super) const PLATFORM: &str = "platform";

/// A platform that this server does not know is none: the parameter may be the app's own.
fn wanted_platform(engine: &Engine, query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == PLATFORM)
        .map(|(_, value)| value.into_owned())
        .filter(|key| engine.registry.find(key).is_some())
}

/// What a token in a link leads to.
struct Meant {
    app: AppId,
    company: CompanyId,
    connection: Option<ConnectionId>,
    terms: Terms,
}

/// A token that is the same at every read: it is signed.
async fn meant_by_link(tx: &mut Tx, token: &str) -> Result<Meant, Error> {
    let claimed = token::parse(token).ok_or(Error::NotFound)?;
    let (company, connection, epoch) = match claimed.kind {
        Kind::Company => {
            let id = CompanyId(claimed.id);
            let found = companies::lock(tx, claimed.app, id).await?;
            let found = found.ok_or(Error::NotFound)?;
            (found.id, None, found.link_epoch)
        }
        Kind::Connection => {
            let id = ConnectionId(claimed.id);
            let found = connections::lock(tx, claimed.app, id).await?;
            let found = found.ok_or(Error::NotFound)?;
            (found.company, Some(found.id), found.link_epoch)
        }
    };
    if !key(tx).await?.verify(&claimed, epoch) {
        return Err(Error::NotFound);
    }
    Ok(Meant {
        app: claimed.app,
        company,
        connection,
        terms: Terms::default(),
    })
}

/// A token that is random and has a time to live: it is found by its hash.
async fn meant_by_customer_token(engine: &Engine, tx: &mut Tx, token: &str) -> Result<Meant, Error> {
    let found = access_tokens::find(tx, token, engine.now()).await?;
    let found = found.ok_or(Error::NotFound)?;
    Ok(Meant {
        app: found.app,
        company: found.company,
        connection: None,
        terms: found.terms,
    })
}

/// Ended sessions and states are kept for so long: their pages still say what happened.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// More of a link's query string is not kept.
const MAX_QUERY: usize = 4096;

/// All that the pages of a session show.
pub struct Visit {
    pub session: LinkSessionId,
    pub app: App,
    pub company: Company,
    /// Set where the link is a connection's.
    pub connection: Option<Connection>,
    /// The platforms that the link may lead to; empty means all.
    pub platforms: Vec<String>,
    /// The connection that makes linking another one impossible.
    pub active: Option<Connection>,
    /// Organisations of which the customer has to choose one; empty where there is nothing to choose.
    pub choice: Vec<Organisation>,
    /// The platform that they are of.
    pub choice_platform: Option<String>,
    /// What went wrong last, if nothing has solved it since.
    pub problem: Option<ConnectionError>,
}

/// What the page of a session shows to the browser that has its cookie.
pub async fn visit(engine: &Engine, id: LinkSessionId, cookie: &Secret) -> Result<Visit, Error> {
    let mut tx = engine.store.read().await?;
    let session = find(engine, &mut tx, id, cookie).await?;
    let app = apps::find(&mut tx, session.app).await?.ok_or(Error::NotFound)?;
    let company = company_of(&mut tx, session.app, session.company).await?;
    let all = connections::of_company(&mut tx, session.app, session.company).await?;
    let connection = match session.connection {
        Some(id) => {
            let found = all.iter().find(|connection| connection.id == id);
            Some(found.cloned().ok_or(Error::NotFound)?)
        }
        None => None,
    };
    let pending = session.pending.as_ref().map(Pending::read).transpose()?;
    let (choice, choice_platform) = match pending {
        Some(pending) => (pending.organisations, Some(pending.platform)),
        None => (Vec::new(), None),
    };
    let problem = all
        .iter()
        .flat_map(|connection| &connection.errors)
        .filter(|error| error.resolved_at.is_none())
        .max_by_key(|error| error.at)
        .cloned();
    Ok(Visit {
        session: session.id,
        app,
        company,
        connection,
        platforms: session.platforms,
        active: all.into_iter().find(|connection| connection.state.is_active()),
        choice,
        choice_platform,
        problem,
    })
}

/// The session, if it lives and the cookie is its own.
pub(super) async fn find(
    engine: &Engine,
    tx: &mut Tx,
    id: LinkSessionId,
    cookie: &Secret,
) -> Result<Session, Error> {
    let session = ledgerline_store::link::find_session_by_id(tx, id).await?;
    let session = session.ok_or(Error::Expired)?;
    let own = bool::from(session.cookie_hash.ct_eq(&sha256(cookie.expose())));
    if !own || session.expires_at <= engine.real_now() {
        return Err(Error::Expired);
    }
    Ok(session)
}

/// The environment of a company is not known from a link.
pub(super) async fn company_of(tx: &mut Tx, app: AppId, id: CompanyId) -> Result<Company, Error> {
    for environment in [Environment::Test, Environment::Live] {
        if let Some(company) = companies::find(tx, app, environment, id).await? {
            return Ok(company);
        }
    }
    Err(Error::NotFound)
}

/// 256 random bits as 43 characters that need no encoding in a URL or a cookie.
pub(super) fn random_text(ids: &dyn Ids) -> Secret {
    let mut bytes = [0; 32];
    ids.fill(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
