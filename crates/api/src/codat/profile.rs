use ledgerline_model::Secret;
use ledgerline_model::app::Settings;
use ledgerline_store::apps;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::errors::Error;
use crate::auth::App;
use crate::body::Json;

/// Bytes.
const MAX_HEADER: usize = 2000;

/// What the app says of itself, and where its customers return to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Cannot be changed here.
    name: String,
    /// Shown on the link pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    icon_url: Option<String>,
    /// Where a customer returns after linking; may hold `{companyId}`, `{connectionId}`, `{statusCode}` and the
    /// like.
    #[serde(default)]
    redirect_url: String,
    /// Hosts that a parameter of `redirectUrl` may name.
    #[serde(default)]
    white_list_urls: Vec<String>,
    /// The `Authorization` header of what rules tell; empty or absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert_auth_header: Option<String>,
}

/// Get the app's profile.
#[utoipa::path(get, path = "/profile", tag = "Settings", responses((status = 200, body = Profile)))]
pub async fn get_profile(app: App) -> Result<axum::Json<Profile>, Error> {
    let mut tx = app.engine.store.read().await?;
    let found = apps::find(&mut tx, app.app).await?;
    let found = found.ok_or_else(Error::not_found)?;
    let authorization = apps::alert_authorization(&mut tx, app.app).await?;
    Ok(axum::Json(view(found.name, found.settings, authorization)))
}

/// Replace the app's profile; it holds for test and live alike.
#[utoipa::path(
    put, path = "/profile", tag = "Settings", request_body = Profile,
    responses((status = 200, body = Profile))
)]
pub async fn update_profile(app: App, Json(wanted): Json<Profile>) -> Result<axum::Json<Profile>, Error> {
    let mut tx = app.engine.store.write().await?;
    let found = apps::find(&mut tx, app.app).await?;
    let found = found.ok_or_else(Error::not_found)?;
    let settings = Settings {
        logo_url: web_address("logoUrl", wanted.logo_url)?,
        icon_url: web_address("iconUrl", wanted.icon_url)?,
        redirect_url: template("redirectUrl", wanted.redirect_url)?,
        white_list_urls: wanted.white_list_urls,
        extra: found.settings.extra,
    };
    apps::save_settings(&mut tx, app.app, &settings).await?;
    let authorization = authorization(wanted.alert_auth_header)?;
    apps::set_alert_authorization(&mut tx, app.app, authorization.as_ref()).await?;
    tx.commit().await?;
    Ok(axum::Json(view(found.name, settings, authorization)))
}

fn view(name: String, settings: Settings, authorization: Option<Secret>) -> Profile {
    Profile {
        alert_auth_header: authorization.map(|secret| secret.expose().to_owned()),
        name,
        logo_url: settings.logo_url,
        icon_url: settings.icon_url,
        redirect_url: settings.redirect_url.unwrap_or_default(),
        white_list_urls: settings.white_list_urls,
    }
}

/// What a header can hold.
fn authorization(value: Option<String>) -> Result<Option<Secret>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    if value.len() > MAX_HEADER || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(Error::bad_request(format!(
            "The field `alertAuthHeader` has to hold at most {MAX_HEADER} ASCII characters that can be seen."
        )));
    }
    Ok(Some(Secret::new(value)))
}

/// Absent, or an address that a browser can load.
fn web_address(field: &str, value: Option<String>) -> Result<Option<String>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(value)),
        _ => Err(not_an_address(field)),
    }
}

/// The same, where parameters in braces may stand for parts of it.
fn template(field: &str, value: String) -> Result<Option<String>, Error> {
    let scheme = value.to_ascii_lowercase();
    match value.is_empty() {
        true => Ok(None),
        false if scheme.starts_with("https://") || scheme.starts_with("http://") => Ok(Some(value)),
        false => Err(not_an_address(field)),
    }
}

fn not_an_address(field: &str) -> Error {
    Error::bad_request(format!(
        "The field `{field}` has to be an address that starts with `https://` or `http://`."
    ))
}
