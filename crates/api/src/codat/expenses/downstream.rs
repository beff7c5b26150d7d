use ledgerline_model::PushId;
use ledgerline_model::push::{End, Row, RowStatus};
use sha2::{Digest, Sha256};

/// What is said of a push that failed of this row: its message, and its exception in other words. What a platform
/// refused is quoted, in two voices as the dialect has it.
pub fn of_push(push: PushId, end: &End, bad: &Row) -> (String, String) {
    match (bad.status, &bad.message) {
        (RowStatus::Failed, Some(message)) => (
            quoted(&[push.0.as_bytes(), b"message"], message),
            quoted(&[push.0.as_bytes(), b"exception"], message),
        ),
        (
            RowStatus::Failed
            | RowStatus::Unknown
            | RowStatus::Pending
            | RowStatus::Invalid
            | RowStatus::Completed,
            _,
        ) => (end.message.clone(), end.exception.clone()),
    }
}

/// What is said of a row.
pub fn of_row(push: PushId, row: &Row) -> Option<String> {
    let message = row.message.as_deref()?;
    Some(of(push, &row.transaction, row.status, message))
}

/// What is said of a transaction whose row has this status.
pub fn of(push: PushId, transaction: &str, status: RowStatus, message: &str) -> String {
    match status {
        RowStatus::Failed => quoted(&[push.0.as_bytes(), transaction.as_bytes()], message),
        RowStatus::Unknown | RowStatus::Pending | RowStatus::Invalid | RowStatus::Completed => {
            message.to_owned()
        }
    }
}

/// The dialect's frame around what a platform says. The id in it is the same at every read, as if it had been noted
/// once; both legs of a transaction failed of the same thing, and say the same.
fn quoted(of: &[&[u8]], message: &str) -> String {
    let mut hash = Sha256::new();
    for part in of {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    let correlation = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    format!("An error occurred in a downstream service. Correlation ID: {correlation}. Message:  {message}")
}
