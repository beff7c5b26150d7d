use ledgerline_model::connection;
use ledgerline_model::run::{Failure, PullState, Reason, Run};
use ledgerline_store::deliveries;
use maud::{Markup, html};

pub(super) fn connection(state: connection::State) -> Markup {
    let (tone, words) = match state {
        connection::State::PendingAuth => ("", "Waiting for consent"),
        connection::State::Linked => ("good", "Linked"),
        connection::State::NeedsReauth => ("bad", "Has to link again"),
        connection::State::Faulty => ("bad", "Refused by the platform"),
        connection::State::Unlinked => ("", "Unlinked"),
    };
    chip(tone, words)
}

pub(super) fn pull(state: PullState, is_paused: bool) -> Markup {
    let (tone, words) = match state {
        PullState::Queued => ("wait", "Queued"),
        PullState::Fetching if is_paused => ("wait", "Paused"),
        PullState::Fetching => ("wait busy", "Reading"),
        PullState::Processing => ("wait busy", "Publishing"),
        PullState::Complete { .. } => ("good", "Complete"),
        PullState::Failed { failure, .. } => match failure {
            Failure::Fetch => ("bad", "Could not be read"),
            Failure::Auth => ("bad", "Consent was lost"),
            Failure::Permissions => ("bad", "Not permitted"),
            Failure::RateLimit => ("bad", "Rate limited"),
            Failure::Internal => ("bad", "Failed here"),
            Failure::Cancelled => ("", "Cancelled"),
        },
    };
    chip(tone, words)
}

pub(super) fn run(run: &Run) -> Markup {
    match run.finished_at {
        Some(_) => chip("good", "Ended"),
        None => chip("wait busy", "Running"),
    }
}

pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Initial => "First read",
        Reason::Recurring => "Scheduled",
        Reason::OnDemand => "Asked for",
        Reason::AfterLink => "After linking again",
    }
}

pub(super) fn delivery(delivery: &deliveries::Delivery) -> Markup {
    match (delivery.state, delivery.attempts) {
        (deliveries::State::Waiting { .. }, 0) => chip("wait", "Waiting"),
        (deliveries::State::Waiting { .. }, _) => chip("wait", "Will be tried again"),
        (deliveries::State::Delivered { .. }, _) => chip("good", "Delivered"),
        (deliveries::State::Failed, _) => chip("bad", "Given up"),
    }
}

pub(super) fn chip(tone: &str, words: &str) -> Markup {
    html! { span class={ "state " (tone) } { (words) } }
}
