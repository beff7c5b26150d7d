use super::*;

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
