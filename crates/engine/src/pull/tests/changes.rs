use std::collections::HashMap;

use ledgerline_model::DataType::{Bills, Customers, Invoices};
use ledgerline_model::company::Profile;
use ledgerline_model::run::{Extent, Failure, PullState};
use ledgerline_platform::{Error, Sent};

use super::books::{Object, row};
use super::fill;
use super::world::{World, with_changes};
use crate::jobs;

const DAY: u64 = 24 * 60 * 60;
const WEEK: u64 = 7 * DAY;

/// What the last Run asked of the documents: from when on.
fn documents(world: &World) -> Vec<Option<i64>> {
    let asked = world.books.asked_since().into_iter();
    asked
        .filter(|(feed, _)| feed == "documents")
        .map(|(_, since)| since)
        .collect()
}

/// Time passes in the books and here.
fn wait(world: &World, seconds: u64) {
    world.advance(seconds);
    world.books.wait(i64::try_from(seconds).unwrap());
}

#[tokio::test]
async fn a_later_read_asks_for_what_changed_since_the_first_answer_of_the_one_before() {
    with_changes(4, async |world| {
        fill(&world);
        wait(&world, 3600);
        let first_answer = world.books.now();
        // The read takes its time; its mark is that of its beginning.
        world.books.meanwhile("documents", 2, |books| books.wait(1800));
        world.sync().await;
        assert_eq!(documents(&world), [None]);
        wait(&world, 3600);
        world.books.put(Invoices, "i03", "invoice 3, corrected");
        world.books.put(Bills, "b99", "a new bill");
        let second_answer = world.books.now();
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(documents(&world), [Some(first_answer - 300)]);
        let (invoices, bills) = (world.latest(Invoices).await, world.latest(Bills).await);
        assert_eq!((invoices.read, invoices.changed, invoices.deleted), (1, 1, 0));
        assert_eq!((bills.read, bills.changed, bills.deleted), (1, 1, 0));
        wait(&world, 60);
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(documents(&world), [Some(second_answer - 300)]);
    })
    .await;
}

#[tokio::test]
async fn a_read_is_full_while_one_of_its_types_was_never_read() {
    with_changes(4, async |world| {
        fill(&world);
        world.ask(Invoices).await.unwrap();
        world.run_jobs().await;
        wait(&world, 60);
        world.sync().await;
        assert_eq!(documents(&world), [None, None]);
        // Each alone has its own mark; together they start at the older one.
        let older = world.books.now();
        wait(&world, 3600);
        world.ask(Bills).await.unwrap();
        world.run_jobs().await;
        assert_eq!(documents(&world), [Some(older - 300)]);
        wait(&world, 3600);
        world.sync().await;
        assert_eq!(documents(&world), [Some(older - 300)]);
    })
    .await;
}

#[tokio::test]
async fn a_monthly_read_of_the_last_months_is_no_full_one() {
    with_changes(4, async |world| {
        fill(&world);
        let company = world.another(Profile::Accend, "UTC").await;
        world.ask_of(&company, Extent::Changes).await;
        world.run_jobs().await;
        assert_eq!(documents(&world), [None]);
        wait(&world, 31 * DAY);
        world.run_jobs().await;
        assert_eq!(documents(&world), [None], "the last months are enumerated");
        wait(&world, DAY);
        world.ask_of(&company, Extent::Changes).await;
        world.run_jobs().await;
        assert_eq!(documents(&world), [None], "all was enumerated a month ago");
        let since = world.books.now() - 300;
        wait(&world, DAY);
        world.ask_of(&company, Extent::Changes).await;
        world.run_jobs().await;
        assert_eq!(documents(&world), [Some(since)], "and a day ago");
    })
    .await;
}

#[tokio::test]
async fn what_says_that_it_is_deleted_is_deleted_and_may_come_back() {
    with_changes(5, async |world| {
        fill(&world);
        world.books.tombstone(Invoices, "i77");
        world.sync().await;
        wait(&world, 3600);
        let before = world.records(Invoices).await;
        world.books.tombstone(Invoices, "i01");
        world.books.tombstone(Invoices, "i78");
        world.sync().await;
        world.assert_in_step().await;
        // What was deleted before it was ever read is nowhere.
        assert_eq!(world.deleted(Invoices).await, ["i01"]);
        let modified = |records: &[ledgerline_model::record::Record]| {
            let found = records.iter().find(|record| record.remote_id == "i01");
            found.unwrap().modified_at
        };
        let deleted = world.records(Invoices).await;
        assert!(modified(&deleted) > modified(&before));

        // The same content as before: the hash alone would not tell.
        wait(&world, 3600);
        world.books.put(Invoices, "i01", "invoice 1");
        world.sync().await;
        world.assert_in_step().await;
        assert!(world.deleted(Invoices).await.is_empty());
        assert!(modified(&world.records(Invoices).await) > modified(&deleted));
        assert_eq!(documents(&world).iter().flatten().count(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_a_read_of_changes_left_out_is_not_gone() {
    with_changes(5, async |world| {
        fill(&world);
        world.sync().await;
        wait(&world, 3600);
        world.books.remove(Invoices, |id| id != "i03");
        world.sync().await;
        assert_eq!(documents(&world).len(), 2);
        assert!(world.deleted(Invoices).await.is_empty());

        // The weekly full read finds out.
        wait(&world, WEEK);
        world.sync().await;
        assert_eq!(documents(&world), [None]);
        world.assert_in_step().await;
        assert_eq!(world.deleted(Invoices).await, ["i03"]);
        wait(&world, WEEK - 60);
        world.sync().await;
        assert!(documents(&world)[0].is_some());
        wait(&world, 60);
        world.sync().await;
        assert_eq!(documents(&world), [None]);
    })
    .await;
}

#[tokio::test]
async fn everything_can_be_asked_for() {
    with_changes(5, async |world| {
        fill(&world);
        world.sync().await;
        wait(&world, 3600);
        world.books.remove(Invoices, |id| id != "i03");
        documents(&world);
        world.ask_for(Extent::Everything).await;
        world.run_jobs().await;
        assert_eq!(documents(&world), [None]);
        world.assert_in_step().await;
        assert_eq!(world.deleted(Invoices).await, ["i03"]);
    })
    .await;
}

#[tokio::test]
async fn changes_while_the_pages_are_read_are_found_by_this_read_or_the_next() {
    with_changes(4, async |world| {
        fill(&world);
        // A full read: what changes on a page that was read already.
        world.books.meanwhile("documents", 2, |books| {
            books.wait(10);
            books.put(Invoices, "i00", "changed behind the reader");
            books.put(Invoices, "i98", "new");
        });
        world.sync().await;
        // A read of changes: the list grows, at its front and in what was read.
        wait(&world, 3600);
        for number in 0..9 {
            let id = format!("i{number:02}");
            world.books.put(Invoices, &id, "changed");
        }
        world.books.meanwhile("documents", 1, |books| {
            books.wait(10);
            books.put(Invoices, "i01", "changed twice");
            books.tombstone(Invoices, "i02");
            books.put(Bills, "b00", "changed as well");
            books.put(Bills, "b77", "new");
        });
        world.sync().await;
        wait(&world, 60);
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_later_page_takes_back_was_never_changed() {
    with_changes(2, async |world| {
        fill(&world);
        wait(&world, 3600);
        world.sync().await;
        wait(&world, 3600);
        world.books.put(Invoices, "i05", "changed");
        world.books.put(Invoices, "new", "for a moment");
        world.books.put(Bills, "b99", "a new bill");
        // The list grows at its front, so that the next page shows once more what the first has shown.
        world.books.meanwhile("documents", 1, |books| {
            books.put(Invoices, "i01", "changed behind the reader");
            books.put(Invoices, "i02", "changed behind the reader");
            books.put(Invoices, "i05", "invoice 5");
            books.tombstone(Invoices, "new");
        });
        let before = world.live(Invoices).await;
        world.ask(Invoices).await.unwrap();
        world.run_jobs().await;
        assert_eq!(world.live(Invoices).await, before);
        assert!(world.deleted(Invoices).await.is_empty());
        let pull = world.latest(Invoices).await;
        assert_eq!((pull.read, pull.changed, pull.deleted), (4, 0, 0));
        assert_eq!(world.status(Invoices).await.records, 12);
        wait(&world, 60);
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn changes_of_two_pages_are_stored_together_and_the_first_is_kept_where_the_second_fails() {
    with_changes(2, async |world| {
        fill(&world);
        wait(&world, 3600);
        world.sync().await;
        wait(&world, 3600);
        let change = |text: &str| ["i00", "i01", "i02"].map(|id| world.books.put(Invoices, id, text));
        change("changed");
        world.ask(Invoices).await.unwrap();
        let second = world.books.hold_call(1);
        let (ran, ()) = tokio::join!(jobs::run_due(&world.engine), async {
            while !second.is_asked() {
                tokio::task::yield_now().await;
            }
            assert_eq!(world.latest(Invoices).await.read, 0);
            second.let_go();
        });
        ran.unwrap();
        let pull = world.latest(Invoices).await;
        assert_eq!((pull.read, pull.changed), (3, 3));

        wait(&world, 3600);
        change("changed again");
        let busy = Error::Unavailable {
            sent: Sent::Maybe,
            reason: "busy".into(),
        };
        world.books.fail("documents", 1, busy);
        world.books.asked();
        world.ask(Invoices).await.unwrap();
        world.run_jobs().await;
        assert_eq!(world.latest(Invoices).await.read, 2);
        wait(&world, 3600);
        world.run_jobs().await;
        let pull = world.latest(Invoices).await;
        assert_eq!((pull.read, pull.changed), (3, 3));
        let pages: Vec<usize> = world.books.asked().into_iter().map(|(_, from)| from).collect();
        assert_eq!(pages, [0, 2]);
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn what_we_wrote_while_a_page_was_on_its_way_is_not_overwritten_by_it() {
    // The page is the only one of its read, or one of three.
    for (page_size, requests_before) in [(100, 0), (2, 1)] {
        with_changes(page_size, async |world| {
            fill(&world);
            wait(&world, 3600);
            world.sync().await;
            wait(&world, 3600);
            for id in ["i01", "i02", "i03", "i04", "i05"] {
                world.books.put(Invoices, id, "changed");
            }
            world.ask(Invoices).await.unwrap();
            let held = world.books.hold_call(requests_before);
            let written = |id: &str| {
                row(&Object {
                    data_type: Invoices,
                    id: id.to_owned(),
                    text: Some("written".to_owned()),
                    gone: false,
                    changed_at: 0,
                })
            };
            // The page before it may be being stored meanwhile.
            let (ran, ()) = tokio::join!(jobs::run_due(&world.engine), async {
                while !held.is_asked() {
                    tokio::task::yield_now().await;
                }
                world.publish_written(vec![written("i04"), written("new")]).await;
                assert_eq!(world.live(Invoices).await.len(), 13);
                held.let_go();
            });
            ran.unwrap();
            let live: HashMap<String, String> = world.live(Invoices).await.into_iter().collect();
            let texts = ["i01", "i03", "i04", "i05", "new"].map(|id| live[id].as_str());
            assert_eq!(
                texts,
                ["changed", "changed", "written", "changed", "written"],
                "pages of {page_size}"
            );
            assert_eq!(world.status(Invoices).await.records, 13);
        })
        .await;
    }
}

#[tokio::test]
async fn five_hundred_changes_of_one_second_are_all_read() {
    with_changes(100, async |world| {
        fill(&world);
        world.sync().await;
        wait(&world, 3600);
        // They become visible after the mark of the next read was made, within the same second.
        let half = |books: &super::books::Books, from: usize| {
            for number in from..from + 250 {
                books.put(
                    Invoices,
                    &format!("s{number:03}"),
                    &format!("of one second, {number}"),
                );
            }
        };
        half(&world.books, 0);
        world
            .books
            .meanwhile("documents", 1, move |books| half(books, 250));
        world.sync().await;
        wait(&world, 1);
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(world.live(Invoices).await.len(), 512);
    })
    .await;
}

#[tokio::test]
async fn a_read_that_goes_on_keeps_to_where_it_started() {
    with_changes(2, async |world| {
        fill(&world);
        world.sync().await;
        wait(&world, 3600);
        for number in 0..6 {
            world.books.put(Invoices, &format!("i{number:02}"), "changed");
        }
        let busy = || Error::Unavailable {
            sent: Sent::Maybe,
            reason: "busy".into(),
        };
        world.books.fail("documents", 1, busy());
        documents(&world);
        world.ask_for_all().await;
        world.run_jobs().await;
        let mark = documents(&world);
        assert_eq!(mark.len(), 1);
        // By now a full read would be due; this one is none, and sweeps nothing.
        wait(&world, WEEK / 7 - 60);
        wait(&world, 6 * WEEK / 7);
        world.books.remove(Invoices, |id| id != "i11");
        world.run_jobs().await;
        world.run_jobs().await;
        let pull = world.latest(Invoices).await;
        assert!(matches!(pull.state, PullState::Complete { .. }), "{pull:?}");
        assert!(world.deleted(Invoices).await.is_empty());
        assert_eq!(pull.changed, 6);
        // The other pages were asked for with the same beginning.
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn a_read_that_fails_moves_no_mark() {
    with_changes(4, async |world| {
        fill(&world);
        let mark = world.books.now();
        world.sync().await;
        documents(&world);
        wait(&world, 3600);
        world.books.put(Invoices, "i03", "invoice 3, corrected");
        let forbidden = || Error::Forbidden {
            what: "documents".into(),
        };
        world.books.fail("documents", 0, forbidden());
        world.sync().await;
        let failed = world.latest(Invoices).await.state;
        assert!(matches!(
            failed,
            PullState::Failed {
                failure: Failure::Permissions,
                ..
            }
        ));
        wait(&world, 3600);
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(documents(&world), [Some(mark - 300)]);
    })
    .await;
}

fn expired() -> Error {
    Error::CursorExpired {
        reason: "older than 30 days".into(),
    }
}

#[tokio::test]
async fn a_platform_that_lost_its_place_is_read_in_full_by_the_same_read() {
    with_changes(4, async |world| {
        fill(&world);
        world.sync().await;
        wait(&world, 3600);
        for number in 0..6 {
            world.books.put(Invoices, &format!("i{number:02}"), "changed");
        }
        world.books.remove(Bills, |id| id != "b02");
        documents(&world);
        world.books.fail("documents", 1, expired());
        let first_answer = world.books.now();
        world.books.meanwhile("documents", 1, |books| books.wait(50));
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(world.deleted(Bills).await, ["b02"]);
        assert_eq!(documents(&world).last(), Some(&None));
        // The mark is of the answer that began it anew.
        wait(&world, 60);
        world.sync().await;
        assert_eq!(documents(&world), [Some(first_answer + 50 - 300)]);

        // It does not go on like this for ever.
        for _ in 0..4 {
            world.books.fail("documents", 0, expired());
        }
        world.sync().await;
        let failed = world.latest(Invoices).await.state;
        assert!(matches!(
            failed,
            PullState::Failed {
                failure: Failure::Fetch,
                ..
            }
        ));
        world.sync().await;
        world.assert_in_step().await;
    })
    .await;
}

#[tokio::test]
async fn a_first_load_that_starts_over_keeps_nothing_that_has_vanished_since() {
    with_changes(4, async |world| {
        fill(&world);
        world.books.fail("documents", 2, expired());
        world
            .books
            .meanwhile("documents", 2, |books| books.remove(Invoices, |id| id != "i01"));
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(world.records(Invoices).await.len(), 11);
    })
    .await;
}

#[tokio::test]
async fn a_platform_whose_clock_was_set_back_is_read_in_full() {
    with_changes(4, async |world| {
        fill(&world);
        world.books.wait(7200);
        world.sync().await;
        world.books.wait(-7000);
        world
            .books
            .put(Invoices, "i03", "changed after the clock was set back");
        documents(&world);
        world.sync().await;
        world.assert_in_step().await;
        assert_eq!(documents(&world).last(), Some(&None));
    })
    .await;
}

#[tokio::test]
async fn issues_stay_with_the_records_that_they_are_about() {
    with_changes(4, async |world| {
        let count = async |data_type| {
            let pull = world.latest(data_type).await;
            let mut tx = world.engine.store.read().await.unwrap();
            ledgerline_store::issues::count(&mut tx, &pull).await.unwrap()
        };
        fill(&world);
        world.books.spoil(Invoices, "i04");
        world.books.spoil(Bills, "b02");
        world.books.spoil(Customers, "c01");
        world.sync().await;
        let first = world.latest(Invoices).await;
        let ids = async |pull| {
            let mut tx = world.engine.store.read().await.unwrap();
            let found = ledgerline_store::issues::of_pull(&mut tx, &pull, 0, 10)
                .await
                .unwrap();
            found.into_iter().map(|issue| issue.record).collect::<Vec<_>>()
        };
        assert_eq!(ids(first.clone()).await, ["i04"]);
        // A read that did not see them carries them over; one that saw them again adds nothing.
        wait(&world, 3600);
        world.books.spoil(Invoices, "i05");
        world.sync().await;
        assert_eq!(ids(world.latest(Invoices).await).await, ["i04", "i05"]);
        assert_eq!(ids(first.clone()).await, ["i04"], "as the first read left them");
        assert_eq!((count(Bills).await, count(Customers).await), (1, 1));
        wait(&world, WEEK);
        world.sync().await;
        assert_eq!(ids(world.latest(Invoices).await).await, ["i04", "i05"]);
        // Healed, deleted by a tombstone, and gone from an enumeration.
        wait(&world, 3600);
        world.books.put(Invoices, "i04", "well again");
        world.books.tombstone(Bills, "b02");
        world.books.remove(Customers, |id| id != "c01");
        world.sync().await;
        assert_eq!(ids(world.latest(Invoices).await).await, ["i05"]);
        assert_eq!((count(Bills).await, count(Customers).await), (0, 0));
        assert_eq!(ids(first).await, ["i04"]);
        assert_eq!(world.completed_runs().await.last().unwrap().pulls[2].issues, 1);
    })
    .await;
}
