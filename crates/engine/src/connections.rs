//! A company's ties to organisations: made, cut, deleted, each with its event in the same transaction.

use ledgerline_model::ConnectionId;
use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, ConnectionError, Organisation, State};
use ledgerline_model::event::{Body, ConnectionSnapshot};
use ledgerline_store::Tx;

use crate::{Engine, events, grants, jobs, pull, push, schedule};

/// Why a connection cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no platform `{0}`")]
    UnknownPlatform(String),
    /// A company has at most one accounting connection that is linked or faulty.
    #[error("the company is connected already")]
    AlreadyActive(ConnectionId),
    #[error("only a linked connection can be unlinked")]
    NotLinked,
    #[error("what is being read could not be ended")]
    Job(#[source] jobs::Error),
    #[error("the store failed")]
    Store(#[from] ledgerline_store::Error),
}

impl From<jobs::Error> for Error {
    fn from(error: jobs::Error) -> Self {
        match error {
            jobs::Error::Store(error) => Self::Store(error),
            other => Self::Job(other),
        }
    }
}

/// A connection that waits for the customer's consent.
pub async fn create(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    platform: &str,
) -> Result<Connection, Error> {
    if engine.registry.find(platform).is_none() {
        return Err(Error::UnknownPlatform(platform.to_owned()));
    }
    // Whoever links a connection of the company at this moment is waited for.
    ledgerline_store::companies::lock(tx, company.app, company.id).await?;
    let others = ledgerline_store::connections::of_company(tx, company.app, company.id).await?;
    if let Some(active) = others.iter().find(|other| other.state.is_active()) {
        return Err(Error::AlreadyActive(active.id));
    }
    Ok(insert(engine, tx, company, platform, None).await?)
}

/// Cut a linked connection: state and event now, the platform by a job. What was read stays readable.
pub async fn unlink(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    id: ConnectionId,
    by: By,
) -> Result<Option<Connection>, Error> {
    let Some(connection) = locked(tx, company, id).await? else {
        return Ok(None);
    };
    // A faulty one is linked too: its consent stands, and can be cut.
    if !connection.state.is_active() {
        return Err(Error::NotLinked);
    }
    cut(engine, tx, company, connection, by).await.map(Some)
}

/// [`unlink`] whatever the state: also one that waits for consent or has lost it. An unlinked one stays as it is.
pub async fn disconnect(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    id: ConnectionId,
    by: By,
) -> Result<Option<Connection>, Error> {
    match locked(tx, company, id).await? {
        Some(connection) if connection.state != State::Unlinked => {
            cut(engine, tx, company, connection, by).await.map(Some)
        }
        unlinked => Ok(unlinked),
    }
}

/// Who cuts a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    App,
    Customer,
}

impl By {
    pub const fn key(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Customer => "customer",
        }
    }
}

async fn locked(
    tx: &mut Tx,
    company: &Company,
    id: ConnectionId,
) -> ledgerline_store::Result<Option<Connection>> {
    // The company first, as `lock` does.
    ledgerline_store::companies::lock(tx, company.app, company.id).await?;
    let connection = ledgerline_store::connections::lock(tx, company.app, id).await?;
    Ok(connection.filter(|connection| connection.company == company.id))
}

async fn cut(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    mut connection: Connection,
    by: By,
) -> Result<Connection, Error> {
    connection.state = State::Unlinked;
    ledgerline_store::connections::update(tx, &connection).await?;
    let noted = ledgerline_store::connections::Cut {
        at: engine.now(),
        by: by.key().to_owned(),
    };
    ledgerline_store::connections::note_cut(tx, connection.app, connection.id, &noted).await?;
    pull::cancel_all(engine, tx, &connection).await?;
    push::wake(engine, tx, company).await?;
    schedule::clear_timer(tx, &connection).await?;
    tell(engine, tx, company, &connection, Change::Disconnected).await?;
    grants::cut_later(engine, tx, &connection).await?;
    Ok(connection)
}

/// Delete a connection with all that was read for it.
pub async fn delete(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
) -> Result<(), Error> {
    // The company first, as `lock` does.
    ledgerline_store::companies::lock(tx, company.app, company.id).await?;
    pull::cancel_all(engine, tx, connection).await?;
    push::wake(engine, tx, company).await?;
    schedule::clear_timer(tx, connection).await?;
    tell(engine, tx, company, connection, Change::Deleted).await?;
    grants::cut_later(engine, tx, connection).await?;
    ledgerline_store::connections::delete(tx, connection.app, connection.id, engine.now()).await?;
    Ok(())
}

/// The connection as it is now, and its company: both locked until the transaction ends. Always in this
/// order: two who lock crosswise would wait for each other.
pub(crate) async fn lock(
    tx: &mut Tx,
    connection: &Connection,
) -> ledgerline_store::Result<Option<(Company, Connection)>> {
    let company = ledgerline_store::companies::lock(tx, connection.app, connection.company).await?;
    let connection = ledgerline_store::connections::lock(tx, connection.app, connection.id).await?;
    Ok(company.zip(connection))
}

/// Whether no connection of the company is linked or faulty.
pub(crate) async fn is_free(tx: &mut Tx, company: &Company) -> ledgerline_store::Result<bool> {
    let all = ledgerline_store::connections::of_company(tx, company.app, company.id).await?;
    Ok(!all.iter().any(|connection| connection.state.is_active()))
}

/// Without a look at the company's other connections; the organisation is known where a consent makes it.
pub(crate) async fn insert(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    platform: &str,
    organisation: Option<&Organisation>,
) -> ledgerline_store::Result<Connection> {
    let now = engine.now();
    let connection = Connection {
        app: company.app,
        id: ConnectionId::new(&*engine.ids, now),
        company: company.id,
        environment: company.environment,
        platform: platform.to_owned(),
        state: State::PendingAuth,
        organisation: organisation.cloned(),
        grant: None,
        zone: None,
        link_epoch: 0,
        created_at: now,
        linked_at: None,
        last_sync_at: None,
        errors: Vec::new(),
    };
    ledgerline_store::connections::insert(tx, &connection).await?;
    tell(engine, tx, company, &connection, Change::Created).await?;
    Ok(connection)
}

/// The platform no longer honours the consent for this connection: the customer has to link again.
pub(crate) async fn needs_reauth(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &mut Connection,
    reason: &str,
) -> ledgerline_store::Result<()> {
    connection.state = State::NeedsReauth;
    push::wake(engine, tx, company).await?;
    note_error(connection, 401, "Deauthorized", reason, engine);
    ledgerline_store::connections::update(tx, connection).await?;
    schedule::clear_timer(tx, connection).await?;
    tell(engine, tx, company, connection, Change::Disconnected).await
}

/// An attempt to link did not succeed; the state stays.
pub(crate) async fn failed(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &mut Connection,
    status: u16,
    text: &str,
    message: &str,
) -> ledgerline_store::Result<()> {
    note_error(connection, status, text, message, engine);
    ledgerline_store::connections::update(tx, connection).await?;
    tell(engine, tx, company, connection, Change::Failed).await
}

/// Only so many are kept, or a customer who tries for ever would fill the row.
const MAX_ERRORS: usize = 20;

fn note_error(connection: &mut Connection, status: u16, text: &str, message: &str, engine: &Engine) {
    if connection.errors.len() >= MAX_ERRORS {
        connection.errors.drain(..=connection.errors.len() - MAX_ERRORS);
    }
    connection.errors.push(ConnectionError {
        status,
        text: text.to_owned(),
        message: message.to_owned(),
        at: engine.now(),
        resolved_at: None,
    });
}

/// What can happen to a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    Created,
    Connected,
    Reconnected,
    Disconnected,
    Failed,
    Deleted,
}

pub(crate) async fn tell(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    change: Change,
) -> ledgerline_store::Result<()> {
    let snapshot = events::of_connection(engine, tx, connection).await?;
    let body = body(company, snapshot, change);
    events::append(engine, tx, company.app, company.environment, company.id, body).await?;
    Ok(())
}

fn body(company: &Company, connection: ConnectionSnapshot, change: Change) -> Body {
    let company = events::of_company(company);
    match change {
        Change::Created => Body::ConnectionCreated { company, connection },
        Change::Connected => Body::ConnectionConnected { company, connection },
        Change::Reconnected => Body::ConnectionReconnected { company, connection },
        Change::Disconnected => Body::ConnectionDisconnected { company, connection },
        Change::Failed => Body::ConnectionFailed { company, connection },
        Change::Deleted => Body::ConnectionDeleted { company, connection },
    }
}
