use std::time::Duration;

use ledgerline_model::push::{ExpenseKind, Leg, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::Written;
use ledgerline_platform_testing::World;
use ledgerline_sandbox::faults::Kind;

use super::fakes::key;
use super::world;

fn fed(world: &World, kind: ExpenseKind, transaction: &str) -> Order {
    let mut order = world.order(kind);
    order.leg = Leg::BankFeed;
    order.transaction = transaction.into();
    order
}

fn reference(written: Result<Written, Error>) -> String {
    match written {
        Ok(Written::Pending(reference)) => reference,
        other => panic!("not pending: {other:?}"),
    }
}

#[tokio::test]
async fn a_line_is_pending_and_then_delivered_over_one_connection() {
    let world = world::new().await;
    for (kind, transaction) in [(ExpenseKind::Payment, "t-1"), (ExpenseKind::Refund, "t-2")] {
        let order = fed(&world, kind, transaction);
        let reference = reference(world.send(&order).await);
        assert_eq!(
            world.poll(&order, &reference).await.unwrap(),
            Written::Pending(reference.clone())
        );
        world.sandbox.clock.advance(Duration::from_secs(2));
        let Written::Posted(posted) = world.poll(&order, &reference).await.unwrap() else {
            panic!("not delivered")
        };
        assert_eq!((posted.object.as_str(), posted.data_type), ("Statement", None));
    }
    let ledger = world.ledger();
    assert_eq!(ledger.feeds.connections.len(), 1);
    let lines: Vec<_> = ledger
        .feeds
        .statements
        .iter()
        .flat_map(|statement| &statement.lines)
        .map(|line| (line.amount.to_string(), line.transaction_id.clone().unwrap()))
        .collect();
    let of = |transaction| key(transaction, 0).as_str().to_owned();
    assert_eq!(
        lines,
        [("-24.60".to_owned(), of("t-1")), ("24.60".to_owned(), of("t-2"))]
    );
}

#[tokio::test]
async fn an_account_that_is_fed_elsewhere_is_told_word_for_word() {
    let world = world::new().await;
    let mut order = fed(&world, ExpenseKind::Payment, "t-1");
    order.bank_account = world.account(|account| account.bank.as_ref().is_some_and(|bank| bank.fed));
    let Err(Error::Rejected { code, message, .. }) = world.send(&order).await else {
        panic!("taken")
    };
    assert_eq!(code, "feed-already-connected-in-current-organisation");
    assert_eq!(
        message,
        "Feed Connection failed(409): The AccountToken, AccountId or AccountNumber is already connected to another \
         Xero Bank Account in the selected Xero Organization."
    );
}

#[tokio::test]
async fn a_line_that_was_delivered_before_is_taken_for_delivered() {
    let world = world::new().await;
    let order = fed(&world, ExpenseKind::Payment, "t-1");
    let prepared = world.prepare(&order).await;
    let first = reference(world.send_prepared(&order, &prepared).await);
    world.sandbox.clock.advance(Duration::from_secs(2));
    world.simulated.faults.plan(ledgerline_sandbox::faults::Fault {
        kind: Kind::KeyIgnored,
        rate: 1.0,
        count: None,
        data_type: None,
        after: 0,
        ms: None,
    });
    assert_eq!(world.find(&order).await, None);
    let second = reference(world.send_prepared(&order, &prepared).await);
    assert_ne!(first, second);
    world.sandbox.clock.advance(Duration::from_secs(2));
    assert!(matches!(
        world.poll(&order, &second).await,
        Ok(Written::Posted(_))
    ));
    let ledger = world.ledger();
    let delivered = ledger
        .feeds
        .statements
        .iter()
        .filter(|statement| statement.rejection.is_none());
    assert_eq!(delivered.count(), 1);
}

#[tokio::test]
async fn a_statement_that_xero_judges_badly_is_rejected() {
    let world = world::new().await;
    let mut order = fed(&world, ExpenseKind::Payment, "t-1");
    order.date = "2024-03-10".parse().unwrap();
    let reference = reference(world.send(&order).await);
    world.sandbox.clock.advance(Duration::from_secs(2));
    let Err(Error::Rejected { code, message, .. }) = world.poll(&order, &reference).await else {
        panic!("delivered")
    };
    assert_eq!(code, "invalid-start-and-end-date");
    assert!(
        message.starts_with("Invalid Start And End Date(422): "),
        "{message}"
    );
}

#[tokio::test]
async fn what_fails_before_the_statement_leaves_nothing_open() {
    let world = world::new().await;
    let order = fed(&world, ExpenseKind::Payment, "t-1");
    let prepared = world.prepare(&order).await;
    for kind in [Kind::FailBefore, Kind::Html, Kind::FailAfterCommit] {
        world.fault(kind);
        let answer = world.send_prepared(&order, &prepared).await;
        let is_unsent = matches!(
            answer,
            Err(Error::Unavailable {
                sent: ledgerline_platform::Sent::Never,
                ..
            })
        );
        assert!(is_unsent, "{kind:?}: {answer:?}");
    }
    assert!(world.ledger().feeds.statements.is_empty());
    reference(world.send_prepared(&order, &prepared).await);
}
