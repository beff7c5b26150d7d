//! What an accounting platform is: the trait that every connector implements, and what they share.

/// A platform described as data: keys, hosts, feeds, data types.
mod about;
/// The few ways in which a platform can refuse; the engine decides from the variant alone.
mod error;
/// HTTP with time limits, size limits and redaction; the only way out of the house.
pub mod http;
/// Small listings that several feeds of a Run need, each asked for once.
mod memo;
/// OAuth 2 for those who speak it: consent URL, code exchange, refresh.
pub mod oauth;
/// One page of a feed: rows that say their data type.
mod page;
/// Requests of the app's own making, confined to the connection's base address.
pub mod pass_through;
/// Writing into the books: what every connector that can does.
pub mod push;
/// The platforms that this server knows, by key.
mod registry;
/// How feeds are read again: by their changes, or in full.
mod strategy;
/// Control totals: what the platform's reports say of the books as a whole.
mod totals;

use std::sync::Arc;

use async_trait::async_trait;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_model::{Clock, DataType, Date, Secret, Timestamp, Window};
use url::Url;

pub use about::{About, Codat, Feed, Host, Limits, Quota};
pub use error::{Error, NeedsReauth, Sent};
pub use memo::Memo;
pub use page::{Content, Cursor, Page, Present, Row};
pub use registry::{Endpoints, Entry, Registry};
pub use strategy::{Changes, Strategy, Tombstones};
pub use totals::{BankTotal, Earnings, Told, Totals};

/// An accounting platform. A connector holds no state and writes nothing: it turns credentials and a
/// cursor into a page.
#[async_trait]
pub trait Platform: Send + Sync {
    /// The platform described as data.
    fn about(&self) -> &'static About;

    /// The platform's consent page for this attempt to link.
    fn consent_url(&self, endpoints: &Endpoints, consent: &Consent) -> Result<Url, Error>;

    /// Exchange what came back from the consent page for tokens, and see by an authenticated call who
    /// consented and to which organisations.
    async fn link(&self, cx: &Cx, answer: &ConsentAnswer) -> Result<Linked, Error>;

    /// New tokens for old. `Unavailable { sent: Maybe }` means that the platform may have rotated them.
    async fn refresh(&self, cx: &Cx, refresh_token: &Secret) -> Result<Tokens, Error>;

    /// The organisations that the grant reaches now.
    async fn organisations(&self, cx: &Cx, access_token: &Secret) -> Result<Vec<Organisation>, Error>;

    /// Cut one organisation off at the platform; the others of the grant stay.
    async fn remove_organisation(
        &self,
        cx: &Cx,
        access_token: &Secret,
        organisation: &Organisation,
    ) -> Result<(), Error>;

    /// Cut the whole grant off at the platform.
    async fn revoke(&self, cx: &Cx, tokens: &Tokens) -> Result<(), Error>;

    /// One page of a feed for the wanted data types; `cursor` is what the page before said, `None` for
    /// the first.
    async fn pull(&self, cx: &Cx, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error>;

    /// What the platform's reports say of the books as a whole at the end of `as_of`, in as few calls as can be.
    async fn totals(
        &self,
        _cx: &Cx,
        _access_token: &Secret,
        _organisation: &Organisation,
        _as_of: Date,
    ) -> Result<Told, Error> {
        Err(Error::Unsupported {
            what: "control totals".into(),
        })
    }

    /// A request of the app's own making, under the connection's base address. Whatever the platform answers is
    /// its answer; that it no longer accepts the token is said beside it.
    async fn pass_through(
        &self,
        _cx: &Cx,
        _call: &pass_through::Call<'_>,
    ) -> Result<pass_through::Passed, Error> {
        Err(Error::Unsupported {
            what: "pass-through".into(),
        })
    }

    /// How the connector writes expenses; `None` where it cannot.
    fn push(&self) -> Option<&dyn push::Push> {
        None
    }

    /// What the connector makes of a recorded answer of the platform for one data type.
    fn map(&self, data_type: DataType, recording: &[u8]) -> Result<Vec<Row>, Error>;

    /// IANA name of the organisation's time zone, out of the source of its `company` record, where the platform
    /// says it.
    fn zone(&self, _source: &str) -> Option<String> {
        None
    }
}

/// What a connector may use: the way out, the addresses, the clock, and what the Run was told already.
#[derive(Clone)]
pub struct Cx {
    pub http: http::Http,
    pub endpoints: Arc<Endpoints>,
    pub clock: Arc<dyn Clock>,
    /// One per Run, in memory only: a read that goes on after a restart finds it empty.
    pub memo: Arc<Memo>,
}

/// What to read, and with whose consent.
pub struct Read<'a> {
    pub access_token: &'a Secret,
    pub organisation: &'a Organisation,
    /// Name of the feed, out of [`About::feeds`].
    pub feed: &'a str,
    /// The data types that are wanted of it; never empty.
    pub wanted: &'a [DataType],
    /// The platform's time: what changed at or after it is wanted, and all that was deleted since, where the
    /// feed says so. More may be given, less never. `None`: everything is wanted. The same for each page.
    pub since: Option<Timestamp>,
    /// How many calendar months of statements to read, the running one included.
    pub statement_months: u32,
    /// What of the history is wanted: what lies outside may be left out where the platform can.
    pub window: &'a Window,
}

/// An attempt to link: what the consent page has to carry back.
pub struct Consent {
    pub redirect_uri: Url,
    pub state: String,
    /// PKCE S256 challenge (RFC 7636 §4.2).
    pub code_challenge: String,
}

/// What the consent page sent back.
pub struct ConsentAnswer {
    pub redirect_uri: Url,
    pub code: Secret,
    /// PKCE verifier (RFC 7636 §4.1).
    pub code_verifier: Secret,
    /// The other parameters of the callback (QuickBooks names its realm there).
    pub parameters: Vec<(String, String)>,
}

/// Who consented, to what.
pub struct Linked {
    pub tokens: Tokens,
    /// Stable name of the person or realm at the platform: the grant's subject.
    pub subject: String,
    /// Everything that the grant reaches now.
    pub organisations: Vec<Organisation>,
    /// Those that this very consent was given for, where the platform says so; else all of them.
    pub picked: Vec<Organisation>,
    pub at: Timestamp,
}
