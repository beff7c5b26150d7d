use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ledgerline_model::AppId;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_store::Tx;
use ledgerline_store::seal::{self, SERVER};
use sha2::Sha256;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
/// Version, kind, app, id: everything but the signature.
const CLAIMS: usize = 34;
const SIGNATURE: usize = 32;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The customer chooses the platform.
    Company,
    /// The platform is given.
    Connection,
}

/// The row that a link leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    pub kind: Kind,
    pub app: AppId,
    pub id: Uuid,
    /// Raised in the row to make the links of before worthless.
    pub epoch: i64,
}

impl From<&Company> for Target {
    fn from(company: &Company) -> Self {
        Self {
            kind: Kind::Company,
            app: company.app,
            id: company.id.0,
            epoch: company.link_epoch,
        }
    }
}

impl From<&Connection> for Target {
    fn from(connection: &Connection) -> Self {
        Self {
            kind: Kind::Connection,
            app: connection.app,
            id: connection.id.0,
            epoch: connection.link_epoch,
        }
    }
}

/// The key behind all links of this server: random, made once, sealed under the master key.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

/// Load the key; its first use has to be in a writing transaction, which the making of a company is.
pub async fn key(tx: &mut Tx) -> ledgerline_store::Result<Key> {
    seal::data_key(tx, SERVER, "link").await.map(Key)
}

impl Key {
    /// The same at every call while the row's epoch stays.
    pub fn url(&self, public_url: &Url, target: Target) -> Url {
        let mut url = public_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["link", "s", &self.token(target)]);
        }
        url
    }

    fn token(&self, target: Target) -> String {
        let claims = claims(target);
        let signature = self.mac(&claims, target.epoch).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&claims[..], &signature].concat())
    }

    /// Whether the claims were signed by us for the row's epoch of now, in constant time.
    pub(super) fn verify(&self, claimed: &Claimed, epoch: i64) -> bool {
        let target = Target {
            kind: claimed.kind,
            app: claimed.app,
            id: claimed.id,
            epoch,
        };
        self.mac(&claims(target), epoch)
            .verify_slice(&claimed.signature)
            .is_ok()
    }

    fn mac(&self, claims: &[u8; CLAIMS], epoch: i64) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any length will do");
        mac.update(claims);
        mac.update(&epoch.to_be_bytes());
        mac
    }
}

/// What a token says, not yet verified: the row has to be found first, for its epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Claimed {
    pub kind: Kind,
    pub app: AppId,
    pub id: Uuid,
    signature: [u8; SIGNATURE],
}

pub(super) fn parse(token: &str) -> Option<Claimed> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let bytes = <[u8; CLAIMS + SIGNATURE]>::try_from(bytes).ok()?;
    let kind = match (bytes[0], bytes[1]) {
        (VERSION, 1) => Kind::Company,
        (VERSION, 2) => Kind::Connection,
        _ => return None,
    };
    Some(Claimed {
        kind,
        app: AppId(Uuid::from_slice(&bytes[2..18]).ok()?),
        id: Uuid::from_slice(&bytes[18..CLAIMS]).ok()?,
        signature: bytes[CLAIMS..].try_into().ok()?,
    })
}

fn claims(target: Target) -> [u8; CLAIMS] {
    let mut claims = [0; CLAIMS];
    claims[0] = VERSION;
    claims[1] = match target.kind {
        Kind::Company => 1,
        Kind::Connection => 2,
    };
    claims[2..18].copy_from_slice(target.app.0.as_bytes());
    claims[18..].copy_from_slice(target.id.as_bytes());
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key(Zeroizing::new([byte; 32]))
    }

    fn target() -> Target {
        Target {
            kind: Kind::Connection,
            app: AppId(Uuid::from_u128(7)),
            id: Uuid::from_u128(9),
            epoch: 3,
        }
    }

    #[test]
    fn a_token_is_the_same_at_every_read_and_only_ours() {
        let token = key(1).token(target());
        assert_eq!(token, key(1).token(target()));
        let claimed = parse(&token).unwrap();
        assert_eq!(
            (claimed.kind, claimed.app, claimed.id),
            (Kind::Connection, target().app, target().id)
        );
        assert!(key(1).verify(&claimed, 3));
        assert!(!key(1).verify(&claimed, 4), "a raised epoch ends it");
        assert!(!key(2).verify(&claimed, 3), "another server's key");
    }

    #[test]
    fn no_changed_token_is_accepted() {
        let token = key(1).token(target());
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let accepted = parse(&changed).is_some_and(|claimed| key(1).verify(&claimed, 3));
            assert!(!accepted, "position {position}");
        }
        for malformed in [
            "",
            "x",
            "ä",
            &token[1..],
            &format!("{token}A"),
            &token.to_uppercase(),
        ] {
            assert!(!parse(malformed).is_some_and(|claimed| key(1).verify(&claimed, 3)));
        }
    }

    #[test]
    fn the_url_keeps_a_path_of_the_public_address() {
        let token = key(1).token(target());
        let url = key(1).url(&Url::parse("https://example.com/books/").unwrap(), target());
        assert_eq!(url.as_str(), format!("https://example.com/books/link/s/{token}"));
    }
}
