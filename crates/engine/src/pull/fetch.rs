use std::sync::Arc;

use ledgerline_model::connection::{Connection, Organisation};
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::run::{FeedRead, Run};
use ledgerline_model::{Date, GrantId, Secret};
use ledgerline_platform::{self as platform, Cursor, Cx, Page, Platform, Read, Told};
use ledgerline_store::{Tx, connections, publications};

use super::{bad_answer, credentials};
use crate::budget::{self, Purpose};
use crate::{Engine, grants, jobs};

/// What is read, and with whose consent.
pub(crate) struct Source {
    pub connection: Connection,
    pub grant: GrantId,
    pub organisation: Organisation,
    pub platform: Arc<dyn Platform>,
}

impl Source {
    /// `None`: the connection cannot be read from any more, or its platform is not configured here.
    pub fn of(engine: &Engine, connection: Connection) -> Option<Self> {
        let entry = engine.registry.find(&connection.platform)?;
        entry.endpoints(connection.environment)?;
        if !connection.state.is_active() {
            return None;
        }
        Some(Self {
            grant: connection.grant?,
            organisation: connection.organisation.clone()?,
            platform: entry.platform.clone(),
            connection,
        })
    }
}

/// A page, and what was visible before it, or the oldest remembered answer in it, was asked for.
pub(super) struct Fetched {
    pub page: Page,
    pub asked_at_seq: i64,
    /// Of the platform; several where they are stored as one.
    pub pages: i64,
}

impl Fetched {
    /// One page with what the last one has besides.
    pub fn with(mut self, last: Self) -> Self {
        self.page.rows.extend(last.page.rows);
        self.page.next = last.page.next;
        self.page.platform_time = self.page.platform_time.or(last.page.platform_time);
        self.page.expected = last.page.expected;
        self.page.objects += last.page.objects;
        self.asked_at_seq = self.asked_at_seq.min(last.asked_at_seq);
        self.pages += last.pages;
        self
    }
}

/// Why there is no page.
pub(crate) enum Stop {
    Refused(platform::Error),
    /// The connection was cut or given to another grant since the read began.
    Cut,
    Job(jobs::Error),
}

impl<E: Into<jobs::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Job(error.into())
    }
}

/// Ask the platform for the page at `cursor`; a token that has expired is renewed once.
pub(super) async fn fetch(
    engine: &Engine,
    source: &Source,
    read: &FeedRead,
    cursor: Option<&str>,
) -> Result<Fetched, Stop> {
    let calls = source.platform.about().limits.calls_a_page;
    let cx = budget::take(engine, &source.connection, Purpose::Pull, calls)
        .await
        .map_err(|error| held(engine, error))?;
    let (asked_at_seq, token) = ready(engine, source).await?;
    let memo = Arc::new(
        engine
            .memos
            .of(engine.now(), read.run, read.pass)
            .at(asked_at_seq),
    );
    let cx = Cx {
        memo: memo.clone(),
        ..cx
    };
    let mut token = token;
    let page = match ask(engine, &cx, source, read, cursor, &token).await {
        Err(platform::Error::TokenExpired) => {
            token = credentials::renewed_token(engine, source, &token).await?;
            ask(engine, &cx, source, read, cursor, &token).await
        }
        answer => answer,
    };
    if let Err(platform::Error::Malformed { .. }) = &page {
        bad_answer::keep(engine, read, &cx.http, &token).await?;
    }
    let page = match page {
        Err(_) if cursor.is_some() && planted::is(Bug::SweepAfterPartialRead) => Page {
            rows: Vec::new(),
            next: None,
            platform_time: None,
            expected: None,
            objects: 0,
        },
        page => page.map_err(Stop::Refused)?,
    };
    if page.next.is_some() && page.next.as_ref().map(|next| next.0.as_str()) == cursor {
        return Err(Stop::Refused(platform::Error::Malformed {
            reason: "the next page would be this one again".into(),
        }));
    }
    if let (None, Some(since), Some(at)) = (cursor, read.since, page.platform_time)
        && at < since
    {
        // The mark came from a clock that was ahead: what changed until now may carry earlier times.
        return Err(Stop::Refused(platform::Error::CursorExpired {
            reason: "its clock was set back behind the last read".into(),
        }));
    }
    Ok(Fetched {
        page,
        asked_at_seq: memo.oldest(),
        pages: 1,
    })
}

/// Requests that totals take at most.
const CALLS_OF_TOTALS: u32 = 4;

/// Ask the platform for its control totals; `memory` is the Run and the pass that remember what was told.
pub(super) async fn fetch_totals(
    engine: &Engine,
    source: &Source,
    memory: (&Run, i64),
    as_of: Date,
) -> Result<Told, Stop> {
    let cx = budget::take(engine, &source.connection, Purpose::Pull, CALLS_OF_TOTALS)
        .await
        .map_err(|error| held(engine, error))?;
    let (asked_at_seq, token) = ready(engine, source).await?;
    let (run, pass) = memory;
    let cx = Cx {
        memo: Arc::new(engine.memos.of(engine.now(), run.id, pass).at(asked_at_seq)),
        ..cx
    };
    let organisation = &source.organisation;
    let told = match source.platform.totals(&cx, &token, organisation, as_of).await {
        Err(platform::Error::TokenExpired) => {
            let token = credentials::renewed_token(engine, source, &token).await?;
            source.platform.totals(&cx, &token, organisation, as_of).await
        }
        answer => answer,
    };
    told.map_err(Stop::Refused)
}

/// What was visible before the platform is asked, and the token to ask it with.
async fn ready(engine: &Engine, source: &Source) -> Result<(i64, Secret), Stop> {
    let app = source.connection.app;
    let mut tx = engine.store.read().await?;
    let asked_at_seq = publications::last_seq(&mut tx, app).await?;
    if !is_connected(&mut tx, source).await? {
        return Err(Stop::Cut);
    }
    let at_hand = grants::token_at_hand(engine, &mut tx, app, source.grant).await?;
    drop(tx);
    let token = match at_hand {
        Some(token) => token,
        None => credentials::access_token(engine, source).await?,
    };
    Ok((asked_at_seq, token))
}

/// A budget that is used up holds the read up as the platform's own refusal would.
fn held(engine: &Engine, error: budget::Error) -> Stop {
    match error {
        budget::Error::Wait(until) => Stop::Refused(platform::Error::RateLimited {
            retry_after: Some(budget::wait(engine.now(), until)),
        }),
        // The platform is not configured here any more: looked at again when the job begins anew.
        budget::Error::NotConfigured => Stop::Cut,
        budget::Error::Store(error) => Stop::Job(error.into()),
    }
}

/// After a disconnect has been committed nothing more is asked with that consent.
pub(crate) async fn is_connected(tx: &mut Tx, source: &Source) -> Result<bool, jobs::Error> {
    let Connection {
        app, environment, id, ..
    } = source.connection;
    let connection = connections::find(tx, app, environment, id).await?;
    Ok(connection
        .is_some_and(|connection| connection.state.is_active() && connection.grant == Some(source.grant)))
}

async fn ask(
    engine: &Engine,
    cx: &Cx,
    source: &Source,
    read: &FeedRead,
    cursor: Option<&str>,
    token: &Secret,
) -> Result<Page, platform::Error> {
    let request = Read {
        access_token: token,
        organisation: &source.organisation,
        feed: &read.feed,
        wanted: &read.wanted,
        since: read.since,
        statement_months: read
            .window
            .statement_months
            .unwrap_or(engine.config.statement_months),
        window: &read.window,
    };
    let cursor = cursor.map(|cursor| Cursor(cursor.to_owned()));
    source.platform.pull(cx, &request, cursor.as_ref()).await
}
