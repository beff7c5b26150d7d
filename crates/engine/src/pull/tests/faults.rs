use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ledgerline_model::DataType::{Bills, Customers, Invoices};
use ledgerline_model::company::Profile;
use ledgerline_model::run::{Cause, Extent, Failure, PullState};
use ledgerline_platform::{Error, Sent};

use super::fill;
use super::world::{World, on_both_stores, on_sqlite};
use crate::{jobs, pull};

pub(super) fn unavailable() -> Error {
    Error::Unavailable {
        sent: Sent::Maybe,
        reason: "503".into(),
    }
}

#[tokio::test]
async fn an_outage_in_mid_feed_is_waited_out() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.books.fail("documents", 2, unavailable());
        world.sync().await;
        let paused = world.latest(Invoices).await;
        assert_eq!(paused.state, PullState::Fetching);
        assert!(paused.paused_until.is_some());
        assert!(paused.message.is_some());
        assert!(!world.is_readable(Invoices).await);
        assert!(world.is_readable(Customers).await);
        world.books.asked();
        world.advance(20);
        world.run_jobs().await;
        world.assert_in_step().await;
        // It went on where it was: the two stored pages were not asked for again.
        assert_eq!(world.books.asked()[0], ("documents".into(), 8));
        assert_eq!(world.latest(Invoices).await.paused_until, None);
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_is_away_for_a_day_ends_the_pull() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.ask_for_all().await;
        for _ in 0..400 {
            world.books.fail("documents", 0, unavailable());
            world.run_jobs().await;
            world.advance(1200);
        }
        let pull = world.latest(Invoices).await;
        let PullState::Failed { failure, .. } = pull.state else {
            panic!("{pull:?}");
        };
        assert_eq!(failure, Failure::Fetch);
        let runs = world.completed_runs().await;
        assert_eq!(runs.len(), 1);
        assert!(!world.is_readable(Bills).await);
    })
    .await;
}

#[tokio::test]
async fn an_announced_pause_is_kept() {
    on_both_stores(4, async |world| {
        fill(&world);
        let retry_after = Some(Duration::from_secs(3600));
        world
            .books
            .fail("documents", 1, Error::RateLimited { retry_after });
        world.sync().await;
        world.advance(3599);
        assert_eq!(world.run_jobs().await, 0);
        world.advance(1);
        world.run_jobs().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_forbidden_ends_its_types_alone() {
    on_both_stores(4, async |world| {
        fill(&world);
        let what = "contacts".into();
        world.books.fail("contacts", 0, Error::Forbidden { what });
        world.sync().await;
        let PullState::Failed { failure, .. } = world.latest(Customers).await.state else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::Permissions);
        assert!(world.is_readable(Invoices).await);
        assert_eq!(world.completed_runs().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_forbidden_keeps_no_later_run_the_first_one() {
    on_both_stores(4, async |world| {
        fill(&world);
        let company = world.another(Profile::Accend, "UTC").await;
        for _ in 0..2 {
            let what = "contacts".into();
            world.books.fail("contacts", 0, Error::Forbidden { what });
            world.advance(1);
            world.ask_of(&company, Extent::Changes).await;
            world.run_jobs().await;
        }
        let runs = world.completed_runs_of(&company).await;
        let reasons: Vec<&str> = runs.iter().map(|run| run.reason.as_str()).collect();
        assert_eq!(reasons, ["initial", "on_demand"]);
        let first = &runs[0].pulls;
        assert!(
            first.iter().any(|pull| pull.state == "PermissionsError"),
            "{first:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_bad_end_keeps_what_the_platform_did_and_how_often_it_was_asked() {
    on_both_stores(4, async |world| {
        fill(&world);
        let rejected = Error::Rejected {
            code: "400".into(),
            message: "no".into(),
            field: None,
        };
        world.books.fail("documents", 0, unavailable());
        world.books.fail("documents", 0, rejected);
        world.sync().await;
        world.advance(60);
        world.run_jobs().await;
        let pull = world.latest(Invoices).await;
        assert_eq!(
            (pull.cause, pull.failed_attempts),
            (Some(Cause::Refused), Some(2))
        );
        let told = &world.completed_runs().await[0];
        let told = told.pulls.iter().find(|pull| pull.data_type == Invoices).unwrap();
        assert_eq!(
            (told.cause.as_deref(), told.failed_attempts),
            (Some("refused"), Some(2))
        );
    })
    .await;
}

#[tokio::test]
async fn a_failed_first_load_leaves_nothing_to_the_next() {
    on_both_stores(4, async |world| {
        fill(&world);
        let rejected = Error::Rejected {
            code: "400".into(),
            message: "no".into(),
            field: None,
        };
        world.books.fail("documents", 2, rejected);
        world.sync().await;
        assert!(!world.is_readable(Invoices).await);
        world.books.remove(Invoices, |id| id != "i00");
        world.sync().await;
        world.assert_in_step().await;
        assert!(world.deleted(Invoices).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_failed_later_pull_changes_nothing() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.sync().await;
        let before = world.live(Invoices).await;
        world.books.put(Invoices, "i00", "changed");
        world
            .books
            .fail("documents", 2, Error::Unsupported { what: "it".into() });
        world.sync().await;
        assert_eq!(world.live(Invoices).await, before);
        assert_eq!(world.status(Invoices).await.records, 12);
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn a_cut_connection_cancels_what_runs() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.books.fail("documents", 2, unavailable());
        world.sync().await;
        let mut tx = world.engine.store.write().await.unwrap();
        pull::cancel_all(&world.engine, &mut tx, &world.connection)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.books.asked();
        world.advance(60);
        world.run_jobs().await;
        assert!(world.books.asked().is_empty());
        let PullState::Failed { failure, .. } = world.latest(Invoices).await.state else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::Cancelled);
        assert_eq!(world.completed_runs().await.len(), 1);
    })
    .await;
}

/// Run what is due, and die at the `steps`-th wait for the store; whether it came to its end before.
pub(super) async fn run_jobs_and_die(engine: &crate::Engine, steps: usize) -> bool {
    let mut left = steps;
    let mut work = pin!(jobs::run_due(engine));
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(outcome) => {
            outcome.unwrap();
            Poll::Ready(true)
        }
        Poll::Pending if left == 0 => Poll::Ready(false),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn every_step_survives_a_crash() {
    for steps in (1..40).chain((40..200).step_by(9)) {
        on_sqlite(7, async |world| survive(world, steps).await).await;
    }
    for steps in [1, 10, 25, 70] {
        on_both_stores(7, async |world| survive(world, steps).await).await;
    }
}

/// A first load and two later Pulls, each by a process that dies and is started again.
async fn survive(world: World, steps: usize) {
    fill(&world);
    for round in 0..3 {
        match round {
            0 => {}
            1 => {
                world.books.put(Invoices, "i03", "changed");
                world.books.put(Bills, "b77", "new");
                world.books.remove(Invoices, |id| id != "i05");
                world.books.tombstone(Customers, "c01");
            }
            _ => world.books.put(Customers, "c01", "customer 1"),
        }
        world.ask_for_all().await;
        // Each life gets a little longer, so that some job is done at last.
        let mut life = steps;
        // What a life that has ended held at PostgreSQL is free only once its undoing got there.
        while !run_jobs_and_die(&world.engine, life).await || world.has_jobs().await {
            life += 1;
            world.advance(61);
        }
        world.assert_in_step().await;
    }
    let runs = world.completed_runs().await;
    assert_eq!(runs.len(), 3, "each Run is told once");
    let pull = world.latest(Customers).await;
    assert_eq!((pull.changed, pull.deleted), (1, 0));
}
