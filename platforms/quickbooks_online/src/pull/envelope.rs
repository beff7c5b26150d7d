use std::collections::HashMap;

use ledgerline_model::Timestamp;
use ledgerline_platform::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::malformed;

/// The answer to a query.
pub(super) struct Envelope<'a> {
    /// The objects as they were sent, unparsed.
    pub objects: Vec<&'a RawValue>,
    pub total_count: Option<u64>,
    /// QuickBooks' clock.
    pub answered_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(rename = "QueryResponse", borrow)]
    response: HashMap<String, &'a RawValue>,
    time: Option<String>,
}

impl<'a> Envelope<'a> {
    pub(super) fn parse(body: &'a [u8], name: &str) -> Result<Self, Error> {
        let answer: Answer<'a> = serde_json::from_slice(body)
            .map_err(|error| malformed(format!("{name} is no answer to a query: {}", place(&error))))?;
        let objects = match answer.response.get(name) {
            Some(list) => serde_json::from_str(list.get())
                .map_err(|error| malformed(format!("{name} is no list: {}", place(&error))))?,
            None => Vec::new(),
        };
        let total_count = answer.response.get("totalCount");
        Ok(Self {
            objects,
            total_count: total_count.and_then(|count| count.get().parse().ok()),
            answered_at: answer.time.and_then(|time| time.parse().ok()),
        })
    }
}

impl Envelope<'_> {
    /// How many objects there are, in the answer to a question for nothing else.
    pub(super) fn counted(&self) -> Result<u64, Error> {
        self.total_count
            .ok_or_else(|| malformed("a count has no `totalCount`".into()))
    }
}

/// The objects of a recording: a query's list, one object under the name of its entity, or exchanges whose `response` is
/// one of these.
pub(super) fn recorded<'a>(recording: &'a [u8], name: &str) -> Result<Vec<&'a RawValue>, Error> {
    let json = serde_json::from_slice(recording)
        .map_err(|error| malformed(format!("the recording is no JSON: {}", place(&error))))?;
    let mut found = None;
    gather(json, name, &mut found)?;
    found.ok_or_else(|| malformed(format!("the recording has no {name}")))
}

fn gather<'a>(json: &'a RawValue, name: &str, found: &mut Option<Vec<&'a RawValue>>) -> Result<(), Error> {
    if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        return list
            .into_iter()
            .try_for_each(|element| gather(element, name, found));
    }
    let members: HashMap<String, &'a RawValue> = serde_json::from_str(json.get())
        .map_err(|error| malformed(format!("the recording is no JSON object: {}", place(&error))))?;
    if let Some(response) = members.get("response") {
        return gather(response, name, found);
    }
    if let Some(object) = members.get(name) {
        found.get_or_insert_default().push(object);
    } else if members.contains_key("QueryResponse") {
        let listed = Envelope::parse(json.get().as_bytes(), name)?.objects;
        found.get_or_insert_default().extend(listed);
    }
    Ok(())
}

/// Where the parser stopped, without a word of what it saw there.
pub(super) fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}
