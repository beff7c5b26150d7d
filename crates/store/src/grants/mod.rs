use ledgerline_model::app::Environment;
use ledgerline_model::grant::{Grant, State, Tokens};
use ledgerline_model::{AppId, GrantId, Secret, Timestamp};

use crate::db::{Row, Value, sql};
use crate::seal::{self, Place};
use crate::{Result, Tx};

/// What was begun with a refresh token and has not been answered.
mod attempt;
/// Tokens that came too late.
mod candidate;
/// Who may refresh it.
mod lease;

pub use attempt::{Attempt, attempt, clear_attempt, note_attempt};
pub use candidate::{clear_candidate, keep_candidate, take_candidate};
pub use lease::{check_lease, keep_lease, lease, release};

const COLUMNS: &str = "app_id, grant_id, environment, platform, subject, access_token, refresh_token, expires_at, \
                       generation, state, refreshed_at";

/// With its tokens, unsealed.
pub async fn find(tx: &mut Tx, app: AppId, id: GrantId) -> Result<Option<Grant>> {
    let row = sql(format!(
        "select {COLUMNS} from consent_grant where app_id = $1 and grant_id = $2"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?;
    unseal(tx, row).await
}

/// With its tokens; nobody else changes the grant until the transaction ends.
pub async fn lock(tx: &mut Tx, app: AppId, id: GrantId) -> Result<Option<Grant>> {
    let for_update = tx.dialect().for_update();
    let row = sql(format!(
        "select {COLUMNS} from consent_grant where app_id = $1 and grant_id = $2{for_update}"
    ))
    .bind(app)
    .bind(id)
    .first(tx)
    .await?;
    unseal(tx, row).await
}

pub async fn find_by_subject(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    platform: &str,
    subject: &str,
) -> Result<Option<Grant>> {
    let row = sql(format!(
        "select {COLUMNS} from consent_grant
         where app_id = $1 and environment = $2 and platform = $3 and subject = $4"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(platform)
    .bind(subject)
    .first(tx)
    .await?;
    unseal(tx, row).await
}

/// A second grant of one subject is refused by `grant_one_per_subject`.
pub async fn insert(tx: &mut Tx, grant: &Grant) -> Result<()> {
    let [access, refresh] = sealed(tx, grant.app, grant.id, grant.tokens.as_ref()).await?;
    let expires_at = grant
        .tokens
        .as_ref()
        .map_or(grant.refreshed_at, |tokens| tokens.expires_at);
    sql(
        "insert into consent_grant (app_id, grant_id, environment, platform, subject, access_token, refresh_token,
             expires_at, generation, state, refreshed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(grant.app)
    .bind(grant.id)
    .bind(grant.environment.key())
    .bind(grant.platform.as_str())
    .bind(grant.subject.as_str())
    .bind_all([access, refresh])
    .bind(expires_at)
    .bind(grant.generation)
    .bind(grant.state.key())
    .bind(grant.refreshed_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Store fresh tokens: the next generation, active whatever the grant was. `None`: there is no such grant.
pub async fn renew(
    tx: &mut Tx,
    app: AppId,
    id: GrantId,
    tokens: &Tokens,
    at: Timestamp,
) -> Result<Option<i64>> {
    let [access, refresh] = sealed(tx, app, id, Some(tokens)).await?;
    sql(
        "update consent_grant set access_token = $3, refresh_token = $4, expires_at = $5,
             generation = generation + 1, state = 'active', refreshed_at = $6
         where app_id = $1 and grant_id = $2
         returning generation",
    )
    .bind(app)
    .bind(id)
    .bind_all([access, refresh])
    .bind(tokens.expires_at)
    .bind(at)
    .first(tx)
    .await?
    .map(|row| row.int("generation"))
    .transpose()
}

pub async fn set_state(tx: &mut Tx, app: AppId, id: GrantId, state: State) -> Result<()> {
    sql("update consent_grant set state = $3 where app_id = $1 and grant_id = $2")
        .bind(app)
        .bind(id)
        .bind(state.key())
        .run(tx)
        .await?;
    Ok(())
}

/// It is revoked, and its tokens are gone.
pub async fn destroy_tokens(tx: &mut Tx, app: AppId, id: GrantId) -> Result<()> {
    sql(
        "update consent_grant set access_token = null, refresh_token = null, state = 'revoked'
         where app_id = $1 and grant_id = $2",
    )
    .bind(app)
    .bind(id)
    .run(tx)
    .await?;
    clear_candidate(tx, app, id).await?;
    clear_attempt(tx, app, id).await
}

/// How many grants of other apps still stand for the same subject: while there are any, nothing may be
/// revoked at the platform.
pub async fn count_subject_elsewhere(
    tx: &mut Tx,
    platform: &str,
    subject: &str,
    except_app: AppId,
) -> Result<i64> {
    let row = sql("select count(*) as grants from consent_grant
         where platform = $1 and subject = $2 and app_id <> $3 and state <> 'revoked'")
    .bind(platform)
    .bind(subject)
    .bind(except_app)
    .first(tx)
    .await?;
    row.map_or(Ok(0), |row| row.int("grants"))
}

/// Whether the grant serves a linked connection whose company keeps alive.
pub async fn is_kept_alive(tx: &mut Tx, app: AppId, id: GrantId) -> Result<bool> {
    let row = sql("select 1 as found from connection
         join company on company.app_id = connection.app_id and company.company_id = connection.company_id
         where connection.app_id = $1 and connection.grant_id = $2
             and connection.state = 'linked' and company.keep_alive
         limit 1")
    .bind(app)
    .bind(id)
    .first(tx)
    .await?;
    Ok(row.is_some())
}

async fn sealed(tx: &mut Tx, app: AppId, id: GrantId, tokens: Option<&Tokens>) -> Result<[Value; 2]> {
    let Some(tokens) = tokens else {
        return Ok([Value::Bytes(None), Value::Bytes(None)]);
    };
    let row = id.to_string();
    let access = seal::seal(tx, place(app, &row, "access_token"), &tokens.access).await?;
    let refresh = seal::seal(tx, place(app, &row, "refresh_token"), &tokens.refresh).await?;
    Ok([access.into(), refresh.into()])
}

async fn unseal(tx: &mut Tx, row: Option<Row>) -> Result<Option<Grant>> {
    let Some(row) = row else { return Ok(None) };
    let (app, id) = (AppId(row.uuid("app_id")?), GrantId(row.uuid("grant_id")?));
    let tokens = match (
        open(tx, &row, "access_token").await?,
        open(tx, &row, "refresh_token").await?,
    ) {
        (Some(access), Some(refresh)) => Some(Tokens {
            access,
            refresh,
            expires_at: row.at("expires_at")?,
        }),
        _ => None,
    };
    Ok(Some(Grant {
        app,
        id,
        environment: row.key("environment", Environment::from_key)?,
        platform: row.text("platform")?,
        subject: row.text("subject")?,
        tokens,
        generation: row.int("generation")?,
        state: row.key("state", State::from_key)?,
        refreshed_at: row.at("refreshed_at")?,
    }))
}

async fn open(tx: &mut Tx, row: &Row, column: &'static str) -> Result<Option<Secret>> {
    let Some(bytes) = row.opt_bytes(column)? else {
        return Ok(None);
    };
    let id = row.uuid("grant_id")?.to_string();
    seal::unseal(tx, place(AppId(row.uuid("app_id")?), &id, column), &bytes)
        .await
        .map(Some)
}

const fn place<'a>(app: AppId, row: &'a str, column: &'a str) -> Place<'a> {
    Place {
        app,
        table: "consent_grant",
        row,
        column,
    }
}

#[cfg(test)]
mod tests;
