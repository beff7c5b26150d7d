use std::borrow::Cow;
use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answered, Call};
use super::errors::Fault;
use super::query::{self, Query};
use super::records::{Cx, Entity, Head, find};
use super::{batch, cdc, reports, upload, write};
use crate::faults::{self, Kind};

/// How long what was written is not found where searches lag.
const LAG: Duration = Duration::from_secs(5);

/// The endpoints.
pub(super) fn dispatch(call: &Call) -> Result<Answered, Fault> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (&call.method, path.as_slice()) {
        (&Method::GET | &Method::POST, ["query"]) => ask(call, &query_text(call)?),
        (&Method::GET, ["cdc"]) => cdc::answer(call),
        (&Method::POST, ["batch"]) => batch::answer(call),
        (&Method::POST, ["upload"]) => upload::answer(call).map(Answered::from),
        (&Method::GET, ["reports", name]) => reports::answer(call, name).map(Answered::from),
        (&Method::GET, [name]) => read(call, name, "1"),
        (&Method::GET, [name, id]) => read(call, name, id),
        (&Method::POST, [name]) => {
            let entity = entity(name)?;
            let body: Value = serde_json::from_slice(&call.body)
                .map_err(|error| Fault::malformed(format!("the body is no JSON, line {}", error.line())))?;
            let operation = call.parameter("operation");
            let operation = match call.parameter("include") {
                Some(include) if include.eq_ignore_ascii_case("void") => Some("void"),
                Some(_) | None => operation,
            };
            write::answer(call, entity, operation, &body)
        }
        _ => Err(Fault::unsupported(call.method.as_str()).at(StatusCode::NOT_FOUND)),
    }
}

fn entity(name: &str) -> Result<Entity, Fault> {
    Entity::named(name).ok_or_else(|| Fault::unsupported(name).at(StatusCode::NOT_FOUND))
}

/// One record.
fn read(call: &Call, name: &str, id: &str) -> Result<Answered, Fault> {
    let entity = entity(name)?;
    let ledger = call.organisation.ledger();
    let head = find(&ledger, entity, id)
        .filter(|head| !head.deleted)
        .ok_or_else(|| Fault::not_found(entity.name()))?;
    let record = Cx::new(&ledger).write(entity, &head);
    Ok(Answered::from(json!({ entity.name(): record })))
}

/// A query of its own, or one of a batch.
pub(super) fn ask(call: &Call, text: &str) -> Result<Answered, Fault> {
    let mut query = query::parse(text)?;
    query.hold_at_most(call.organisation.about.page_size);
    let now = call.sandbox.clock.now();
    let planned = &call.organisation.faults;
    let lag = planned.strike(&[Kind::SearchLag], call.data_types);
    let short = match query.what {
        query::What::Count => None,
        query::What::Everything | query::What::Fields(_) => {
            planned.strike(&[Kind::ShortList], call.data_types)
        }
    };
    let hidden = |head: &Head| is_hidden(lag.as_ref(), head, now);
    let ledger = call.organisation.ledger();
    let found = query::run(&Cx::new(&ledger), &query, hidden, short.is_some())?;
    Ok(Answered {
        body: json!({ "QueryResponse": found }),
        fault: short.or(lag).map(|fault| fault.kind.name()),
    })
}

/// Whether a search that lags does not find it yet.
pub(super) fn is_hidden(lag: Option<&faults::Fault>, head: &Head, now: Timestamp) -> bool {
    lag.is_some_and(|lag| {
        let age = Duration::try_from(now.duration_since(head.created_at)).unwrap_or_default();
        age < lag.lasting(LAG)
    })
}

fn query_text(call: &Call) -> Result<Cow<'_, str>, Fault> {
    match call.parameter("query") {
        Some(text) => Ok(text.into()),
        None if call.body.is_empty() => Err(Fault::missing("query")),
        None => Ok(String::from_utf8_lossy(&call.body)),
    }
}

/// The standard data types that a call could be about.
pub(super) fn data_types(call: &Call) -> &'static [&'static str] {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["query"] => query_text(call)
            .and_then(|text| query::parse(&text))
            .map_or(&[], |query: Query| query.entity.data_types()),
        ["cdc"] => call
            .parameter("entities")
            .and_then(|entities| Entity::named(entities.split(',').next().unwrap_or_default().trim()))
            .map_or(&[], Entity::data_types),
        ["reports", "balancesheet"] => &["balanceSheet"],
        ["reports", "profitandloss"] => &["profitAndLoss"],
        ["reports", "cashflow"] => &["cashFlowStatement"],
        ["reports", "trialbalance"] => &["balanceSheet", "profitAndLoss"],
        [name, ..] => Entity::named(name).map_or(&[], Entity::data_types),
        [] => &[],
    }
}
