//! The app's customers: made, changed, deleted, each with its event in the same transaction.

use std::collections::BTreeMap;

use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::event::Body;
use ledgerline_model::{AppId, CompanyId};
use ledgerline_store::{Result, Tx};

use crate::{Engine, connections, cursors, events, link};

/// What a dialect says of a company that is to be made.
#[derive(Clone, Debug)]
pub struct NewCompany {
    pub app: AppId,
    pub environment: Environment,
    pub name: String,
    pub description: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// By the dialect that makes it.
    pub profile: Profile,
    pub keep_alive: bool,
    pub created_by: Option<String>,
}

pub async fn create(engine: &Engine, tx: &mut Tx, new: NewCompany) -> Result<Company> {
    let now = engine.now();
    let company = Company {
        app: new.app,
        id: CompanyId::new(&*engine.ids, now),
        environment: new.environment,
        name: new.name,
        description: new.description,
        tags: new.tags,
        profile: new.profile,
        keep_alive: new.keep_alive,
        zone: None,
        link_epoch: 0,
        created_at: now,
        created_by: new.created_by,
    };
    ledgerline_store::companies::insert(tx, &company).await?;
    // Reads need these keys and cannot make them.
    link::key(tx).await?;
    cursors::key(tx, company.app).await?;
    let body = Body::CompanyCreated {
        company: events::of_company(&company),
    };
    events::append(engine, tx, company.app, company.environment, company.id, body).await?;
    Ok(company)
}

/// Store the fields that an app may change. Whether the company still exists.
pub async fn update(engine: &Engine, tx: &mut Tx, company: &Company) -> Result<bool> {
    ledgerline_store::companies::update(tx, company, engine.now()).await
}

/// Delete the company with its connections and what was read for it; consents that served it alone are cut
/// at the platforms. Whether it existed.
pub async fn delete(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    id: CompanyId,
) -> Result<bool, connections::Error> {
    let company = ledgerline_store::companies::lock(tx, app, id).await?;
    let Some(company) = company.filter(|company| company.environment == environment) else {
        return Ok(false);
    };
    for connection in ledgerline_store::connections::of_company(tx, app, id).await? {
        connections::delete(engine, tx, &company, &connection).await?;
    }
    let body = Body::CompanyDeleted {
        company: events::of_company(&company),
    };
    events::append(engine, tx, app, environment, id, body).await?;
    Ok(ledgerline_store::companies::delete(tx, app, id, engine.now()).await?)
}
