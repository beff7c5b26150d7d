use ledgerline_model::grant::Tokens;
use ledgerline_model::{AppId, GrantId, Timestamp};

use crate::db::sql;
use crate::seal::{self, Place};
use crate::{Result, Tx};

/// Keep tokens that came too late, for the case that the platform refuses those that overtook them. The latest
/// take the place of earlier ones.
pub async fn keep_candidate(
    tx: &mut Tx,
    app: AppId,
    id: GrantId,
    tokens: &Tokens,
    at: Timestamp,
) -> Result<()> {
    let row = id.to_string();
    let access = seal::seal(tx, place(app, &row, "access_token"), &tokens.access).await?;
    let refresh = seal::seal(tx, place(app, &row, "refresh_token"), &tokens.refresh).await?;
    sql(
        "insert into grant_candidate (app_id, grant_id, access_token, refresh_token, expires_at, kept_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (app_id, grant_id) do update
         set access_token = excluded.access_token, refresh_token = excluded.refresh_token,
             expires_at = excluded.expires_at, kept_at = excluded.kept_at",
    )
    .bind(app)
    .bind(id)
    .bind(access)
    .bind(refresh)
    .bind(tokens.expires_at)
    .bind(at)
    .run(tx)
    .await?;
    Ok(())
}

/// The tokens that were kept, which are kept no longer.
pub async fn take_candidate(tx: &mut Tx, app: AppId, id: GrantId) -> Result<Option<Tokens>> {
    let row = sql("delete from grant_candidate where app_id = $1 and grant_id = $2
         returning access_token, refresh_token, expires_at")
    .bind(app)
    .bind(id)
    .first(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let name = id.to_string();
    let access = row.bytes("access_token")?;
    let refresh = row.bytes("refresh_token")?;
    Ok(Some(Tokens {
        access: seal::unseal(tx, place(app, &name, "access_token"), &access).await?,
        refresh: seal::unseal(tx, place(app, &name, "refresh_token"), &refresh).await?,
        expires_at: row.at("expires_at")?,
    }))
}

/// They are of no use any more.
pub async fn clear_candidate(tx: &mut Tx, app: AppId, id: GrantId) -> Result<()> {
    sql("delete from grant_candidate where app_id = $1 and grant_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

const fn place<'a>(app: AppId, row: &'a str, column: &'a str) -> Place<'a> {
    Place {
        app,
        table: "grant_candidate",
        row,
        column,
    }
}
