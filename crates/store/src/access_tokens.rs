//! Tokens that reach one company only, for code that runs in a browser; only their SHA-256 is kept.

use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, CompanyId, Timestamp};
use sha2::{Digest, Sha256};

use crate::db::sql;
use crate::{Error, Result, Tx};

/// What a token may reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessToken {
    pub app: AppId,
    pub environment: Environment,
    pub company: CompanyId,
}

/// The token of this text, unless it has expired.
pub async fn find(tx: &mut Tx, token: &str, now: Timestamp) -> Result<Option<AccessToken>> {
    let row = sql("select app_id, environment, company_id
           from access_token
          where sha256 = $1
            and expires_at > $2")
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
        "insert into access_token (sha256, app_id, environment, company_id, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(hash(token))
    .bind(reach.app)
    .bind(reach.environment.key())
    .bind(reach.company)
    .bind(expires_at)
    .run(tx)
    .await?;
    Ok(())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
