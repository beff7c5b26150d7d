//! From a link to a linked connection: the customer opens it, chooses a platform, consents there, comes back.

/// Off to the platform's consent page.
mod begin;
/// Back from it.
mod callback;
/// One of several organisations.
mod choose;
/// Which connection a consent is for: pure.
mod decide;
/// The transaction that links.
mod finish;
/// Opening a link, and the browser session behind it.
mod session;
/// The app's redirect template.
mod template;
/// Against scripted platforms, on both stores.
#[cfg(test)]
mod tests;
/// The token in the link.
mod token;

use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, Organisation};
use ledgerline_model::{CompanyId, ConnectionId, LinkSessionId};
use ledgerline_store::Tx;
use url::Url;

pub use begin::begin;
pub use callback::{Callback, CookieOf, callback};
pub use choose::choose;
pub(crate) use finish::reconnect;
pub use session::{CUSTOMER_TOKEN, Opened, Visit, open, visit};
pub use token::{Key, Kind, Target, key};

use crate::Engine;

/// The link of a company or a connection: the same at every call until its epoch is raised.
pub async fn url(engine: &Engine, tx: &mut Tx, target: Target) -> ledgerline_store::Result<Url> {
    Ok(key(tx).await?.url(&engine.config.public_url, target))
}

/// The link of a company that leads to this platform only.
pub async fn url_to(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    platform: &str,
) -> ledgerline_store::Result<Url> {
    let mut url = url(engine, tx, Target::from(company)).await?;
    url.query_pairs_mut().append_pair(session::PLATFORM, platform);
    Ok(url)
}

/// The link that a customer's random token opens.
pub fn url_of_token(engine: &Engine, token: &str) -> Url {
    let mut url = engine.config.public_url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["link", "s", token]);
    }
    url
}

/// How an attempt to link ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Linked {
        connection: ConnectionId,
    },
    /// The consent covers several organisations: one is to be chosen.
    Choose {
        organisations: Vec<Organisation>,
    },
    /// The customer did not consent.
    Refused,
    /// The customer consented to no organisation.
    NoOrganisation,
    /// The organisation is connected to another company of the app.
    AlreadyLinkedElsewhere {
        organisation: String,
        company: CompanyId,
    },
    /// The link belongs to another organisation, of this name.
    OtherOrganisation {
        expected: String,
    },
    /// The company is connected already: nothing was changed.
    AlreadyLinked {
        connection: ConnectionId,
    },
    /// The attempt is unknown, too old, used already, or another browser's: nothing was changed.
    Expired,
    Failed {
        message: String,
    },
}

impl Outcome {
    /// The status in the app's redirect template and among the connection's errors.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Linked { .. } => 200,
            Self::AlreadyLinked { .. } | Self::Choose { .. } => 201,
            Self::Refused => 403,
            Self::NoOrganisation
            | Self::AlreadyLinkedElsewhere { .. }
            | Self::OtherOrganisation { .. }
            | Self::Expired
            | Self::Failed { .. } => 500,
        }
    }

    pub const fn status_text(&self) -> &'static str {
        match self.status() {
            200 => "OK",
            201 => "No action",
            403 => "User cancelled.",
            _ => "Unknown error occurred.",
        }
    }

    /// What went wrong, for people; `None` where nothing did.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Linked { .. } | Self::Choose { .. } | Self::AlreadyLinked { .. } => None,
            Self::Refused => Some("User cancelled.".into()),
            Self::NoOrganisation => Some("Access was given to no organisation.".into()),
            Self::AlreadyLinkedElsewhere { organisation, .. } => Some(format!(
                "The organisation {organisation} is already connected to another company."
            )),
            Self::OtherOrganisation { expected } => {
                Some(format!("This link belongs to the organisation {expected}."))
            }
            Self::Expired => Some("The attempt to link has expired or was used already.".into()),
            Self::Failed { message } => Some(message.clone()),
        }
    }
}

/// Why a link page cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this link does not exist, or was withdrawn")]
    NotFound,
    /// Also another browser's page, and one that never was.
    #[error("this page has expired: open the link again")]
    Expired,
    #[error("there is no platform `{0}` to link")]
    UnknownPlatform(String),
    #[error("the company is connected already")]
    AlreadyLinked,
    #[error("no sandbox is configured")]
    NoSandbox,
    #[error("{0} is not configured on this server")]
    NotConfigured(&'static str),
    #[error("the clock of this server is moved, which live connections would not survive")]
    MovedClock,
    #[error("the organisation is not among those that were consented to")]
    UnknownOrganisation,
    #[error("the consent page cannot be addressed")]
    Platform(#[source] ledgerline_platform::Error),
    #[error("the data could not be asked for")]
    Pull(#[source] crate::pull::Error),
    #[error(transparent)]
    Store(#[from] ledgerline_store::Error),
}

impl From<crate::pull::Error> for Error {
    fn from(error: crate::pull::Error) -> Self {
        match error {
            crate::pull::Error::Job(crate::jobs::Error::Store(error)) => Self::Store(error),
            other => Self::Pull(other),
        }
    }
}

/// Where the app wants its customer after linking; `None` where it has no template, or an unusable one.
pub async fn return_url(
    engine: &Engine,
    session: LinkSessionId,
    outcome: &Outcome,
) -> Result<Option<Url>, Error> {
    let mut tx = engine.store.read().await?;
    let Some(session) = ledgerline_store::link::find_session_by_id(&mut tx, session).await? else {
        return Ok(None);
    };
    let app = ledgerline_store::apps::find(&mut tx, session.app).await?;
    let Some(settings) = app.map(|app| app.settings) else {
        return Ok(None);
    };
    let Some(redirect) = session.redirect_url.as_ref().or(settings.redirect_url.as_ref()) else {
        return Ok(None);
    };
    let all = ledgerline_store::connections::of_company(&mut tx, session.app, session.company).await?;
    let wanted = match outcome {
        Outcome::Linked { connection } | Outcome::AlreadyLinked { connection } => Some(*connection),
        Outcome::Choose { .. }
        | Outcome::Refused
        | Outcome::NoOrganisation
        | Outcome::AlreadyLinkedElsewhere { .. }
        | Outcome::OtherOrganisation { .. }
        | Outcome::Expired
        | Outcome::Failed { .. } => session.connection,
    };
    // Without a connection of its own the attempt was the newest one's.
    let connection = match wanted {
        Some(id) => all.iter().find(|connection| connection.id == id),
        None => all.last(),
    };
    let known = reserved_words(engine, &session, connection, outcome);
    Ok(template::fill(
        redirect,
        &known,
        &session.query,
        &settings.white_list_urls,
    ))
}

/// The reserved words of the redirect template (contract of the Codat dialect, section 2.2).
fn reserved_words(
    engine: &Engine,
    session: &ledgerline_store::link::Session,
    connection: Option<&Connection>,
    outcome: &Outcome,
) -> std::collections::BTreeMap<&'static str, String> {
    let about = connection
        .and_then(|connection| engine.registry.find(&connection.platform))
        .map(ledgerline_platform::Entry::about);
    let of_platform = |word: fn(&ledgerline_platform::About) -> &str| {
        about.map(|about| word(about).to_owned()).unwrap_or_default()
    };
    let organisation = connection.and_then(|connection| connection.organisation.as_ref());
    [
        ("clientId", session.app.to_string()),
        ("companyId", session.company.to_string()),
        (
            "connectionId",
            connection
                .map(|connection| connection.id.to_string())
                .unwrap_or_default(),
        ),
        ("integrationId", of_platform(|about| about.codat.integration_id)),
        ("sourceId", of_platform(|about| about.codat.source_id)),
        ("platform", of_platform(|about| about.codat.key)),
        ("platformName", of_platform(|about| about.name)),
        ("sourceType", of_platform(|_| "Accounting")),
        ("statusCode", outcome.status().to_string()),
        ("statusText", outcome.status_text().to_owned()),
        ("errorMessage", outcome.message().unwrap_or_default()),
        (
            "data.company.companyName",
            organisation.map(|own| own.name.clone()).unwrap_or_default(),
        ),
    ]
    .into()
}
