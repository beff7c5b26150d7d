use serde_json::{Value, json};

use super::call::{Answered, Call};
use super::dispatch::ask;
use super::errors::Fault;
use super::records::Entity;
use super::write;

/// Requests that one batch has at most.
const MOST: usize = 30;

/// Each request on its own: what one does, it does, whatever becomes of the others.
pub(super) fn answer(call: &Call) -> Result<Answered, Fault> {
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|error| Fault::malformed(format!("the body is no JSON, line {}", error.line())))?;
    let items = body["BatchItemRequest"]
        .as_array()
        .ok_or(Fault::missing("BatchItemRequest"))?;
    if items.len() > MOST {
        return Err(Fault::business(format!(
            "The batch has {} requests, and may have at most {MOST}",
            items.len()
        )));
    }
    let once = || -> Result<Value, Fault> {
        let answers = items.iter().map(|item| {
            let mut answer = run(call, item).unwrap_or_else(|fault| json!({ "Fault": fault.json() }));
            answer["bId"] = item["bId"].clone();
            answer
        });
        Ok(json!({ "BatchItemResponse": answers.collect::<Vec<_>>() }))
    };
    write::once(call, once)
}

fn run(call: &Call, item: &Value) -> Result<Value, Fault> {
    if let Some(text) = item["Query"].as_str() {
        return Ok(ask(call, text)?.body);
    }
    let operation = item["operation"].as_str();
    let (entity, record) = item
        .as_object()
        .into_iter()
        .flatten()
        .find_map(|(name, record)| Some((Entity::named(name)?, record)))
        .ok_or(Fault::missing("BatchItemRequest"))?;
    write::run(call, entity, operation, record)
}
