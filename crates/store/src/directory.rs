//! Companies with all that a list of them shows, filtered and ordered by the database.

/// From a filter to SQL with bound values.
mod conditions;
#[cfg(test)]
mod tests;

use ledgerline_model::app::Environment;
use ledgerline_model::company::filter::Filter;
use ledgerline_model::company::{Company, Details};
use ledgerline_model::connection::Connection;
use ledgerline_model::{AppId, CompanyId, Timestamp};
use uuid::Uuid;

use crate::db::{Row, Value, sql};
use crate::{Result, Tx, companies, company_details, connections};
use conditions::Conditions;

/// A company as a list shows it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub company: Company,
    pub details: Details,
    /// When the app last changed it.
    pub updated_at: Timestamp,
    /// In the order in which they were made.
    pub connections: Vec<Connection>,
}

/// Which companies, in which order.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub app: AppId,
    pub environment: Environment,
    pub filter: Option<&'a Filter>,
    pub order: Order,
    /// Only what comes after this one.
    pub after: Option<After>,
    pub limit: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// As they were made.
    Oldest,
    Newest,
    /// By the case fold of their names.
    Name,
}

/// The last company of the page before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct After {
    pub id: Uuid,
    /// Its case-folded name; only an order by name looks at it.
    pub name: String,
}

pub async fn list(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Vec<Entry>> {
    let mut conditions = Conditions::of(tx.dialect(), wanted.app, wanted.environment, wanted.filter);
    if let Some(after) = &wanted.after {
        let id = conditions.value(after.id);
        let condition = match wanted.order {
            Order::Oldest => format!("company.company_id > {id}"),
            Order::Newest => format!("company.company_id < {id}"),
            Order::Name => {
                let name = conditions.value(after.name.as_str());
                format!("(company.name_folded, company.company_id) > ({name}, {id})")
            }
        };
        conditions.and(&condition);
    }
    let limit = conditions.value(wanted.limit);
    let order = match wanted.order {
        Order::Oldest => "company.company_id",
        Order::Newest => "company.company_id desc",
        Order::Name => "company.name_folded, company.company_id",
    };
    let text = format!(
        "select {COLUMNS} {FROM} where {} order by {order} limit {limit}",
        conditions.sql
    );
    let rows = sql(text).bind_all(conditions.values).all(tx).await?;
    let mut entries = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let ids: Vec<CompanyId> = entries.iter().map(|entry| entry.company.id).collect();
    for connection in connections::of_listed(tx, wanted.app, &ids).await? {
        if let Some(entry) = entries
            .iter_mut()
            .find(|entry| entry.company.id == connection.company)
        {
            entry.connections.push(connection);
        }
    }
    Ok(entries)
}

/// How many there are in all.
pub async fn count(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    filter: Option<&Filter>,
) -> Result<i64> {
    let conditions = Conditions::of(tx.dialect(), app, environment, filter);
    let row = sql(format!(
        "select count(*) as companies {FROM} where {}",
        conditions.sql
    ))
    .bind_all(conditions.values)
    .first(tx)
    .await?;
    row.map_or(Ok(0), |row| row.int("companies"))
}

/// One company as the list shows it.
pub async fn find(tx: &mut Tx, app: AppId, environment: Environment, id: CompanyId) -> Result<Option<Entry>> {
    let row = sql(format!(
        "select {COLUMNS} {FROM} where company.app_id = $1 and company.environment = $2 and company.company_id = $3"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(id)
    .first(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut entry = read(&row)?;
    entry.connections = connections::of_company(tx, app, id).await?;
    Ok(Some(entry))
}

const COLUMNS: &str = "company.*, details.external_id, details.currency, details.details";

const FROM: &str = "from company left join company_details details
    on details.app_id = company.app_id and details.company_id = company.company_id";

fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        company: companies::read(row)?,
        details: company_details::read(row)?,
        updated_at: row.at("updated_at")?,
        connections: Vec::new(),
    })
}

impl From<Uuid> for After {
    fn from(id: Uuid) -> Self {
        Self {
            id,
            name: String::new(),
        }
    }
}
