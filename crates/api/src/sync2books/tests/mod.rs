/// Companies, where they connect their books, and their connections.
mod companies;
/// Lists that expenses are booked by.
mod references;
/// Everything that is refused, and in which shape; limits and signatures.
mod refusals;
/// Who is told.
mod targets;

use serde_json::Value;

use crate::testing::{Answer, World};

const BASE: &str = "/v1";

impl Answer {
    /// The `message` of a refusal, which has to have the dialect's shape; of fields, the messages one after the other.
    fn message(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let body = self.json();
        assert_eq!(body["statusCode"], status);
        assert_eq!(body["error"], self.status.canonical_reason().unwrap());
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
        match &body["message"] {
            Value::Array(messages) => messages.iter().map(text).collect::<Vec<_>>().join(" | "),
            message => text(message),
        }
    }
}

impl World {
    /// A company that was made through this dialect; its id.
    async fn made(&self, name: &str) -> String {
        let body = serde_json::json!({ "name": name }).to_string();
        let made = self.post(&format!("{BASE}/companies"), &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        text(&made.json()["company"]["id"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}
