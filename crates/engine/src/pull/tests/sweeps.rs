use ledgerline_model::DataType::{Customers, Invoices};
use ledgerline_model::run::{Failure, PullState};

use super::fill;
use super::world::{World, on_both_stores};

/// 100 customers.
fn many(world: &World) {
    for number in 0..100 {
        world
            .books
            .put(Customers, &format!("m{number:03}"), &format!("customer {number}"));
    }
}

#[tokio::test]
async fn a_mass_deletion_that_the_platform_confirms_is_applied() {
    on_both_stores(30, async |world| {
        fill(&world);
        many(&world);
        world.sync().await;
        world.books.asked();
        world.books.remove(Customers, |id| id < "m040");
        world.sync().await;
        world.assert_in_step().await;
        let pull = world.latest(Customers).await;
        assert_eq!((pull.read, pull.deleted), (43, 60));
        let contacts = world
            .books
            .asked()
            .into_iter()
            .filter(|(feed, _)| feed == "contacts");
        assert_eq!(
            contacts.map(|(_, offset)| offset).collect::<Vec<_>>(),
            [0, 30, 0, 30]
        );
    })
    .await;
}

#[tokio::test]
async fn a_short_list_deletes_nothing() {
    on_both_stores(30, async |world| {
        fill(&world);
        many(&world);
        world.sync().await;
        let before = world.records(Customers).await.len();
        world.books.remove(Customers, |id| id < "m040");
        world.ask_for_all().await;
        // The first enumeration is short; by the second the rest is back.
        while world.pull(&world.latest(Customers).await).await.state != PullState::Processing {
            assert!(crate::jobs::run_one(&world.engine).await.unwrap());
        }
        many(&world);
        world.run_jobs().await;
        let pull = world.latest(Customers).await;
        let PullState::Failed { failure, .. } = pull.state else {
            panic!("{pull:?}");
        };
        assert_eq!(failure, Failure::Fetch);
        assert_eq!(world.records(Customers).await.len(), before);
        assert!(world.deleted(Customers).await.is_empty());
        // The others of the Run have gone on, and the next Pull makes all well.
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_back_is_live_again() {
    on_both_stores(5, async |world| {
        fill(&world);
        world.sync().await;
        world.books.tombstone(Invoices, "i01");
        world.books.remove(Invoices, |id| id != "i02");
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(world.deleted(Invoices).await, ["i01", "i02"]);
        // The same content as before the deletion: the hash alone would not tell.
        world.books.put(Invoices, "i01", "invoice 1");
        world.books.put(Invoices, "i02", "invoice 2");
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(world.latest(Invoices).await.changed, 2);
        assert!(world.deleted(Invoices).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_never_there_is_not_deleted() {
    on_both_stores(5, async |world| {
        fill(&world);
        world.books.tombstone(Invoices, "i77");
        world.sync().await;
        world.sync().await;
        world.assert_in_step().await;
        assert!(world.deleted(Invoices).await.is_empty());
        assert_eq!(world.latest(Invoices).await.deleted, 0);
    })
    .await;
}
