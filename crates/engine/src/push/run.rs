//! The job that pushes: round after round, each with one transaction between what was answered and what is sent next.

use std::sync::Arc;
use std::time::Duration;

use futures::join;
use ledgerline_model::push::{LegState, Outcome, Push, PushState};
use ledgerline_model::{CompanyId, PushId, Timestamp, micros};
use ledgerline_platform::NeedsReauth;
use ledgerline_store::push::{items, legs, mapping, pushes};
use ledgerline_store::{companies, connections};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::ask::{Asking, Pause, later_pause};
use super::end::{Ended, end, leave};
use super::pace::{Asked, ask_all};
use super::state::{Effect, Event, Rules};
use super::tell::Members;
use super::work::{Entry, Work};
use super::{RunPush, prepare, read_back};
use crate::budget::{self, Lanes, Purpose};
use crate::jobs::backoff;
use crate::jobs::lease::{Lease, jitter, later};
use crate::pull::{Source, credentials};
use crate::{Engine, jobs};

/// Legs of one round: what is sent between two transactions, and at most has to be searched for after a crash.
const ROUND: usize = 50;
/// So many answers in a row that say nothing are an outage.
const SILENCES: usize = 5;
/// A push of which no leg was settled for so long ends, announced pauses not counted.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// While all requests at once are taken by others.
const A_MOMENT: Duration = Duration::from_secs(1);
/// A round lasts no longer where a platform's limits decide: a server that dies has so much to search for.
const MOMENTS: Duration = Duration::from_secs(2);
/// After so long a push lets other jobs go first.
const TURN: Duration = Duration::from_secs(10);

/// Write what a push is to write, and find out what earlier ones have left in doubt.
pub(crate) async fn run(engine: &Engine, job: &jobs::Job, lease: &Lease) -> Result<(), jobs::Error> {
    let Some(mut work) = begin(engine, job).await? else {
        return Ok(());
    };
    let Some(source) = work.source.take() else {
        return end(engine, job, work, Ended::early(Outcome::Deauthorized, UNLINKED)).await;
    };
    let lanes = match budget::reserve(engine, &source.connection, job.id).await {
        Ok(lanes) => lanes,
        Err(budget::Error::NotConfigured) => {
            return end(engine, job, work, Ended::early(Outcome::Deauthorized, UNLINKED)).await;
        }
        Err(budget::Error::Wait(_)) => None,
        Err(budget::Error::Store(error)) => return Err(error.into()),
    };
    let Some(mut lanes) = lanes else {
        return postpone(engine, job, later(engine.now(), A_MOMENT), job.attempts).await;
    };
    let asking = Asking {
        engine,
        source: &source,
        fence: job.fence,
        lease,
    };
    let stopped = rounds(&asking, job, &mut work, &mut lanes).await;
    if let Err(error) = lanes.give_back(engine).await {
        warn!(%error, "What a push had reserved stays so for some minutes");
    }
    settle(engine, job, work, stopped?).await
}

/// Why a push ended that had to.
pub(super) const UNLINKED: &str = "The connection is not linked any more.";

/// See what is to be written; `None`: nothing is, and the job is done.
async fn begin(engine: &Engine, job: &jobs::Job) -> Result<Option<Work>, jobs::Error> {
    let RunPush { company, push } = jobs::payload(job)?;
    let now = engine.now();
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let company = companies::lock(&mut tx, job.app, CompanyId(company)).await?;
    let Some(company) = company else {
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let found = match push {
        Some(id) => pushes::find(&mut tx, job.app, company.id, PushId(id)).await?,
        None => None,
    };
    let push = found.filter(|push| push.state == PushState::Running);
    let connection = match &push {
        Some(push) => connections::lock(&mut tx, job.app, push.connection).await?,
        None => {
            let active = connections::active(&mut tx, job.app, company.id).await?;
            match active {
                Some(active) => connections::lock(&mut tx, job.app, active.id).await?,
                None => None,
            }
        }
    };
    let source = connection.and_then(|connection| Source::of(engine, connection));
    let mut work = Work::new(job.fence, company, push, source);
    if let Some(push) = &work.push {
        let own = legs::open_of_push(&mut tx, job.app, work.company.id, push.id, i64::MAX).await?;
        let members = Members::of(&mut tx, push).await?;
        work.add_own(own);
        work.members = members;
    }
    work.add_strays(legs::unsettled(&mut tx, job.app, work.company.id).await?);
    work.add_unread(legs::unread(&mut tx, job.app, work.company.id, UNREAD).await?);
    work.mapping = mapping::find(&mut tx, job.app, work.company.id).await?;
    work.contents = items::find(&mut tx, job.app, work.company.id, work.unsent()).await?;
    if work.is_idle() {
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
        tx.commit().await?;
        return Ok(None);
    }
    if let Some(source) = &work.source {
        let rules = rules(source);
        for index in 0..work.entries.len() {
            let event = Event::Recovered { fence: job.fence };
            work.happen(index, event, &rules, now);
        }
    }
    work.save(engine, &mut tx).await?;
    tx.commit().await?;
    Ok(Some(work))
}

/// Posted documents that are read back at a time, of those that an earlier job did not get to.
const UNREAD: i64 = 200;

fn rules(source: &Source) -> Rules {
    let hold = source
        .platform
        .push()
        .map_or(60, |push| push.about().hold_seconds);
    Rules {
        hold: Duration::from_secs(u64::from(hold)),
        poll: Duration::from_secs(10),
        most_sends: 5,
    }
}

/// Why the rounds ended before everything was settled.
enum Stopped {
    /// Nothing can be done before then, if there is anything left.
    Waiting(Option<Pause>),
    /// Others wait.
    Yielding,
    /// The connection was cut or lost.
    Cut,
}

async fn rounds(
    asking: &Asking<'_>,
    job: &jobs::Job,
    work: &mut Work,
    lanes: &mut Lanes,
) -> Result<Stopped, jobs::Error> {
    let Asking { engine, source, .. } = *asking;
    let began = engine.now();
    let Some(push) = source.platform.push() else {
        return Ok(Stopped::Cut);
    };
    let rules = rules(source);
    let places = Arc::new(Semaphore::new(lanes.count()));
    let mut silences = 0;
    loop {
        if later(began, TURN) <= engine.now() && others_wait(engine).await? {
            let connected = work.commit(engine, job, source).await?;
            return Ok(if connected {
                Stopped::Yielding
            } else {
                Stopped::Cut
            });
        }
        let mut pause = None;
        let chosen = work.choose(round(engine, source).await?, engine.now());
        match prepare::prepare(engine, job, work, source, &chosen, &rules).await? {
            None => {}
            Some(prepare::Held::Cut) => {
                work.withdraw();
                work.commit(engine, job, source).await?;
                return Ok(Stopped::Cut);
            }
            Some(prepare::Held::Lost(what, message)) => {
                work.withdraw();
                work.commit(engine, job, source).await?;
                lose(engine, source, what, &message).await?;
                return Ok(Stopped::Cut);
            }
            Some(prepare::Held::Pause(held)) => {
                work.withdraw();
                let connected = work.commit(engine, job, source).await?;
                return Ok(if connected {
                    Stopped::Waiting(Some(held))
                } else {
                    Stopped::Cut
                });
            }
        }
        // One transaction: what the last round was answered, and what this one is about to send.
        if !work.commit(engine, job, source).await? {
            return Ok(Stopped::Cut);
        }
        if chosen.is_empty() {
            let pause = read_back::read_back(engine, job, work, source, &places).await?;
            return Ok(Stopped::Waiting(pause));
        }
        let asks = work.effects(&chosen, &rules, engine.now());
        let unread = match work.unread.len() >= ROUND {
            true => std::mem::take(&mut work.unread),
            false => Vec::new(),
        };
        let of_push = work.push.as_ref().map(|push| push.id);
        let ((answers, mut failed), fetched) = join!(
            ask_all(asking, push, work, asks, lanes, &places),
            read_back::fetch(engine, source, of_push, &places, unread)
        );
        let mut lost = None;
        for Asked { index, effect, told } in answers {
            let told = match told {
                Ok(Some(told)) => told,
                Ok(None) => continue,
                Err(error) => {
                    failed = Some(error);
                    continue;
                }
            };
            pause = later_pause(pause, told.pause);
            lost = lost.or(told.lost);
            let is_silent = matches!(told.event, Event::Answered(super::state::Answer::Unknown(_)));
            if effect == Effect::Send {
                silences = if is_silent { silences + 1 } else { 0 };
            }
            work.happen(index, told.event, &rules, engine.now());
        }
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                failed = Some(error);
                read_back::Fetched::default()
            }
        };
        if let Some(error) = failed {
            // What was answered is kept before the job begins anew.
            work.withdraw();
            work.commit(engine, job, source).await?;
            return Err(error);
        }
        read_back::keep(engine, job, work, source, fetched).await?;
        if let Some((what, message)) = lost {
            work.withdraw();
            work.commit(engine, job, source).await?;
            lose(engine, source, what, &message).await?;
            return Ok(Stopped::Cut);
        }
        if silences >= SILENCES && pause.is_none() {
            pause = Some(Pause {
                until: later(engine.now(), backoff::after(job.attempts + 1, jitter(engine))),
                is_announced: false,
            });
        }
        if pause.is_some() {
            work.withdraw();
            if !work.commit(engine, job, source).await? {
                return Ok(Stopped::Cut);
            }
            return Ok(Stopped::Waiting(pause));
        }
    }
}

/// No more than may be asked within moments: an intent that cannot be sent costs as much as one that is, and what was
/// answered is stored when all of the round is. One is tried in any case, and told until when to wait.
async fn round(engine: &Engine, source: &Source) -> Result<usize, jobs::Error> {
    let until = later(engine.now(), engine.config.patience.min(MOMENTS));
    let room = budget::room_until(engine, &source.connection, Purpose::Push, until).await;
    let room = usize::try_from(room.map_err(of_budget)?).unwrap_or(ROUND);
    Ok(room.clamp(1, ROUND))
}

/// Whether there is a job that somebody could do now.
async fn others_wait(engine: &Engine) -> Result<bool, jobs::Error> {
    let mut tx = engine.store.read().await?;
    let look = ledgerline_store::jobs::look(&mut tx, engine.now(), engine.real_now()).await?;
    Ok(look.is_due || look.is_lost)
}

pub(super) fn of_budget(error: budget::Error) -> jobs::Error {
    match error {
        budget::Error::Store(error) => error.into(),
        other => jobs::Error::Failed(other.to_string()),
    }
}

/// Its connections learn that consent is gone.
async fn lose(engine: &Engine, source: &Source, what: NeedsReauth, message: &str) -> Result<(), jobs::Error> {
    credentials::lost(engine, source, what, message).await
}

/// End the push, or come again.
async fn settle(engine: &Engine, job: &jobs::Job, work: Work, stopped: Stopped) -> Result<(), jobs::Error> {
    let pause = match stopped {
        Stopped::Cut => {
            return end(engine, job, work, Ended::early(Outcome::Deauthorized, UNLINKED)).await;
        }
        Stopped::Yielding => return postpone(engine, job, engine.now(), job.attempts).await,
        Stopped::Waiting(pause) => pause,
    };
    let now = engine.now();
    let due = work.next_due(now);
    let Some(mut push) = work.push.clone() else {
        return leave(engine, job, &work, pause).await;
    };
    let Some(due) = due else {
        if let Some(until) = read_back::awaited(&work, pause) {
            return postpone(engine, job, until.max(now), 0).await;
        }
        info!(push.id = %push.id, company.id = %push.company, "Ended a push");
        return end(engine, job, work, Ended::of_rows()).await;
    };
    let until = pause.map_or(due, |pause| pause.until.max(due));
    if let Some(pause) = pause.filter(|pause| pause.is_announced) {
        let wait = micros(pause.until).saturating_sub(micros(now)).max(0);
        push.last_progress_at = later(
            push.last_progress_at,
            Duration::from_micros(u64::try_from(wait).unwrap_or_default()),
        );
    }
    if later(push.last_progress_at, PATIENCE) <= now {
        let message = "The platform could not be reached for a day.";
        return end(engine, job, work, Ended::early(Outcome::Unavailable, message)).await;
    }
    let attempts = if pause.is_some() { job.attempts + 1 } else { 0 };
    save_and_postpone(engine, job, &push, until.max(now), attempts).await
}

async fn save_and_postpone(
    engine: &Engine,
    job: &jobs::Job,
    push: &Push,
    until: Timestamp,
    attempts: i64,
) -> Result<(), jobs::Error> {
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    pushes::save(&mut tx, push).await?;
    ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, until, attempts).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn postpone(
    engine: &Engine,
    job: &jobs::Job,
    until: Timestamp,
    attempts: i64,
) -> Result<(), jobs::Error> {
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, until, attempts).await?;
    tx.commit().await?;
    Ok(())
}

impl Entry {
    /// When something can be done about it.
    pub(super) fn due(&self, now: Timestamp) -> Timestamp {
        match self.leg.state {
            LegState::Accepted | LegState::Unknown | LegState::Pending => self.leg.hold_until.unwrap_or(now),
            LegState::Invalid
            | LegState::Intent
            | LegState::Posted
            | LegState::Rejected
            | LegState::NeedsReview => now,
        }
    }
}
