use ledgerline_model::GrantId;
use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, Organisation, State};
use ledgerline_model::grant;
use ledgerline_model::run::Reason;
use ledgerline_store::link::Session;
use ledgerline_store::{Tx, apps, companies};
use tracing::info;

use super::decide::{Decision, attempted, decide};
use super::{Error, Outcome};
use crate::connections::{self, Change};
use crate::{Engine, grants, pull, push};

/// An app may say that several of its companies share one organisation.
const SHARED: &str = "link.shareOrganisations";

/// Link the company to an organisation that was consented to, or say why not.
pub(super) async fn link(
    engine: &Engine,
    session: &Session,
    platform: &str,
    grant: GrantId,
    organisation: &Organisation,
) -> Result<Outcome, Error> {
    let result = try_link(engine, session, platform, grant, organisation).await;
    match result {
        // Somebody linked another connection of the company at this very moment: look again.
        Err(Error::Store(error)) if ledgerline_store::connections::is_second_active(&error) => {
            try_link(engine, session, platform, grant, organisation).await
        }
        other => other,
    }
}

async fn try_link(
    engine: &Engine,
    session: &Session,
    platform: &str,
    grant: GrantId,
    organisation: &Organisation,
) -> Result<Outcome, Error> {
    let mut tx = engine.store.write().await?;
    let app = session.app;
    let granted = ledgerline_store::grants::lock(&mut tx, app, grant).await?;
    if granted.is_none_or(|granted| granted.state != grant::State::Active) {
        let message = "The consent was withdrawn before it was used.".to_owned();
        return Ok(Outcome::Failed { message });
    }
    let company = companies::lock(&mut tx, app, session.company).await?;
    let company = company.ok_or(Error::NotFound)?;
    let own = ledgerline_store::connections::of_company(&mut tx, app, company.id).await?;
    if session
        .connection
        .is_some_and(|id| !own.iter().any(|own| own.id == id))
    {
        return Err(Error::NotFound);
    }
    let holders = ledgerline_store::connections::with_organisation(
        &mut tx,
        app,
        company.environment,
        platform,
        &organisation.id,
    )
    .await?;
    let settings = apps::find(&mut tx, app).await?.ok_or(Error::NotFound)?.settings;
    let shared = settings.extra.get(SHARED).is_some_and(|value| value == "true");
    let decision = decide(
        &own,
        session.connection,
        platform,
        &organisation.id,
        &holders,
        shared,
    );
    let connection = match decision {
        Decision::Link(id) => ledgerline_store::connections::lock(&mut tx, app, id)
            .await?
            .ok_or(Error::NotFound)?,
        Decision::LinkNew => {
            connections::insert(engine, &mut tx, &company, platform, Some(organisation)).await?
        }
        Decision::AlreadyLinked(connection) => return Ok(Outcome::AlreadyLinked { connection }),
        Decision::Elsewhere(company) => {
            return Ok(Outcome::AlreadyLinkedElsewhere {
                organisation: organisation.name.clone(),
                company,
            });
        }
        Decision::OtherOrganisation { expected } => return Ok(Outcome::OtherOrganisation { expected }),
    };
    let id = connection.id;
    reconnect(engine, &mut tx, &company, connection, organisation, grant).await?;
    ledgerline_store::link::set_pending(&mut tx, app, session.id, None).await?;
    tx.commit().await?;
    engine.work.notify_one();
    info!(connection.id = %id, company.id = %company.id, platform, "Linked {id} of {}", company.id);
    Ok(Outcome::Linked { connection: id })
}

/// Make a connection linked, for the first time or again; company and connection are locked.
pub(crate) async fn reconnect(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    mut connection: Connection,
    organisation: &Organisation,
    grant: GrantId,
) -> Result<(), pull::Error> {
    let (change, reason) = match connection.linked_at {
        None => (Change::Connected, Reason::Initial),
        Some(_) => (Change::Reconnected, Reason::AfterLink),
    };
    if connection.grant.is_some_and(|before| before != grant) {
        // Another person consented: the consent of before serves this organisation no more.
        grants::cut_later(engine, tx, &connection).await?;
    }
    let now = engine.now();
    connection.state = State::Linked;
    connection.organisation = Some(organisation.clone());
    connection.grant = Some(grant);
    connection.linked_at = Some(now);
    for error in &mut connection.errors {
        error.resolved_at.get_or_insert(now);
    }
    ledgerline_store::connections::update(tx, &connection).await?;
    connections::tell(engine, tx, company, &connection, change).await?;
    pull::start_initial(engine, tx, company, &connection, reason).await?;
    push::resume(engine, tx, company).await?;
    Ok(())
}

/// Note an attempt that failed where it belongs; the outcome stays what it is.
pub(super) async fn note(
    engine: &Engine,
    session: &Session,
    platform: &str,
    outcome: Outcome,
) -> Result<Outcome, Error> {
    let message = match &outcome {
        Outcome::Refused
        | Outcome::NoOrganisation
        | Outcome::AlreadyLinkedElsewhere { .. }
        | Outcome::OtherOrganisation { .. }
        | Outcome::Failed { .. } => outcome.message().unwrap_or_default(),
        Outcome::Linked { .. }
        | Outcome::Choose { .. }
        | Outcome::AlreadyLinked { .. }
        | Outcome::Expired => {
            return Ok(outcome);
        }
    };
    let mut tx = engine.store.write().await?;
    let Some(company) = companies::lock(&mut tx, session.app, session.company).await? else {
        return Err(Error::NotFound);
    };
    let own = ledgerline_store::connections::of_company(&mut tx, session.app, company.id).await?;
    let mut connection = match attempted(&own, session.connection, platform) {
        Some(found) => ledgerline_store::connections::lock(&mut tx, session.app, found.id)
            .await?
            .ok_or(Error::NotFound)?,
        None if session.connection.is_some() => return Err(Error::NotFound),
        None => connections::insert(engine, &mut tx, &company, platform, None).await?,
    };
    let (status, text) = (outcome.status(), outcome.status_text());
    connections::failed(engine, &mut tx, &company, &mut connection, status, text, &message).await?;
    tx.commit().await?;
    Ok(outcome)
}
