use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::generate::{self, Wish};
use crate::organisation::About;
use crate::{Limits, Organisation, Sandbox, SandboxClock};

pub(super) const REDIRECT: &str = "http://app.test/oauth/callback/xero?tenant=a%20b";
pub(super) const SCOPE: &str = "openid offline_access accounting.transactions accounting.settings bankfeeds";

pub(super) struct World {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) organisation: Arc<Organisation>,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What the token endpoint gave.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(Limits::Off, 40)
    }

    pub(super) fn with(limits: Limits, invoices: usize) -> Self {
        let sandbox = Sandbox::new(SandboxClock::frozen("2026-03-15T10:00:30Z".parse().unwrap()));
        let organisation = add(&sandbox, limits, invoices, 5, Uuid::from_u128(1));
        Self {
            sandbox,
            organisation,
        }
    }

    pub(super) fn advance(&self, minutes: u64) {
        self.sandbox.clock.advance(Duration::from_secs(minutes * 60));
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = crate::xero::router(self.sandbox.clone())
            .oneshot(request)
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map(|body| body.to_bytes().to_vec())
            .unwrap_or_default();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    pub(super) async fn form(&self, path: &str, fields: &[(&str, &str)], basic: Option<&str>) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(pair) = basic {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
        }
        self.send(request.body(Body::from(body.finish())).unwrap()).await
    }

    /// Consent on the page, and bring back the code.
    pub(super) async fn consent(&self, challenge: Option<&str>) -> String {
        let id = self.organisation.id.to_string();
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", "sandbox-client"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPE),
            ("state", "state & all"),
            ("organisation", &id),
            ("decision", "allow"),
        ];
        if let Some(challenge) = challenge {
            fields.extend([("code_challenge", challenge), ("code_challenge_method", "S256")]);
        }
        let answer = self.form("/xero/identity/connect/authorize", &fields, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let location = url::Url::parse(answer.headers[header::LOCATION].to_str().unwrap()).unwrap();
        let pair = |wanted: &str| {
            location
                .query_pairs()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
                .unwrap()
        };
        assert_eq!(
            (pair("tenant").as_str(), pair("state").as_str()),
            ("a b", "state & all")
        );
        pair("code")
    }

    pub(super) async fn redeem(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
        ];
        self.form(
            "/xero/identity/connect/token",
            &fields,
            Some("sandbox-client:sandbox-secret"),
        )
        .await
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form(
            "/xero/identity/connect/token",
            &fields,
            Some("sandbox-client:sandbox-secret"),
        )
        .await
    }

    pub(super) async fn link(&self) -> Tokens {
        let code = self.consent(None).await;
        self.redeem(&code).await.tokens()
    }

    pub(super) async fn get(&self, tokens: &Tokens, path: &str) -> Answer {
        self.ask(tokens, Method::GET, path, &[]).await
    }

    pub(super) async fn ask(
        &self,
        tokens: &Tokens,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.ask_with(tokens, method, path, headers, Body::empty()).await
    }

    /// Send a record or an envelope of them, with a key if there is one.
    pub(super) async fn put(&self, tokens: &Tokens, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let headers = key.map(|key| ("Idempotency-Key", key));
        let body = Body::from(body.to_string());
        self.ask_with(tokens, Method::PUT, path, headers.as_slice(), body)
            .await
    }

    pub(super) async fn ask_with(
        &self,
        tokens: &Tokens,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/xero{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access))
            .header("xero-tenant-id", self.organisation.id.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body).unwrap()).await
    }
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(super) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        let body = self.json();
        let part = |name: &str| body[name].as_str().unwrap().to_owned();
        Tokens {
            access: part("access_token"),
            refresh: part("refresh_token"),
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(super) fn add(
    sandbox: &Arc<Sandbox>,
    limits: Limits,
    invoices: usize,
    seed: u64,
    group: Uuid,
) -> Arc<Organisation> {
    let wish = Wish {
        seed,
        months: 6,
        invoices,
        ..Wish::default()
    };
    let ledger = generate::company(&wish, sandbox.clock.now());
    let about = About {
        platform: "xero".to_owned(),
        group,
        limits,
        latency_ms: 0,
        page_size: None,
        seed,
    };
    sandbox.add_organisation(Organisation::new(about, ledger))
}
