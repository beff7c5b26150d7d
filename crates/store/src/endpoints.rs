use ledgerline_model::app::Environment;
use ledgerline_model::event::Endpoint;
use ledgerline_model::{AppId, EndpointId, Secret, Timestamp};

use crate::db::{Row, json, sql};
use crate::seal::{self, Place};
use crate::{Result, Tx};

const COLUMNS: &str = "app_id, endpoint_id, environment, dialect, url, event_types, company_tags, disabled, \
                       created_at, failing_since";

pub async fn insert(tx: &mut Tx, endpoint: &Endpoint, secret: &Secret) -> Result<()> {
    let row = endpoint.id.to_string();
    let sealed = seal::seal(tx, place(endpoint.app, &row), secret).await?;
    sql(
        "insert into endpoint (app_id, endpoint_id, environment, dialect, url, secret, event_types, company_tags,
             disabled, created_at, failing_since)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(endpoint.app)
    .bind(endpoint.id)
    .bind(endpoint.environment.key())
    .bind(endpoint.dialect.as_str())
    .bind(endpoint.url.as_str())
    .bind(sealed)
    .bind(json(&endpoint.event_types, "event_types")?)
    .bind(json(&endpoint.company_tags, "company_tags")?)
    .bind(endpoint.disabled)
    .bind(endpoint.created_at)
    .bind(endpoint.failing_since)
    .run(tx)
    .await?;
    Ok(())
}

/// Those that one dialect made, or all; oldest first.
pub async fn list(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    dialect: Option<&str>,
) -> Result<Vec<Endpoint>> {
    sql(format!(
        "select {COLUMNS} from endpoint where app_id = $1 and environment = $2 and dialect = coalesce($3, dialect)
         order by endpoint_id"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(dialect)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub async fn find(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    id: EndpointId,
) -> Result<Option<Endpoint>> {
    sql(format!(
        "select {COLUMNS} from endpoint where app_id = $1 and endpoint_id = $2 and environment = $3"
    ))
    .bind(app)
    .bind(id)
    .bind(environment.key())
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// Whatever its environment: for work that the server does by itself.
pub async fn find_by_id(tx: &mut Tx, app: AppId, id: EndpointId) -> Result<Option<Endpoint>> {
    sql(format!(
        "select {COLUMNS} from endpoint where app_id = $1 and endpoint_id = $2"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// With its deliveries. Whether there was one.
pub async fn delete(tx: &mut Tx, app: AppId, environment: Environment, id: EndpointId) -> Result<bool> {
    let deleted = sql("delete from endpoint where app_id = $1 and endpoint_id = $2 and environment = $3")
        .bind(app)
        .bind(id)
        .bind(environment.key())
        .run(tx)
        .await?;
    if deleted > 0 {
        sql("delete from delivery where app_id = $1 and endpoint_id = $2")
            .bind(app)
            .bind(id)
            .run(tx)
            .await?;
    }
    Ok(deleted > 0)
}

/// With what its deliveries are signed.
pub async fn secret(tx: &mut Tx, app: AppId, id: EndpointId) -> Result<Option<Secret>> {
    let row = sql("select secret from endpoint where app_id = $1 and endpoint_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    seal::unseal(tx, place(app, &id.to_string()), &row.bytes("secret")?)
        .await
        .map(Some)
}

/// `Some`: it fails, since then unless it did before. `None`: it answers.
pub async fn set_failing(
    tx: &mut Tx,
    app: AppId,
    id: EndpointId,
    failing_since: Option<Timestamp>,
) -> Result<()> {
    let statement = match failing_since {
        Some(_) => {
            "update endpoint set failing_since = coalesce(failing_since, $3)
             where app_id = $1 and endpoint_id = $2"
        }
        None => {
            "update endpoint set failing_since = $3, probe_at = null
             where app_id = $1 and endpoint_id = $2"
        }
    };
    sql(statement)
        .bind(app)
        .bind(id)
        .bind(failing_since)
        .run(tx)
        .await?;
    Ok(())
}

/// Nothing more goes there.
pub async fn disable(tx: &mut Tx, app: AppId, id: EndpointId) -> Result<()> {
    sql("update endpoint set disabled = true where app_id = $1 and endpoint_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// It begins again as if it had never failed.
pub async fn enable(tx: &mut Tx, app: AppId, id: EndpointId) -> Result<()> {
    sql(
        "update endpoint set disabled = false, failing_since = null, probe_at = null
         where app_id = $1 and endpoint_id = $2",
    )
    .bind(app)
    .bind(id)
    .run(tx)
    .await?;
    Ok(())
}

/// Whether a probe may go out now; the one after it not before `next`.
pub async fn take_probe(
    tx: &mut Tx,
    app: AppId,
    id: EndpointId,
    now: Timestamp,
    next: Timestamp,
) -> Result<bool> {
    let taken = sql("update endpoint set probe_at = $4
         where app_id = $1 and endpoint_id = $2 and (probe_at is null or probe_at <= $3)")
    .bind(app)
    .bind(id)
    .bind(now)
    .bind(next)
    .run(tx)
    .await?;
    Ok(taken > 0)
}

/// When the next probe may go out.
pub async fn probe_at(tx: &mut Tx, app: AppId, id: EndpointId) -> Result<Option<Timestamp>> {
    let row = sql("select probe_at from endpoint where app_id = $1 and endpoint_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_at("probe_at"))
}

/// No probe before `at`.
pub async fn set_probe(tx: &mut Tx, app: AppId, id: EndpointId, at: Timestamp) -> Result<()> {
    sql("update endpoint set probe_at = $3 where app_id = $1 and endpoint_id = $2")
        .bind(app)
        .bind(id)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

const fn place(app: AppId, row: &str) -> Place<'_> {
    Place {
        app,
        table: "endpoint",
        row,
        column: "secret",
    }
}

fn read(row: &Row) -> Result<Endpoint> {
    Ok(Endpoint {
        app: AppId(row.uuid("app_id")?),
        id: EndpointId(row.uuid("endpoint_id")?),
        environment: row.key("environment", Environment::from_key)?,
        dialect: row.text("dialect")?,
        url: row.text("url")?,
        event_types: row.json("event_types")?,
        company_tags: row.json("company_tags")?,
        disabled: row.bool("disabled")?,
        created_at: row.at("created_at")?,
        failing_since: row.opt_at("failing_since")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{an_app, an_endpoint, at, on_both_stores};

    #[tokio::test]
    async fn an_endpoint_is_its_environments_alone() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let endpoint = an_endpoint(&mut tx, app.id, "codat").await;
            let kept = secret(&mut tx, app.id, endpoint.id).await.unwrap().unwrap();
            assert_eq!(kept.expose(), "whsec_test");
            let listed = list(&mut tx, app.id, Environment::Test, None).await.unwrap();
            assert_eq!(listed[0].event_types, endpoint.event_types);
            for (environment, dialect) in [(Environment::Live, None), (Environment::Test, Some("accend"))] {
                assert!(
                    list(&mut tx, app.id, environment, dialect)
                        .await
                        .unwrap()
                        .is_empty()
                );
            }
            assert!(
                !delete(&mut tx, app.id, Environment::Live, endpoint.id)
                    .await
                    .unwrap()
            );
            assert!(
                delete(&mut tx, app.id, Environment::Test, endpoint.id)
                    .await
                    .unwrap()
            );
            assert!(secret(&mut tx, app.id, endpoint.id).await.unwrap().is_none());
        })
        .await;
    }

    #[tokio::test]
    async fn failing_counts_from_the_first_failure_and_probes_are_rare() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let id = an_endpoint(&mut tx, app, "codat").await.id;
            for seconds in [5, 9] {
                set_failing(&mut tx, app, id, Some(at(seconds))).await.unwrap();
            }
            disable(&mut tx, app, id).await.unwrap();
            let found = find(&mut tx, app, Environment::Test, id).await.unwrap().unwrap();
            assert_eq!((found.failing_since, found.disabled), (Some(at(5)), true));
            assert!(take_probe(&mut tx, app, id, at(10), at(20)).await.unwrap());
            assert!(!take_probe(&mut tx, app, id, at(19), at(29)).await.unwrap());
            assert!(take_probe(&mut tx, app, id, at(20), at(30)).await.unwrap());
            enable(&mut tx, app, id).await.unwrap();
            assert!(take_probe(&mut tx, app, id, at(21), at(30)).await.unwrap());
            set_failing(&mut tx, app, id, None).await.unwrap();
            let found = find(&mut tx, app, Environment::Test, id).await.unwrap().unwrap();
            assert_eq!((found.failing_since, found.disabled), (None, false));
        })
        .await;
    }
}
