use super::*;

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
async fn a_batch_follows_what_becomes_known_of_what_its_push_left_in_doubt() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        world
            .platform
            .1
            .script_of([("a", Happens::LostAfter), ("b", Happens::LostBefore)]);
        let expenses = [expense("a", "1"), expense("b", "2")];
        let mut tx = world.write().await;
        let batch = batches::submit(&world.engine, &mut tx, &company, &connection, &expenses)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.run_jobs().await;
        world.unlink(&company, connection.id).await;
        world.run_jobs().await;
        let look = async || {
            let mut tx = world.read().await;
            let batch = ledgerline_store::push::batches::find(&mut tx, world.app, batch.id).await;
            let (progress, items) = batches::look(&mut tx, batch.unwrap().unwrap()).await.unwrap();
            let items: Vec<_> = items.into_iter().map(|item| (item.status, item.cause)).collect();
            (progress.status, progress.succeeded, items)
        };
        let doubt = (batches::ItemStatus::Failed, Some(Cause::Doubt));
        assert_eq!(look().await, (BatchStatus::Failed, 0, vec![doubt, doubt]));
        let told = world.event_names(&company).await.len();
        world.consent(&company, "anna:kern").await;
        for _ in 0..20 {
            world.advance(HOLD);
            world.run_jobs().await;
        }
        let posted = (batches::ItemStatus::Success, None);
        assert_eq!(look().await, (BatchStatus::Completed, 2, vec![posted, posted]));
        assert_eq!(world.booked(), ["a 1", "b 2"]);
        let names = world.event_names(&company).await;
        let names: Vec<&str> = names[told..]
            .iter()
            .copied()
            .filter(|name| name.starts_with("expense.") || name.starts_with("batch."))
            .collect();
        assert_eq!(names, ["expense.synced", "batch.completed", "expense.synced"]);
    })
    .await;
}
