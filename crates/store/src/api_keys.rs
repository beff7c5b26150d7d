use ledgerline_model::app::{ApiKey, Environment, Scope};
use ledgerline_model::{ApiKeyId, AppId, Ids, Secret, Timestamp};
use sha2::{Digest, Sha256};

use crate::db::{Row, sql};
use crate::{Result, Tx};

const COLUMNS: &str = "app_id, key_id, environment, name, prefix, sha256, scopes, created_at, revoked_at";

/// A fresh key and its text, which is shown once and kept nowhere.
pub fn mint(
    ids: &dyn Ids,
    app: AppId,
    environment: Environment,
    name: Option<String>,
    scopes: Option<Vec<Scope>>,
    at: Timestamp,
) -> (ApiKey, Secret) {
    let mut random = [0; 32];
    ids.fill(&mut random);
    let text = format!("sk_{}_{}", environment.key(), base62(random));
    let key = ApiKey {
        app,
        id: ApiKeyId::new(ids, at),
        environment,
        name,
        prefix: text.chars().take(PREFIX).collect(),
        sha256: Sha256::digest(&text).into(),
        scopes,
        created_at: at,
        revoked_at: None,
    };
    (key, Secret::new(text))
}

/// The key of this text, unless it was revoked.
pub async fn find_by_secret(tx: &mut Tx, key: &str) -> Result<Option<ApiKey>> {
    let sha256: [u8; 32] = Sha256::digest(key).into();
    sql(format!(
        "select {COLUMNS} from api_key where sha256 = $1 and revoked_at is null"
    ))
    .bind(&sha256[..])
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The app's keys of that environment, revoked ones too, oldest first.
pub async fn list(tx: &mut Tx, app: AppId, environment: Environment) -> Result<Vec<ApiKey>> {
    sql(format!(
        "select {COLUMNS} from api_key where app_id = $1 and environment = $2 order by key_id"
    ))
    .bind(app)
    .bind(environment.key())
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<()> {
    sql(
        "insert into api_key (app_id, key_id, environment, name, prefix, sha256, created_at, revoked_at,
                              scopes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(key.app)
    .bind(key.id)
    .bind(key.environment.key())
    .bind(key.name.as_deref())
    .bind(key.prefix.as_str())
    .bind(&key.sha256[..])
    .bind(key.created_at)
    .bind(key.revoked_at)
    .bind(key.scopes.as_deref().map(written))
    .run(tx)
    .await?;
    Ok(())
}

/// Whether there was such a key that still worked.
pub async fn revoke(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    id: ApiKeyId,
    at: Timestamp,
) -> Result<bool> {
    let changed = sql("update api_key set revoked_at = $4
         where app_id = $1 and environment = $2 and key_id = $3 and revoked_at is null")
    .bind(app)
    .bind(environment.key())
    .bind(id)
    .bind(at)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// `sk_test_` and four characters.
const PREFIX: usize = 12;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 256 bits in 43 characters: 62^43 is a little more than 2^256.
fn base62(mut number: [u8; 32]) -> String {
    let digits: Vec<u8> = (0..43)
        .map(|_| {
            let mut rest = 0_u32;
            for byte in &mut number {
                let dividend = (rest << 8) | u32::from(*byte);
                *byte = u8::try_from(dividend / 62).unwrap_or_default();
                rest = dividend % 62;
            }
            DIGITS.get(rest as usize).copied().unwrap_or(b'0')
        })
        .collect();
    digits.iter().rev().copied().map(char::from).collect()
}

/// By spaces.
fn written(scopes: &[Scope]) -> String {
    let keys: Vec<&str> = scopes.iter().map(|scope| scope.key()).collect();
    keys.join(" ")
}

/// A scope that this version does not know gives nothing.
fn known(scopes: &str) -> Vec<Scope> {
    scopes.split_whitespace().filter_map(Scope::from_key).collect()
}

fn read(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        app: AppId(row.uuid("app_id")?),
        id: ApiKeyId(row.uuid("key_id")?),
        environment: row.key("environment", Environment::from_key)?,
        name: row.opt_text("name")?,
        prefix: row.text("prefix")?,
        sha256: row.sha256("sha256")?,
        scopes: row.opt_text("scopes")?.as_deref().map(known),
        created_at: row.at("created_at")?,
        revoked_at: row.opt_at("revoked_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{an_app, at, ids, on_both_stores};

    #[test]
    fn the_text_is_the_number_in_base_62() {
        let mut number = [0; 32];
        number[31] = 63;
        assert_eq!(base62(number), format!("{}11", "0".repeat(41)));
        assert_eq!(base62([0xff; 32]).len(), 43);
    }

    #[tokio::test]
    async fn a_key_keeps_its_scopes() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "Kassenbuch").await;
            for (scopes, may_read, may_write) in [
                (None, true, true),
                (Some(vec![]), false, false),
                (Some(vec![Scope::PassThroughRead]), true, false),
                (Some(Scope::ALL.to_vec()), true, true),
            ] {
                let (key, secret) = mint(&*ids(), app.id, Environment::Test, None, scopes.clone(), at(1));
                insert(&mut tx, &key).await.unwrap();
                let found = find_by_secret(&mut tx, secret.expose()).await.unwrap().unwrap();
                assert_eq!(found.scopes, scopes);
                assert_eq!(found.may(Scope::PassThroughRead), may_read);
                assert_eq!(found.may(Scope::PassThroughWrite), may_write);
            }
            assert_eq!(
                known("link:pass_through:read later:thing"),
                [Scope::PassThroughRead]
            );
        })
        .await;
    }

    #[tokio::test]
    async fn a_key_is_found_by_its_text_until_it_is_revoked() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "Kassenbuch").await;
            let (key, secret) = mint(
                &*ids(),
                app.id,
                Environment::Test,
                Some("ci".to_owned()),
                None,
                at(1),
            );
            assert!(secret.expose().starts_with(&key.prefix));
            insert(&mut tx, &key).await.unwrap();
            let found = find_by_secret(&mut tx, secret.expose()).await.unwrap().unwrap();
            assert_eq!(
                (found.id, found.app, found.name.as_deref()),
                (key.id, app.id, Some("ci"))
            );
            assert!(find_by_secret(&mut tx, &key.prefix).await.unwrap().is_none());
            assert!(
                !revoke(&mut tx, app.id, Environment::Live, key.id, at(2))
                    .await
                    .unwrap()
            );
            assert!(
                revoke(&mut tx, app.id, Environment::Test, key.id, at(2))
                    .await
                    .unwrap()
            );
            assert!(find_by_secret(&mut tx, secret.expose()).await.unwrap().is_none());
            let listed = list(&mut tx, app.id, Environment::Test).await.unwrap();
            assert_eq!(listed[0].revoked_at, Some(at(2)));
        })
        .await;
    }
}
