use std::fmt;

use sha2::{Digest, Sha256};

use super::Leg;
use crate::CompanyId;

/// The idempotency key of one write, which is also the mark by which it is found again at the platform: 20
/// characters of Crockford's base32, short enough for the narrowest field that can be searched (21 characters).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Key(String);

/// What a key is made of: the same write always gets the same one.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    pub company: CompanyId,
    pub platform: &'a str,
    /// The platform's id of the books.
    pub organisation: &'a str,
    pub transaction: &'a str,
    pub leg: Leg,
    /// What is done, e.g. `create`, `update`.
    pub operation: &'a str,
    /// Moves with each send after a definite rejection, and never while the outcome is unknown.
    pub revision: i64,
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 20;

impl Key {
    pub fn of(parts: &KeyParts<'_>) -> Self {
        let mut hash = Sha256::new();
        hash.update(parts.company.0.as_bytes());
        for text in [
            parts.platform,
            parts.organisation,
            parts.transaction,
            parts.leg.key(),
            parts.operation,
        ] {
            // With its length before it, so that no two lists of parts run together.
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(parts.revision.to_be_bytes());
        let digest = hash.finalize();
        let mut bits = digest
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |place| (byte >> place) & 1));
        let mut text = String::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let value = bits
                .by_ref()
                .take(5)
                .fold(0_usize, |value, bit| value * 2 + usize::from(bit));
            text.push(char::from(ALPHABET[value]));
        }
        Self(text)
    }

    /// A key that was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{ALPHABET, Key, KeyParts, LENGTH};
    use crate::CompanyId;
    use crate::push::Leg;

    fn parts() -> KeyParts<'static> {
        KeyParts {
            company: CompanyId(Uuid::from_u128(7)),
            platform: "xero",
            organisation: "org-1",
            transaction: "t-1",
            leg: Leg::Expense,
            operation: "create",
            revision: 0,
        }
    }

    #[test]
    fn a_key_is_20_characters_and_the_same_for_the_same_write() {
        let key = Key::of(&parts());
        assert_eq!(key, Key::of(&parts()));
        assert_eq!(key.as_str().len(), LENGTH);
        assert!(key.as_str().bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn every_part_changes_the_key() {
        let other = [
            KeyParts {
                company: CompanyId(Uuid::from_u128(8)),
                ..parts()
            },
            KeyParts {
                platform: "sage",
                ..parts()
            },
            KeyParts {
                organisation: "org-2",
                ..parts()
            },
            KeyParts {
                transaction: "t-2",
                ..parts()
            },
            KeyParts {
                leg: Leg::BankFeed,
                ..parts()
            },
            KeyParts {
                operation: "update",
                ..parts()
            },
            KeyParts {
                revision: 1,
                ..parts()
            },
            KeyParts {
                platform: "xeroo",
                organisation: "rg-1",
                ..parts()
            },
        ];
        let mut keys: Vec<_> = other.iter().map(Key::of).collect();
        keys.push(Key::of(&parts()));
        let distinct: std::collections::HashSet<_> = keys.iter().map(Key::as_str).collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
