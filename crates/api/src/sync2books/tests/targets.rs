use serde_json::json;

use super::{BASE, text};
use crate::testing::World;

#[tokio::test]
async fn webhooks_are_made_listed_and_deleted() {
    let world = World::new().await;
    let path = format!("{BASE}/webhooks");
    let made = world
        .post(
            &path,
            r#"{"url":"https://hooks.example/in","event_types":["connection.error"]}"#,
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert!(text(&made["secret"]).starts_with("whsec_"));
    assert_eq!(made["event_types"], json!(["connection.error"]));
    world
        .post(
            "/webhooks",
            r#"{"url":"https://hooks.example/codat","eventTypes":["read.completed"]}"#,
        )
        .await;
    let listed = world.get(&path).await.json();
    assert_eq!(listed["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(listed["webhooks"][0]["id"], made["id"]);
    assert_eq!(listed["webhooks"][0].get("secret"), None);
    let all = world
        .post(&path, r#"{"url":"https://hooks.example/all"}"#)
        .await
        .json();
    assert!(
        all["event_types"]
            .as_array()
            .unwrap()
            .contains(&json!("connection.connected"))
    );
    for (body, expected) in [
        (r#"{"url":"ftp://x"}"#, "url "),
        (
            r#"{"url":"https://hooks.example","event_types":["read.completed"]}"#,
            "event_types there is no event `read.completed`; there are connection.created",
        ),
        (r#"{"url":5}"#, "The field `url`"),
        ("{}", "The body is not valid: missing field `url`"),
    ] {
        let refused = world.post(&path, body).await.message(400);
        assert!(refused.starts_with(expected), "{refused}");
    }
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(world.send("DELETE", &one, "").await.status, 204);
    assert!(
        world
            .send("DELETE", &one, "")
            .await
            .message(404)
            .starts_with("Webhook with ID")
    );
}
