use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use ledgerline_store::access_tokens;
use serde::Serialize;
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::CompanyOf;

/// A day, in seconds.
const LIFETIME: i64 = 24 * 60 * 60;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyAccessToken {
    /// Seconds.
    expires_in: i64,
    access_token: String,
    token_type: &'static str,
}

/// Make a token that reaches one company, for code that runs in its browser.
///
/// It sees the company and the integrations, and makes, sees and cuts the company's connections; nothing else.
#[utoipa::path(
    get, path = "/companies/{companyId}/accessToken", tag = "Companies",
    responses((status = 200, body = CompanyAccessToken))
)]
pub async fn company_access_token(of: CompanyOf) -> Result<axum::Json<CompanyAccessToken>, Error> {
    let mut random = [0; 32];
    of.engine.ids.fill(&mut random);
    let token = format!("ct_{}", URL_SAFE_NO_PAD.encode(random));
    let reach = access_tokens::AccessToken {
        app: of.app,
        environment: of.company.environment,
        company: of.company.id,
        terms: access_tokens::Terms::default(),
    };
    let now = of.engine.now();
    let expires_at = now.saturating_add(SignedDuration::from_secs(LIFETIME));
    let expires_at = expires_at.map_err(|error| Error::internal(&error))?;
    let mut tx = of.engine.store.write().await?;
    access_tokens::insert(&mut tx, reach, &token, now, expires_at).await?;
    tx.commit().await?;
    Ok(axum::Json(CompanyAccessToken {
        expires_in: LIFETIME,
        access_token: token,
        token_type: "Bearer",
    }))
}
