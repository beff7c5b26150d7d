use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::event::{CompanySnapshot, ConnectionSnapshot};
use ledgerline_store::Tx;

use crate::{Engine, link};

pub fn of_company(company: &Company) -> CompanySnapshot {
    CompanySnapshot {
        id: company.id.0,
        name: company.name.clone(),
        description: company.description.clone(),
        tags: company.tags.clone(),
        created_at: company.created_at,
        external_id: None,
    }
}

pub async fn of_connection(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
) -> ledgerline_store::Result<ConnectionSnapshot> {
    let link_url = link::url(engine, tx, link::Target::from(connection)).await?;
    Ok(ConnectionSnapshot {
        id: connection.id.0,
        platform: connection.platform.clone(),
        state: connection.state.key().to_owned(),
        environment: connection.environment.key().to_owned(),
        link_url: link_url.into(),
        created_at: connection.created_at,
        last_sync_at: connection.last_sync_at,
        errors: connection.errors.clone(),
        organisation: connection.organisation.as_ref().map(|own| own.id.clone()),
    })
}
