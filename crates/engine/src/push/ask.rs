//! Asking the platform: what it says becomes an event of the leg, and perhaps a pause for all of them.

use std::future::Future;
use std::time::Duration;

use ledgerline_model::push::{ItemLeg, Key};
use ledgerline_model::{Secret, Timestamp};
use ledgerline_platform::push::{Books, Posted, Prepared, Push, Written};
use ledgerline_platform::{self as platform, Cx, NeedsReauth, Sent};

use super::state::{Answer, Effect, Event};
use crate::budget::{self, Places, Purpose};
use crate::jobs::backoff;
use crate::jobs::lease::{Lease, jitter, later};
use crate::pull::{LONGEST_PAUSE, Source, Stop, credentials};
use crate::{Engine, jobs};

/// What became of a question.
pub(super) struct Told {
    pub event: Event,
    /// Nothing is asked of the platform before.
    pub pause: Option<Pause>,
    /// The consent is gone.
    pub lost: Option<(NeedsReauth, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pause {
    pub until: Timestamp,
    /// The platform said for how long.
    pub is_announced: bool,
}

/// The one that lasts longer.
pub(super) fn later_pause(one: Option<Pause>, other: Option<Pause>) -> Option<Pause> {
    match (one, other) {
        (Some(one), Some(other)) if other.until > one.until => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

/// Why there was no question.
pub(super) enum Unasked {
    Refused(platform::Error),
    /// The connection was cut or given to another grant.
    Cut,
    Job(jobs::Error),
}

/// Who asks, of whom.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub engine: &'a Engine,
    pub source: &'a Source,
    /// Of the job.
    pub fence: i64,
    pub lease: &'a Lease,
}

/// Ask with a budget and a token; one that has expired is renewed once.
pub(super) async fn with_token<T, F: Future<Output = Result<T, platform::Error>>>(
    engine: &Engine,
    source: &Source,
    places: Places,
    calls: u32,
    ask: impl Fn(Cx, Secret) -> F,
) -> Result<T, Unasked> {
    // Before the budget: what was taken of it is soon to be used.
    let token = credentials::access_token(engine, source).await.map_err(unasked)?;
    let taken = budget::take_at(engine, &source.connection, Purpose::Push, places, calls).await;
    let cx = taken.map_err(|error| match error {
        budget::Error::Wait(until) => Unasked::Refused(platform::Error::RateLimited {
            retry_after: Some(budget::wait(engine.now(), until)),
        }),
        budget::Error::NotConfigured => Unasked::Cut,
        budget::Error::Store(error) => Unasked::Job(error.into()),
    })?;
    match ask(cx.clone(), token.clone()).await {
        Err(platform::Error::TokenExpired) => {
            let token = credentials::renewed_token(engine, source, &token)
                .await
                .map_err(unasked)?;
            ask(cx, token).await.map_err(Unasked::Refused)
        }
        answer => answer.map_err(Unasked::Refused),
    }
}

fn unasked(stop: Stop) -> Unasked {
    match stop {
        Stop::Refused(error) => Unasked::Refused(error),
        Stop::Cut => Unasked::Cut,
        Stop::Job(error) => Unasked::Job(error),
    }
}

/// Do what the state machine wants asked of one leg.
pub(super) async fn ask(
    asking: &Asking<'_>,
    push: &dyn Push,
    leg: &ItemLeg,
    effect: Effect,
) -> Result<Option<Told>, jobs::Error> {
    let Asking {
        engine,
        source,
        fence,
        ..
    } = *asking;
    let (Some(prepared), Some(key)) = (&leg.prepared, &leg.key) else {
        return Err(jobs::Error::Failed("a stored request is missing".into()));
    };
    let prepared: Prepared = serde_json::from_str(prepared)
        .map_err(|_| jobs::Error::Failed("a stored request cannot be read".into()))?;
    let requests = u32::try_from(prepared.requests.len()).unwrap_or(1).max(1);
    let told = match effect {
        Effect::Send => {
            let key = super::planted::key(leg, key);
            let sent = with_token(engine, source, Places::Kept, requests, |cx, token| {
                send(push, cx, token, asking, &prepared, &key)
            });
            of_send(engine, leg, sent.await)?
        }
        Effect::Search => {
            let found = with_token(engine, source, Places::Kept, 1, |cx, token| {
                find(push, cx, token, source, &prepared, key)
            });
            of_search(engine, leg, found.await, fence)?
        }
        Effect::Poll => {
            let reference = leg.pending.clone().unwrap_or_default();
            let polled = with_token(engine, source, Places::Kept, 1, |cx, token| {
                poll(push, cx, token, source, &prepared, &reference)
            });
            of_poll(engine, leg, polled.await)?
        }
        Effect::Commit | Effect::ReadBack => return Ok(None),
    };
    Ok(Some(told))
}

/// A worker that has slept past its lease sends nothing: whoever holds the job by now may have found that it is not in
/// the books, and sent it.
async fn send(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    asking: &Asking<'_>,
    prepared: &Prepared,
    key: &Key,
) -> Result<Written, platform::Error> {
    if asking.lease.is_over(asking.engine.real_now()) {
        return Err(platform::Error::Unavailable {
            sent: Sent::Never,
            reason: "somebody else may hold the job by now".into(),
        });
    }
    let books = Books {
        access_token: &token,
        organisation: &asking.source.organisation,
    };
    push.send(&cx, &books, prepared, key).await
}

/// What is told of a question that the limits do not let through before `until`.
pub(super) fn limited(
    engine: &Engine,
    leg: &ItemLeg,
    effect: Effect,
    until: Timestamp,
) -> Result<Option<Told>, jobs::Error> {
    let refused = Unasked::Refused(platform::Error::RateLimited {
        retry_after: Some(budget::wait(engine.now(), until)),
    });
    Ok(match effect {
        Effect::Send => Some(of_send(engine, leg, Err(refused))?),
        Effect::Search => Some(of_search(engine, leg, Err(refused), 0)?),
        Effect::Poll => Some(of_poll(engine, leg, Err(refused))?),
        Effect::Commit | Effect::ReadBack => None,
    })
}

async fn find(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    prepared: &Prepared,
    key: &Key,
) -> Result<Option<Written>, platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    push.find(&cx, &books, prepared, key).await
}

async fn poll(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    prepared: &Prepared,
    reference: &str,
) -> Result<Written, platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    push.poll(&cx, &books, prepared, reference).await
}

/// Decide from the variant alone: only what may have been sent and was not answered is unknown.
fn of_send(engine: &Engine, leg: &ItemLeg, sent: Result<Written, Unasked>) -> Result<Told, jobs::Error> {
    let error = match sent {
        Ok(written) => return Ok(told(Event::Answered(of_written(&written)?))),
        Err(Unasked::Job(error)) => return Err(error),
        Err(Unasked::Cut) => return Ok(cut(engine, leg)),
        Err(Unasked::Refused(error)) => error,
    };
    let message = error.to_string();
    let answer = match &error {
        platform::Error::Unavailable {
            sent: Sent::Maybe, ..
        }
        | platform::Error::Malformed { .. } => return Ok(told(Event::Answered(Answer::Unknown(message)))),
        platform::Error::Rejected { message, .. } => Answer::Rejected(message.clone()),
        platform::Error::Forbidden { .. }
        | platform::Error::Unsupported { .. }
        | platform::Error::CursorExpired { .. } => Answer::Rejected(message),
        platform::Error::NeedsReauth(..)
        | platform::Error::RateLimited { .. }
        | platform::Error::TokenExpired
        | platform::Error::Unavailable {
            sent: Sent::Never, ..
        } => {
            let pause = pause(engine, leg, &error);
            let answer = Answer::NotSent {
                until: pause.until,
                message,
            };
            return Ok(Told {
                event: Event::Answered(answer),
                pause: Some(pause),
                lost: lost(&error),
            });
        }
    };
    Ok(told(Event::Answered(answer)))
}

fn of_search(
    engine: &Engine,
    leg: &ItemLeg,
    found: Result<Option<Written>, Unasked>,
    fence: i64,
) -> Result<Told, jobs::Error> {
    let error = match found {
        Ok(Some(written)) => return Ok(told(Event::Answered(of_written(&written)?))),
        Ok(None) => return Ok(told(Event::Absent { fence })),
        Err(Unasked::Job(error)) => return Err(error),
        Err(Unasked::Cut) => return Ok(cut(engine, leg)),
        Err(Unasked::Refused(error)) => error,
    };
    match &error {
        platform::Error::Unsupported { .. }
        | platform::Error::Forbidden { .. }
        | platform::Error::Rejected { .. } => Ok(told(Event::CannotSearch {
            message: format!("Whether it is in the books cannot be found out: {error}."),
        })),
        platform::Error::NeedsReauth(..)
        | platform::Error::RateLimited { .. }
        | platform::Error::TokenExpired
        | platform::Error::Unavailable { .. }
        | platform::Error::Malformed { .. }
        | platform::Error::CursorExpired { .. } => Ok(ask_later(engine, leg, &error)),
    }
}

fn of_poll(engine: &Engine, leg: &ItemLeg, polled: Result<Written, Unasked>) -> Result<Told, jobs::Error> {
    match polled {
        Ok(written) => Ok(told(Event::Answered(of_written(&written)?))),
        Err(Unasked::Job(error)) => Err(error),
        Err(Unasked::Cut) => Ok(cut(engine, leg)),
        Err(Unasked::Refused(platform::Error::Rejected { message, .. })) => {
            Ok(told(Event::Answered(Answer::Rejected(message))))
        }
        Err(Unasked::Refused(error)) => Ok(ask_later(engine, leg, &error)),
    }
}

fn of_written(written: &Written) -> Result<Answer, jobs::Error> {
    Ok(match written {
        Written::Posted(posted) => Answer::Posted(text_of(posted)?),
        Written::Pending(reference) => Answer::Pending(reference.clone()),
    })
}

fn text_of(posted: &Posted) -> Result<String, jobs::Error> {
    serde_json::to_string(posted)
        .map_err(|_| jobs::Error::Failed("a posted document cannot be written down".into()))
}

fn told(event: Event) -> Told {
    Told {
        event,
        pause: None,
        lost: None,
    }
}

fn ask_later(engine: &Engine, leg: &ItemLeg, error: &platform::Error) -> Told {
    let pause = pause(engine, leg, error);
    Told {
        event: Event::AskLater {
            until: pause.until,
            message: error.to_string(),
        },
        pause: Some(pause),
        lost: lost(error),
    }
}

/// The connection is looked at anew before anything else is asked.
fn cut(engine: &Engine, leg: &ItemLeg) -> Told {
    let until = later(engine.now(), backoff::after(leg.sends.max(1), jitter(engine)));
    let event = match leg.state {
        ledgerline_model::push::LegState::Intent => Event::Answered(Answer::NotSent {
            until,
            message: "The connection was cut.".into(),
        }),
        _ => Event::AskLater {
            until,
            message: "The connection was cut.".into(),
        },
    };
    Told {
        event,
        pause: Some(Pause {
            until,
            is_announced: false,
        }),
        lost: None,
    }
}

fn lost(error: &platform::Error) -> Option<(NeedsReauth, String)> {
    match error {
        platform::Error::NeedsReauth(what, _) => Some((*what, error.to_string())),
        _ => None,
    }
}

pub(super) fn pause(engine: &Engine, leg: &ItemLeg, error: &platform::Error) -> Pause {
    let announced = match error {
        platform::Error::RateLimited {
            retry_after: Some(wait),
        } if !wait.is_zero() => Some((*wait).min(LONGEST_PAUSE)),
        _ => None,
    };
    let wait: Duration =
        announced.unwrap_or_else(|| backoff::after(leg.sends.max(1) + leg.searches, jitter(engine)));
    Pause {
        until: later(engine.now(), wait),
        is_announced: announced.is_some(),
    }
}
