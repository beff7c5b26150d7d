use std::time::Duration;

use ledgerline_store::{feed_reads, runs};

use crate::world::World;

/// A page for people instead of an answer: the read waits, nothing is deleted, and the operator can see what came.
#[tokio::test]
async fn what_could_not_be_read_is_kept_for_the_operator_without_secrets() {
    let world = World::new().await;
    let linked = world.codat().linked("Kern", 5).await;
    let page = format!(
        "<html>Sign in again: access_token=abc.def {}</html>",
        "x".repeat(100_000)
    );
    let length = page.len() as u64;
    world.tamper.with(move |path, answer| {
        if path.ends_with("/Items") {
            answer
                .headers_mut()
                .insert("content-type", "text/html".parse().unwrap());
            *answer.body_mut() = page.clone().into();
        }
    });
    world.run_jobs().await;
    let mut tx = world.engine.store.read().await.unwrap();
    let company = linked.company.parse().unwrap();
    let run = runs::latest_of_company(&mut tx, world.app, company, 1)
        .await
        .unwrap();
    let answers = feed_reads::bad_answers(&mut tx, world.app, run[0].id)
        .await
        .unwrap();
    drop(tx);
    let [(feed, _, answer)] = answers.as_slice() else {
        panic!("{} answers", answers.len());
    };
    assert_eq!(feed, "Items");
    assert_eq!((answer.status, answer.length), (200, length));
    assert_eq!(answer.content_type.as_deref(), Some("text/html"));
    assert!(answer.body.len() < 17_000);
    assert!(
        answer
            .body
            .starts_with("<html>Sign in again: access_token=[redacted] xxx"),
        "{}",
        &answer.body[..80]
    );
    world.tamper.stop();
    world.advance(Duration::from_secs(600));
    world.run_jobs().await;
    world.end().await;
}
