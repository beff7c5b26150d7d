use bytes::Bytes;
use ledgerline_model::{EventId, Ids, Secret, Timestamp};
use standardwebhooks::Webhook;

/// The aliases are for receivers that use Svix' own libraries.
const HEADERS: [[&str; 2]; 3] = [
    ["webhook-id", "svix-id"],
    ["webhook-timestamp", "svix-timestamp"],
    ["webhook-signature", "svix-signature"],
];

/// A fresh signing secret: `whsec_` and 32 random bytes.
pub fn mint(ids: &dyn Ids) -> Secret {
    use base64::Engine as _;
    let mut key = [0; 32];
    ids.fill(&mut key);
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    Secret::new(format!("whsec_{key}"))
}

/// The request that tells an event. Its id is the same at every attempt; `at` is real time, since
/// receivers refuse what is older or newer than five minutes.
pub(super) fn sign(
    url: &str,
    secret: &Secret,
    event: EventId,
    at: Timestamp,
    body: String,
) -> Result<http::Request<Bytes>, String> {
    let id = format!("msg_{}", event.0.simple());
    let seconds = at.as_second();
    let signature = Webhook::new(secret.expose())
        .and_then(|webhook| webhook.sign(&id, seconds, body.as_bytes()))
        .map_err(|_| "the delivery could not be signed".to_owned())?;
    let mut request = http::Request::post(url).header("content-type", "application/json");
    for (names, value) in HEADERS.iter().zip([id, seconds.to_string(), signature]) {
        for name in names {
            request = request.header(*name, &value);
        }
    }
    request
        .body(Bytes::from(body))
        .map_err(|_| "the address is not valid".into())
}
