mod books;
/// Reading only what changed.
mod changes;
/// Each Run is closed once.
mod closings;
/// Whatever the platform does, and whenever the process dies.
mod faults;
/// What is due runs once.
mod schedules;
/// Deletions, and lies about deletions.
mod sweeps;
mod world;
/// Every schedule through a virtual year.
mod year;

use ledgerline_model::DataType::{Bills, Customers, Invoices};
use ledgerline_model::run::{Pull, PullState};
use ledgerline_store::status::Published;
use ledgerline_store::{companies, pulls, status};

use super::Error;
use world::{World, on_both_stores};

/// 12 invoices, 5 bills, 3 customers.
fn fill(world: &World) {
    for number in 0..12 {
        world
            .books
            .put(Invoices, &format!("i{number:02}"), &format!("invoice {number}"));
    }
    for number in 0..5 {
        world
            .books
            .put(Bills, &format!("b{number:02}"), &format!("bill {number}"));
    }
    for number in 0..3 {
        world
            .books
            .put(Customers, &format!("c{number:02}"), &format!("customer {number}"));
    }
}

#[tokio::test]
async fn a_first_pull_makes_records_readable() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.ask_for_all().await;
        assert!(!world.is_readable(Invoices).await);
        world.run_jobs().await;
        world.assert_in_step().await;
        let invoices = world.latest(Invoices).await;
        assert!(invoices.first_load);
        assert_eq!((invoices.read, invoices.changed, invoices.deleted), (12, 12, 0));
        let runs = world.completed_runs().await;
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].reason, "initial");
        assert_eq!(runs[0].pulls.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn rows_that_say_what_is_not_there_are_counted_apart() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.books.tombstone(Bills, "b01");
        world.books.spoil(Bills, "b02");
        world.sync().await;
        let bills = world.latest(Bills).await;
        assert_eq!((bills.read, bills.gone), (5, 1));
        assert_eq!((bills.changed, bills.quarantined), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn a_feed_is_read_once_for_all_its_types() {
    on_both_stores(10, async |world| {
        fill(&world);
        world.sync().await;
        let mut asked = world.books.asked();
        asked.sort();
        assert_eq!(
            asked,
            [
                ("contacts".into(), 0),
                ("documents".into(), 0),
                ("documents".into(), 10)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_later_pull_writes_what_changed_and_nothing_else() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.sync().await;
        world.advance(60);
        let before = world.records(Invoices).await;
        world.books.put(Invoices, "i03", "invoice 3, corrected");
        world.books.put(Invoices, "i99", "a new invoice");
        world.books.remove(Invoices, |id| id != "i05");
        world.sync().await;
        world.assert_in_step().await;
        let pull = world.latest(Invoices).await;
        assert_eq!((pull.read, pull.changed, pull.deleted), (12, 2, 1));
        let after = world.records(Invoices).await;
        let touched: Vec<&str> = after
            .iter()
            .filter(|record| record.publication == pull.publication)
            .map(|record| record.remote_id.as_str())
            .collect();
        assert_eq!(touched, ["i03", "i05", "i99"]);
        assert!(
            after
                .iter()
                .filter(|record| record.publication != pull.publication)
                .all(|record| {
                    before
                        .iter()
                        .any(|old| old.remote_id == record.remote_id && old.modified_at == record.modified_at)
                })
        );
        assert_eq!(world.completed_runs().await[1].reason, "on_demand");
        let bills = world.latest(Bills).await;
        assert_eq!((bills.read, bills.changed, bills.deleted), (5, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_second_pull_of_a_type_is_refused_while_one_runs() {
    on_both_stores(4, async |world| {
        fill(&world);
        let first = world.ask(Invoices).await.unwrap();
        let Err(Error::AlreadyInProgress {
            running, data_type, ..
        }) = world.ask(Invoices).await
        else {
            panic!("it should be refused");
        };
        assert_eq!((running, data_type), (first.id, Invoices));
        // Another type of the same feed is read on its own.
        assert_eq!(world.ask_for_all().await.len(), 2);
        world.run_jobs().await;
        world.assert_in_step().await;
        assert_eq!(world.completed_runs().await.len(), 2);
        world.ask(Invoices).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_the_platform_does_not_give_cannot_be_asked_for() {
    on_both_stores(4, async |world| {
        let Err(Error::NotSupported { platform, .. }) = world.ask(ledgerline_model::DataType::Items).await
        else {
            panic!("it should be refused");
        };
        assert_eq!(platform, "Books");
    })
    .await;
}

#[tokio::test]
async fn a_record_without_a_legal_form_is_reported_and_costs_nothing_else() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.books.spoil(Invoices, "i04");
        world.sync().await;
        world.assert_in_step().await;
        let pull = world.latest(Invoices).await;
        assert_eq!((pull.read, pull.quarantined), (12, 1));
        let mut tx = world.engine.store.read().await.unwrap();
        let issues = ledgerline_store::issues::of_pull(&mut tx, &pull, 0, 10)
            .await
            .unwrap();
        assert_eq!(issues[0].record, "i04");
        drop(tx);

        // Spoiled later, it keeps its last form and is not taken for deleted.
        let before = world.books.live(Bills);
        world.books.spoil(Bills, "b02");
        world.sync().await;
        assert_eq!(world.live(Bills).await, before);
        assert!(matches!(
            world.latest(Bills).await.state,
            PullState::Complete { .. }
        ));
    })
    .await;
}

#[tokio::test]
async fn progress_is_a_share_of_what_the_platform_announced() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.sync().await;
        let invoices = world.latest(Invoices).await;
        assert_eq!(invoices.expected, Some(12));
        assert_eq!(world.latest(Bills).await.expected, Some(5));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_read_of_a_deleted_company_and_nothing_is_left_of_it() {
    on_both_stores(4, async |world| {
        fill(&world);
        world.sync().await;
        world.ask_for_all().await;
        let (app, now) = (world.company.app, world.engine.now());
        let mut tx = world.engine.store.write().await.unwrap();
        assert!(
            companies::delete(&mut tx, app, world.company.id, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        world.run_jobs().await;
        let mut tx = world.engine.store.read().await.unwrap();
        let pulls = pulls::count(&mut tx, app, world.company.id).await.unwrap();
        assert_eq!(pulls, 0);
        drop(tx);
        assert!(!world.is_readable(Invoices).await);
    })
    .await;
}

/// Two servers: one publishes a first load, the other is asked for the type just then.
#[tokio::test]
async fn who_asks_while_the_first_load_is_published_gets_no_first_load() {
    on_both_stores(4, async |world| {
        fill(&world);
        let first = world.ask(Invoices).await.unwrap();
        let Pull { app, connection, .. } = first;
        let mut tx = world.engine.store.write().await.unwrap();
        companies::lock(&mut tx, app, world.company.id).await.unwrap();
        let at = world.engine.now();
        let complete = Pull {
            state: PullState::Complete { at },
            ..world.pull(&first).await
        };
        pulls::save(&mut tx, &complete).await.unwrap();
        let published = Published {
            publication: first.publication,
            records: 12,
        };
        status::succeeded(&mut tx, app, connection, Invoices, first.id, published, at)
            .await
            .unwrap();
        let publish = async {
            // Whoever asks meanwhile gets as far as possible before the commit.
            for _ in 0..50 {
                world.status(Invoices).await;
            }
            tx.commit().await.unwrap();
        };
        let (second, ()) = tokio::join!(world.ask(Invoices), publish);
        assert!(
            !second.unwrap().first_load,
            "it would write into what readers see"
        );
    })
    .await;
}
