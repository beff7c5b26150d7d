use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// RFC 3986 §2.3: everything else is encoded.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Fill an app's redirect template. Reserved words come from `known`; any other `{word}` is copied from
/// the query string of the opened link, empty where that has none.
///
/// A host that the template itself spells is trusted; one that a parameter names has to be in
/// `allowed_hosts`. `None`: nothing that a browser should be sent to.
pub(super) fn fill(
    template: &str,
    known: &BTreeMap<&str, String>,
    query: &str,
    allowed_hosts: &[String],
) -> Option<Url> {
    let (origin, rest) = split(template);
    let dynamic = origin.contains('{');
    let raw = |word: &str| value(word, known, query);
    // What a parameter says of scheme and host is taken as it is, and judged after parsing.
    let origin = substitute(origin, &raw);
    let encoded = |word: &str| utf8_percent_encode(&value(word, known, query), VALUE).to_string();
    let url = Url::parse(&format!("{origin}{}", substitute(rest, &encoded))).ok()?;
    let web = matches!(url.scheme(), "https" | "http");
    let plain = url.username().is_empty() && url.password().is_none();
    let host = url.host_str()?;
    let trusted = if dynamic {
        allowed_hosts.iter().any(|allowed| is_host(allowed, host))
    } else {
        true
    };
    (web && plain && trusted).then_some(url)
}

/// Scheme and authority, and what follows them. A template that starts with a parameter may get all of
/// its address from it.
fn split(template: &str) -> (&str, &str) {
    let authority = match template.find("://") {
        Some(at) => at + 3,
        None => return (template, ""),
    };
    let end = template[authority..]
        .find(['/', '?', '#', '\\'])
        .map_or(template.len(), |at| authority + at);
    template.split_at(end)
}

fn substitute(text: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((word, after)) => {
                filled.push_str(&value(word));
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn value(word: &str, known: &BTreeMap<&str, String>, query: &str) -> String {
    if let Some(value) = known.get(word) {
        return value.clone();
    }
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == word)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Entries of the list are hosts, or addresses of which the host counts.
fn is_host(allowed: &str, host: &str) -> bool {
    let allowed = allowed.trim();
    match Url::parse(allowed) {
        Ok(url) if url.has_host() => url.host_str() == Some(host),
        _ => allowed.trim_end_matches('/').eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill_with(template: &str, query: &str, allowed: &[&str]) -> Option<String> {
        let known = BTreeMap::from([
            ("companyId", "c-1".to_owned()),
            ("statusCode", "403".to_owned()),
            ("errorMessage", "User cancelled. <b>&".to_owned()),
        ]);
        let allowed: Vec<_> = allowed.iter().map(|host| (*host).to_owned()).collect();
        fill(template, &known, query, &allowed).map(Into::into)
    }

    #[test]
    fn reserved_words_and_own_parameters_are_filled_in() {
        assert_eq!(
            fill_with(
                "https://app.example/done/{companyId}?code={statusCode}&why={errorMessage}&user={user}&gone={none}",
                "user=a%26b&companyId=forged",
                &[]
            )
            .as_deref(),
            Some("https://app.example/done/c-1?code=403&why=User%20cancelled.%20%3Cb%3E%26&user=a%26b&gone=")
        );
    }

    #[test]
    fn a_parameter_cannot_leave_its_place() {
        assert_eq!(
            fill_with("https://app.example/{next}", "next=//evil.example/", &[]).as_deref(),
            Some("https://app.example/%2F%2Fevil.example%2F")
        );
        assert_eq!(
            fill_with("https://app.example?x={next}", "next=%23y", &[]).as_deref(),
            Some("https://app.example/?x=%23y")
        );
    }

    #[test]
    fn hosts_from_parameters_have_to_be_allowed() {
        let allowed = &["eu.app.example", "https://us.app.example/"];
        let fill = |query| fill_with("https://{host}/done", query, allowed);
        assert_eq!(
            fill("host=eu.app.example").as_deref(),
            Some("https://eu.app.example/done")
        );
        assert_eq!(
            fill("host=us.app.example").as_deref(),
            Some("https://us.app.example/done")
        );
        for bad in [
            "host=evil.example",
            "host=eu.app.example.evil.example",
            "host=eu.app.example@evil.example",
            "host=x@eu.app.example",
            "host=evil.example%23eu.app.example",
            "host=evil.example%5Ceu.app.example",
            "",
        ] {
            assert_eq!(fill(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_whole_address_from_a_parameter_is_judged_the_same() {
        let fill = |query| fill_with("{returnUrl}", query, &["app.example"]);
        assert_eq!(
            fill("returnUrl=https://app.example/a?b=c").as_deref(),
            Some("https://app.example/a?b=c")
        );
        for bad in [
            "returnUrl=javascript:alert(1)",
            "returnUrl=//app.example",
            "returnUrl=data:text/html,x",
            "returnUrl=https://evil.example",
        ] {
            assert_eq!(fill(bad), None, "{bad}");
        }
        assert_eq!(fill_with("javascript:alert(1)", "", &["app.example"]), None);
        assert_eq!(fill_with("not a url {companyId}", "", &[]), None);
    }
}
