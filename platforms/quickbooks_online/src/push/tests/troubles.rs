use std::time::Duration;

use ledgerline_model::push::ExpenseKind;
use ledgerline_platform::push::{Push, Written};
use ledgerline_platform::{Error, Sent};
use ledgerline_sandbox::faults::Kind;

use super::fakes::key;
use crate::push::QuickBooksPush;
use crate::world::World;

/// How many documents of the books bear the key.
fn booked(world: &World) -> usize {
    let ledger = world.ledger();
    let key = key("t-1", 0);
    ledger
        .bank_transactions
        .iter()
        .filter(|document| document.reference == key.as_str())
        .count()
}

#[tokio::test]
async fn only_what_may_have_been_booked_is_left_open() {
    let open = [
        (Kind::FailBefore, 0),
        (Kind::FailAfterCommit, 1),
        (Kind::Reset, 1),
        (Kind::Truncated, 1),
        (Kind::Malformed, 1),
        (Kind::Html, 0),
    ];
    for (kind, count) in open {
        let world = World::of("USD").await;
        let payment = world.order(ExpenseKind::Payment);
        let prepared = world.prepare(&payment).await;
        world.fault(kind);
        let answer = world.send_prepared(&payment, &prepared).await;
        let is_open = matches!(
            answer,
            Err(Error::Unavailable {
                sent: Sent::Maybe,
                ..
            } | Error::Malformed { .. })
        );
        assert!(is_open, "{kind:?}: {answer:?}");
        assert_eq!(booked(&world), count, "{kind:?}");
        assert_eq!(world.find(&payment).await.is_some(), count == 1, "{kind:?}");
        // The same key brings the first answer, or the first document.
        let again = world.send_prepared(&payment, &prepared).await;
        assert!(matches!(again, Ok(Written::Posted(_))), "{kind:?}: {again:?}");
        assert_eq!(booked(&world), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn what_was_never_taken_is_no_doubt() {
    for kind in [Kind::TooManyRequests, Kind::Revoked, Kind::Forbidden] {
        let world = World::of("USD").await;
        let payment = world.order(ExpenseKind::Payment);
        let prepared = world.prepare(&payment).await;
        world.fault(kind);
        let answer = world.send_prepared(&payment, &prepared).await;
        let is_definite = matches!(
            answer,
            Err(Error::RateLimited { .. } | Error::NeedsReauth(..) | Error::Forbidden { .. })
        );
        assert!(is_definite, "{kind:?}: {answer:?}");
        assert_eq!(booked(&world), 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_ignored_books_twice_and_both_are_found() {
    let world = World::of("USD").await;
    let payment = world.order(ExpenseKind::Payment);
    let first = world.send(&payment).await.unwrap();
    let prepared = world.prepare(&payment).await;
    world.fault(Kind::KeyIgnored);
    let second = world.send_prepared(&payment, &prepared).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(booked(&world), 2);
    assert!(world.find(&payment).await.is_some());
}

#[tokio::test]
async fn what_is_searched_too_early_is_found_later() {
    let world = World::of("USD").await;
    let payment = world.order(ExpenseKind::Payment);
    let prepared = world.prepare(&payment).await;
    let written = world.send_prepared(&payment, &prepared).await.unwrap();
    world.fault(Kind::SearchLag);
    let key = key("t-1", 0);
    let found = QuickBooksPush
        .find(&world.cx, &world.books(), &prepared, &key)
        .await;
    assert_eq!(found.unwrap(), None);
    world.sandbox.clock.advance(Duration::from_secs(6));
    assert_eq!(world.find(&payment).await, Some(written));
}
