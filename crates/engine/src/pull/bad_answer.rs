use ledgerline_model::run::FeedRead;
use ledgerline_model::{BadAnswer, Secret};
use ledgerline_platform::http::{Glimpse, Http};
use ledgerline_store::feed_reads;

use crate::{Engine, jobs};

/// Keep the beginning of what came, for the operator: the error says no more than that it could not be read.
pub(super) async fn keep(
    engine: &Engine,
    read: &FeedRead,
    http: &Http,
    token: &Secret,
) -> Result<(), jobs::Error> {
    let Some(seen) = http.last() else {
        return Ok(());
    };
    let mut tx = engine.store.write().await?;
    feed_reads::keep_bad_answer(&mut tx, read.app, read.id, &of(&seen, token), engine.now()).await?;
    tx.commit().await?;
    Ok(())
}

fn of(seen: &Glimpse, token: &Secret) -> BadAnswer {
    // What is no text is shown as well as can be; databases take no NUL.
    let body = String::from_utf8_lossy(&seen.body).replace('\0', "\u{fffd}");
    BadAnswer {
        status: seen.status.as_u16(),
        content_type: seen.content_type.clone(),
        body: redacted(&body, token),
        length: seen.length as u64,
    }
}

const REDACTED: &str = "[redacted]";

/// Whatever follows one of these, in whatever case, is taken for a secret.
const NAMES: [&str; 7] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "password",
    "bearer ",
    "basic ",
];

/// The text without the token, and without what looks like other secrets.
fn redacted(text: &str, token: &Secret) -> String {
    let text = match token.expose() {
        "" => text.to_owned(),
        token => text.replace(token, REDACTED),
    };
    let lower = text.to_ascii_lowercase();
    let (mut clean, mut end) = (String::with_capacity(text.len()), 0);
    while let Some(start) = NAMES
        .iter()
        .filter_map(|name| Some(lower.get(end..)?.find(name)? + end + name.len()))
        .min()
    {
        let rest = text.get(start..).unwrap_or_default();
        let is_between = |letter: char| !letter.is_ascii_alphanumeric() && !"-_.~+/[".contains(letter);
        let value = rest.len() - rest.trim_start_matches(is_between).len();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.~+/=%[]".contains(letter);
        let length = rest.get(value..).unwrap_or_default();
        let length = length.len() - length.trim_start_matches(is_part).len();
        clean.push_str(text.get(end..start + value).unwrap_or_default());
        if length > 0 {
            clean.push_str(REDACTED);
        }
        end = start + value + length;
    }
    clean.push_str(text.get(end..).unwrap_or_default());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_all_else_stays() {
        let token = Secret::new("eyJ.made-up_1");
        for (text, expected) in [
            ("<html>Busy</html>", "<html>Busy</html>"),
            ("you sent eyJ.made-up_1!", "you sent [redacted]!"),
            (
                r#"{"access_token": "abc.d-e", "expires_in":30, "Refresh_Token":"x=="}"#,
                r#"{"access_token": "[redacted]", "expires_in":30, "Refresh_Token":"[redacted]"}"#,
            ),
            (
                "Authorization: Bearer abc, ok",
                "Authorization: Bearer [redacted], ok",
            ),
            ("Bearer eyJ.made-up_1 x", "Bearer [redacted] x"),
            ("a=1&password=p%20q", "a=1&password=[redacted]"),
            ("password", "password"),
            (
                "\u{130}access_token:\u{e9}abc",
                "\u{130}access_token:\u{e9}[redacted]",
            ),
        ] {
            assert_eq!(redacted(text, &token), expected, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_well_as_can_be() {
        let seen = Glimpse {
            status: http::StatusCode::OK,
            content_type: Some("text/html".to_owned()),
            body: bytes::Bytes::from_static(b"a\0b\xff"),
            length: 70_000,
        };
        let answer = of(&seen, &Secret::new("t"));
        assert_eq!(answer.body, "a\u{fffd}b\u{fffd}");
        assert_eq!((answer.status, answer.length), (200, 70_000));
    }
}
