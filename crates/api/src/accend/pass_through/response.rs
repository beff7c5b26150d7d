use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ledgerline_platform::http::Answer;
use serde_json::value::RawValue;

/// The type of the answer, and the answer.
pub fn of(answer: &Answer, wants_bytes: bool) -> Result<(&'static str, Box<RawValue>), serde_json::Error> {
    if wants_bytes {
        return bytes(answer);
    }
    let Ok(text) = std::str::from_utf8(&answer.body) else {
        return bytes(answer);
    };
    if text.trim().is_empty() {
        return Ok(("JSON", serde_json::value::to_raw_value(&())?));
    }
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        return Ok(("JSON", RawValue::from_string(with_safe_numbers(text.trim()))?));
    }
    Ok(("TEXT", serde_json::value::to_raw_value(text)?))
}

fn bytes(answer: &Answer) -> Result<(&'static str, Box<RawValue>), serde_json::Error> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packed
        .write_all(&answer.body)
        .and_then(|()| packed.finish())
        .map_err(serde_json::Error::io)?;
    Ok((
        "BASE64_GZIP",
        serde_json::value::to_raw_value(&STANDARD.encode(packed))?,
    ))
}

/// Valid JSON with each number in quotes that a reader of doubles would round; all else byte for byte.
fn with_safe_numbers(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        let (before, token) = rest.split_at(start);
        safe.push_str(before);
        let end = if token.starts_with('"') {
            end_of_string(token)
        } else {
            token
                .find(|character: char| !matches!(character, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
                .unwrap_or(token.len())
        };
        let (token, after) = token.split_at(end);
        if token.starts_with('"') || is_safe(token) {
            safe.push_str(token);
        } else {
            safe.push('"');
            safe.push_str(token);
            safe.push('"');
        }
        rest = after;
    }
    safe.push_str(rest);
    safe
}

fn end_of_string(token: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in token.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    token.len()
}

/// The largest integer below which doubles hold every one.
const LARGEST: u64 = (1 << 53) - 1;
/// So many significant digits survive a double and back.
const DIGITS: usize = 15;

fn is_safe(number: &str) -> bool {
    let magnitude = number.trim_start_matches('-');
    if magnitude.bytes().all(|byte| byte.is_ascii_digit()) {
        return magnitude.parse::<u64>().is_ok_and(|integer| integer <= LARGEST);
    }
    let (mantissa, exponent) = magnitude
        .split_once(['e', 'E'])
        .map_or((magnitude, 0), |(mantissa, exponent)| {
            (mantissa, exponent.parse::<i32>().unwrap_or(i32::MAX))
        });
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len() <= DIGITS && exponent.unsigned_abs() <= 290
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn answer(body: &[u8]) -> Answer {
        Answer {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: body.to_vec().into(),
        }
    }

    fn told(body: &str) -> (&'static str, String) {
        let (kind, response) = of(&answer(body.as_bytes()), false).unwrap();
        (kind, response.get().to_owned())
    }

    #[test]
    fn json_stays_as_it_was_but_for_numbers_that_would_be_rounded() {
        for (sent, expected) in [
            (r#"{"Total": 42.40, "Name":"12345678901234567890"}"#, None),
            (r#"[0,-1,9007199254740991,1e5,0.000000000000000123]"#, None),
            (r#"{"a\"1":"\\","b":[1.10]}"#, None),
            ("9007199254740992", Some(r#""9007199254740992""#)),
            (
                r#"{"n":-12345678901234567890,"d":1234567890123.4567}"#,
                Some(r#"{"n":"-12345678901234567890","d":"1234567890123.4567"}"#),
            ),
            ("[1e400]", Some(r#"["1e400"]"#)),
        ] {
            assert_eq!(told(sent), ("JSON", expected.unwrap_or(sent).to_owned()));
        }
        assert_eq!(told(" \n"), ("JSON", "null".to_owned()));
    }

    #[test]
    fn what_is_no_json_is_text_or_bytes() {
        assert_eq!(told("<a>\"</a>"), ("TEXT", r#""<a>\"</a>""#.to_owned()));
        assert_eq!(told("{"), ("TEXT", r#""{""#.to_owned()));
        let (kind, response) = of(&answer(b"%PDF\xff\x00"), false).unwrap();
        assert_eq!(kind, "BASE64_GZIP");
        let packed = STANDARD.decode(response.get().trim_matches('"')).unwrap();
        let mut unpacked = Vec::new();
        GzDecoder::new(packed.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, b"%PDF\xff\x00");
        assert_eq!(of(&answer(b"{}"), true).unwrap().0, "BASE64_GZIP");
    }
}
