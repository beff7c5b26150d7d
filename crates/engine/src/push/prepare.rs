//! From what the app wants to what will be sent: choices, validation, the platform's own request.

use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::Secret;
use ledgerline_model::push::{
    BooksOf, Choice, Expense, ItemLeg, Key, KeyParts, LegState, Mapping, Operation, Order,
};
use ledgerline_model::{CompanyId, Timestamp, micros};
use ledgerline_platform::push::{self, Books, Named, Posted, Prepared, References};
use ledgerline_platform::{self as platform, Cx, NeedsReauth};

use super::ask::{Pause, Unasked, pause, with_token};
use super::state::{Event, Rules};
use super::work::{Entry, Work};
use super::{choose, validate};
use crate::budget::Places;
use crate::pull::Source;
use crate::{Engine, jobs};

/// Why nothing can be prepared now.
pub(super) enum Held {
    Cut,
    Lost(NeedsReauth, String),
    Pause(Pause),
}

/// Make the requests of those of the chosen that have none, or say why they cannot be booked; what the books are
/// asked for that, they are asked once.
pub(super) async fn prepare(
    engine: &Engine,
    job: &jobs::Job,
    work: &mut Work,
    source: &Source,
    chosen: &[usize],
    rules: &Rules,
) -> Result<Option<Held>, jobs::Error> {
    let now = engine.now();
    for &index in chosen {
        // What was searched for in vain before it could be sent is sent now.
        if work
            .entries
            .get(index)
            .is_some_and(|entry| entry.leg.state == LegState::Unknown)
        {
            work.retry(index, rules, now);
        }
    }
    let unsent = |work: &Work, index: usize| {
        let entry = work.entries.get(index);
        entry.is_some_and(|entry| entry.leg.state == LegState::Accepted)
    };
    let chosen: Vec<usize> = chosen
        .iter()
        .copied()
        .filter(|index| unsent(work, *index))
        .collect();
    let Some(platform) = source.platform.push().filter(|_| !chosen.is_empty()) else {
        return Ok(None);
    };
    let references = match known(engine, work, source, platform, &chosen).await? {
        Ok(references) => references,
        Err(Refusal::Held(held)) => return Ok(Some(held)),
        Err(Refusal::Never(message)) => {
            for index in chosen {
                let message = message.clone();
                work.happen(index, Event::Refused { message }, rules, now);
            }
            return Ok(None);
        }
    };
    let verify = work
        .push
        .as_ref()
        .is_some_and(|push| is_old(push.last_progress_at, now));
    let mapping = work.mapping.clone().unwrap_or_default();
    for index in chosen {
        let Some(entry) = work.entries.get(index) else {
            continue;
        };
        let content = work.contents.get(&entry.leg.transaction);
        let made = content
            .ok_or_else(|| "Its content is not known.".to_owned())
            .and_then(|content| {
                content
                    .expense()
                    .map_err(|_| "Its content cannot be read.".to_owned())
            })
            .and_then(|expense| {
                let of = Making {
                    company: work.company.id,
                    source,
                    platform,
                    mapping: &mapping,
                    references: &references,
                };
                of.make(&expense, &entry.leg)
            });
        let event = match made {
            Ok(made) => Event::Prepared {
                key: made.key,
                prepared: serde_json::to_string(&made.prepared)
                    .map_err(|_| jobs::Error::Failed("a request cannot be written down".into()))?,
                books: BooksOf {
                    platform: source.connection.platform.clone(),
                    organisation: source.organisation.id.clone(),
                },
                fence: job.fence,
                verify: verify && entry.leg.operation == Operation::Create,
            },
            Err(message) => Event::Refused { message },
        };
        work.happen(index, event, rules, now);
    }
    Ok(None)
}

/// A push that nobody has worked on for so long may be older than the books: a backup that was restored.
const OLD: Duration = Duration::from_secs(600);

fn is_old(last_progress_at: Timestamp, now: Timestamp) -> bool {
    let micros = micros(now).saturating_sub(micros(last_progress_at));
    u128::try_from(micros).unwrap_or_default() > OLD.as_micros()
}

/// What the chosen refer to, as the books have told it before, or tell it now of all that the push has not sent yet.
async fn known(
    engine: &Engine,
    work: &Work,
    source: &Source,
    platform: &dyn push::Push,
    chosen: &[usize],
) -> Result<Result<Arc<References>, Refusal>, jobs::Error> {
    let asked_at = engine.now();
    let Some(push) = &work.push else {
        return Ok(Ok(Arc::default()));
    };
    let entries = chosen.iter().filter_map(|index| work.entries.get(*index));
    let of_chosen = wanted(work, entries, platform);
    if let Some(known) = engine.known.of(push.id, asked_at, &of_chosen) {
        return Ok(Ok(known));
    }
    let unsent = work
        .entries
        .iter()
        .filter(|entry| entry.leg.state == LegState::Accepted);
    let named = wanted(work, unsent, platform);
    let told = references(engine, source, platform, Places::Kept, &named).await?;
    Ok(told.map(|references| engine.known.keep(push.id, asked_at, named, references)))
}

/// Everything that these transactions refer to.
fn wanted<'a>(
    work: &Work,
    entries: impl Iterator<Item = &'a Entry>,
    platform: &dyn push::Push,
) -> Vec<Named> {
    let mapping = work.mapping.clone().unwrap_or_default();
    let mut wanted: Vec<Named> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for entry in entries {
        let content = work.contents.get(&entry.leg.transaction);
        let Some(expense) = content.and_then(|content| content.expense().ok()) else {
            continue;
        };
        if let Ok((order, _)) = choose::choose(&expense, entry.leg.leg, &mapping, platform.about()) {
            wanted.extend(
                push::named(&order)
                    .into_iter()
                    .filter(|named| seen.insert(named.clone())),
            );
        }
    }
    wanted
}

/// Why the books did not say.
pub(super) enum Refusal {
    Held(Held),
    /// They will not say it later either.
    Never(String),
}

/// Requests that are made sure of before the books are asked.
const CALLS: u32 = 4;

pub(super) async fn references(
    engine: &Engine,
    source: &Source,
    platform: &dyn push::Push,
    places: Places,
    wanted: &[Named],
) -> Result<Result<References, Refusal>, jobs::Error> {
    let told = with_token(engine, source, places, CALLS, |cx, token| {
        look_up(platform, cx, token, source, wanted)
    });
    let error = match told.await {
        Ok(references) => return Ok(Ok(references)),
        Err(Unasked::Job(error)) => return Err(error),
        Err(Unasked::Cut) => return Ok(Err(Refusal::Held(Held::Cut))),
        Err(Unasked::Refused(error)) => error,
    };
    Ok(Err(match &error {
        platform::Error::NeedsReauth(what, _) => Refusal::Held(Held::Lost(*what, error.to_string())),
        platform::Error::RateLimited { .. }
        | platform::Error::Unavailable { .. }
        | platform::Error::Malformed { .. }
        | platform::Error::TokenExpired => {
            let none = ItemLeg::new("", ledgerline_model::push::Leg::Expense);
            Refusal::Held(Held::Pause(pause(engine, &none, &error)))
        }
        platform::Error::Forbidden { .. }
        | platform::Error::Rejected { .. }
        | platform::Error::Unsupported { .. }
        | platform::Error::CursorExpired { .. } => {
            Refusal::Never(format!("What it refers to could not be looked up: {error}."))
        }
    }))
}

async fn look_up(
    platform: &dyn push::Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    wanted: &[Named],
) -> Result<References, platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    platform.references(&cx, &books, wanted).await
}

/// All that a request is made of.
pub(super) struct Making<'a> {
    pub company: CompanyId,
    pub source: &'a Source,
    pub platform: &'a dyn push::Push,
    pub mapping: &'a Mapping,
    pub references: &'a References,
}

/// A request, and why it is as it is.
pub(super) struct Made {
    pub key: Key,
    pub prepared: Prepared,
    /// What we chose, then what the connector did.
    pub choices: Vec<Choice>,
}

impl Making<'_> {
    /// The request of a leg, or which field cannot be booked.
    pub fn make(&self, expense: &Expense, leg: &ItemLeg) -> Result<Made, String> {
        validate::content(expense)?;
        let about = self.platform.about();
        let (order, mut choices) = choose::choose(expense, leg.leg, self.mapping, about)?;
        validate::order(&order, self.references, about)?;
        let key = Key::of(&KeyParts {
            company: self.company,
            platform: &self.source.connection.platform,
            organisation: &self.source.organisation.id,
            transaction: &leg.transaction,
            leg: leg.leg,
            operation: leg.operation.key(),
            revision: leg.revision,
        });
        let prepared = self.prepare(&order, leg, &key).map_err(of_platform)?;
        choices.extend(prepared.choices.iter().cloned());
        Ok(Made {
            key,
            prepared,
            choices,
        })
    }

    fn prepare(&self, order: &Order, leg: &ItemLeg, key: &Key) -> Result<Prepared, platform::Error> {
        match leg.operation {
            Operation::Create => self.platform.prepare(order, key, self.references),
            Operation::Update => {
                let posted: Option<Posted> = leg
                    .posted
                    .as_deref()
                    .and_then(|posted| serde_json::from_str(posted).ok());
                let posted = posted.ok_or(platform::Error::Unsupported {
                    what: "changing what is not in the books".into(),
                })?;
                self.platform.prepare_update(order, &posted, key, self.references)
            }
        }
    }
}

fn of_platform(error: platform::Error) -> String {
    match error {
        platform::Error::Rejected {
            message,
            field: Some(field),
            ..
        } => format!("`{field}`: {message}"),
        platform::Error::Rejected { message, .. } => message,
        other => other.to_string(),
    }
}
