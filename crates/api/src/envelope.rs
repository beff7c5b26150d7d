use ledgerline_model::Timestamp;
use ledgerline_model::event::Event;
use serde::Serialize;

/// The body of a webhook in the dialects whose vendors say nothing of one: `id`, `type`, `created_at`, `api_version`,
/// `data`.
pub fn write(event: &Event, kind: &str, data: impl Serialize) -> Option<String> {
    let envelope = Envelope {
        id: format!("evt_{}", event.id.0.simple()),
        kind,
        created_at: event.at,
        api_version: "v1",
        data,
    };
    serde_json::to_string(&envelope).ok()
}

#[derive(Serialize)]
struct Envelope<'a, D> {
    id: String,
    #[serde(rename = "type")]
    kind: &'a str,
    created_at: Timestamp,
    api_version: &'static str,
    data: D,
}
