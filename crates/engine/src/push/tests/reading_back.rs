use super::*;

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
