use super::*;

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
async fn a_line_that_was_refused_is_not_fed_again_once_the_feed_is_switched_off() {
    on_both_stores(async |world| {
        let Books { company, connection } = books(&world).await;
        let switch = async |on: bool| {
            let mut tx = world.write().await;
            bank_feed::switch(&world.engine, &mut tx, &connection, on)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        };
        switch(true).await;
        let taken = || ("a", Happens::Rejected("Feed Connection failed(409): taken"));
        world.platform.1.script_of([taken(), taken()]);
        for _ in 0..2 {
            let push = world.push(&company, &[expense("a", "1")]).await;
            assert_eq!(end(&push).outcome, Outcome::WriteFailed);
        }
        switch(false).await;
        let push = world.push(&company, &[expense("a", "1")]).await;
        assert_eq!(end(&push).outcome, Outcome::Written);
        assert_eq!(world.booked(), ["a 1"]);
        assert_eq!(world.platform.1.booked(Leg::BankFeed), Vec::<String>::new());
        let rows = world.rows(&company, push.id).await;
        assert_eq!(rows.iter().map(|row| row.leg).collect::<Vec<_>>(), [Leg::Expense]);
    })
    .await;
}
