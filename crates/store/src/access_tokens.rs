//! Tokens that reach one company only, for code that runs in a browser; only their SHA-256 is kept.

use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, CompanyId, Timestamp};
use sha2::{Digest, Sha256};

use crate::db::{Row, json, sql};
use crate::{Error, Result, Tx};

/// What a token may reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessToken {
    pub app: AppId,
    pub environment: Environment,
    pub company: CompanyId,
    pub terms: Terms,
}

/// What the app said of a token when it made it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The platforms that its link leads to; empty means all.
    pub platforms: Vec<String>,
    /// Where its link leads the customer back to, instead of the app's own address.
    pub redirect_url: Option<String>,
    /// Origins of the pages that may use it; empty means any.
    pub allowed_origins: Vec<String>,
}

/// The token of this text, unless it has expired.
pub async fn find(tx: &mut Tx, token: &str, now: Timestamp) -> Result<Option<AccessToken>> {
    let row = sql(
        "select app_id, environment, company_id, platforms, redirect_url, allowed_origins
           from access_token
          where sha256 = $1
            and expires_at > $2",
    )
    .bind(hash(token))
    .bind(now)
    .first(tx)
    .await?;
    row.map(|row| {
        Ok(AccessToken {
            app: AppId(row.uuid("app_id")?),
            environment: Environment::from_key(&row.text("environment")?).ok_or(Error::Corrupt {
                column: "environment",
            })?,
            company: CompanyId(row.uuid("company_id")?),
            terms: Terms {
                platforms: list(&row, "platforms")?,
                redirect_url: row.opt_text("redirect_url")?,
                allowed_origins: list(&row, "allowed_origins")?,
            },
        })
    })
    .transpose()
}

/// Keep the hash of a new token, and forget those of the app that have expired.
pub async fn insert(
    tx: &mut Tx,
    reach: AccessToken,
    token: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sql("delete from access_token
          where app_id = $1
            and expires_at <= $2")
    .bind(reach.app)
    .bind(now)
    .run(tx)
    .await?;
    sql(
        "insert into access_token (sha256, app_id, environment, company_id, expires_at, platforms, redirect_url,
             allowed_origins)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(hash(token))
    .bind(reach.app)
    .bind(reach.environment.key())
    .bind(reach.company)
    .bind(expires_at)
    .bind(json(&reach.terms.platforms, "platforms")?)
    .bind(reach.terms.redirect_url.as_deref())
    .bind(json(&reach.terms.allowed_origins, "allowed_origins")?)
    .run(tx)
    .await?;
    Ok(())
}

/// Make all tokens of a company worthless; how many there were.
pub async fn revoke(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<u64> {
    sql("delete from access_token
          where app_id = $1
            and company_id = $2")
    .bind(app)
    .bind(company)
    .run(tx)
    .await
}

fn list(row: &Row, column: &'static str) -> Result<Vec<String>> {
    match row.opt_text(column)? {
        Some(_) => row.json(column),
        None => Ok(Vec::new()),
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
