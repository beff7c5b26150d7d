use ledgerline_model::push::ExpenseKind;
use ledgerline_platform::push::Written;
use ledgerline_platform::{Error, Sent};
use ledgerline_sandbox::faults::Kind;

use crate::World;

/// Whatever goes wrong, the error says whether the books may have it, and the same key does not book it twice.
pub async fn only_what_may_have_been_booked_is_left_open(world: impl AsyncFn() -> World) {
    let open = [
        (Kind::FailBefore, 0),
        (Kind::FailAfterCommit, 1),
        (Kind::Reset, 1),
        (Kind::Truncated, 1),
        (Kind::Malformed, 1),
        (Kind::Html, 0),
    ];
    for (kind, count) in open {
        let world = world().await;
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

/// A refusal at the door leaves nothing open.
pub async fn what_was_never_taken_is_no_doubt(world: impl AsyncFn() -> World) {
    for kind in [Kind::TooManyRequests, Kind::Revoked, Kind::Forbidden] {
        let world = world().await;
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

/// The simulator can be made to do what only the key prevents.
pub async fn a_key_that_is_ignored_books_twice_and_both_are_found(world: impl AsyncFn() -> World) {
    let world = world().await;
    let payment = world.order(ExpenseKind::Payment);
    let first = world.send(&payment).await.unwrap();
    let prepared = world.prepare(&payment).await;
    world.fault(Kind::KeyIgnored);
    let second = world.send_prepared(&payment, &prepared).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(booked(&world), 2);
    assert!(world.find(&payment).await.is_some());
}

/// How many documents of the books bear the key of the expense `t-1`.
fn booked(world: &World) -> usize {
    let ledger = world.ledger();
    let key = world.key("t-1");
    ledger
        .bank_transactions
        .iter()
        .filter(|document| document.reference == key.as_str())
        .count()
}
