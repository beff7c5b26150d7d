//! What was posted is read as it is in the books now, and published: readers find it at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::push::{ItemLeg, Leg};
use ledgerline_model::{PushId, Secret, Timestamp};
use ledgerline_platform::push::{Books, Posted, Push};
use ledgerline_platform::{self as platform, Cx, Memo, Row};
use ledgerline_store::push::legs;
use ledgerline_store::{Tx, companies, connections, publications};
use tokio::sync::Semaphore;
use tracing::warn;

use super::ask::{Pause, Unasked, later_pause, pause, with_token};
use super::work::Work;
use crate::budget::Places;
use crate::jobs::lease::later;
use crate::pull::{self, Source};
use crate::{Engine, jobs};

/// Read back what was posted. What cannot be read now stays for the next time: from when on, if there is a limit.
pub(super) async fn read_back(
    engine: &Engine,
    job: &jobs::Job,
    work: &mut Work,
    source: &Source,
    places: &Semaphore,
) -> Result<Option<Pause>, jobs::Error> {
    let unread = std::mem::take(&mut work.unread);
    let push = work.push.as_ref().map(|push| push.id);
    let fetched = fetch(engine, source, push, places, unread).await?;
    keep(engine, job, work, source, fetched).await
}

/// What the books say of what was posted.
#[derive(Default)]
pub(super) struct Fetched {
    /// What readers saw when they were asked.
    asked_at_seq: i64,
    read: Vec<ItemLeg>,
    documents: Vec<Vec<Row>>,
    /// What they did not say yet, and from when on it can be asked for.
    unread: Vec<ItemLeg>,
    limited: Option<Pause>,
}

/// Ask the books for it, with places that are free.
pub(super) async fn fetch(
    engine: &Engine,
    source: &Source,
    push: Option<PushId>,
    places: &Semaphore,
    unread: Vec<ItemLeg>,
) -> Result<Fetched, jobs::Error> {
    let Some(platform) = source.platform.push().filter(|_| !unread.is_empty()) else {
        return Ok(Fetched {
            unread,
            ..Fetched::default()
        });
    };
    let _held = places.acquire().await;
    let mut tx = engine.store.read().await?;
    let asked_at_seq = publications::last_seq(&mut tx, source.connection.app).await?;
    drop(tx);
    let memo = match push {
        Some(push) => engine.known.memo(push),
        None => Arc::default(),
    };
    let (listed, left) = listed(engine, source, platform, &memo, unread).await?;
    let Listed {
        mut read,
        mut documents,
        mut limited,
        later: mut unread,
    } = listed;
    let mut failed = None;
    for leg in left {
        match rows_of(engine, source, platform, &memo, &leg).await {
            Ok(rows) => {
                documents.push(rows);
                read.push(ItemLeg {
                    is_read_back: true,
                    ..leg
                });
            }
            Err(Unasked::Job(error)) => failed = Some(error),
            Err(Unasked::Cut) => unread.push(leg),
            Err(Unasked::Refused(error @ platform::Error::RateLimited { .. })) => {
                limited = later_pause(limited, Some(pause(engine, &leg, &error)));
                unread.push(leg);
            }
            Err(Unasked::Refused(error)) => {
                warn!(transaction = leg.transaction, %error, "A posted document could not be read back");
                unread.push(leg);
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(Fetched {
            asked_at_seq,
            read,
            documents,
            unread,
            limited,
        }),
    }
}

/// Publish what they said.
pub(super) async fn keep(
    engine: &Engine,
    job: &jobs::Job,
    work: &mut Work,
    source: &Source,
    fetched: Fetched,
) -> Result<Option<Pause>, jobs::Error> {
    let Fetched {
        asked_at_seq,
        read,
        documents,
        unread,
        limited,
    } = fetched;
    work.unread.extend(unread);
    if read.is_empty() {
        return Ok(limited);
    }
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    companies::lock(&mut tx, job.app, work.company.id).await?;
    if let Some(connection) = connections::lock(&mut tx, job.app, source.connection.id).await? {
        legs::mark_read(&mut tx, job.app, work.company.id, &read).await?;
        pull::publish_written(engine, &mut tx, source, &connection, documents, asked_at_seq).await?;
    }
    tx.commit().await?;
    let read: HashSet<(&str, Leg)> = read
        .iter()
        .map(|leg| (leg.transaction.as_str(), leg.leg))
        .collect();
    for entry in &mut work.entries {
        if read.contains(&(entry.leg.transaction.as_str(), entry.leg.leg)) {
            entry.leg.is_read_back = true;
        }
    }
    Ok(limited)
}

/// What lists showed.
#[derive(Default)]
struct Listed {
    read: Vec<ItemLeg>,
    documents: Vec<Vec<Row>>,
    limited: Option<Pause>,
    /// What was not asked for.
    later: Vec<ItemLeg>,
}

/// So many are asked for in one list.
const AT_A_TIME: usize = 50;

/// Ask for several documents at a time: what was read, and what lists do not show, which is asked for by itself.
async fn listed(
    engine: &Engine,
    source: &Source,
    push: &dyn Push,
    memo: &Arc<Memo>,
    unread: Vec<ItemLeg>,
) -> Result<(Listed, Vec<ItemLeg>), jobs::Error> {
    let mut listed = Listed::default();
    let mut left = Vec::new();
    let mut unread = unread.into_iter().peekable();
    while unread.peek().is_some() {
        let legs: Vec<ItemLeg> = unread.by_ref().take(AT_A_TIME).collect();
        let posted: Vec<Posted> = legs.iter().filter_map(posted_of).collect();
        if posted.len() < 2 {
            left.extend(legs);
            continue;
        }
        let told = with_token(engine, source, Places::Kept, 1, |cx, token| {
            read_listed(push, remembering(cx, memo), token, source, &posted)
        });
        match told.await {
            Ok(documents) => {
                let shown: HashSet<(&str, &str)> = documents
                    .iter()
                    .flatten()
                    .map(|row| (row.data_type.key(), row.remote_id.as_str()))
                    .collect();
                for leg in legs {
                    let is_shown = posted_of(&leg).is_some_and(|posted| {
                        let data_type = posted.data_type.as_deref().unwrap_or_default();
                        shown.contains(&(data_type, posted.id.as_str()))
                    });
                    if is_shown {
                        listed.read.push(ItemLeg {
                            is_read_back: true,
                            ..leg
                        });
                    } else {
                        left.push(leg);
                    }
                }
                listed.documents.extend(documents);
            }
            Err(Unasked::Job(error)) => return Err(error),
            Err(Unasked::Refused(error @ platform::Error::RateLimited { .. })) => {
                let wait = legs.first().map(|leg| pause(engine, leg, &error));
                listed.limited = later_pause(listed.limited, wait);
                listed.later.extend(legs);
            }
            Err(Unasked::Cut) => listed.later.extend(legs),
            Err(Unasked::Refused(_)) => left.extend(legs),
        }
    }
    Ok((listed, left))
}

/// A push that has ended but for this waits so long for its documents to be readable, from the last outcome on.
const READABLE: Duration = Duration::from_secs(180);

/// Until when a push that is done but for reading back waits for that; `None`: it does not.
pub(super) fn awaited(work: &Work, pause: Option<Pause>) -> Option<Timestamp> {
    let (push, until) = (work.push.as_ref()?, pause?.until);
    let is_worth_it = !work.unread.is_empty() && until <= later(push.last_progress_at, READABLE);
    is_worth_it.then_some(until)
}

/// None of what has no records of the standard, e.g. lines of statements.
async fn rows_of(
    engine: &Engine,
    source: &Source,
    push: &dyn Push,
    memo: &Arc<Memo>,
    leg: &ItemLeg,
) -> Result<Vec<Row>, Unasked> {
    let Some(posted) = posted_of(leg) else {
        return Ok(Vec::new());
    };
    with_token(engine, source, Places::Kept, 1, |cx, token| {
        read(push, remembering(cx, memo), token, source, &posted)
    })
    .await
}

fn remembering(cx: Cx, memo: &Arc<Memo>) -> Cx {
    Cx {
        memo: memo.clone(),
        ..cx
    }
}

/// The document that it became, if it has records of the standard.
fn posted_of(leg: &ItemLeg) -> Option<Posted> {
    let posted: Posted = serde_json::from_str(leg.posted.as_deref()?).ok()?;
    posted.data_type.is_some().then_some(posted)
}

async fn read_listed(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    posted: &[Posted],
) -> Result<Vec<Vec<Row>>, platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    push.read_back_listed(&cx, &books, posted).await
}

async fn read(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    posted: &Posted,
) -> Result<Vec<Row>, platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    push.read_back(&cx, &books, posted).await
}

/// A Pull will bring what could not be read back.
pub(super) async fn give_up(tx: &mut Tx, work: &Work) -> Result<(), jobs::Error> {
    legs::mark_read(tx, work.company.app, work.company.id, &work.unread).await?;
    Ok(())
}
