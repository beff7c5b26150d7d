use std::collections::HashMap;

use uuid::Uuid;

use super::call::Call;
use super::errors::Error;
use crate::faults::Kind;

/// The header, and how long its text may be.
const HEADER: &str = "idempotency-key";
const LONGEST: usize = 128;

/// What was answered to each key: given again, whatever is sent with the key then.
#[derive(Default)]
pub struct Keys {
    answers: HashMap<Key, Said>,
}

/// The body of an answer, or of a refusal.
pub(super) type Said = Result<Vec<u8>, Vec<u8>>;

/// A key belongs to one organisation and one address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    organisation: Uuid,
    path: Vec<String>,
    text: String,
}

impl Keys {
    pub(super) fn get(&self, key: &Key) -> Option<Said> {
        self.answers.get(key).cloned()
    }

    pub(super) fn put(&mut self, key: Key, answer: &Said) {
        self.answers.insert(key, answer.clone());
    }
}

/// The call's key, if it has one that counts; and the fault that made it not count.
pub(super) fn of(call: &Call<'_>) -> Result<(Option<Key>, Option<&'static str>), Error> {
    let Some(value) = call.headers.get(HEADER) else {
        return Ok((None, None));
    };
    let text = value
        .to_str()
        .ok()
        .filter(|text| !text.is_empty() && text.len() <= LONGEST);
    let Some(text) = text else {
        return Err(Error::parameter(format!(
            "Idempotency-Key takes 1 to {LONGEST} characters."
        )));
    };
    let key = Key {
        organisation: call.organisation.id,
        path: call.path.to_vec(),
        text: text.to_owned(),
    };
    let faults = &call.organisation.faults;
    if let Some(fault) = faults.strike(&[Kind::KeyIgnored], call.data_types) {
        return Ok((None, Some(fault.kind.name())));
    }
    // Forgotten: this call counts as the first with it.
    if let Some(fault) = faults.strike(&[Kind::KeyExpired], call.data_types) {
        call.sandbox.xero.keys().answers.remove(&key);
        return Ok((Some(key), Some(fault.kind.name())));
    }
    Ok((Some(key), None))
}
