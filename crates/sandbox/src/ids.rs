//! Ids of answers and secrets of tokens: unlike each other, and without chance, so that a run can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// An id for an answer or an error, unique in this process.
pub(crate) fn next() -> Uuid {
    derived("answer", &NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

/// The one id that `name` has among ids of this kind.
pub(crate) fn derived(kind: &str, name: &str) -> Uuid {
    let digest = digest(kind, name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A token's text: long, unlike any other, and the same again for the same name.
pub(crate) fn secret(kind: &str, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(kind, name))
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn hex_digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(kind: &str, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash.update([0]);
    hash.update(name.as_bytes());
    hash.finalize().into()
}
