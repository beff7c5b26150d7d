use std::time::Duration;

use ledgerline_model::push::ExpenseKind;
use ledgerline_platform_testing::troubles;
use ledgerline_sandbox::faults::Kind;

use super::world;

#[tokio::test]
async fn only_what_may_have_been_booked_is_left_open() {
    troubles::only_what_may_have_been_booked_is_left_open(world::new).await;
}

#[tokio::test]
async fn what_was_never_taken_is_no_doubt() {
    troubles::what_was_never_taken_is_no_doubt(world::new).await;
}

#[tokio::test]
async fn a_key_that_is_ignored_books_twice_and_both_are_found() {
    troubles::a_key_that_is_ignored_books_twice_and_both_are_found(world::new).await;
}

#[tokio::test]
async fn what_is_searched_too_early_is_found_later() {
    let world = world::new().await;
    let payment = world.order(ExpenseKind::Payment);
    let prepared = world.prepare(&payment).await;
    world.fault(Kind::SearchLag);
    let written = world.send_prepared(&payment, &prepared).await.unwrap();
    assert_eq!(world.find(&payment).await, None);
    world.sandbox.clock.advance(Duration::from_secs(6));
    assert_eq!(world.find(&payment).await, Some(written));
}
