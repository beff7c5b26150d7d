use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ledgerline_model::app::Environment;
use ledgerline_store::change_feed::Position;
use ledgerline_store::seal;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::auth::App;

const VERSION: u8 = 1;
/// Version, number of the publication.
const HEAD: usize = 9;
/// Half of an HMAC-SHA256.
const SIGNATURE: usize = 16;
const PURPOSE: &str = "changes";

/// Signs the cursors of one environment of an app, so that they are good nowhere else.
pub struct Key {
    key: Zeroizing<[u8; 32]>,
    environment: Environment,
}

impl Key {
    /// The app's own, made at its first use.
    pub async fn of(app: &App) -> ledgerline_store::Result<Self> {
        let mut tx = app.engine.store.read().await?;
        let known = seal::find_data_key(&mut tx, app.app, PURPOSE).await?;
        drop(tx);
        let key = match known {
            Some(key) => key,
            None => {
                let mut tx = app.engine.store.write().await?;
                let key = seal::data_key(&mut tx, app.app, PURPOSE).await?;
                tx.commit().await?;
                key
            }
        };
        Ok(Self {
            key,
            environment: app.environment,
        })
    }

    pub fn sign(&self, position: &Position) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(position.seq.to_be_bytes());
        if let Some(within) = &position.within {
            bytes.push(b'.');
            bytes.extend(within.as_bytes());
        }
        let signature = self.mac(&bytes).finalize().into_bytes();
        bytes.extend(&signature[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What [`sign`](Self::sign) signed; whatever else it may be is `None`.
    pub fn open(&self, cursor: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (claims, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        self.mac(claims).verify_truncated_left(signature).ok()?;
        let (head, within) = claims.split_at_checked(HEAD)?;
        let (VERSION, seq) = head.split_first().map(|(version, seq)| (*version, seq))? else {
            return None;
        };
        let within = within.strip_prefix(b".").map(|id| String::from_utf8(id.to_vec()));
        Some(Position {
            seq: i64::from_be_bytes(seq.try_into().ok()?),
            within: within.transpose().ok()?,
        })
    }

    fn mac(&self, claims: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("any length will do");
        mac.update(self.environment.key().as_bytes());
        mac.update(b"|");
        mac.update(claims);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(environment: Environment) -> Key {
        Key {
            key: Zeroizing::new([3; 32]),
            environment,
        }
    }

    #[test]
    fn a_cursor_is_opened_by_who_signed_it_and_only_whole() {
        for within in [None, Some(""), Some("a"), Some("é.|")] {
            let position = Position {
                seq: 7,
                within: within.map(str::to_owned),
            };
            let cursor = key(Environment::Test).sign(&position);
            assert_eq!(key(Environment::Test).open(&cursor), Some(position));
            assert_eq!(key(Environment::Live).open(&cursor), None);
            for end in 0..cursor.len() {
                assert_eq!(key(Environment::Test).open(&cursor[..end]), None);
            }
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            for position in 0..bytes.len() {
                bytes[position] ^= 1;
                let tampered = URL_SAFE_NO_PAD.encode(&bytes);
                assert_eq!(key(Environment::Test).open(&tampered), None);
                bytes[position] ^= 1;
            }
        }
        for nonsense in ["", "%", "é", "AAAA", &"A".repeat(10_000)] {
            assert_eq!(key(Environment::Test).open(nonsense), None);
        }
    }
}
