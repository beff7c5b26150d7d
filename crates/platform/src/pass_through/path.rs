use std::fmt;
use std::str::FromStr;

/// A path that stays below whatever it is appended to: `/Invoices`, `/Invoices/243216c5/Attachments`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelativePath(String);

/// Why a path cannot be appended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    #[error("it is longer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("it has to begin with `/` and be relative to the platform's base address: no scheme, no host")]
    NotRelative,
    #[error("it holds `?` or `#`: parameters stand in `query`")]
    HasQuery,
    #[error("it has an empty segment: `//`")]
    EmptySegment,
    #[error("it has a segment `.` or `..`, written out or encoded")]
    DotSegment,
    #[error("it holds a character that has no place in a path")]
    BadCharacter,
    #[error(
        "it holds an encoded character that would mean something in a path: `/`, `\\`, `%`, `?`, `#`, `@` or a control character"
    )]
    BadEncoding,
    #[error("it leads elsewhere")]
    Outside,
}

const MAX_LENGTH: usize = 2000;

impl FromStr for RelativePath {
    type Err = Unfit;

    fn from_str(text: &str) -> Result<Self, Unfit> {
        if text.len() > MAX_LENGTH {
            return Err(Unfit::TooLong);
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(Unfit::NotRelative);
        };
        if rest.is_empty() {
            return Ok(Self(text.to_owned()));
        }
        for segment in rest.split('/') {
            check(segment)?;
        }
        Ok(Self(text.to_owned()))
    }
}

/// One segment, by the characters of RFC 3986 §3.3 without `@` and `:`-led schemes, and by what it decodes to.
fn check(segment: &str) -> Result<(), Unfit> {
    if segment.is_empty() {
        return Err(Unfit::EmptySegment);
    }
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        match byte {
            b'?' | b'#' => return Err(Unfit::HasQuery),
            b'%' => {
                decoded.push(unescape(bytes.get(index + 1..index + 3))?);
                index += 2;
            }
            _ if is_plain(byte) => decoded.push(byte),
            _ => return Err(Unfit::BadCharacter),
        }
        index += 1;
    }
    // Some servers cut parameters off a segment before they resolve it: `..;x`.
    let bare = decoded.split(|byte| *byte == b';').next().unwrap_or_default();
    if matches!(bare, b"." | b"..") {
        return Err(Unfit::DotSegment);
    }
    Ok(())
}

/// Of two hexadecimal digits; encoded once and once only.
fn unescape(digits: Option<&[u8]>) -> Result<u8, Unfit> {
    let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    match byte {
        None | Some(b'/' | b'\\' | b'%' | b'?' | b'#' | b'@' | 0..=0x1f | 0x7f) => Err(Unfit::BadEncoding),
        Some(byte) => Ok(byte),
    }
}

/// Unreserved characters and the delimiters that have no meaning to the parser of an address.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
        )
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use url::Url;

    use super::super::{Request, header};
    use super::*;

    fn request(path: &str) -> Result<Request, Unfit> {
        Ok(Request {
            method: Method::GET,
            path: path.parse()?,
            query: vec![("where".to_owned(), "Name==\"A&B\"#/../x".to_owned())],
            headers: HeaderMap::new(),
            body: Default::default(),
        })
    }

    #[test]
    fn honest_paths_stay_as_they_are_below_the_base() {
        let base = Url::parse("https://api.example/api.xro/2.0").unwrap();
        for path in [
            "/Invoices",
            "/Invoices/243216c5-369e-4056-ac67-05388f86dc81/Attachments",
            "/Reports/BalanceSheet",
            "/Items/A%20B",
            "/v3/company/9130/query",
            "/...",
            "/a..b",
            "/.hidden",
            "/",
        ] {
            let url = request(path).unwrap().url(&base).unwrap();
            assert_eq!(url.path(), format!("/api.xro/2.0{path}"));
            assert_eq!(url.host_str(), Some("api.example"));
            assert_eq!(url.query_pairs().count(), 1);
            assert_eq!(url.fragment(), None);
        }
    }

    #[test]
    fn every_escape_is_refused() {
        for (path, expected) in [
            ("", Unfit::NotRelative),
            ("Invoices", Unfit::NotRelative),
            ("https://evil.example/", Unfit::NotRelative),
            ("//evil.example/x", Unfit::EmptySegment),
            ("///evil.example", Unfit::EmptySegment),
            ("/Invoices//x", Unfit::EmptySegment),
            ("/Invoices/", Unfit::EmptySegment),
            ("/..", Unfit::DotSegment),
            ("/../connections", Unfit::DotSegment),
            ("/Invoices/../../connections", Unfit::DotSegment),
            ("/./Invoices", Unfit::DotSegment),
            ("/%2e%2e/connections", Unfit::DotSegment),
            ("/%2E./connections", Unfit::DotSegment),
            ("/.%2e/connections", Unfit::DotSegment),
            ("/..;a=b/connections", Unfit::DotSegment),
            ("/%252e%252e/connections", Unfit::BadEncoding),
            ("/..%2fconnections", Unfit::BadEncoding),
            ("/..%5cconnections", Unfit::BadEncoding),
            ("/a%2f..%2fb", Unfit::BadEncoding),
            ("/a%00b", Unfit::BadEncoding),
            ("/a%0d%0aHost:evil", Unfit::BadEncoding),
            ("/a%", Unfit::BadEncoding),
            ("/a%2", Unfit::BadEncoding),
            ("/a%zz", Unfit::BadEncoding),
            ("/a%40b", Unfit::BadEncoding),
            ("/\\evil.example", Unfit::BadCharacter),
            ("/..\\connections", Unfit::BadCharacter),
            ("\\\\evil.example", Unfit::NotRelative),
            ("@evil.example", Unfit::NotRelative),
            ("/@evil.example", Unfit::BadCharacter),
            ("/user:pass@evil.example", Unfit::BadCharacter),
            ("/a\r\nHost: evil", Unfit::BadCharacter),
            ("/a b", Unfit::BadCharacter),
            ("/\tevil", Unfit::BadCharacter),
            ("/ä", Unfit::BadCharacter),
            ("/a\u{0}", Unfit::BadCharacter),
            ("/\u{ff0e}\u{ff0e}/x", Unfit::BadCharacter),
            ("/Invoices?summaryOnly=true", Unfit::HasQuery),
            ("/Invoices#x", Unfit::HasQuery),
            (&format!("/{}", "x".repeat(2000)), Unfit::TooLong),
        ] {
            assert_eq!(request(path).unwrap_err(), expected, "{path}");
        }
    }

    #[test]
    fn no_path_of_any_bytes_leaves_the_base() {
        let base = Url::parse("http://127.0.0.1:8081/xero/api.xro/2.0").unwrap();
        let alphabet = [
            "/",
            "..",
            ".",
            "%2e",
            "%2f",
            "%5c",
            "\\",
            "@",
            ":",
            "evil.example",
            "?",
            "#",
            ";",
            "a",
            "%25",
            "\r\n",
        ];
        let mut state = 7_u64;
        for _ in 0..200_000 {
            let mut path = "/".to_owned();
            for _ in 0..6 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                path.push_str(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]);
            }
            let Ok(request) = request(&path) else { continue };
            let url = request.url(&base).unwrap();
            assert_eq!(url.path(), format!("/xero/api.xro/2.0{path}"));
            assert_eq!(url.origin(), base.origin());
        }
    }

    #[test]
    fn few_headers_pass() {
        assert!(header("If-Modified-Since", "Tue, 01 Jan 2027 00:00:00 GMT").is_some());
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("Host", "evil.example"),
            ("Cookie", "a=b"),
            ("Xero-Tenant-Id", "other"),
            ("Content-Length", "0"),
            ("Transfer-Encoding", "chunked"),
            ("X-Forwarded-Host", "evil.example"),
            ("Accept", "a\r\nHost: evil.example"),
            ("Accept\r\nHost", "x"),
            ("", ""),
        ] {
            assert!(header(name, value).is_none(), "{name}");
        }
    }
}
