use super::*;

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
async fn what_was_searched_for_in_vain_is_not_searched_for_again_while_others_are_limited() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.script_of([
            ("a", Happens::LostBefore),
            ("b", Happens::Limited(HOLD)),
            ("b", Happens::Limited(HOLD)),
            ("b", Happens::Limited(HOLD)),
        ]);
        world.platform.1.calls();
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "1")])
            .await;
        for _ in 0..5 {
            world.run_jobs().await;
            world.advance(HOLD);
        }
        let calls = world.platform.1.calls();
        let of = |what: &str| calls.iter().filter(|call| call.starts_with(what)).count();
        assert_eq!(of("find"), 2, "{calls:?}");
        assert_eq!(end(&world.look(&company, push).await).outcome, Outcome::Written);
        assert_eq!(world.booked(), ["a 1", "b 1"]);
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

#[tokio::test]
async fn what_the_platform_never_takes_is_refused_in_the_end_and_written_when_it_is_asked_for_again() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world
            .platform
            .1
            .script(std::iter::repeat_n(Happens::LostBefore, 5));
        world.platform.1.calls();
        let push = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&push).outcome, Outcome::WriteFailed);
        let rows = world.rows(&company, push.id).await;
        assert_eq!(rows[0].status, RowStatus::Failed);
        let message = rows[0].message.as_deref().unwrap_or_default();
        assert!(
            message.starts_with("It is not in the books: it was sent 5 times"),
            "{message}"
        );
        let keys = |calls: Vec<String>| {
            let sends = calls.into_iter().filter(|call| call.starts_with("send"));
            sends.collect::<std::collections::BTreeSet<_>>()
        };
        let first = keys(world.platform.1.calls());
        assert_eq!(first.len(), 1, "one key: {first:?}");
        let again = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&again).outcome, Outcome::Written);
        assert_eq!(world.booked(), ["a 1"]);
        assert!(first.is_disjoint(&keys(world.platform.1.calls())));
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_wakes_up_behind_its_lease_sends_nothing() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        world.platform.1.ignore_keys();
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "2")])
            .await;
        world.platform.1.calls();
        let job = loop {
            let (job, lease) = lease::take(&world.engine, true).await.unwrap().unwrap();
            if job.kind == jobs::PUSH_RUN {
                break job;
            }
            lease::run(&world.engine, &job, &lease).await;
        };
        let asleep = Lease::until(world.engine.real_now());
        super::super::run(&world.engine, &job, &asleep).await.unwrap();
        assert_eq!(world.platform.1.calls(), ["references"]);
        assert_eq!(world.states(&company, "a").await, [LegState::Accepted]);
        assert_eq!(world.statuses(&company, push).await, [RowStatus::Pending; 2]);
        // Nobody had taken the job over: it goes on.
        world.until_ended(&company, push).await;
        assert_eq!(world.booked(), ["a 1", "b 2"]);
    })
    .await;
}

#[tokio::test]
async fn a_push_that_goes_on_knows_what_its_books_have_told_for_some_minutes() {
    on_both_stores(async |world| {
        let Books { company, .. } = books(&world).await;
        let ledger = &world.platform.1;
        ledger.script_of([("a", Happens::Limited(30)), ("a", Happens::Limited(270))]);
        ledger.calls();
        let push = world
            .start(&company, &[expense("a", "1"), expense("b", "1")])
            .await;
        let asked = || ledger.calls().iter().filter(|call| *call == "references").count();
        world.run_jobs().await;
        assert_eq!(asked(), 1);
        world.advance(30);
        world.run_jobs().await;
        assert_eq!(asked(), 0, "it is known");
        ledger.archive("office");
        world.advance(270);
        world.run_jobs().await;
        assert_eq!(asked(), 1, "that was long ago");
        let rows = world.rows(&company, push).await;
        assert_eq!(
            rows[0].message.as_deref(),
            Some("`lines[0].accountRef`: the account `office` is archived.")
        );
        assert_eq!(world.booked(), ["b 1"]);
    })
    .await;
}
