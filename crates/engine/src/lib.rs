//! What happens over time: link, pull, jobs, events, deliveries. It names no platform and no dialect.

/// Waking those who wait for work.
mod bell;
/// How much is asked of the platforms.
pub mod budget;
/// Time, real and of a test world.
pub mod clock;
/// The app's customers.
pub mod companies;
/// Their ties to organisations.
pub mod connections;
/// Where the next page of a list begins, signed.
pub mod cursors;
/// Telling the app: signed webhooks, repeated until they are heard.
pub mod deliver;
/// What others must hear of.
pub mod events;
/// Consents and their tokens.
pub mod grants;
/// Random bytes, real and repeatable.
pub mod ids;
/// Work that is done later.
pub mod jobs;
/// From a link to a linked connection.
pub mod link;
/// The app asks the platform itself, through us.
pub mod pass_through;
/// Reading data: asked for, read feed by feed, published type by type.
pub mod pull;
/// Taking away what is left of deleted companies and connections.
mod purge;
/// Writing expenses: handed over, asked for, written each exactly once.
pub mod push;
/// When data is read without being asked for, and how far back.
pub mod schedule;
/// How the dialects tell events; filled by whoever knows them.
mod shapes;
/// The secrets by which apps sign their requests.
pub mod signing;
/// What the tests of several modules share.
#[cfg(test)]
mod testing;

use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::{Clock, Ids, Timestamp};
use ledgerline_platform::http::Http;
use ledgerline_platform::{Cx, Endpoints, Registry};
use ledgerline_store::Store;
use url::Url;

pub use bell::Bell;
pub use shapes::{Manner, Shape, Shapes, Telling};

/// Everything that the verbs of this crate need; made once, shared by reference.
pub struct Engine {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// The way out to the platforms.
    pub http: Http,
    /// The way out to the apps' own endpoints.
    pub webhooks: Arc<dyn deliver::Transport>,
    pub registry: Registry,
    pub config: Config,
    pub shapes: Shapes,
    /// Rung when work was queued, so that workers of this process need not wait for their next look.
    pub work: Bell,
    /// What the platforms have told the Runs that this process reads for.
    pub memos: pull::Memos,
    /// Requests to the platforms that this process may make.
    pub budgets: Arc<budget::Budgets>,
    /// What the books have told the pushes that this process works on.
    pub known: push::Known,
}

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where browsers reach this server.
    pub public_url: Url,
    /// Whether live webhooks may go to private addresses and over plain HTTP.
    pub allow_private_webhooks: bool,
    /// How many jobs this process runs at a time.
    pub workers: usize,
    /// How many calendar months of statements are read, the running one included.
    pub statement_months: u32,
    /// Real time: a worker that is silent for so long has lost its job.
    pub job_lease: Duration,
    /// So long a job waits for a platform's limits, and keeps its worker; where it takes longer, the job is done later.
    pub patience: Duration,
}

impl Config {
    /// The defaults, for a server at this address.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            allow_private_webhooks: false,
            workers: 4,
            statement_months: 24,
            job_lease: Duration::from_secs(60),
            patience: Duration::from_secs(5),
        }
    }
}

impl Engine {
    /// Virtual time: of schedules, tokens, pauses and everything that is shown.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Real time: of leases and heartbeats, which must not jump when a test world's clock does.
    pub fn real_now(&self) -> Timestamp {
        self.clock.real_now()
    }

    /// What a connector may use, remembering nothing of before.
    pub fn cx(&self, endpoints: &Arc<Endpoints>) -> Cx {
        Cx {
            http: self.http.clone(),
            endpoints: endpoints.clone(),
            clock: self.clock.clone(),
            memo: Arc::default(),
        }
    }

    /// A fresh id of any noun.
    pub fn uuid(&self) -> uuid::Uuid {
        self.ids.uuid(self.now())
    }
}
