use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use ledgerline_model::DataType::{Bills, Customers, Invoices};
use ledgerline_model::Timestamp;
use ledgerline_model::consistency::{Consistency, Level};
use ledgerline_model::event::{Body, RunSnapshot};
use ledgerline_platform::{Error, NeedsReauth};
use ledgerline_store::{change_feed, closings};

use super::books::until_asked;
use super::faults::{run_jobs_and_die, unavailable};
use super::fill;
use super::world::{World, with_sets, with_sets_on_sqlite};
use crate::jobs;

/// Everything fits on a page.
const PAGE: usize = 100;

const TYPES: [ledgerline_model::DataType; 3] = [Invoices, Bills, Customers];

/// More requests than a closing takes that passes over the books twice.
const MORE_THAN_ALL: usize = 20;

/// Ask for everything, have it read, and stop before the Run is closed; the books have changed meanwhile.
async fn until_closing(world: &World) {
    world.ask_for_all().await;
    loop {
        let mut left = 0;
        for data_type in TYPES {
            left += u8::from(!world.latest(data_type).await.state.is_complete());
        }
        if left == 0 {
            break;
        }
        assert!(jobs::run_one(&world.engine).await.unwrap());
    }
    world.books.wait(600);
    world
        .books
        .put(Invoices, "i03", "invoice 3, corrected while others were read");
    world.books.put(Bills, "b77", "a bill of just now");
    world.books.remove(Customers, |id| id != "c01");
}

/// The one Run, and what was found when it was closed, as its event tells it and as it is kept.
async fn closed_once(world: &World) -> (RunSnapshot, Consistency) {
    let mut told = world.completed_runs().await;
    assert_eq!(told.len(), 1, "the Run is told once");
    let run = told.remove(0);
    let found = run
        .consistency
        .clone()
        .expect("a Run that was closed says what was found");
    let mut tx = world.engine.store.read().await.unwrap();
    for pull in &run.pulls {
        let id = ledgerline_model::PullId(pull.id);
        let kept = closings::of_pull(&mut tx, world.company.app, id).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&found), "{}", pull.data_type);
    }
    let kept = closings::find(&mut tx, world.company.app, ledgerline_model::RunId(run.id))
        .await
        .unwrap();
    assert_eq!(kept.unwrap().state, None, "nothing is left of the pass");
    drop(tx);
    assert!(!world.has_jobs().await, "no job is left");
    (run, found)
}

/// Each change of the books was published once.
async fn assert_published_once(world: &World) {
    world.assert_in_step().await;
    let of = change_feed::Of {
        app: world.company.app,
        environment: world.company.environment,
        company: None,
        data_type: None,
    };
    let mut tx = world.engine.store.read().await.unwrap();
    let page = change_feed::page(&mut tx, of, &change_feed::Position::default(), 1000)
        .await
        .unwrap();
    let of_record = |id: &str| {
        page.changes
            .iter()
            .filter(|change| change.remote_id == id)
            .count()
    };
    for (id, times) in [("i00", 1), ("i03", 2), ("b77", 1), ("c00", 1), ("c01", 2)] {
        assert_eq!(of_record(id), times, "{id}: {:?}", page.changes);
    }
    assert_eq!(page.changes.len(), 20 + 3);
}

#[tokio::test]
async fn a_run_is_closed_once_wherever_the_process_dies() {
    for steps in (1..60).chain((60..240).step_by(13)) {
        with_sets_on_sqlite(PAGE, async |world| survive(world, steps).await).await;
    }
    for steps in [3, 20, 45] {
        with_sets(PAGE, async |world| survive(world, steps).await).await;
    }
}

async fn survive(world: World, steps: usize) {
    fill(&world);
    until_closing(&world).await;
    // Each life gets a little longer, so that some job is done at last.
    let mut life = steps;
    while !run_jobs_and_die(&world.engine, life).await || world.has_jobs().await {
        life += 1;
        world.advance(61);
    }
    let (_, found) = closed_once(&world).await;
    assert_eq!(found.status, Level::Consistent, "{steps}: {found:?}");
    assert_published_once(&world).await;
}

/// Two servers: one is taken for gone while it waits for the platform, another does its work, and then it goes on.
#[tokio::test]
async fn a_server_that_is_overtaken_while_it_closes_a_run_changes_nothing() {
    let held = Cell::new(0);
    for call in 0..MORE_THAN_ALL {
        with_sets(PAGE, async |world| {
            held.set(held.get() + u32::from(overtake(world, call).await))
        })
        .await;
    }
    assert!(held.get() >= 5, "only {} requests were held", held.get());
}

/// Whether the closing asked the platform so often.
async fn overtake(world: World, call: usize) -> bool {
    fill(&world);
    until_closing(&world).await;
    let held = world.books.hold_call(call);
    let mut slow = pin!(jobs::run_due(&world.engine));
    until_asked(&held, slow.as_mut()).await;
    if !held.is_asked() {
        closed_once(&world).await;
        return false;
    }
    let mut tx = world.engine.store.write().await.unwrap();
    let overdue = ledgerline_store::jobs::release_expired(&mut tx, Timestamp::MAX)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(overdue, 1);
    world.run_jobs().await;
    let (run, found) = closed_once(&world).await;
    assert_eq!(found.status, Level::Consistent, "{found:?}");
    held.let_go();
    slow.await.unwrap();
    assert_eq!(closed_once(&world).await, (run, found));
    assert_published_once(&world).await;
    true
}

#[tokio::test]
async fn an_outage_while_a_run_is_closed_is_waited_out_wherever_it_begins() {
    for call in 0..MORE_THAN_ALL {
        with_sets_on_sqlite(PAGE, async |world| {
            fill(&world);
            until_closing(&world).await;
            world.books.fail_call(call, unavailable());
            world.run_jobs().await;
            let mut waited = 0;
            while world.completed_runs().await.is_empty() {
                waited += 1;
                assert!(waited < 10, "it waits for ever");
                world.advance(600);
                world.run_jobs().await;
            }
            assert_eq!(waited > 0, !world.books.forget_calls(), "request {call}");
            let (_, found) = closed_once(&world).await;
            assert_eq!(found.status, Level::Consistent, "{call}: {found:?}");
            assert_published_once(&world).await;
        })
        .await;
    }
}

/// The Run as it was closed while every request was answered by `error`, and after how many minutes.
async fn refused(world: &World, error: impl Fn() -> Error) -> (Consistency, u32) {
    fill(world);
    until_closing(world).await;
    for minutes in 0..600 {
        world.books.forget_calls();
        world.books.fail_call(0, error());
        world.run_jobs().await;
        if !world.completed_runs().await.is_empty() {
            world.books.forget_calls();
            return (closed_once(world).await.1, minutes);
        }
        world.advance(60);
    }
    panic!("the Run is never closed");
}

#[tokio::test]
async fn a_run_that_cannot_be_closed_ends_all_the_same_and_says_why() {
    let limited = |seconds| Error::RateLimited {
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let forbidden = || Error::Forbidden {
        what: "the trial balance".into(),
    };
    let malformed = || Error::Malformed {
        reason: "a page without an end".into(),
    };
    let rejected = || Error::Rejected {
        code: "400".into(),
        message: "no".into(),
        field: None,
    };
    // Within an hour, and at once where waiting would help nobody.
    let cases: [(&dyn Fn() -> Error, bool); 6] = [
        (&unavailable, true),
        (&malformed, true),
        (&|| limited(1200), true),
        (&|| limited(4000), false),
        (&forbidden, false),
        (&rejected, false),
    ];
    for (error, is_waited_for) in cases {
        with_sets(PAGE, async |world| {
            let (found, minutes) = refused(&world, error).await;
            assert_eq!(found.status, Level::Bounded, "{found:?}");
            let reason = found.reason.unwrap();
            assert!(reason.contains(&error().to_string()), "{reason}");
            assert_eq!(minutes > 0, is_waited_for, "{reason}: {minutes} minutes");
            assert!(minutes <= 60, "{reason}: {minutes} minutes");
            // What was read can be read.
            assert_eq!(world.live(Bills).await.len(), 5);
            // The next Run finds what this one did not.
            world.sync().await;
            world.assert_in_step().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_consent_that_is_found_to_be_lost_while_a_run_is_closed_is_told_and_the_run_ends() {
    with_sets(PAGE, async |world| {
        let lost = || Error::NeedsReauth(NeedsReauth::Connection, "the organisation was removed".into());
        let (found, minutes) = refused(&world, lost).await;
        assert_eq!((found.status, minutes), (Level::Bounded, 0), "{found:?}");
        let told = world.events().await;
        let disconnected = told
            .iter()
            .filter(|body| matches!(body, Body::ConnectionDisconnected { .. }));
        assert_eq!(disconnected.count(), 1, "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_cut_before_its_run_is_closed_ends_it_at_once() {
    with_sets(PAGE, async |world| {
        fill(&world);
        until_closing(&world).await;
        world.books.fail_call(0, unavailable());
        world.run_jobs().await;
        assert!(world.completed_runs().await.is_empty());
        let mut tx = world.engine.store.write().await.unwrap();
        let unlinked = crate::connections::unlink(
            &world.engine,
            &mut tx,
            &world.company,
            world.connection.id,
            crate::connections::By::App,
        );
        unlinked.await.unwrap();
        tx.commit().await.unwrap();
        world.books.asked();
        world.advance(600);
        world.run_jobs().await;
        let told = world.completed_runs().await;
        assert_eq!(told.len(), 1);
        let found = told[0].consistency.clone().unwrap();
        assert_eq!(found.status, Level::Bounded);
        assert_eq!(
            found.reason.as_deref(),
            Some("The connection was cut before the Run was closed.")
        );
        assert!(
            world.books.asked().is_empty(),
            "nothing more is asked with that consent"
        );
    })
    .await;
}

#[tokio::test]
async fn how_far_another_version_came_is_no_obstacle() {
    with_sets(PAGE, async |world| {
        fill(&world);
        until_closing(&world).await;
        let run = world.latest(Invoices).await.run;
        let mut tx = world.engine.store.write().await.unwrap();
        closings::save_state(&mut tx, world.company.app, run, r#"{"passes":"two"}"#)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.run_jobs().await;
        assert_eq!(closed_once(&world).await.1.status, Level::Consistent);
        assert_published_once(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_second_set_of_the_company_is_closed_for_itself() {
    with_sets(PAGE, async |world| {
        fill(&world);
        until_closing(&world).await;
        // Its types have been read: the next Run may begin before this one is closed.
        world.ask_for_all().await;
        world.run_jobs().await;
        let told = world.completed_runs().await;
        assert_eq!(told.len(), 2);
        assert_ne!(told[0].id, told[1].id);
        let mut reasons: Vec<_> = told.iter().map(|run| run.reason.as_str()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons, ["initial", "on_demand"], "only one of them is the first");
        for run in &told {
            assert_eq!(run.consistency.as_ref().unwrap().run_id, run.id);
        }
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn of_a_company_that_is_deleted_before_its_run_is_closed_nothing_is_left() {
    with_sets(PAGE, async |world| {
        fill(&world);
        until_closing(&world).await;
        let (app, now) = (world.company.app, world.engine.now());
        let mut tx = world.engine.store.write().await.unwrap();
        assert!(
            ledgerline_store::companies::delete(&mut tx, app, world.company.id, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        world.run_jobs().await;
        assert!(!world.has_jobs().await);
        let mut tx = world.engine.store.read().await.unwrap();
        assert_eq!(
            ledgerline_store::pulls::count(&mut tx, app, world.company.id)
                .await
                .unwrap(),
            0
        );
    })
    .await;
}
