use super::*;

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
