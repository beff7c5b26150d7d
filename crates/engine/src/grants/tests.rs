use std::sync::Arc;

use ledgerline_model::app::Environment;
use ledgerline_model::connection::{Connection, State as ConnectionState};
use ledgerline_model::grant::{Grant, State, Tokens};
use ledgerline_model::{GrantId, Secret};
use ledgerline_store::grants::Attempt;
use tokio::task::JoinHandle;

use super::{Error, access_token, force_refresh_after_401};
use crate::link::Outcome;
use crate::testing::consent::{Fault, Hang};
use crate::testing::{World, on_both_stores};

/// A linked connection whose first read is done.
async fn linked(world: &World) -> (Connection, GrantId) {
    let (_, connection) = world.linked("anna:kern").await;
    world.run_jobs().await;
    world.platform.calls();
    let grant = connection.grant.unwrap();
    (connection, grant)
}

async fn grant(world: &World, id: GrantId) -> Grant {
    let mut tx = world.read().await;
    ledgerline_store::grants::find(&mut tx, world.app, id)
        .await
        .unwrap()
        .unwrap()
}

async fn attempt(world: &World, id: GrantId) -> Option<Attempt> {
    let mut tx = world.read().await;
    ledgerline_store::grants::attempt(&mut tx, world.app, id)
        .await
        .unwrap()
}

/// Somebody else wants an access token at the same time.
fn another(world: &World, id: GrantId) -> JoinHandle<Result<Secret, Error>> {
    let (engine, app) = (Arc::clone(&world.engine), world.app);
    tokio::spawn(async move { access_token(&engine, app, id).await })
}

/// Somebody else refreshes, and waits for the platform's answer.
async fn slow_refresh(world: &World, id: GrantId) -> (Hang, JoinHandle<Result<Secret, Error>>) {
    let hang = world.platform.hang();
    let slow = another(world, id);
    hang.begun.notified().await;
    (hang, slow)
}

fn access(rotation: u32) -> Secret {
    Secret::new(format!("access:anna:{rotation}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_refreshes_once() {
    on_both_stores(async |world| {
        let (_, grant) = linked(&world).await;
        assert_eq!(
            access_token(&world.engine, world.app, grant).await.unwrap(),
            access(1)
        );
        world.advance(1600);
        let crowd = (0..8).map(|_| another(&world, grant));
        for token in futures::future::join_all(crowd).await {
            assert_eq!(token.unwrap().unwrap(), access(2));
        }
        assert_eq!(world.platform.calls(), ["refresh refresh:anna:1"]);
    })
    .await;
}

#[tokio::test]
async fn a_refused_access_token_is_replaced_once() {
    on_both_stores(async |world| {
        let (_, grant) = linked(&world).await;
        for _ in 0..2 {
            let token = force_refresh_after_401(&world.engine, world.app, grant, &access(1)).await;
            assert_eq!(token.unwrap(), access(2));
        }
        assert_eq!(
            world.platform.calls().len(),
            1,
            "the second finds what the first stored"
        );
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_token() {
    on_both_stores(async |world| {
        let (_, grant) = linked(&world).await;
        world.platform.be_graceful();
        world.platform.fail([Fault::AnswerLost]);
        world.advance(1800);
        assert_eq!(
            access_token(&world.engine, world.app, grant).await.unwrap(),
            access(2)
        );
        assert_eq!(world.platform.calls(), ["refresh refresh:anna:1"; 2]);
        assert_eq!(attempt(&world, grant).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_crash_after_the_rotation_costs_nothing_within_the_grace() {
    on_both_stores(async |world| {
        let (_, id) = linked(&world).await;
        world.platform.be_graceful();
        let mut tx = world.write().await;
        let begun = Attempt {
            generation: grant(&world, id).await.generation,
            started_at: world.engine.now(),
        };
        ledgerline_store::grants::note_attempt(&mut tx, world.app, id, begun)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.platform.rotate("anna");
        world.advance(1800);
        assert_eq!(
            access_token(&world.engine, world.app, id).await.unwrap(),
            access(2)
        );
        assert_eq!(attempt(&world, id).await, None);
    })
    .await;
}

#[tokio::test]
async fn without_grace_a_lost_answer_ends_the_consent_with_its_reason() {
    on_both_stores(async |world| {
        let (connection, grant) = linked(&world).await;
        world.platform.fail([Fault::AnswerLost]);
        world.advance(1800);
        let error = access_token(&world.engine, world.app, grant).await.unwrap_err();
        assert!(
            matches!(&error, Error::NeedsReauth(reason) if reason.contains("answer was lost")),
            "{error}"
        );
        let connection = world.connection(connection.id).await;
        assert_eq!(connection.state, ConnectionState::NeedsReauth);
        assert!(connection.errors[0].message.contains("answer was lost"));
    })
    .await;
}

#[tokio::test]
async fn an_outage_disconnects_nobody() {
    on_both_stores(async |world| {
        let (connection, id) = linked(&world).await;
        world.advance(1800);
        world.platform.fail([Fault::Away]);
        let error = access_token(&world.engine, world.app, id).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }));
        assert_eq!(attempt(&world, id).await, None, "the token was never presented");
        world.platform.be_graceful();
        world.platform.fail([Fault::AnswerLost; 3]);
        let error = access_token(&world.engine, world.app, id).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }));
        assert!(
            attempt(&world, id).await.is_some(),
            "the token may have been rotated"
        );
        assert_eq!(
            world.connection(connection.id).await.state,
            ConnectionState::Linked
        );
        assert_eq!(
            access_token(&world.engine, world.app, id).await.unwrap(),
            access(2)
        );
    })
    .await;
}

#[tokio::test]
async fn a_lost_consent_takes_all_its_connections_and_a_new_one_brings_them_back() {
    on_both_stores(async |world| {
        let (one, first) = world.linked("anna:kern+rath").await;
        let (two, second) = world.linked("anna:rath+kern").await;
        assert_eq!(first.grant, second.grant, "one person, one grant");
        world.run_jobs().await;
        world.advance(1800);
        world.platform.fail([Fault::Refused]);
        let refused = access_token(&world.engine, world.app, first.grant.unwrap()).await;
        assert!(matches!(refused, Err(Error::NeedsReauth(_))));
        for (company, connection) in [(&one, &first), (&two, &second)] {
            assert_eq!(
                world.connection(connection.id).await.state,
                ConnectionState::NeedsReauth
            );
            assert_eq!(
                world.event_names(company).await.last(),
                Some(&"connection.disconnected")
            );
        }
        world.consent(&first, "anna:kern+rath").await;
        for (company, connection) in [(&one, &first), (&two, &second)] {
            assert_eq!(
                world.connection(connection.id).await.state,
                ConnectionState::Linked
            );
            assert_eq!(
                world.event_names(company).await.last(),
                Some(&"connection.reconnected")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_consent_that_leaves_an_organisation_out_ends_that_one() {
    on_both_stores(async |world| {
        let (_, first) = world.linked("anna:kern").await;
        let (_, second) = world.linked("anna:rath+kern").await;
        let third = world.company(Environment::Test).await;
        assert!(matches!(
            world.consent(&third, "anna:moos+rath").await,
            Outcome::Linked { .. }
        ));
        assert_eq!(
            world.connection(first.id).await.state,
            ConnectionState::NeedsReauth
        );
        assert_eq!(world.connection(second.id).await.state, ConnectionState::Linked);
    })
    .await;
}

#[tokio::test]
async fn the_last_connection_revokes_the_others_are_removed() {
    on_both_stores(async |world| {
        let (one, first) = world.linked("anna:kern").await;
        let (two, second) = world.linked("anna:rath+kern").await;
        world.run_jobs().await;
        world.unlink(&one, first.id).await;
        world.run_jobs().await;
        assert_eq!(world.platform.calls(), ["remove kern"]);
        let id = second.grant.unwrap();
        assert_eq!(grant(&world, id).await.state, State::Active);
        world.unlink(&two, second.id).await;
        assert_eq!(
            world.event_names(&two).await.last(),
            Some(&"connection.disconnected"),
            "told at once"
        );
        world.run_jobs().await;
        assert_eq!(world.platform.calls(), ["revoke refresh:anna:2"]);
        let cut = grant(&world, id).await;
        assert_eq!((cut.state, cut.tokens), (State::Revoked, None));
        assert!(matches!(
            access_token(&world.engine, world.app, id).await,
            Err(Error::Cut)
        ));
    })
    .await;
}

#[tokio::test]
async fn tokens_are_destroyed_after_a_day_whatever_the_platform_says() {
    on_both_stores(async |world| {
        let (company, connection) = world.linked("anna:kern").await;
        world.run_jobs().await;
        let id = connection.grant.unwrap();
        world.unlink(&company, connection.id).await;
        world.platform.fail([Fault::Away; 100]);
        for _ in 0..12 {
            world.run_jobs().await;
            assert_eq!(grant(&world, id).await.state, State::Revoking);
            assert!(matches!(
                access_token(&world.engine, world.app, id).await,
                Err(Error::Cut)
            ));
            world.advance(7200);
        }
        world.run_jobs().await;
        assert_eq!(grant(&world, id).await.state, State::Revoked);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_company_takes_its_consent_with_it() {
    on_both_stores(async |world| {
        let (company, connection) = world.linked("anna:kern").await;
        let mut tx = world.write().await;
        let deleted =
            crate::companies::delete(&world.engine, &mut tx, world.app, Environment::Test, company.id).await;
        assert!(deleted.unwrap());
        tx.commit().await.unwrap();
        world.run_jobs().await;
        assert!(
            world
                .platform
                .calls()
                .contains(&"revoke refresh:anna:1".to_owned())
        );
        assert_eq!(grant(&world, connection.grant.unwrap()).await.tokens, None);
        let names = world.event_names(&company).await;
        assert_eq!(
            names[names.len() - 2..],
            ["connection.deleted", "company.deleted"]
        );
    })
    .await;
}

/// The lease ends, somebody else refreshes, and then the first answer comes after all: both rotated.
#[tokio::test]
async fn tokens_that_come_too_late_are_kept_until_the_others_are_refused() {
    on_both_stores(async |world| {
        let (connection, id) = linked(&world).await;
        world.platform.be_graceful();
        world.advance(1800);
        let (hang, slow) = slow_refresh(&world, id).await;
        let others = Tokens {
            access: Secret::new("access:anna:0"),
            refresh: Secret::new("refresh:anna:0"),
            expires_at: world.engine.now() + jiff::SignedDuration::from_mins(30),
        };
        let mut tx = world.write().await;
        ledgerline_store::grants::renew(&mut tx, world.app, id, &others, world.engine.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        hang.go.notify_one();
        assert_eq!(
            slow.await.unwrap().unwrap(),
            others.access,
            "what is stored counts"
        );
        // The platform refuses what is stored: refresh:anna:0 was never the last.
        world.advance(1800);
        let token = access_token(&world.engine, world.app, id).await;
        assert_eq!(
            token.unwrap(),
            access(3),
            "the token that came too late was presented"
        );
        assert_eq!(
            world.connection(connection.id).await.state,
            ConnectionState::Linked
        );
        let mut tx = world.write().await;
        let left = ledgerline_store::grants::take_candidate(&mut tx, world.app, id).await;
        assert_eq!(left.unwrap(), None);
    })
    .await;
}

/// Whoever dies while the platform is asked keeps the others waiting for a minute from then on, not longer.
#[tokio::test]
async fn each_presentation_keeps_the_lease_for_a_minute() {
    on_both_stores(async |world| {
        let (_, id) = linked(&world).await;
        world.platform.be_graceful();
        world.platform.fail([Fault::AnswerLost]);
        world.advance(1800);
        let (hang, slow) = slow_refresh(&world, id).await;
        let again = world.platform.hang();
        world.advance(40);
        assert!(!is_free(&world, id, 19).await);
        assert!(is_free(&world, id, 20).await);
        hang.go.notify_one();
        again.begun.notified().await;
        assert!(!is_free(&world, id, 59).await);
        assert!(is_free(&world, id, 60).await);
        again.go.notify_one();
        assert_eq!(slow.await.unwrap().unwrap(), access(2));
        assert!(is_free(&world, id, 0).await);
    })
    .await;
}

/// Somebody has taken the lease over while the platform was asked: the token is not presented again.
#[tokio::test]
async fn who_was_overtaken_leaves_it_to_the_other() {
    on_both_stores(async |world| {
        let (_, id) = linked(&world).await;
        world.platform.be_graceful();
        world.platform.fail([Fault::AnswerLost]);
        world.advance(1800);
        let (hang, slow) = slow_refresh(&world, id).await;
        world.advance(60);
        let token = access_token(&world.engine, world.app, id).await;
        assert_eq!(token.unwrap(), access(2), "of the one who was quicker");
        hang.go.notify_one();
        assert_eq!(slow.await.unwrap().unwrap(), access(2));
        assert_eq!(world.platform.calls(), ["refresh refresh:anna:1"; 2]);
    })
    .await;
}

/// Whether another could refresh in so many seconds.
async fn is_free(world: &World, id: GrantId, seconds: i64) -> bool {
    let then = world.engine.real_now() + jiff::SignedDuration::from_secs(seconds);
    let mut tx = world.write().await;
    // Undone: it is only looked.
    let leased = ledgerline_store::grants::lease(&mut tx, world.app, id, then, then).await;
    leased.unwrap().is_some()
}

/// Refused are the tokens of before; by then newer ones are stored, which work.
#[tokio::test]
async fn a_refusal_counts_only_after_reading_again() {
    on_both_stores(async |world| {
        let (connection, id) = linked(&world).await;
        world.advance(1800);
        world.platform.fail([Fault::Refused]);
        let (hang, slow) = slow_refresh(&world, id).await;
        let newer = Tokens {
            access: Secret::new("access:anna:1"),
            refresh: Secret::new("refresh:anna:1"),
            expires_at: world.engine.now() + jiff::SignedDuration::from_mins(30),
        };
        let mut tx = world.write().await;
        ledgerline_store::grants::renew(&mut tx, world.app, id, &newer, world.engine.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        hang.go.notify_one();
        assert_eq!(slow.await.unwrap().unwrap(), newer.access);
        assert_eq!(
            world.connection(connection.id).await.state,
            ConnectionState::Linked
        );
    })
    .await;
}
