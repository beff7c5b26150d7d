use super::*;
use crate::testing::{an_app, at, ids, on_both_stores};
use crate::{Error, Store};

fn tokens(number: u32) -> Tokens {
    Tokens {
        access: Secret::new(format!("access-{number}")),
        refresh: Secret::new(format!("refresh-{number}")),
        expires_at: at(1800),
    }
}

async fn a_grant(store: &Store, name: &str) -> Grant {
    let mut tx = store.write().await.unwrap();
    let app = an_app(&mut tx, name).await;
    let grant = Grant {
        app: app.id,
        id: GrantId::new(&*ids(), at(0)),
        environment: Environment::Test,
        platform: "xero".to_owned(),
        subject: "person-1".to_owned(),
        tokens: Some(tokens(1)),
        generation: 1,
        state: State::Active,
        refreshed_at: at(0),
    };
    insert(&mut tx, &grant).await.unwrap();
    tx.commit().await.unwrap();
    grant
}

#[tokio::test]
async fn tokens_are_sealed_and_renewed() {
    on_both_stores(async |store| {
        let grant = a_grant(&store, "One").await;
        let mut tx = store.read().await.unwrap();
        let found = find(&mut tx, grant.app, grant.id).await.unwrap().unwrap();
        assert_eq!(found.tokens, Some(tokens(1)));
        let row = sql("select access_token from consent_grant")
            .first(&mut tx)
            .await
            .unwrap()
            .unwrap();
        let stored = row.bytes("access_token").unwrap();
        assert!(!stored.windows(6).any(|window| window == b"access"));
        drop(tx);

        let mut tx = store.write().await.unwrap();
        set_state(&mut tx, grant.app, grant.id, State::NeedsReauth)
            .await
            .unwrap();
        let generation = renew(&mut tx, grant.app, grant.id, &tokens(2), at(5))
            .await
            .unwrap();
        assert_eq!(generation, Some(2));
        let found = find_by_subject(&mut tx, grant.app, Environment::Test, "xero", "person-1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.tokens, found.state, found.refreshed_at),
            (Some(tokens(2)), State::Active, at(5))
        );
        destroy_tokens(&mut tx, grant.app, grant.id).await.unwrap();
        let found = find(&mut tx, grant.app, grant.id).await.unwrap().unwrap();
        assert_eq!((found.tokens, found.state), (None, State::Revoked));
    })
    .await;
}

#[tokio::test]
async fn one_refreshes_at_a_time() {
    on_both_stores(async |store| {
        let Grant { app, id, .. } = a_grant(&store, "One").await;
        let mut tx = store.write().await.unwrap();
        let first = lease(&mut tx, app, id, at(0), at(60)).await.unwrap().unwrap();
        assert_eq!(lease(&mut tx, app, id, at(59), at(120)).await.unwrap(), None);
        check_lease(&mut tx, app, id, first).await.unwrap();
        keep_lease(&mut tx, app, id, first, at(100)).await.unwrap();
        assert_eq!(lease(&mut tx, app, id, at(99), at(160)).await.unwrap(), None);
        let second = lease(&mut tx, app, id, at(100), at(160)).await.unwrap().unwrap();
        release(&mut tx, app, id, first).await.unwrap();
        for lost in [
            check_lease(&mut tx, app, id, first).await,
            keep_lease(&mut tx, app, id, first, at(200)).await,
        ] {
            assert!(matches!(lost, Err(Error::LostLease)), "{lost:?}");
        }
        check_lease(&mut tx, app, id, second).await.unwrap();
        release(&mut tx, app, id, second).await.unwrap();
        assert!(lease(&mut tx, app, id, at(101), at(160)).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn an_attempt_stays_until_it_is_cleared() {
    on_both_stores(async |store| {
        let Grant { app, id, .. } = a_grant(&store, "One").await;
        let mut tx = store.write().await.unwrap();
        for generation in [1, 2] {
            let begun = Attempt {
                generation,
                started_at: at(generation),
            };
            note_attempt(&mut tx, app, id, begun).await.unwrap();
            assert_eq!(attempt(&mut tx, app, id).await.unwrap(), Some(begun));
        }
        clear_attempt(&mut tx, app, id).await.unwrap();
        assert_eq!(attempt(&mut tx, app, id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn other_apps_with_the_same_subject_are_counted() {
    on_both_stores(async |store| {
        let one = a_grant(&store, "One").await;
        let two = a_grant(&store, "Two").await;
        let mut tx = store.write().await.unwrap();
        let elsewhere = count_subject_elsewhere(&mut tx, "xero", "person-1", one.app)
            .await
            .unwrap();
        assert_eq!(elsewhere, 1);
        destroy_tokens(&mut tx, two.app, two.id).await.unwrap();
        let elsewhere = count_subject_elsewhere(&mut tx, "xero", "person-1", one.app)
            .await
            .unwrap();
        assert_eq!(elsewhere, 0);
        let again = Grant {
            id: GrantId::new(&*ids(), at(1)),
            ..one
        };
        let error = insert(&mut tx, &again).await.unwrap_err();
        assert!(matches!(error, Error::Constraint(_)));
    })
    .await;
}
