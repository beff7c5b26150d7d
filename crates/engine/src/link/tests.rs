use ledgerline_model::app::{Environment, Settings};
use ledgerline_model::connection::State;
use ledgerline_model::{LinkSessionId, Secret};

use super::{CookieOf, Error, Outcome, Target};
use crate::link;
use crate::testing::{World, on_both_stores};

async fn jobs_left(world: &World) -> i64 {
    let mut tx = world.read().await;
    ledgerline_store::jobs::due_count(&mut tx, world.engine.now())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_customer_who_consents_is_linked_and_read() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let connection = world.connection_of(&company).await;
        let outcome = world.consent(&connection, "anna:kern").await;
        assert_eq!(
            outcome,
            Outcome::Linked {
                connection: connection.id
            }
        );
        let linked = world.connection(connection.id).await;
        assert_eq!(linked.state, State::Linked);
        assert_eq!(linked.organisation.unwrap().id, "kern");
        assert!(
            jobs_left(&world).await > 1,
            "the first read waits beside the event"
        );
        world.run_jobs().await;
        assert_eq!(
            world.event_names(&company).await,
            [
                "company.created",
                "connection.created",
                "connection.connected",
                "run.completed"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn of_several_organisations_one_is_chosen() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let opened = world.open(Target::from(&company)).await;
        let state = world.begin(&opened).await;
        let callback = world
            .come_back(&opened, &[("state", &state), ("code", "anna:kern,rath")])
            .await;
        assert!(matches!(callback.outcome, Outcome::Choose { .. }));
        assert!(
            world.connections(&company).await.is_empty(),
            "nothing before the choice"
        );
        let visit = link::visit(&world.engine, opened.session, &opened.cookie)
            .await
            .unwrap();
        let offered: Vec<_> = visit
            .choice
            .iter()
            .map(|organisation| organisation.id.as_str())
            .collect();
        assert_eq!(offered, ["kern", "rath"]);

        let choose = async |organisation| {
            link::choose(&world.engine, opened.session, &opened.cookie, organisation).await
        };
        assert!(matches!(choose("else").await, Err(Error::UnknownOrganisation)));
        let Outcome::Linked { connection } = choose("rath").await.unwrap() else {
            panic!("it should be linked");
        };
        assert_eq!(
            world.connection(connection).await.organisation.unwrap().id,
            "rath"
        );
        assert!(
            matches!(choose("kern").await, Err(Error::Expired)),
            "the choice is made"
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_told_and_leaves_the_connection_waiting() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let connection = world.connection_of(&company).await;
        let opened = world.open(Target::from(&connection)).await;
        let state = world.begin(&opened).await;
        let callback = world
            .come_back(&opened, &[("state", &state), ("error", "access_denied")])
            .await;
        assert_eq!(
            (callback.outcome, callback.session),
            (Outcome::Refused, Some(opened.session))
        );
        let waiting = world.connection(connection.id).await;
        assert_eq!(waiting.state, State::PendingAuth);
        assert_eq!(
            (waiting.errors[0].status, waiting.errors[0].message.as_str()),
            (403, "User cancelled.")
        );
        assert_eq!(world.event_names(&company).await[2..], ["connection.failed"]);

        world.consent(&connection, "anna:kern").await;
        let linked = world.connection(connection.id).await;
        assert_eq!(
            linked.errors[0].resolved_at, linked.linked_at,
            "a later success resolves it"
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_on_a_companys_link_has_a_connection_to_show() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let opened = world.open(Target::from(&company)).await;
        for _ in 0..2 {
            let state = world.begin(&opened).await;
            world
                .come_back(&opened, &[("state", &state), ("error", "access_denied")])
                .await;
        }
        let connections = world.connections(&company).await;
        assert_eq!((connections.len(), connections[0].errors.len()), (1, 2));
        let Outcome::Linked { connection } = world.consent(&company, "anna:kern").await else {
            panic!("it should be linked");
        };
        assert_eq!(connection, connections[0].id, "the attempt goes on");
    })
    .await;
}

#[tokio::test]
async fn a_tampered_callback_changes_nothing() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let connection = world.connection_of(&company).await;
        let opened = world.open(Target::from(&connection)).await;
        let others = world.open(Target::from(&connection)).await;
        let state = world.begin(&opened).await;
        let code = ("code", "anna:kern");
        for parameters in [
            vec![code],
            vec![code, ("state", "")],
            vec![code, ("state", "unknown")],
            vec![code, ("state", &state), ("state", &state)],
        ] {
            let callback = world.come_back(&opened, &parameters).await;
            assert_eq!(
                (callback.outcome, callback.session),
                (Outcome::Expired, None),
                "{parameters:?}"
            );
        }
        // Another browser, another browser's cookie, another platform's address: each uses its state up.
        let given = |state: &str| {
            vec![
                ("state".to_owned(), state.to_owned()),
                ("code".to_owned(), code.1.to_owned()),
            ]
        };
        let no_cookie = |_: LinkSessionId| None;
        let wrong_cookie = |_: LinkSessionId| Some(others.cookie.clone());
        let own_cookie = |_: LinkSessionId| Some(opened.cookie.clone());
        let cookies: [(&str, CookieOf<'_>); 3] = [
            ("consents", &no_cookie),
            ("consents", &wrong_cookie),
            ("other", &own_cookie),
        ];
        for (platform, cookie) in cookies {
            let state = world.begin(&opened).await;
            let callback = link::callback(&world.engine, platform, given(&state), cookie)
                .await
                .unwrap();
            assert_eq!(callback.outcome, Outcome::Expired);
            let again = world.come_back(&opened, &[("state", &state), code]).await;
            assert_eq!(again.outcome, Outcome::Expired, "it was used up");
        }
        let late = world.begin(&opened).await;
        world.advance(600);
        assert_eq!(
            world.come_back(&opened, &[("state", &late), code]).await.outcome,
            Outcome::Expired
        );
        assert_eq!(world.connection(connection.id).await.state, State::PendingAuth);
        assert_eq!(world.event_names(&company).await.len(), 2, "no attempt, no event");
    })
    .await;
}

#[tokio::test]
async fn what_fails_at_the_platform_is_told() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let connection = world.connection_of(&company).await;
        assert!(matches!(
            world.consent(&connection, "a used code").await,
            Outcome::Failed { .. }
        ));
        assert_eq!(world.consent(&connection, "anna:").await, Outcome::NoOrganisation);
        let errors = world.connection(connection.id).await.errors;
        assert_eq!(
            errors.iter().map(|error| error.status).collect::<Vec<_>>(),
            [500, 500]
        );
        // The consent to nothing is not kept for ever.
        world.run_jobs().await;
        world.platform.calls();
        world.advance(3601);
        world.run_jobs().await;
        assert_eq!(world.platform.calls(), ["revoke refresh:anna:1"]);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_belongs_to_one_company_unless_the_app_shares() {
    on_both_stores(async |world| {
        let (first, _) = world.linked("anna:kern").await;
        let second = world.company(Environment::Test).await;
        let outcome = world.consent(&second, "berta:kern").await;
        let Outcome::AlreadyLinkedElsewhere { company, .. } = &outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(*company, first.id);
        assert_eq!(world.event_names(&second).await[2..], ["connection.failed"]);

        let mut settings = Settings::default();
        settings
            .extra
            .insert("link.shareOrganisations".into(), "true".into());
        world.settings(settings).await;
        assert!(matches!(
            world.consent(&second, "berta:kern").await,
            Outcome::Linked { .. }
        ));
    })
    .await;
}

#[tokio::test]
async fn a_linked_company_is_not_linked_twice() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let opened = world.open(Target::from(&company)).await;
        let (one, two) = (world.begin(&opened).await, world.begin(&opened).await);
        let first = world
            .come_back(&opened, &[("state", &one), ("code", "anna:kern")])
            .await;
        let Outcome::Linked { connection } = first.outcome else {
            panic!("it should be linked");
        };
        let second = world
            .come_back(&opened, &[("state", &two), ("code", "anna:rath")])
            .await;
        assert_eq!(second.outcome, Outcome::AlreadyLinked { connection });
        let refused = link::begin(&world.engine, opened.session, &opened.cookie, "consents").await;
        assert!(matches!(refused, Err(Error::AlreadyLinked)));
        let visit = link::visit(&world.engine, opened.session, &opened.cookie)
            .await
            .unwrap();
        assert_eq!(visit.active.unwrap().id, connection);
    })
    .await;
}

#[tokio::test]
async fn linking_again_keeps_the_connection() {
    on_both_stores(async |world| {
        let (company, connection) = world.linked("anna:kern").await;
        world.run_jobs().await;
        world.unlink(&company, connection.id).await;
        world.run_jobs().await;
        assert_eq!(world.platform.calls(), ["revoke refresh:anna:1"]);

        assert_eq!(
            world.consent(&connection, "anna:rath").await,
            Outcome::OtherOrganisation {
                expected: "Books of kern".into()
            }
        );
        world.advance(60);
        let outcome = world.consent(&company, "anna:kern").await;
        assert_eq!(
            outcome,
            Outcome::Linked {
                connection: connection.id
            }
        );
        world.run_jobs().await;
        assert_eq!(
            world.event_names(&company).await[2..],
            [
                "connection.connected",
                "run.completed",
                "connection.disconnected",
                "connection.failed",
                "connection.reconnected",
                "run.completed"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn only_what_can_be_linked_begins() {
    on_both_stores(async |world| {
        let live = world.company(Environment::Live).await;
        let opened = world.open(Target::from(&live)).await;
        let begin = async |platform, cookie: &Secret| {
            link::begin(&world.engine, opened.session, cookie, platform)
                .await
                .unwrap_err()
        };
        let cookie = opened.cookie.clone();
        assert!(matches!(
            begin("consents", &cookie).await,
            Error::NotConfigured("Consents")
        ));
        assert!(matches!(
            begin("unheard", &cookie).await,
            Error::UnknownPlatform(_)
        ));
        assert!(matches!(
            begin("consents", &Secret::new("another")).await,
            Error::Expired
        ));
        world.advance(3600);
        assert!(matches!(begin("consents", &cookie).await, Error::Expired));
    })
    .await;
}

#[tokio::test]
async fn a_raised_epoch_ends_the_links_of_before() {
    on_both_stores(async |world| {
        let company = world.company(Environment::Test).await;
        let mut tx = world.write().await;
        let url = link::url(&world.engine, &mut tx, Target::from(&company))
            .await
            .unwrap();
        ledgerline_store::companies::raise_link_epoch(&mut tx, world.app, company.id)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let token = url.path_segments().unwrap().next_back().unwrap();
        assert!(matches!(
            link::open(&world.engine, token, "").await,
            Err(Error::NotFound)
        ));
    })
    .await;
}

#[tokio::test]
async fn the_customer_returns_where_the_app_wants() {
    on_both_stores(async |world| {
        world
            .settings(Settings {
                redirect_url: Some("https://app.example/{companyId}/{platform}?s={statusCode}&u={user}&n={data.company.companyName}".into()),
                ..Settings::default()
            })
            .await;
        let company = world.company(Environment::Test).await;
        let opened = world.open(Target::from(&company)).await;
        let state = world.begin(&opened).await;
        let callback = world.come_back(&opened, &[("state", &state), ("code", "anna:kern")]).await;
        let url = link::return_url(&world.engine, opened.session, &callback.outcome).await.unwrap();
        assert_eq!(
            url.unwrap().as_str(),
            format!("https://app.example/{}/cons?s=200&u=42&n=Books%20of%20kern", company.id)
        );
    })
    .await;
}
