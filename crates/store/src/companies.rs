use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::Connection;
use ledgerline_model::query::fold;
use ledgerline_model::{AppId, CompanyId, Timestamp};
use uuid::Uuid;

use crate::db::{Row, json, sql};
use crate::purge::Purge;
use crate::{Result, Tx, connections, purge};

const COLUMNS: &str = "app_id, company_id, environment, name, description, tags, profile, keep_alive, \
                       link_epoch, created_at, created_by, zone";

pub async fn find(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    id: CompanyId,
) -> Result<Option<Company>> {
    sql(format!(
        "select {COLUMNS} from company where app_id = $1 and company_id = $2 and environment = $3"
    ))
    .bind(app)
    .bind(id)
    .bind(environment.key())
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The company whatever its environment, locked until the transaction ends: for work that the server
/// does by itself and that must not run beside itself.
pub async fn lock(tx: &mut Tx, app: AppId, id: CompanyId) -> Result<Option<Company>> {
    let for_update = tx.dialect().for_update();
    sql(format!(
        "select {COLUMNS} from company where app_id = $1 and company_id = $2{for_update}"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

pub async fn insert(tx: &mut Tx, company: &Company) -> Result<()> {
    sql(
        "insert into company (app_id, company_id, environment, name, description, tags, profile, keep_alive,
             link_epoch, created_at, created_by, updated_at, name_folded, zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $12, $13)",
    )
    .bind(company.app)
    .bind(company.id)
    .bind(company.environment.key())
    .bind(company.name.as_str())
    .bind(company.description.as_deref())
    .bind(json(&company.tags, "tags")?)
    .bind(company.profile.key())
    .bind(company.keep_alive)
    .bind(company.link_epoch)
    .bind(company.created_at)
    .bind(company.created_by.as_deref())
    .bind(fold(&company.name))
    .bind(company.zone.as_deref())
    .run(tx)
    .await?;
    Ok(())
}

/// Store what an app may change: name, description, tags, keep-alive, time zone. Whether there is such a company.
pub async fn update(tx: &mut Tx, company: &Company, at: Timestamp) -> Result<bool> {
    let changed = sql(
        "update company set name = $3, description = $4, tags = $5, keep_alive = $6, name_folded = $7,
             updated_at = $8, zone = $9
         where app_id = $1 and company_id = $2",
    )
    .bind(company.app)
    .bind(company.id)
    .bind(company.name.as_str())
    .bind(company.description.as_deref())
    .bind(json(&company.tags, "tags")?)
    .bind(company.keep_alive)
    .bind(fold(&company.name))
    .bind(at)
    .bind(company.zone.as_deref())
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Take the company away with its connections, settings and open links, and leave their data to the job
/// `company.purge`. Events stay. Its Pulls and grants are the caller's to end first. Whether there was one.
pub async fn delete(tx: &mut Tx, app: AppId, id: CompanyId, at: Timestamp) -> Result<bool> {
    // Always the company before its connections, as whoever reads its feeds locks them: else the two may
    // wait for each other.
    if lock(tx, app, id).await?.is_none() {
        return Ok(false);
    }
    let connections = connections::of_company(tx, app, id).await?;
    for statement in [
        "delete from oauth_state where app_id = $1
         and session_id in (select session_id from link_session where app_id = $1 and company_id = $2)",
        "delete from link_session where app_id = $1 and company_id = $2",
        "delete from sync_setting where app_id = $1 and company_id = $2",
        "delete from access_token where app_id = $1 and company_id = $2",
        "delete from company_details where app_id = $1 and company_id = $2",
        "delete from mapping_config where app_id = $1 and company_id = $2",
        "delete from expense_provider where app_id = $1 and company_id = $2",
        "delete from connection where app_id = $1 and company_id = $2",
        "delete from company where app_id = $1 and company_id = $2",
    ] {
        sql(statement).bind(app).bind(id).run(tx).await?;
    }
    let connections = connections.iter().map(|connection| connection.id.0).collect();
    purge::enqueue(
        tx,
        app,
        &Purge {
            company: id.0,
            connections,
            is_company: true,
        },
        at,
    )
    .await?;
    Ok(true)
}

/// Make every link URL of the company worthless; the new epoch.
pub async fn raise_link_epoch(tx: &mut Tx, app: AppId, id: CompanyId) -> Result<Option<i64>> {
    sql(
        "update company set link_epoch = link_epoch + 1 where app_id = $1 and company_id = $2
         returning link_epoch",
    )
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| row.int("link_epoch"))
    .transpose()
}

pub async fn count(tx: &mut Tx, app: AppId, environment: Environment) -> Result<i64> {
    let row = sql("select count(*) as companies from company where app_id = $1 and environment = $2")
        .bind(app)
        .bind(environment.key())
        .first(tx)
        .await?;
    row.map_or(Ok(0), |row| row.int("companies"))
}

/// In the order in which they were made.
pub async fn list(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    offset: i64,
    limit: i64,
) -> Result<Vec<Company>> {
    sql(format!(
        "select {COLUMNS} from company where app_id = $1 and environment = $2
         order by company_id limit $3 offset $4"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(limit)
    .bind(offset)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Show each company with its connections, in the order in which they were made, until `visit` says
/// `false`; memory does not grow with their number.
pub async fn each(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    mut visit: impl FnMut(Company, Vec<Connection>) -> Result<bool>,
) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let batch = after_id(tx, app, environment, after).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        let mut connections = connections::of_companies(tx, app, after, last.id.0).await?;
        after = last.id.0;
        for company in batch {
            let (own, others) = connections
                .into_iter()
                .partition(|connection| connection.company == company.id);
            connections = others;
            if !visit(company, own)? {
                return Ok(());
            }
        }
    }
}

const BATCH: i64 = 100;

async fn after_id(tx: &mut Tx, app: AppId, environment: Environment, after: Uuid) -> Result<Vec<Company>> {
    sql(format!(
        "select {COLUMNS} from company where app_id = $1 and environment = $2 and company_id > $3
         order by company_id limit $4"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(after)
    .bind(BATCH)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub(crate) fn read(row: &Row) -> Result<Company> {
    Ok(Company {
        app: AppId(row.uuid("app_id")?),
        id: CompanyId(row.uuid("company_id")?),
        environment: row.key("environment", Environment::from_key)?,
        name: row.text("name")?,
        description: row.opt_text("description")?,
        tags: row.json("tags")?,
        profile: row.key("profile", Profile::from_key)?,
        keep_alive: row.bool("keep_alive")?,
        link_epoch: row.int("link_epoch")?,
        created_at: row.at("created_at")?,
        created_by: row.opt_text("created_by")?,
        zone: row.opt_text("zone")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};

    #[tokio::test]
    async fn each_app_and_environment_sees_its_own() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let (one, two) = (an_app(&mut tx, "One").await, an_app(&mut tx, "Two").await);
            let mut company = a_company(&mut tx, one.id).await;
            for (app, environment) in [(two.id, Environment::Test), (one.id, Environment::Live)] {
                assert!(
                    find(&mut tx, app, environment, company.id)
                        .await
                        .unwrap()
                        .is_none()
                );
                assert_eq!(count(&mut tx, app, environment).await.unwrap(), 0);
            }
            company.name = "Müller & Söhne".to_owned();
            company.tags.insert("region".to_owned(), "süd".to_owned());
            assert!(update(&mut tx, &company, at(1)).await.unwrap());
            let found = find(&mut tx, one.id, Environment::Test, company.id)
                .await
                .unwrap()
                .unwrap();
            assert_eq!((&found.name, &found.tags), (&company.name, &company.tags));
            assert_eq!(
                raise_link_epoch(&mut tx, one.id, company.id).await.unwrap(),
                Some(1)
            );
            assert_eq!(raise_link_epoch(&mut tx, two.id, company.id).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn all_are_visited_with_their_connections_over_several_batches() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let mut expected = Vec::new();
            for number in 0..(BATCH + 3) {
                let company = a_company(&mut tx, app.id).await;
                let mut own = Vec::new();
                if number % 2 == 0 {
                    own.push(a_connection(&mut tx, &company, "xero").await.id);
                }
                expected.push((company.id, own));
            }
            expected.sort();
            let mut seen = Vec::new();
            each(&mut tx, app.id, Environment::Test, |company, connections| {
                seen.push((
                    company.id,
                    connections.iter().map(|connection| connection.id).collect(),
                ));
                Ok(true)
            })
            .await
            .unwrap();
            assert_eq!(seen, expected);
            let second_page = list(&mut tx, app.id, Environment::Test, 2, 2).await.unwrap();
            let ids: Vec<_> = second_page.iter().map(|company| company.id).collect();
            assert_eq!(ids, [expected[2].0, expected[3].0]);
        })
        .await;
    }
}
