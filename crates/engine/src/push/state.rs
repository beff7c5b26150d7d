//! How a leg moves: `(leg, event, now) -> (leg, effects)`, without any I/O.

use std::time::Duration;

use ledgerline_model::Timestamp;
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::push::{BooksOf, ItemLeg, Key, LegState, Operation};

use crate::jobs::lease::later;

/// So many searches, a hold apart, have to find nothing before anything is sent again.
pub(super) const SEARCHES: i64 = 2;

/// What a platform needs, in time and in tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// A request that may be under way has ended for certain after so long, and can be searched for.
    pub hold: Duration,
    /// Between two questions about what is pending.
    pub poll: Duration,
    /// How often the same request is sent before it is given up: it is known not to be in the books then.
    pub most_sends: i64,
}

/// What happened to a leg.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Event {
    /// The app wants it written, for the first time or again.
    Admitted,
    /// The app wants the posted document to have other content.
    Updated,
    /// It cannot be booked as it is.
    Refused { message: String },
    /// The request is made. `verify`: it may have been sent in a past that this store has forgotten.
    Prepared {
        key: Key,
        prepared: String,
        books: BooksOf,
        fence: i64,
        verify: bool,
    },
    /// The intent is stored by the job with this fence.
    Committed { fence: i64 },
    /// A job with this fence has found it.
    Recovered { fence: i64 },
    /// The platform was asked to write it, or what became of it.
    Answered(Answer),
    /// The platform was searched: nothing bears the key.
    Absent { fence: i64 },
    /// The platform cannot be searched for it.
    CannotSearch { message: String },
    /// The platform was asked about it, and did not say.
    AskLater { until: Timestamp, message: String },
    /// Time has passed.
    Due { fence: i64 },
}

/// What a platform says of a write.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Answer {
    /// In the books: the document as JSON.
    Posted(String),
    /// Taken, and decided later: to be asked for by this.
    Pending(String),
    /// Not in the books, for this reason.
    Rejected(String),
    /// The request did not get there; not again before `until`.
    NotSent { until: Timestamp, message: String },
    /// Nobody knows.
    Unknown(String),
}

/// What is to be done, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Store the leg before anything else is done about it, then say [`Event::Committed`].
    Commit,
    /// Send the stored request with the stored key.
    Send,
    /// Search the platform for the stored key.
    Search,
    /// Ask what became of it.
    Poll,
    /// Read the document, so that readers see it.
    ReadBack,
}

/// How a leg moves. What does not fit its state changes nothing: answers may come late, and twice.
pub(super) fn step(leg: &ItemLeg, event: Event, rules: &Rules, now: Timestamp) -> (ItemLeg, Vec<Effect>) {
    let mut next = leg.clone();
    let effects = match (leg.state, event) {
        (LegState::Accepted | LegState::Invalid, Event::Admitted) => {
            next.state = LegState::Accepted;
            next.hold_until = None;
            next.message = None;
            vec![]
        }
        (LegState::Rejected, Event::Admitted) => {
            begin_anew(&mut next);
            vec![]
        }
        // Whoever asks again has it looked for again.
        (LegState::NeedsReview, Event::Admitted) => {
            next.sends = next.sends.min(1);
            doubt(&mut next, now, now, leg.message.clone());
            vec![Effect::Commit]
        }
        (LegState::Posted | LegState::Rejected | LegState::Invalid | LegState::Accepted, Event::Updated)
            if leg.posted.is_some() =>
        {
            begin_anew(&mut next);
            next.operation = Operation::Update;
            vec![]
        }
        (LegState::Accepted, Event::Refused { message }) => {
            next.state = LegState::Invalid;
            next.message = Some(message);
            vec![]
        }
        (
            LegState::Accepted,
            Event::Prepared {
                key,
                prepared,
                books,
                fence,
                verify,
            },
        ) if leg.hold_until.is_none_or(|until| until <= now) => {
            next.key = Some(key);
            next.prepared = Some(prepared);
            next.books = Some(books);
            next.message = None;
            if verify {
                doubt(&mut next, now, now, None);
                next.searches = SEARCHES - 1;
            } else {
                intend(&mut next, fence);
            }
            vec![Effect::Commit]
        }
        (LegState::Intent, Event::Committed { fence }) if leg.fence == Some(fence) => vec![Effect::Send],
        (LegState::Intent, Event::Recovered { fence }) if leg.fence != Some(fence) => {
            let message = "The server was stopped before the answer came.".to_owned();
            doubt(&mut next, now, later(now, rules.hold), Some(message));
            vec![Effect::Commit]
        }
        (
            LegState::Intent | LegState::Unknown | LegState::Pending,
            Event::Answered(Answer::Posted(posted)),
        ) => {
            next.state = LegState::Posted;
            next.posted = Some(posted);
            next.pending = None;
            next.hold_until = None;
            next.message = None;
            next.is_read_back = false;
            vec![Effect::Commit, Effect::ReadBack]
        }
        (
            LegState::Intent | LegState::Unknown | LegState::Pending,
            Event::Answered(Answer::Pending(reference)),
        ) => {
            next.state = LegState::Pending;
            next.pending = Some(reference);
            next.hold_until = Some(later(now, rules.poll));
            next.message = None;
            vec![Effect::Commit]
        }
        (LegState::Intent | LegState::Pending, Event::Answered(Answer::Rejected(message))) => {
            next.state = LegState::Rejected;
            next.pending = None;
            next.hold_until = None;
            next.message = Some(message);
            vec![Effect::Commit]
        }
        (LegState::Intent, Event::Answered(Answer::NotSent { until, message })) => {
            next.sends -= 1;
            next.fence = None;
            next.hold_until = Some(until);
            next.message = Some(message);
            if next.sends == 0 {
                next.state = LegState::Accepted;
                next.searches = 0;
            } else {
                // What was looked for in vain before it was to be sent again is still absent.
                next.state = LegState::Unknown;
            }
            vec![Effect::Commit]
        }
        (LegState::Intent, Event::Answered(Answer::Unknown(message))) => {
            doubt(&mut next, now, later(now, rules.hold), Some(message));
            vec![Effect::Commit]
        }
        (LegState::Unknown, Event::Absent { fence }) if is_due(leg, now) && leg.searches < SEARCHES => {
            next.searches += 1;
            if next.searches < SEARCHES {
                next.hold_until = Some(later(now, rules.hold));
            } else {
                send_again(&mut next, fence, rules);
            }
            vec![Effect::Commit]
        }
        (LegState::Unknown, Event::CannotSearch { message }) => {
            next.state = LegState::NeedsReview;
            next.hold_until = None;
            next.message = Some(message);
            vec![Effect::Commit]
        }
        (LegState::Unknown | LegState::Pending, Event::AskLater { until, message }) => {
            // A hold is never made shorter by it.
            next.hold_until = Some(leg.hold_until.map_or(until, |hold| hold.max(until)));
            next.message = Some(message);
            vec![]
        }
        (LegState::Unknown, Event::Due { fence }) if is_due(leg, now) => {
            if leg.searches < SEARCHES && !planted::is(Bug::ResendWithoutSearch) {
                vec![Effect::Search]
            } else {
                send_again(&mut next, fence, rules);
                vec![Effect::Commit]
            }
        }
        (LegState::Pending, Event::Due { .. }) if is_due(leg, now) => vec![Effect::Poll],
        (
            LegState::Accepted
            | LegState::Invalid
            | LegState::Intent
            | LegState::Pending
            | LegState::Posted
            | LegState::Rejected
            | LegState::Unknown
            | LegState::NeedsReview,
            Event::Admitted
            | Event::Updated
            | Event::Refused { .. }
            | Event::Prepared { .. }
            | Event::Committed { .. }
            | Event::Recovered { .. }
            | Event::Answered(_)
            | Event::Absent { .. }
            | Event::CannotSearch { .. }
            | Event::AskLater { .. }
            | Event::Due { .. },
        ) => vec![],
    };
    (next, effects)
}

fn is_due(leg: &ItemLeg, now: Timestamp) -> bool {
    leg.hold_until.is_none_or(|until| until <= now)
}

/// Another write than all before: it gets a key of its own. Whatever was posted stays known.
fn begin_anew(leg: &mut ItemLeg) {
    leg.state = LegState::Accepted;
    leg.revision += 1;
    leg.key = None;
    leg.prepared = None;
    leg.fence = None;
    leg.pending = None;
    leg.hold_until = None;
    leg.searches = 0;
    leg.sends = 0;
    leg.message = None;
}

/// It will be sent by whoever holds this fence.
fn intend(leg: &mut ItemLeg, fence: i64) {
    leg.state = LegState::Intent;
    leg.fence = Some(fence);
    leg.sends += 1;
    leg.hold_until = None;
}

/// It may be in the books: nothing is known before it has been searched for.
fn doubt(leg: &mut ItemLeg, now: Timestamp, until: Timestamp, message: Option<String>) {
    leg.state = LegState::Unknown;
    leg.fence = None;
    leg.searches = 0;
    leg.hold_until = Some(until.max(now));
    leg.message = message;
    if planted::is(Bug::RevisionWhileUnknown) {
        leg.revision += 1;
        leg.key = leg
            .key
            .as_ref()
            .map(|key| super::planted::other_key(leg.revision, key));
    }
}

/// It is not in the books: two searches have found nothing, a hold after whatever was sent.
fn send_again(leg: &mut ItemLeg, fence: i64, rules: &Rules) {
    if leg.sends < rules.most_sends {
        intend(leg, fence);
        return;
    }
    let why = leg.message.take().map(|why| format!(" The last time: {why}"));
    leg.state = LegState::Rejected;
    leg.hold_until = None;
    leg.message = Some(format!(
        "It is not in the books: it was sent {} times, none was answered so that it could be understood, and it \
         was searched for after each.{}",
        leg.sends,
        why.unwrap_or_default()
    ));
}

#[cfg(test)]
mod tests;
