use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ledgerline_model::AppId;
use ledgerline_store::{Tx, seal};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key behind the cursors of one app: random, made once, sealed under the master key.
pub struct Key(Zeroizing<[u8; 32]>);

/// Load the key; its first use has to be in a writing transaction, which the making of a company is.
pub async fn key(tx: &mut Tx, app: AppId) -> ledgerline_store::Result<Key> {
    seal::data_key(tx, app, "cursor").await.map(Key)
}

const SIGNATURE: usize = 32;

impl Key {
    /// The text of a cursor that says `claims`; it is signed, not secret.
    pub fn sign(&self, claims: &str) -> String {
        let signature = self.mac(claims.as_bytes()).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&signature[..], claims.as_bytes()].concat())
    }

    /// What a cursor of this app says; `None` for every other text.
    pub fn verify(&self, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, claims) = bytes.split_at_checked(SIGNATURE)?;
        self.mac(claims).verify_slice(signature).ok()?;
        String::from_utf8(claims.to_vec()).ok()
    }

    fn mac(&self, claims: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any length will do");
        mac.update(claims);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_cursors_are_understood() {
        let (own, other) = (Key(Zeroizing::new([1; 32])), Key(Zeroizing::new([2; 32])));
        let cursor = own.sign("after 7");
        assert_eq!(own.verify(&cursor).as_deref(), Some("after 7"));
        assert_eq!(other.verify(&cursor), None);
        for position in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                own.verify(&String::from_utf8(changed).unwrap()),
                None,
                "{position}"
            );
        }
        for malformed in ["", "x", "ä", &cursor[4..]] {
            assert_eq!(own.verify(malformed), None);
        }
    }
}
