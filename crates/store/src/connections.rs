use ledgerline_model::app::Environment;
use ledgerline_model::connection::{Connection, Organisation, State};
use ledgerline_model::{AppId, CompanyId, ConnectionId, GrantId, Timestamp};
use uuid::Uuid;

use crate::db::{Row, Value, json, sql};
use crate::purge::Purge;
use crate::{Error, Result, Tx, companies, purge};

const COLUMNS: &str = "app_id, connection_id, company_id, environment, platform, state, organisation, grant_id, \
                       link_epoch, created_at, linked_at, last_sync_at, errors, zone";

/// Whether `error` says that the company has another connection that is linked or faulty.
///
/// PostgreSQL has given up the transaction by then: whoever catches it begins another.
pub fn is_second_active(error: &Error) -> bool {
    error.is_constraint(
        "connection_one_active",
        "connection.app_id, connection.company_id",
    )
}

pub async fn find(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    id: ConnectionId,
) -> Result<Option<Connection>> {
    sql(format!(
        "select {COLUMNS} from connection where app_id = $1 and connection_id = $2 and environment = $3"
    ))
    .bind(app)
    .bind(id)
    .bind(environment.key())
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The connection whatever its environment, locked until the transaction ends: read it so before
/// changing it, or somebody else's change is lost. Whoever locks the company too does that first.
pub async fn lock(tx: &mut Tx, app: AppId, id: ConnectionId) -> Result<Option<Connection>> {
    let for_update = tx.dialect().for_update();
    sql(format!(
        "select {COLUMNS} from connection where app_id = $1 and connection_id = $2{for_update}"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// In the order in which they were made.
pub async fn of_company(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Vec<Connection>> {
    of_companies_where(tx, "company_id = $2", [app.into(), company.into()]).await
}

/// Those of the companies with ids above `after` and up to `last`.
pub(crate) async fn of_companies(
    tx: &mut Tx,
    app: AppId,
    after: Uuid,
    last: Uuid,
) -> Result<Vec<Connection>> {
    of_companies_where(
        tx,
        "company_id > $2 and company_id <= $3",
        [app.into(), after.into(), last.into()],
    )
    .await
}

/// Those of these companies, in the order in which they were made.
pub(crate) async fn of_listed(tx: &mut Tx, app: AppId, companies: &[CompanyId]) -> Result<Vec<Connection>> {
    if companies.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (0..companies.len())
        .map(|index| format!("${}", index + 2))
        .collect();
    let condition = format!("company_id in ({})", places.join(", "));
    let values = companies.iter().map(|company| Value::from(*company));
    of_companies_where(tx, &condition, [app.into()].into_iter().chain(values)).await
}

/// When and by whom an unlinked connection was cut.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    pub at: Timestamp,
    /// `app` or `customer`.
    pub by: String,
}

pub async fn note_cut(tx: &mut Tx, app: AppId, id: ConnectionId, cut: &Cut) -> Result<()> {
    sql("update connection set unlinked_at = $3, unlinked_by = $4 where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .bind(cut.at)
        .bind(cut.by.as_str())
        .run(tx)
        .await?;
    Ok(())
}

/// The last time that it was cut, also if it was linked again since.
pub async fn last_cut(tx: &mut Tx, app: AppId, id: ConnectionId) -> Result<Option<Cut>> {
    let row = sql("select unlinked_at, unlinked_by from connection
         where app_id = $1 and connection_id = $2 and unlinked_at is not null")
    .bind(app)
    .bind(id)
    .first(tx)
    .await?;
    row.map(|row| {
        Ok(Cut {
            at: row.at("unlinked_at")?,
            by: row.opt_text("unlinked_by")?.unwrap_or_default(),
        })
    })
    .transpose()
}

/// Where the company's reads, status and refreshes go: the one that is linked or faulty, else the one
/// that was linked last.
pub async fn active(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Option<Connection>> {
    sql(format!(
        "select {COLUMNS} from connection where app_id = $1 and company_id = $2 and linked_at is not null
         order by case when state in ('linked', 'faulty') then 0 else 1 end, linked_at desc, connection_id desc
         limit 1"
    ))
    .bind(app)
    .bind(company)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// Those that the grant serves.
pub async fn of_grant(tx: &mut Tx, app: AppId, grant: GrantId) -> Result<Vec<Connection>> {
    of_companies_where(tx, "grant_id = $2", [app.into(), grant.into()]).await
}

/// How many companies of the app have books that are connected now.
pub async fn count_active(tx: &mut Tx, app: AppId, environment: Environment) -> Result<i64> {
    let row = sql("select count(*) as connections from connection
         where app_id = $1 and environment = $2 and state in ('linked', 'faulty')")
    .bind(app)
    .bind(environment.key())
    .first(tx)
    .await?;
    row.map_or(Ok(0), |row| row.int("connections"))
}

/// Those of the app, of whatever company and in whatever state, that hold this organisation.
pub async fn with_organisation(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    platform: &str,
    organisation: &str,
) -> Result<Vec<Connection>> {
    of_companies_where(
        tx,
        "environment = $2 and platform = $3 and organisation_id = $4",
        [
            app.into(),
            environment.key().into(),
            platform.into(),
            organisation.into(),
        ],
    )
    .await
}

/// A second active connection of the company is refused: see [`is_second_active`].
pub async fn insert(tx: &mut Tx, connection: &Connection) -> Result<()> {
    sql(
        "insert into connection (app_id, connection_id, company_id, environment, platform, link_epoch, created_at,
             state, organisation_id, organisation, grant_id, linked_at, last_sync_at, errors)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(connection.app)
    .bind(connection.id)
    .bind(connection.company)
    .bind(connection.environment.key())
    .bind(connection.platform.as_str())
    .bind(connection.link_epoch)
    .bind(connection.created_at)
    .bind_all(changing(connection)?)
    .run(tx)
    .await?;
    Ok(())
}

/// Store all that changes while a connection lives, but for its link epoch. Whether there is such a
/// connection. A second active connection of the company is refused: see [`is_second_active`].
pub async fn update(tx: &mut Tx, connection: &Connection) -> Result<bool> {
    let changed = sql(
        "update connection set state = $3, organisation_id = $4, organisation = $5, grant_id = $6,
             linked_at = $7, last_sync_at = $8, errors = $9
         where app_id = $1 and connection_id = $2",
    )
    .bind(connection.app)
    .bind(connection.id)
    .bind_all(changing(connection)?)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// The platform has said in which time zone the organisation is.
pub async fn set_zone(tx: &mut Tx, app: AppId, id: ConnectionId, zone: &str) -> Result<()> {
    sql("update connection set zone = $3 where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .bind(zone)
        .run(tx)
        .await?;
    Ok(())
}

/// The next linked or faulty connections of the app behind this id, in the order of their ids.
pub async fn active_after(tx: &mut Tx, app: AppId, after: Uuid, limit: i64) -> Result<Vec<Connection>> {
    sql(format!(
        "select {COLUMNS} from connection
         where app_id = $1 and connection_id > $2 and state in ('linked', 'faulty')
         order by connection_id limit $3"
    ))
    .bind(app)
    .bind(after)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Take the connection away with its open links, and leave its data to the job `company.purge`. Events
/// stay. Its Pulls and its grant are the caller's to end first. Whether there was one.
pub async fn delete(tx: &mut Tx, app: AppId, id: ConnectionId, at: Timestamp) -> Result<bool> {
    let company = sql("select company_id from connection where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    let Some(company) = company else { return Ok(false) };
    let company = CompanyId(company.uuid("company_id")?);
    // Always the company before its connections: see `companies::delete`.
    companies::lock(tx, app, company).await?;
    if lock(tx, app, id).await?.is_none() {
        return Ok(false);
    }
    for statement in [
        "delete from oauth_state where app_id = $1 and (connection_id = $2
         or session_id in (select session_id from link_session where app_id = $1 and connection_id = $2))",
        "delete from link_session where app_id = $1 and connection_id = $2",
        "delete from connection where app_id = $1 and connection_id = $2",
    ] {
        sql(statement).bind(app).bind(id).run(tx).await?;
    }
    let rest = Purge {
        company: company.0,
        connections: vec![id.0],
        is_company: false,
    };
    purge::enqueue(tx, app, &rest, at).await?;
    Ok(true)
}

/// Whether statement lines are fed beside the documents that are written.
pub async fn feeds_bank(tx: &mut Tx, app: AppId, id: ConnectionId) -> Result<bool> {
    let row = sql("select bank_feed from connection where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    row.map_or(Ok(false), |row| row.bool("bank_feed"))
}

pub async fn set_feeds_bank(tx: &mut Tx, app: AppId, id: ConnectionId, feeds_bank: bool) -> Result<()> {
    sql("update connection set bank_feed = $3 where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .bind(feeds_bank)
        .run(tx)
        .await?;
    Ok(())
}

/// A Pull of it ended well.
pub async fn synced(tx: &mut Tx, app: AppId, id: ConnectionId, at: Timestamp) -> Result<()> {
    sql("update connection set last_sync_at = $3 where app_id = $1 and connection_id = $2")
        .bind(app)
        .bind(id)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

/// Make every link URL of the connection worthless; the new epoch.
pub async fn raise_link_epoch(tx: &mut Tx, app: AppId, id: ConnectionId) -> Result<Option<i64>> {
    sql(
        "update connection set link_epoch = link_epoch + 1 where app_id = $1 and connection_id = $2
         returning link_epoch",
    )
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| row.int("link_epoch"))
    .transpose()
}

async fn of_companies_where(
    tx: &mut Tx,
    condition: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Connection>> {
    sql(format!(
        "select {COLUMNS} from connection where app_id = $1 and {condition} order by connection_id"
    ))
    .bind_all(values)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

fn changing(connection: &Connection) -> Result<[Value; 7]> {
    let organisation = match &connection.organisation {
        Some(organisation) => json(organisation, "organisation")?,
        None => Value::Text(None),
    };
    Ok([
        connection.state.key().into(),
        connection
            .organisation
            .as_ref()
            .map(|organisation| organisation.id.as_str())
            .into(),
        organisation,
        connection.grant.into(),
        connection.linked_at.into(),
        connection.last_sync_at.into(),
        json(&connection.errors, "errors")?,
    ])
}

fn read(row: &Row) -> Result<Connection> {
    let organisation: Option<Organisation> = match row.opt_text("organisation")? {
        Some(_) => Some(row.json("organisation")?),
        None => None,
    };
    Ok(Connection {
        app: AppId(row.uuid("app_id")?),
        id: ConnectionId(row.uuid("connection_id")?),
        company: CompanyId(row.uuid("company_id")?),
        environment: row.key("environment", Environment::from_key)?,
        platform: row.text("platform")?,
        state: row.key("state", State::from_key)?,
        organisation,
        grant: row.opt_uuid("grant_id")?.map(GrantId),
        link_epoch: row.int("link_epoch")?,
        created_at: row.at("created_at")?,
        linked_at: row.opt_at("linked_at")?,
        last_sync_at: row.opt_at("last_sync_at")?,
        errors: row.json("errors")?,
        zone: row.opt_text("zone")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};

    #[tokio::test]
    async fn a_second_active_connection_is_refused() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let company = a_company(&mut tx, app.id).await;
            let mut first = a_connection(&mut tx, &company, "xero").await;
            let mut second = a_connection(&mut tx, &company, "sage").await;
            first.state = State::Linked;
            update(&mut tx, &first).await.unwrap();
            second.state = State::Faulty;
            let error = update(&mut tx, &second).await.unwrap_err();
            assert!(is_second_active(&error), "{error:?}");
        })
        .await;
    }

    #[tokio::test]
    async fn without_an_active_one_reads_go_to_the_one_linked_last() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let company = a_company(&mut tx, app.id).await;
            assert!(active(&mut tx, app.id, company.id).await.unwrap().is_none());
            let mut first = a_connection(&mut tx, &company, "xero").await;
            let mut second = a_connection(&mut tx, &company, "xero").await;
            assert!(active(&mut tx, app.id, company.id).await.unwrap().is_none());
            first.state = State::Linked;
            first.linked_at = Some(at(10));
            first.organisation = Some(Organisation {
                id: "org-1".to_owned(),
                name: "Müller".to_owned(),
                link: None,
            });
            second.state = State::Unlinked;
            second.linked_at = Some(at(20));
            update(&mut tx, &first).await.unwrap();
            update(&mut tx, &second).await.unwrap();
            let found = active(&mut tx, app.id, company.id).await.unwrap().unwrap();
            assert_eq!(
                (found.id, found.organisation.clone()),
                (first.id, first.organisation.clone())
            );
            let holders = with_organisation(&mut tx, app.id, Environment::Test, "xero", "org-1")
                .await
                .unwrap();
            assert_eq!(holders.len(), 1);
            first.state = State::NeedsReauth;
            update(&mut tx, &first).await.unwrap();
            let found = active(&mut tx, app.id, company.id).await.unwrap().unwrap();
            assert_eq!(found.id, second.id);
            assert_eq!(of_company(&mut tx, app.id, company.id).await.unwrap().len(), 2);
        })
        .await;
    }
}
