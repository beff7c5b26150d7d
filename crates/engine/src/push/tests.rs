use std::time::Duration;

use bytes::Bytes;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::push::{
    Contact, ContactKind, End, Expense, ExpenseKind, Leg, LegState, Line, Mapping, Outcome, Push, PushState,
    Row, RowStatus,
};
use ledgerline_model::query::ListRequest;
use ledgerline_model::{DataType, Date, PushId};
use ledgerline_store::push::legs;
use ledgerline_store::reading;

use super::attach::{self, Accepted, Upload};
use super::plan::{Fate, Plan};
use super::request::Start;
use super::update::Update;
use super::{bank_feed, datasets, mapping, plan, request, status, transactions, update};
use crate::link::Outcome as Linked;
use crate::testing::ledger::{HOLD, Happens};
use crate::testing::{World, on_both_stores};

struct Books {
    company: Company,
    connection: Connection,
}

/// A company whose books are linked and read, with all its defaults.
async fn books(world: &World) -> Books {
    let (company, connection) = world.linked("anna:kern").await;
    world.run_jobs().await;
    let defaults = Mapping {
        bank_account: Some("bank".into()),
        supplier: Some("supplier".into()),
        customer: Some("customer".into()),
        account: Some("office".into()),
        tax_rate: None,
    };
    let mut tx = world.write().await;
    mapping::set(&world.engine, &mut tx, &company, &defaults)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Books { company, connection }
}

fn expense(id: &str, net: &str) -> Expense {
    Expense {
        id: id.into(),
        kind: ExpenseKind::Payment,
        issue_date: "2026-11-21".parse::<Date>().unwrap(),
        currency: "GBP".into(),
        currency_rate: None,
        contact: None,
        bank_account: None,
        merchant_name: None,
        lines: vec![Line {
            net: net.parse().unwrap(),
            tax: "0".parse().unwrap(),
            tax_rate: None,
            account: None,
            description: None,
            tracking: Vec::new(),
            invoice_to: None,
        }],
        notes: None,
        due_date: None,
        post_as_draft: false,
    }
}

impl World {
    async fn hand_over(&self, company: &Company, expenses: &[Expense]) -> ledgerline_model::DatasetId {
        let mut tx = self.write().await;
        let dataset = datasets::create(&self.engine, &mut tx, company, 1, expenses)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        dataset
    }

    async fn ask(&self, company: &Company) -> Start {
        let mut tx = self.write().await;
        let start = request::start(&self.engine, &mut tx, company, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        start
    }

    async fn start(&self, company: &Company, expenses: &[Expense]) -> PushId {
        self.hand_over(company, expenses).await;
        match self.ask(company).await {
            Start::Started(push) => push.id,
            other => panic!("{other:?}"),
        }
    }

    /// Start a push, and wait until it has ended.
    async fn push(&self, company: &Company, expenses: &[Expense]) -> Push {
        let push = self.start(company, expenses).await;
        self.until_ended(company, push).await
    }

    async fn until_ended(&self, company: &Company, push: PushId) -> Push {
        for _ in 0..100 {
            self.run_jobs().await;
            let push = self.look(company, push).await;
            if push.state != PushState::Running {
                return push;
            }
            self.advance(HOLD / 2);
        }
        panic!("the push does not end");
    }

    async fn look(&self, company: &Company, push: PushId) -> Push {
        let mut tx = self.read().await;
        status::one(&mut tx, company, push).await.unwrap().unwrap()
    }

    async fn rows(&self, company: &Company, push: PushId) -> Vec<Row> {
        let mut tx = self.read().await;
        let page = transactions::page(&mut tx, company, push, 1, 1000).await.unwrap();
        page.unwrap().rows
    }

    async fn statuses(&self, company: &Company, push: PushId) -> Vec<RowStatus> {
        let rows = self.rows(company, push).await;
        rows.iter().map(|row| row.status).collect()
    }

    async fn states(&self, company: &Company, transaction: &str) -> Vec<LegState> {
        let mut tx = self.read().await;
        let legs = legs::find(&mut tx, self.app, company.id, vec![transaction.into()])
            .await
            .unwrap();
        legs.iter().map(|leg| leg.state).collect()
    }

    /// The documents that readers find.
    async fn read_back(&self, connection: &Connection) -> Vec<String> {
        let mut tx = self.read().await;
        let request = ListRequest {
            filter: None,
            order: None,
            page: 1,
            page_size: 10,
        };
        let of = reading::Of {
            app: self.app,
            connection: connection.id,
            data_type: DataType::Customers,
            as_of: None,
        };
        let list = reading::list(&mut tx, of, &request).await.unwrap();
        let records = list.records.iter();
        let mut ids: Vec<_> = records.map(|record| record.remote_id.clone()).collect();
        ids.sort();
        ids
    }

    fn booked(&self) -> Vec<String> {
        self.platform.1.booked(Leg::Expense)
    }

    /// Run jobs until the scripted platform makes the server die, then start another.
    async fn die(&self) {
        tokio::select! {
            () = self.run_jobs() => panic!("nothing has died"),
            () = self.platform.1.stopped.notified() => {}
        }
        let mut tx = self.write().await;
        ledgerline_store::jobs::release_expired(&mut tx, ledgerline_model::Timestamp::MAX)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

fn end(push: &Push) -> &End {
    match &push.state {
        PushState::Ended(end) => end,
        PushState::Running => panic!("it runs"),
    }
}

#[tokio::test]
async fn expenses_are_written_once_and_a_second_time_is_refused() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        let expenses = [expense("a", "1.50"), expense("b", "2"), expense("c", "3")];
        let push = world.push(&company, &expenses).await;
        assert_eq!(end(&push).outcome, Outcome::Written);
        assert!(push.data_pushed);
        assert_eq!(world.booked(), ["a 1.50", "b 2", "c 3"]);
        assert_eq!(world.statuses(&company, push.id).await, [RowStatus::Completed; 3]);
        let names = world.event_names(&company).await;
        assert_eq!(names[names.len() - 2..], ["push.started", "push.succeeded"]);
        // Whatever its content.
        let again = world
            .push(&company, &[expense("b", "77"), expense("d", "4")])
            .await;
        assert_eq!(end(&again).outcome, Outcome::Duplicate);
        assert_eq!(
            end(&again).message,
            "One or more transactions have previously been processed: b"
        );
        assert!(again.data_pushed);
        assert_eq!(world.booked(), ["a 1.50", "b 2", "c 3", "d 4"]);
        let mut tx = world.read().await;
        let last = status::last_successful(&mut tx, &company).await.unwrap();
        assert_eq!(last.unwrap().id, push.id);
        let latest = status::latest(&mut tx, &company).await.unwrap();
        assert_eq!(latest.unwrap().id, again.id);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_started_is_said() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        let nothing = world.push(&company, &[]).await;
        assert_eq!(end(&nothing).outcome, Outcome::NothingToWrite);
        let running = world.start(&company, &[expense("a", "1")]).await;
        assert_eq!(world.ask(&company).await, Start::AlreadyRunning(running));
        world.until_ended(&company, running).await;
        let unknown = ledgerline_model::DatasetId(world.engine.uuid());
        let mut tx = world.write().await;
        let start = request::start(&world.engine, &mut tx, &company, Some(vec![unknown])).await;
        assert_eq!(start.unwrap(), Start::UnknownDataset(unknown));
        drop(tx);
        world.unlink(&company, connection.id).await;
        assert_eq!(world.ask(&company).await, Start::NoConnection);
    })
    .await;
}

#[tokio::test]
async fn one_that_is_refused_fails_the_push_and_is_sent_again_with_another_key() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world
            .platform
            .1
            .script_of([("b", Happens::Rejected("The period is closed."))]);
        let expenses = [expense("a", "1"), expense("b", "2"), expense("c", "3")];
        let push = world.push(&company, &expenses).await;
        assert_eq!(end(&push).outcome, Outcome::WriteFailed);
        assert_eq!(end(&push).message, "The period is closed.");
        assert!(push.data_pushed);
        assert_eq!(world.booked(), ["a 1", "c 3"]);
        let rows = world.rows(&company, push.id).await;
        assert_eq!(rows[1].status, RowStatus::Failed);
        assert_eq!(rows[1].message.as_deref(), Some("The period is closed."));
        let first_try = world.platform.1.calls();
        let again = world.push(&company, &[expense("b", "2")]).await;
        assert_eq!(end(&again).outcome, Outcome::Written);
        assert_eq!(world.booked(), ["a 1", "b 2", "c 3"]);
        let key = |calls: &[String]| {
            let sent = calls
                .iter()
                .find(|call| call.starts_with("send") && call.ends_with("b 2"));
            sent.unwrap().clone()
        };
        assert_ne!(key(&first_try), key(&world.platform.1.calls()));
        // The old push keeps showing what it saw.
        assert_eq!(world.rows(&company, push.id).await, rows);
    })
    .await;
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_in_the_books_once() {
    for honours in [true, false] {
        on_both_stores(async |world| {
            let Books { company, .. } = books(&world).await;
            if !honours {
                world.platform.1.ignore_keys();
            }
            world.platform.1.script([
                Happens::LostBefore,
                Happens::LostAfter,
                Happens::LostLate(HOLD - 1),
                Happens::Garbled,
                Happens::Away,
                Happens::Limited(5),
            ]);
            let ids = ["a", "b", "c", "d", "e", "f", "g"];
            let expenses = ids.map(|id| expense(id, "1"));
            let push = world.push(&company, &expenses).await;
            assert_eq!(end(&push).outcome, Outcome::Written, "{push:?}");
            assert_eq!(world.booked(), ids.map(|id| format!("{id} 1")));
        })
        .await;
    }
}

#[tokio::test]
async fn it_is_sent_again_with_the_same_key_and_only_after_two_searches_a_hold_apart() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script([Happens::LostBefore]);
        world.platform.1.calls();
        let push = world.start(&company, &[expense("a", "1")]).await;
        let mut calls = Vec::new();
        for _ in 0..4 {
            world.run_jobs().await;
            calls.push(world.platform.1.calls());
            world.advance(HOLD / 2);
        }
        assert_eq!(world.statuses(&company, push).await, [RowStatus::Pending]);
        let key = calls[0][1].split(' ').nth(1).unwrap().to_owned();
        assert_eq!(calls[0], ["references".into(), format!("send {key} a 1")]);
        assert_eq!(calls[1], Vec::<String>::new());
        assert_eq!(calls[2], [format!("find {key}")]);
        assert_eq!(calls[3], Vec::<String>::new());
        world.run_jobs().await;
        let last = world.platform.1.calls();
        assert_eq!(
            last,
            [
                format!("find {key}"),
                format!("send {key} a 1"),
                "read d-1".into()
            ]
        );
        assert_eq!(end(&world.look(&company, push).await).outcome, Outcome::Written);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_dies_at_any_send_leaves_each_expense_in_the_books_once() {
    for dies_after in [true, false] {
        for at in 0..4 {
            on_both_stores(async |world| {
                let Books { company, .. } = books(&world).await;
                world.platform.1.ignore_keys();
                let script = (0..4).map(|index| match (index == at, dies_after) {
                    (false, _) => Happens::Fine,
                    (true, true) => Happens::DiesAfter,
                    (true, false) => Happens::DiesBefore,
                });
                world.platform.1.script(script);
                let ids = ["a", "b", "c", "d"];
                let push = world.start(&company, &ids.map(|id| expense(id, "1"))).await;
                world.die().await;
                let push = world.until_ended(&company, push).await;
                assert_eq!(end(&push).outcome, Outcome::Written);
                assert_eq!(world.booked(), ids.map(|id| format!("{id} 1")));
                assert!(push.data_pushed);
            })
            .await;
        }
    }
}

#[tokio::test]
async fn books_that_cannot_be_searched_leave_it_to_somebody_to_look() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.hide();
        world.platform.1.script([Happens::LostAfter]);
        let push = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&push).outcome, Outcome::WriteFailed);
        assert_eq!(world.statuses(&company, push.id).await, [RowStatus::Unknown]);
        assert_eq!(world.states(&company, "a").await, [LegState::NeedsReview]);
        // Other content is not taken, the same is looked for again.
        let other = world.push(&company, &[expense("a", "2")]).await;
        assert_eq!(world.statuses(&company, other.id).await, [RowStatus::Invalid]);
        assert_eq!(world.booked(), ["a 1"]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_booked_is_not_sent_and_names_field_and_object() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.archive("old");
        let with = |id: &str, change: &dyn Fn(&mut Expense)| {
            let mut made = expense(id, "1");
            change(&mut made);
            made
        };
        let expenses = [
            with("a", &|made| made.lines[0].account = Some("no-such".into())),
            with("b", &|made| made.bank_account = Some("old".into())),
            with("c", &|made| made.lines[0].net = "5000000.01".parse().unwrap()),
            with("d", &|made| made.kind = ExpenseKind::Reward),
            with("e", &|made| made.currency = "USD".into()),
            with("f", &|made| {
                made.currency = "EUR".into();
                made.bank_account = Some("in-USD".into());
                made.currency_rate = Some("1.2".parse().unwrap());
            }),
            with("g", &|made| made.lines[0].net = "1.005".parse().unwrap()),
            with("h", &|made| {
                made.contact = Some(Contact {
                    id: "no-body".into(),
                    kind: ContactKind::Supplier,
                });
            }),
            expense("z", "1"),
        ];
        let push = world.push(&company, &expenses).await;
        assert_eq!(end(&push).outcome, Outcome::WriteFailed);
        let rows = world.rows(&company, push.id).await;
        let messages: Vec<&str> = rows
            .iter()
            .map(|row| row.message.as_deref().unwrap_or("-"))
            .collect();
        assert_eq!(
            messages,
            [
                "`lines[0].accountRef`: the books have no account `no-such`.",
                "`bankAccountRef`: the account `old` is archived.",
                "`lines[0].netAmount` must be from 0 to 5000000.",
                "`type`: transactions of this type cannot be written to the platform.",
                "`currencyRate` is required, since the books are in GBP.",
                "`currency`: EUR cannot be spent from an account in USD, since the books are in GBP.",
                "`lines[0].netAmount` must have no more than 2 digits after the point in GBP.",
                "`contactRef`: the books have no supplier `no-body`.",
                "-",
            ]
        );
        assert_eq!(world.booked(), ["z 1"]);
        // Corrected, it is written.
        let again = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&again).outcome, Outcome::Written);
    })
    .await;
}

#[tokio::test]
async fn without_any_defaults_a_push_that_needs_them_says_so() {
    on_both_stores(async |world| {
        let (company, _) = world.linked("anna:kern").await;
        let push = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&push).outcome, Outcome::NotConfigured);
        assert_eq!(
            end(&push).message,
            "`bankAccountRef` is missing, and the company has no default for it."
        );
        assert!(!push.data_pushed);
    })
    .await;
}

#[tokio::test]
async fn the_line_of_the_bank_feed_goes_first_and_its_failure_is_shown_by_both() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        let mut tx = world.write().await;
        assert!(
            bank_feed::switch(&world.engine, &mut tx, &connection, true)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        world
            .platform
            .1
            .script_of([("b", Happens::Rejected("Feed Connection failed(409): taken"))]);
        let push = world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        let rows = world.rows(&company, push.id).await;
        let seen: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.transaction.as_str(),
                    row.leg,
                    row.status,
                    row.message.as_deref(),
                )
            })
            .collect();
        let taken = Some("Feed Connection failed(409): taken");
        assert_eq!(
            seen,
            [
                ("a", Leg::BankFeed, RowStatus::Completed, None),
                ("a", Leg::Expense, RowStatus::Completed, None),
                ("b", Leg::BankFeed, RowStatus::Failed, taken),
                ("b", Leg::Expense, RowStatus::Failed, taken),
            ]
        );
        assert_eq!(world.booked(), ["a 1"]);
        // The feed is delivered, the document refused: only the document goes again, and what the line shows stays.
        world
            .platform
            .1
            .script([Happens::Fine, Happens::Rejected("closed")]);
        world.push(&company, &[expense("b", "2")]).await;
        assert_eq!(
            world.states(&company, "b").await,
            [LegState::Posted, LegState::Rejected]
        );
        let refused = world.push(&company, &[expense("b", "3")]).await;
        let rows = world.rows(&company, refused.id).await;
        assert!(
            rows[1].message.as_deref().unwrap().contains("`lines`"),
            "{rows:?}"
        );
        let done = world.push(&company, &[expense("b", "2")]).await;
        assert_eq!(end(&done).outcome, Outcome::Written);
        assert_eq!(world.platform.1.booked(Leg::BankFeed), ["a 1", "b 2"]);
        assert_eq!(world.booked(), ["a 1", "b 2"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_pending_is_asked_for_and_never_sent_again() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script([Happens::Pending, Happens::Pending]);
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        world.run_jobs().await;
        assert_eq!(world.states(&company, "a").await, [LegState::Pending]);
        world.platform.1.decide(Ok(()));
        world.platform.1.decide(Err("not today"));
        let push = world.until_ended(&company, push).await;
        let mut statuses = world.statuses(&company, push.id).await;
        statuses.sort_by_key(|status| status.key());
        assert_eq!(statuses, [RowStatus::Completed, RowStatus::Failed]);
        let sent = world.platform.1.calls();
        assert_eq!(sent.iter().filter(|call| call.starts_with("send")).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_disconnect_ends_the_push_and_what_is_in_doubt_is_found_out_after_a_link_to_the_same_books() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        world
            .platform
            .1
            .script_of([("a", Happens::LostAfter), ("b", Happens::Limited(3600))]);
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        world.run_jobs().await;
        world.unlink(&company, connection.id).await;
        world.run_jobs().await;
        let push = world.look(&company, push).await;
        assert_eq!(end(&push).outcome, Outcome::Deauthorized);
        assert_eq!(
            world.statuses(&company, push.id).await,
            [RowStatus::Unknown, RowStatus::Pending]
        );
        assert_eq!(world.states(&company, "a").await, [LegState::Unknown]);
        assert_eq!(world.states(&company, "b").await, [LegState::Accepted]);
        // Other books know nothing of it.
        let other = world.consent(&company, "otto:other").await;
        let Linked::Linked { connection: other } = other else {
            panic!("{other:?}");
        };
        world.advance(10 * HOLD);
        world.run_jobs().await;
        assert_eq!(world.states(&company, "a").await, [LegState::Unknown]);
        world.unlink(&company, other).await;
        let again = world.consent(&company, "anna:kern").await;
        assert!(matches!(again, Linked::Linked { .. }), "{again:?}");
        world.run_jobs().await;
        assert_eq!(world.states(&company, "a").await, [LegState::Posted]);
        // What was not sent goes with the next push, and only that.
        let next = world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        assert_eq!(end(&next).outcome, Outcome::Duplicate);
        assert_eq!(world.booked(), ["a 1", "b 2"]);
    })
    .await;
}

#[tokio::test]
async fn a_consent_that_ends_in_the_middle_ends_the_push() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script_of([("b", Happens::Revoked)]);
        let push = world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        assert_eq!(end(&push).outcome, Outcome::Deauthorized);
        assert!(push.data_pushed);
        assert_eq!(
            world.statuses(&company, push.id).await,
            [RowStatus::Completed, RowStatus::Pending]
        );
        assert_eq!(world.booked(), ["a 1"]);
    })
    .await;
}

#[tokio::test]
async fn an_outage_of_a_day_ends_the_push_and_an_announced_pause_does_not() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script([Happens::Limited(3 * 24 * 3600)]);
        let push = world.start(&company, &[expense("a", "1")]).await;
        world.run_jobs().await;
        world.advance(2 * 24 * 3600);
        world.run_jobs().await;
        assert_eq!(world.look(&company, push).await.state, PushState::Running);
        world.advance(24 * 3600);
        world.platform.1.script((0..400).map(|_| Happens::Away));
        for _ in 0..30 {
            world.advance(3600);
            world.run_jobs().await;
        }
        let push = world.look(&company, push).await;
        assert_eq!(end(&push).outcome, Outcome::Unavailable);
        assert_eq!(world.states(&company, "a").await, [LegState::Accepted]);
    })
    .await;
}

#[tokio::test]
async fn what_was_written_is_read_back_before_the_push_is_told_to_have_ended() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        assert_eq!(world.read_back(&connection).await, ["d-1", "d-2"]);
    })
    .await;
}

#[tokio::test]
async fn a_push_waits_some_moments_for_what_it_wrote_to_be_read_back_and_not_for_long() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        world.platform.1.limit_reads(1, Duration::from_secs(1));
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        world.run_jobs().await;
        assert_eq!(world.look(&company, push).await.state, PushState::Running);
        world.advance(1);
        world.run_jobs().await;
        assert_eq!(end(&world.look(&company, push).await).outcome, Outcome::Written);
        assert_eq!(world.read_back(&connection).await, ["d-1", "d-2"]);

        world.platform.1.limit_reads(1, Duration::from_secs(3600));
        let push = world.start(&company, &[expense("c", "3")]).await;
        world.run_jobs().await;
        assert_eq!(end(&world.look(&company, push).await).outcome, Outcome::Written);

        // However often it is told to wait a moment.
        world.platform.1.limit_reads(1000, Duration::from_secs(1));
        let push = world.start(&company, &[expense("d", "4")]).await;
        for _ in 0..20 {
            world.run_jobs().await;
            world.advance(30);
        }
        assert_eq!(end(&world.look(&company, push).await).outcome, Outcome::Written);
    })
    .await;
}

#[tokio::test]
async fn documents_are_read_back_in_lists_and_by_themselves_where_lists_do_not_show_them_yet() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        world.platform.1.unlist(&["d-2"]);
        world
            .push(
                &company,
                &[expense("a", "1"), expense("b", "2"), expense("c", "3")],
            )
            .await;
        assert_eq!(world.read_back(&connection).await, ["d-1", "d-2", "d-3"]);
        let calls = world.platform.1.calls();
        let reads: Vec<_> = calls
            .iter()
            .filter(|call| call.starts_with("list") || call.starts_with("read"))
            .collect();
        assert_eq!(reads, ["list 3", "read d-2"]);
    })
    .await;
}

#[tokio::test]
async fn a_posted_expense_is_changed_by_a_push_of_its_own() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.push(&company, &[expense("a", "1")]).await;
        let mut tx = world.write().await;
        let unknown = update::update(&world.engine, &mut tx, &company, 1, &expense("x", "1")).await;
        assert_eq!(unknown.unwrap(), Update::NotPosted);
        let started = update::update(&world.engine, &mut tx, &company, 1, &expense("a", "9")).await;
        let Update::Push(Start::Started(push)) = started.unwrap() else {
            panic!("it was not started");
        };
        tx.commit().await.unwrap();
        let push = world.until_ended(&company, push.id).await;
        assert_eq!(end(&push).outcome, Outcome::Written);
        assert_eq!(world.booked(), ["a 9"]);
    })
    .await;
}

#[tokio::test]
async fn a_plan_shows_what_would_be_sent_and_sends_nothing() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.push(&company, &[expense("a", "1")]).await;
        world.platform.1.calls();
        let mut bad = expense("c", "1");
        bad.kind = ExpenseKind::Reward;
        world
            .hand_over(&company, &[expense("a", "1"), expense("b", "2"), bad])
            .await;
        let Plan::Legs(planned) = plan::plan(&world.engine, &company, None).await.unwrap() else {
            panic!("nothing was planned");
        };
        assert_eq!(world.platform.1.calls(), ["references"]);
        assert!(matches!(planned[0].fate, Fate::Nothing(_)));
        let Fate::Send {
            key,
            requests,
            choices,
        } = &planned[1].fate
        else {
            panic!("{planned:?}");
        };
        assert_eq!(requests[0].body, "b 2");
        let choices: Vec<_> = choices
            .iter()
            .map(|choice| (choice.field.as_str(), choice.value.as_str(), choice.rule))
            .collect();
        assert_eq!(
            choices,
            [
                ("bankAccountRef", "bank", "the company's default"),
                ("contactRef", "supplier", "the company's default"),
                ("lines[0].accountRef", "office", "the company's default"),
                ("lines[0].taxRateRef", "NONE", "the platform's default"),
            ]
        );
        assert!(matches!(planned[2].fate, Fate::Invalid(_)));
        // It is sent exactly so.
        let key = key.clone();
        let Start::Started(push) = world.ask(&company).await else {
            panic!("it was not started");
        };
        world.until_ended(&company, push.id).await;
        assert!(world.platform.1.calls().contains(&format!("send {key} b 2")));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_attached_once_and_only_to_what_is_written() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script_of([("b", Happens::Rejected("no"))]);
        let push = world
            .push(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        let pdf = Bytes::from_static(b"%PDF-1.7 a receipt");
        let attach = async |transaction: &str, content: &Bytes| {
            let upload = Upload {
                file_name: "lunch.pdf".into(),
                content: content.clone(),
                accepted: Accepted::Receipts,
                limit: 1_000_000,
                note: None,
                include_on_send: false,
            };
            attach::attach(&world.engine, &company, push.id, transaction, upload)
                .await
                .map(|attached| attached.id)
        };
        world.platform.1.script([Happens::Away]);
        assert!(matches!(
            attach("a", &pdf).await,
            Err(attach::Error::Unavailable(_))
        ));
        // A moment's pause is waited for: some clients cannot send a form a second time. A longer one is told.
        world.platform.1.script([Happens::Limited(4)]);
        assert!(matches!(attach("a", &pdf).await, Err(attach::Error::Wait(_))));
        world.platform.1.script([Happens::Limited(1)]);
        let (first, ()) = tokio::join!(attach("a", &pdf), async {
            while world.platform.1.is_scripted() {
                tokio::task::yield_now().await;
            }
            world.advance(1);
        });
        let first = first.unwrap();
        assert_eq!(attach("a", &pdf).await.unwrap(), first);
        let files = world.platform.1.files();
        assert_eq!(files.len(), 1);
        assert!(files[0].1.starts_with("receipt-") && files[0].1.ends_with(".pdf"));
        assert!(matches!(
            attach("b", &pdf).await,
            Err(attach::Error::NotCompleted)
        ));
        assert!(matches!(attach("x", &pdf).await, Err(attach::Error::NotFound)));
        let script = Bytes::from_static(b"<svg><script/></svg>");
        assert!(matches!(
            attach("a", &script).await,
            Err(attach::Error::UnknownType(Accepted::Receipts))
        ));
        let large = Bytes::from([b"%PDF-".as_slice(), &[0; 1000]].concat());
        assert!(matches!(
            attach("a", &large).await,
            Err(attach::Error::TooLarge { limit: 1000 })
        ));
    })
    .await;
}

#[tokio::test]
async fn a_hundred_expenses_take_few_transactions_and_go_at_once_as_the_platform_allows() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        let expenses: Vec<Expense> = (0..120)
            .map(|number| expense(&format!("t-{number:03}"), "1"))
            .collect();
        let push = world.start(&company, &expenses).await;
        let push = world.until_ended(&company, push).await;
        assert_eq!(end(&push).outcome, Outcome::Written);
        assert_eq!(world.booked().len(), 120);
        // How many there are at a moment is up to the database that each asks for a token; 8 is what is reserved.
        assert!((2..=8).contains(&world.platform.1.most_under_way()));
    })
    .await;
}
