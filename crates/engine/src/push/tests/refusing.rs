use super::*;

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
