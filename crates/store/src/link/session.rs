use ledgerline_model::{AppId, CompanyId, ConnectionId, LinkSessionId, Secret, Timestamp};

use crate::db::{Row, Value, json, sql};
use crate::seal::{self, Place};
use crate::{Result, Tx};

const COLUMNS: &str = "session_hash, session_id, app_id, company_id, connection_id, query, pending, platforms, redirect_url, \
     created_at, expires_at";

/// A browser that opened a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// In the page's address.
    pub id: LinkSessionId,
    /// SHA-256 of the cookie.
    pub cookie_hash: [u8; 32],
    pub app: AppId,
    pub company: CompanyId,
    /// Set where the link was a connection's.
    pub connection: Option<ConnectionId>,
    /// Query string of the opened link, for the redirect template.
    pub query: String,
    /// The platforms that may be chosen; empty means all.
    pub platforms: Vec<String>,
    /// Where the customer is led back to, instead of the app's own address.
    pub redirect_url: Option<String>,
    /// JSON, while the customer has to choose an organisation.
    pub pending: Option<Secret>,
    pub created_at: Timestamp,
    /// Whoever finds the session looks at this first.
    pub expires_at: Timestamp,
}

pub async fn insert_session(tx: &mut Tx, session: &Session) -> Result<()> {
    sql(
        "insert into link_session (session_hash, session_id, app_id, company_id, connection_id, query, created_at,
             expires_at, platforms, redirect_url)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&session.cookie_hash[..])
    .bind(session.id)
    .bind(session.app)
    .bind(session.company)
    .bind(session.connection)
    .bind(session.query.as_str())
    .bind(session.created_at)
    .bind(session.expires_at)
    .bind(json(&session.platforms, "platforms")?)
    .bind(session.redirect_url.as_deref())
    .run(tx)
    .await?;
    if let Some(pending) = &session.pending {
        set_pending(tx, session.app, session.id, Some(pending)).await?;
    }
    Ok(())
}

pub async fn find_session(tx: &mut Tx, cookie_hash: &[u8; 32]) -> Result<Option<Session>> {
    let row = sql(format!(
        "select {COLUMNS} from link_session where session_hash = $1"
    ))
    .bind(&cookie_hash[..])
    .first(tx)
    .await?;
    read(tx, row).await
}

/// The id is no secret: it says which session, the cookie says that it is the browser's own.
pub async fn find_session_by_id(tx: &mut Tx, id: LinkSessionId) -> Result<Option<Session>> {
    let row = sql(format!(
        "select {COLUMNS} from link_session where session_id = $1"
    ))
    .bind(id)
    .first(tx)
    .await?;
    read(tx, row).await
}

/// Keep what the customer has to choose from, sealed: tokens may be in it.
pub async fn set_pending(tx: &mut Tx, app: AppId, id: LinkSessionId, pending: Option<&Secret>) -> Result<()> {
    let sealed = match pending {
        Some(pending) => Some(seal::seal(tx, place(app, &id.to_string()), pending).await?),
        None => None,
    };
    sql("update link_session set pending = $3 where app_id = $1 and session_id = $2")
        .bind(app)
        .bind(id)
        .bind(Value::Bytes(sealed))
        .run(tx)
        .await?;
    Ok(())
}

async fn read(tx: &mut Tx, row: Option<Row>) -> Result<Option<Session>> {
    let Some(row) = row else { return Ok(None) };
    let (app, id) = (AppId(row.uuid("app_id")?), LinkSessionId(row.uuid("session_id")?));
    let pending = match row.opt_bytes("pending")? {
        Some(sealed) => Some(seal::unseal(tx, place(app, &id.to_string()), &sealed).await?),
        None => None,
    };
    Ok(Some(Session {
        id,
        cookie_hash: row.sha256("session_hash")?,
        app,
        company: CompanyId(row.uuid("company_id")?),
        connection: row.opt_uuid("connection_id")?.map(ConnectionId),
        query: row.text("query")?,
        platforms: match row.opt_text("platforms")? {
            Some(_) => row.json("platforms")?,
            None => Vec::new(),
        },
        redirect_url: row.opt_text("redirect_url")?,
        pending,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
    }))
}

const fn place(app: AppId, row: &str) -> Place<'_> {
    Place {
        app,
        table: "link_session",
        row,
        column: "pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::clean;
    use crate::testing::{a_company, an_app, at, ids, on_both_stores};

    #[tokio::test]
    async fn a_session_keeps_what_is_pending() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let company = a_company(&mut tx, app.id).await;
            let mut session = Session {
                id: LinkSessionId::new(&*ids(), at(0)),
                cookie_hash: [3; 32],
                app: app.id,
                company: company.id,
                connection: None,
                query: "ref=42".to_owned(),
                platforms: vec!["xero".to_owned()],
                redirect_url: Some("https://app.example/done".to_owned()),
                pending: None,
                created_at: at(0),
                expires_at: at(3600),
            };
            insert_session(&mut tx, &session).await.unwrap();
            assert_eq!(
                find_session(&mut tx, &[3; 32]).await.unwrap().as_ref(),
                Some(&session)
            );
            assert_eq!(find_session(&mut tx, &[4; 32]).await.unwrap(), None);
            session.pending = Some(Secret::new("{}"));
            set_pending(&mut tx, app.id, session.id, session.pending.as_ref())
                .await
                .unwrap();
            let found = find_session_by_id(&mut tx, session.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&session));
            assert_eq!(clean(&mut tx, at(3600)).await.unwrap(), 0);
            assert_eq!(clean(&mut tx, at(3601)).await.unwrap(), 1);
        })
        .await;
    }
}
