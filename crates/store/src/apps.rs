use ledgerline_model::app::{App, Settings};
use ledgerline_model::{AppId, Secret};

use crate::db::{Row, Value, json, sql};
use crate::seal::{self, Place};
use crate::{Result, Tx};

pub async fn find(tx: &mut Tx, id: AppId) -> Result<Option<App>> {
    sql("select app_id, name, settings, created_at from app where app_id = $1")
        .bind(id)
        .first(tx)
        .await?
        .map(|row| read(&row))
        .transpose()
}

pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<App>> {
    sql("select app_id, name, settings, created_at from app where name = $1")
        .bind(name)
        .first(tx)
        .await?
        .map(|row| read(&row))
        .transpose()
}

/// All apps, in the order in which they were made.
pub async fn all(tx: &mut Tx) -> Result<Vec<App>> {
    sql("select app_id, name, settings, created_at from app order by app_id")
        .all(tx)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Names are unique: a second app of the name is refused by `app_name_key` (SQLite: `app.name`).
pub async fn insert(tx: &mut Tx, app: &App) -> Result<()> {
    sql("insert into app (app_id, name, settings, created_at) values ($1, $2, $3, $4)")
        .bind(app.id)
        .bind(app.name.as_str())
        .bind(json(&app.settings, "settings")?)
        .bind(app.created_at)
        .run(tx)
        .await?;
    Ok(())
}

/// Whether there is such an app.
pub async fn save_settings(tx: &mut Tx, id: AppId, settings: &Settings) -> Result<bool> {
    let changed = sql("update app set settings = $2 where app_id = $1")
        .bind(id)
        .bind(json(settings, "settings")?)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// What deliveries of rules say in their `Authorization`.
pub async fn alert_authorization(tx: &mut Tx, id: AppId) -> Result<Option<Secret>> {
    let row = sql("select alert_authorization from app where app_id = $1")
        .bind(id)
        .first(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    match row.opt_bytes("alert_authorization")? {
        Some(sealed) => seal::unseal(tx, place(id, &id.to_string()), &sealed)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// `None`: they say nothing.
pub async fn set_alert_authorization(tx: &mut Tx, id: AppId, secret: Option<&Secret>) -> Result<()> {
    let sealed = match secret {
        Some(secret) => Some(seal::seal(tx, place(id, &id.to_string()), secret).await?),
        None => None,
    };
    sql("update app set alert_authorization = $2 where app_id = $1")
        .bind(id)
        .bind(Value::Bytes(sealed))
        .run(tx)
        .await?;
    Ok(())
}

const fn place(app: AppId, row: &str) -> Place<'_> {
    Place {
        app,
        table: "app",
        row,
        column: "alert_authorization",
    }
}

fn read(row: &Row) -> Result<App> {
    Ok(App {
        id: AppId(row.uuid("app_id")?),
        name: row.text("name")?,
        settings: row.json("settings")?,
        created_at: row.at("created_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{an_app, on_both_stores};

    #[tokio::test]
    async fn settings_come_back_as_they_were_saved() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "Kassenbuch").await;
            let settings = Settings {
                redirect_url: Some("https://kassenbuch.example/done".to_owned()),
                white_list_urls: vec!["kassenbuch.example".to_owned()],
                ..Settings::default()
            };
            assert!(save_settings(&mut tx, app.id, &settings).await.unwrap());
            assert_eq!(
                find_by_name(&mut tx, "Kassenbuch")
                    .await
                    .unwrap()
                    .unwrap()
                    .settings,
                settings
            );
            assert_eq!(all(&mut tx).await.unwrap().len(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn a_name_is_taken_once() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "Kassenbuch").await;
            let error = insert(&mut tx, &app).await.unwrap_err();
            assert!(matches!(error, crate::Error::Constraint(_)));
        })
        .await;
    }
}
