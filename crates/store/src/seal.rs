//! Secrets at rest: sealed by a data key, which is sealed by the master key.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ledgerline_model::{AppId, Ids, Secret};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::db::sql;
use crate::{Error, Result, Tx};

/// Owner of the keys that belong to the server and not to an app.
pub const SERVER: AppId = AppId(Uuid::nil());

const NONCE: usize = 24;

/// The master key, the only secret that is not in the database.
pub struct Keyring {
    key: Zeroizing<[u8; 32]>,
    id: String,
    ids: std::sync::Arc<dyn Ids>,
}

impl Keyring {
    /// `ids` gives the nonces and the data keys.
    pub fn new(master_key: [u8; 32], ids: std::sync::Arc<dyn Ids>) -> Self {
        let digest = Sha256::digest(master_key);
        let id = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            key: Zeroizing::new(master_key),
            id,
            ids,
        }
    }

    pub(crate) fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ids.fill(&mut bytes);
        bytes
    }
}

/// Where a sealed value stands: the associated data that ties the one to the other.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub app: AppId,
    pub table: &'a str,
    pub row: &'a str,
    pub column: &'a str,
}

/// Seal `secret` for `place` under the app's data key, which is made if there is none.
pub async fn seal(tx: &mut Tx, place: Place<'_>, secret: &Secret) -> Result<Vec<u8>> {
    let key = data_key(tx, place.app, "secrets").await?;
    let nonce = tx.keyring.random();
    encrypt(&key, nonce, &associated(place), secret.expose().as_bytes())
}

/// Open what [`seal`] made; a value that was moved to another place does not open.
pub async fn unseal(tx: &mut Tx, place: Place<'_>, sealed: &[u8]) -> Result<Secret> {
    let key = data_key(tx, place.app, "secrets").await?;
    let text = decrypt(&key, &associated(place), sealed)?;
    String::from_utf8(text.to_vec())
        .map(Secret::new)
        .map_err(|_| Error::Seal("it holds no text"))
}

/// A random key of 32 bytes that is made at its first use and kept, sealed by the master key.
///
/// Use it within a writing transaction: it may have to be made.
pub async fn data_key(tx: &mut Tx, app: AppId, purpose: &str) -> Result<Zeroizing<[u8; 32]>> {
    if let Some(key) = find_data_key(tx, app, purpose).await? {
        return Ok(key);
    }
    let fresh: [u8; 32] = tx.keyring.random();
    let sealed = encrypt(
        &tx.keyring.key,
        tx.keyring.random(),
        &wrapping(app, purpose),
        &fresh,
    )?;
    let master = tx.keyring.id.clone();
    sql(
        "insert into data_key (app_id, purpose, sealed, master_key) values ($1, $2, $3, $4)
         on conflict (app_id, purpose) do nothing",
    )
    .bind(app)
    .bind(purpose)
    .bind(sealed)
    .bind(master)
    .run(tx)
    .await?;
    find_data_key(tx, app, purpose)
        .await?
        .ok_or(Error::Seal("the data key was not stored"))
}

/// The same, if it has been made: for transactions that only read.
pub async fn find_data_key(tx: &mut Tx, app: AppId, purpose: &str) -> Result<Option<Zeroizing<[u8; 32]>>> {
    let of = (app, purpose.to_owned());
    if let Some(key) = tx.keys.get(&of) {
        return Ok(Some(key.clone()));
    }
    let row = sql("select sealed, master_key from data_key where app_id = $1 and purpose = $2")
        .bind(app)
        .bind(purpose)
        .first(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.text("master_key")? != tx.keyring.id {
        return Err(Error::Seal("this database was written with another master key"));
    }
    let text = decrypt(&tx.keyring.key, &wrapping(app, purpose), &row.bytes("sealed")?)?;
    let key =
        <[u8; 32]>::try_from(text.as_slice()).map_err(|_| Error::Seal("the data key is not 32 bytes"))?;
    let key = Zeroizing::new(key);
    tx.keys.insert(of, key.clone());
    Ok(Some(key))
}

fn associated(place: Place<'_>) -> String {
    format!("{}|{}|{}|{}", place.app, place.table, place.row, place.column)
}

fn wrapping(app: AppId, purpose: &str) -> String {
    format!("{app}|data_key|{purpose}|sealed")
}

fn encrypt(key: &[u8; 32], nonce: [u8; NONCE], associated: &str, text: &[u8]) -> Result<Vec<u8>> {
    let payload = Payload {
        msg: text,
        aad: associated.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new(&(*key).into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Error::Seal("encryption failed"))?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &[u8; 32], associated: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, text) = sealed
        .split_at_checked(NONCE)
        .ok_or(Error::Seal("it is too short"))?;
    let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| Error::Seal("it is too short"))?;
    let payload = Payload {
        msg: text,
        aad: associated.as_bytes(),
    };
    XChaCha20Poly1305::new(&(*key).into())
        .decrypt(&XNonce::from(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| Error::Seal("it was sealed for another place or with another key"))
}
