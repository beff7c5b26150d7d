use jiff::SignedDuration;
use serde_json::{Value, json};

use super::call::{Answered, Call};
use super::errors::Fault;
use super::records::{Cx, Entity, Head, heads, stub};
use super::{dispatch, times};
use crate::faults::Kind;

const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Objects that a whole answer has at most.
const MOST: usize = 1_000;

/// What was changed or deleted of some entities since an instant, deleted ones last; never more than [`MOST`] in all, and
/// nothing tells that there is more.
pub(super) fn answer(call: &Call) -> Result<Answered, Fault> {
    let names = call.parameter("entities").ok_or(Fault::missing("entities"))?;
    let text = call
        .parameter("changedSince")
        .ok_or(Fault::missing("changedSince"))?;
    let ledger = call.organisation.ledger();
    let cx = Cx::new(&ledger);
    let now = call.sandbox.clock.now();
    let since = times::parse(text, &cx.zone)
        .ok_or_else(|| Fault::changes(format!("changedSince: '{text}' is no date and time")))?;
    if now.duration_since(since) > WINDOW {
        return Err(Fault::changes("changedSince: changes are kept for 30 days only"));
    }
    let entities: Vec<Entity> = names
        .split(',')
        .map(|name| {
            let entity = Entity::named(name.trim()).filter(|entity| entity.has_changes());
            entity.ok_or_else(|| {
                Fault::changes(format!("entities: '{}' has no changes to ask for", name.trim()))
            })
        })
        .collect::<Result<_, _>>()?;
    let lag = call
        .organisation
        .faults
        .strike(&[Kind::SearchLag], call.data_types);
    let hidden = |head: &Head| dispatch::is_hidden(lag.as_ref(), head, now);
    let mut left = MOST;
    let mut responses = Vec::new();
    for entity in entities {
        let mut changed: Vec<Head> = heads(&ledger, entity)
            .into_iter()
            .filter(|head| times::whole_second(head.updated_at) >= since && !hidden(head))
            .collect();
        changed.sort_by_key(|head| (head.deleted, head.number));
        changed.truncate(left);
        left -= changed.len();
        if changed.is_empty() {
            responses.push(json!({}));
            continue;
        }
        let rows: Vec<Value> = changed
            .iter()
            .map(|head| {
                if head.deleted {
                    stub(head, &cx.zone)
                } else {
                    cx.write(entity, head)
                }
            })
            .collect();
        responses.push(json!({
            "startPosition": 1,
            "maxResults": rows.len(),
            "totalCount": rows.len(),
            entity.name(): rows,
        }));
    }
    Ok(Answered {
        body: json!({ "CDCResponse": [{ "QueryResponse": responses }] }),
        fault: lag.map(|fault| fault.kind.name()),
    })
}
