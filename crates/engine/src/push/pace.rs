//! Asking about many legs, as many at once and as fast as the limits allow.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::{StreamExt, join};
use ledgerline_model::Timestamp;
use ledgerline_model::push::ItemLeg;
use ledgerline_platform::push::Push;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ask::{Asking, Told, ask, limited};
use super::run::of_budget;
use super::state::Effect;
use super::work::Work;
use crate::budget::{self, Lanes, Purpose, Wanted};
use crate::jobs;
use crate::jobs::lease::later;

/// What became of the question about one leg.
pub(super) struct Asked {
    /// Of the leg, among those in hand.
    pub index: usize,
    pub effect: Effect,
    /// `None`: there was nothing to be asked.
    pub told: Result<Option<Told>, jobs::Error>,
}

/// Ask all of them. What the limits do not let through while the engine is patient is not asked, and told so; an error
/// says why the rest was not asked.
pub(super) async fn ask_all(
    asking: &Asking<'_>,
    push: &dyn Push,
    work: &Work,
    asks: Vec<(usize, Effect)>,
    lanes: &mut Lanes,
    places: &Arc<Semaphore>,
) -> (Vec<Asked>, Option<jobs::Error>) {
    let questions = asks.into_iter().filter_map(|(index, effect)| {
        let leg = work.entries.get(index)?.leg.clone();
        Some(Question { index, effect, leg })
    });
    let waiting = questions.collect();
    let count = lanes.count();
    let (let_out, let_through) = unbounded();
    let answering = let_through
        .map(|(question, place)| async move {
            let Question { index, effect, leg } = question;
            let told = ask(asking, push, &leg, effect).await;
            drop(place);
            Asked { index, effect, told }
        })
        .buffer_unordered(count)
        .collect::<Vec<Asked>>();
    // Both at a time: a question that is under way may hold what the next ones need.
    let (paced, mut answers) = join!(pace(asking, lanes, places, waiting, let_out), answering);
    match paced {
        Ok(None) => (answers, None),
        Ok(Some(left)) => {
            answers.extend(left.questions.into_iter().map(|question| Asked {
                index: question.index,
                effect: question.effect,
                told: limited(asking.engine, &question.leg, question.effect, left.until),
            }));
            (answers, None)
        }
        Err(error) => (answers, Some(error)),
    }
}

/// What is to be asked about a leg.
struct Question {
    index: usize,
    effect: Effect,
    leg: ItemLeg,
}

/// What the limits did not let through.
struct Left {
    questions: VecDeque<Question>,
    until: Timestamp,
}

/// Let them out one after the other, each with its place, as the limits allow.
async fn pace(
    asking: &Asking<'_>,
    lanes: &mut Lanes,
    places: &Arc<Semaphore>,
    mut questions: VecDeque<Question>,
    let_out: UnboundedSender<(Question, OwnedSemaphorePermit)>,
) -> Result<Option<Left>, jobs::Error> {
    let Asking { engine, source, .. } = asking;
    let patience = later(engine.now(), engine.config.patience * 2);
    while !questions.is_empty() {
        // Not each by itself: counting them is a transaction. Half of the places are waited for, and a part of that
        // of the limits, or what is left of a second of theirs would never be used.
        let half = u32::try_from(questions.len().min(lanes.count().div_ceil(2))).unwrap_or(1);
        let Ok(mut held) = places.clone().acquire_many_owned(half).await else {
            return Ok(None);
        };
        let now = questions
            .len()
            .min(held.num_permits() + places.available_permits());
        let wanted = Wanted {
            least: (half / 2).max(1),
            now: u32::try_from(now).unwrap_or(half),
            soon: u32::try_from(questions.len()).unwrap_or(u32::MAX),
        };
        match budget::set_aside(engine, &source.connection, Purpose::Push, wanted).await {
            Ok(count) => {
                lanes.keep(engine).await.map_err(of_budget)?;
                for _ in 0..count {
                    let place = match held.split(1) {
                        Some(place) => place,
                        None => match places.clone().acquire_owned().await {
                            Ok(place) => place,
                            Err(_) => return Ok(None),
                        },
                    };
                    let Some(question) = questions.pop_front() else {
                        break;
                    };
                    // Nobody listens any more only where the job has been dropped.
                    let _ = let_out.unbounded_send((question, place));
                }
            }
            Err(budget::Error::Wait(until)) if until <= patience => {
                drop(held);
                engine.clock.sleep_until(until).await;
            }
            Err(budget::Error::Wait(until)) => return Ok(Some(Left { questions, until })),
            Err(error) => return Err(of_budget(error)),
        }
    }
    Ok(None)
}
