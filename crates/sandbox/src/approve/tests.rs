use super::html::{Form, forms, links, meta, text};
use super::*;

#[test]
fn form_is_read_as_a_browser_would() {
    let page = r#"<body><!-- <form action="/no"> --><form method="POST" action="/go?a=1&amp;b=2">
        <input type=hidden name="state" value="x&quot;y"><input name='free' value=''><input type="radio" name="platform" value="xero" checked>
        <input type="radio" name="platform" value="sage" disabled><select name="zone"><option value="utc">UTC</option></select>
        <button name="decision" value="allow">Allow</button><button type="button" name="help">?</button></form>
        <a href="/link/next">Next</a></body>"#;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        forms(page),
        [Form {
            action: "/go?a=1&b=2".to_owned(),
            is_post: true,
            fields: vec![pair("state", "x\"y"), pair("free", "")],
            choices: vec![pair("platform", "xero"), pair("zone", "utc")],
            buttons: vec![pair("decision", "allow")],
        }]
    );
    assert_eq!(links(page), ["/link/next"]);
}

#[test]
fn broken_pages_come_to_an_end() {
    for page in [
        "<",
        "<form",
        "<form action=",
        "<form action=\"",
        "<a ==>",
        "<!--",
        "<input ===\"'>",
        "</",
        "<meta name",
    ] {
        let _ = (forms(page), links(page), meta(page, "x"), text(page, 10));
    }
}

#[test]
fn outcome_is_what_the_page_says() {
    let page = r#"<html><head><meta content="linked" name="ledgerline:outcome"></head><body><h1>Done &amp; linked</h1></body>"#;
    assert_eq!(meta(page, "ledgerline:outcome").as_deref(), Some("linked"));
    assert_eq!(text(page, 80), "Done & linked");
}

/// A link page, a consent page and a callback, as one small site.
struct Site {
    organisations: std::sync::Mutex<Vec<String>>,
}

impl Fetch for Site {
    async fn fetch(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> anyhow::Result<http::Response<bytes::Bytes>> {
        let (head, body) = request.into_parts();
        let body = String::from_utf8(body.to_vec())?;
        let cookie = head
            .headers
            .get("cookie")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let page = |status: u16, location: &str, body: String| {
            let response = http::Response::builder()
                .status(status)
                .header("location", location);
            response
                .header("set-cookie", "session=s1; Path=/; HttpOnly")
                .body(bytes::Bytes::from(body))
        };
        Ok(match (head.method.as_str(), head.uri.path()) {
            ("GET", "/link/s/t") => page(303, "/link/session", String::new())?,
            ("GET", "/link/session") => {
                assert_eq!(cookie, "session=s1");
                let form = r#"<form method="post" action="/link/session"><button name="platform" value="xero">Xero</button></form>"#;
                page(200, "", form.to_owned())?
            }
            ("POST", "/link/session") => {
                assert_eq!(body, "platform=xero");
                page(303, "http://sandbox.test/xero/consent?state=1", String::new())?
            }
            ("GET", "/xero/consent") => {
                let offered = self.organisations.lock().expect("the organisations").clone();
                let inputs: String = offered
                    .iter()
                    .map(|id| format!("<input type='checkbox' name='organisation' value='{id}'>"))
                    .collect();
                let form = format!(
                    "<form method='post' action='/xero/consent'>{inputs}<button name='decision' value='allow'></button><button name='decision' value='refuse'></button></form>"
                );
                page(200, "", form)?
            }
            ("POST", "/_sandbox/organisations") => {
                assert!(body.contains(r#""platform":"xero""#), "{body}");
                self.organisations
                    .lock()
                    .expect("the organisations")
                    .push("o1".to_owned());
                page(201, "", "{}".to_owned())?
            }
            ("POST", "/xero/consent") if body.contains("decision=refuse") => page(
                302,
                "http://ledgerline.test/oauth/callback/xero?error=access_denied",
                String::new(),
            )?,
            ("POST", "/xero/consent") => {
                assert_eq!(body, "decision=allow&organisation=o1");
                page(
                    302,
                    "http://ledgerline.test/oauth/callback/xero?code=c",
                    String::new(),
                )?
            }
            ("GET", "/oauth/callback/xero") => {
                let outcome = if head.uri.query() == Some("code=c") {
                    "linked"
                } else {
                    "refused"
                };
                page(
                    200,
                    "",
                    format!("<meta name='ledgerline:outcome' content='{outcome}'>"),
                )?
            }
            other => panic!("nobody asks for {other:?}"),
        })
    }
}

#[tokio::test]
async fn customer_consents_or_refuses() {
    let site = Site {
        organisations: std::sync::Mutex::default(),
    };
    let link = "http://ledgerline.test/link/s/t";
    let linked = approve(&site, link, &Decision::default()).await;
    assert_eq!(linked.expect("linked"), Outcome::Linked);
    let refused = approve(
        &site,
        link,
        &Decision {
            refuse: true,
            ..Decision::default()
        },
    )
    .await;
    assert_eq!(refused.expect("refused"), Outcome::Refused);
    let other = Decision {
        organisation: Some("o2".to_owned()),
        refuse: false,
    };
    let error = approve(&site, link, &other).await.expect_err("not offered");
    assert_eq!(
        error.to_string(),
        "the consent page does not offer the organisation `o2`; it offers: o1"
    );
}
