use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::faults::Fault;
use crate::generate::{self, Wish};
use crate::ledger::Platform;
use crate::organisation::About;
use crate::{Limits, Organisation, Sandbox, SandboxClock};

pub(super) const REDIRECT: &str = "http://app.test/oauth/callback/quickbooks_online?tenant=a%20b";
pub(super) const SCOPE: &str = "com.intuit.quickbooks.accounting openid email";
pub(super) const CLIENT: &str = "sandbox-client:sandbox-secret";

pub(super) struct World {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) organisation: Arc<Organisation>,
    pub(super) realm: String,
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
        Self::with(Limits::Off, "GBP")
    }

    pub(super) fn with(limits: Limits, currency: &str) -> Self {
        let sandbox = Sandbox::new(SandboxClock::frozen("2026-03-15T10:00:30Z".parse().unwrap()));
        let organisation = add(&sandbox, limits, currency, 5);
        let realm = organisation.ledger().facts.realm_id();
        Self {
            sandbox,
            organisation,
            realm,
        }
    }

    pub(super) fn advance(&self, minutes: u64) {
        self.sandbox.clock.advance(Duration::from_secs(minutes * 60));
    }

    pub(super) fn plan(&self, fault: Value) {
        let fault: Fault = serde_json::from_value(fault).unwrap();
        self.organisation.faults.plan(fault);
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = crate::quickbooks_online::router(self.sandbox.clone())
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
        let mut request = Request::post(format!("/quickbooks_online{path}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(pair) = basic {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
        }
        self.send(request.body(Body::from(body.finish())).unwrap()).await
    }

    /// Decide on the page, and bring back what the app is told.
    pub(super) async fn decide(&self, decision: &str) -> url::Url {
        let id = self.organisation.id.to_string();
        let fields = [
            ("response_type", "code"),
            ("client_id", "sandbox-client"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPE),
            ("state", "state & all"),
            ("organisation", &id),
            ("decision", decision),
        ];
        let answer = self.form("/connect/oauth2", &fields, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        url::Url::parse(answer.headers[header::LOCATION].to_str().unwrap()).unwrap()
    }

    pub(super) async fn redeem(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
        ];
        self.form("/oauth2/v1/tokens/bearer", &fields, Some(CLIENT)).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form("/oauth2/v1/tokens/bearer", &fields, Some(CLIENT)).await
    }

    pub(super) async fn link(&self) -> Tokens {
        let code = parameter(&self.decide("allow").await, "code");
        self.redeem(&code).await.tokens()
    }

    pub(super) async fn ask(
        &self,
        tokens: &Tokens,
        method: Method,
        path: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/quickbooks_online/v3/company/{}{path}", self.realm))
            .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn get(&self, tokens: &Tokens, path: &str) -> Answer {
        self.ask(tokens, Method::GET, path, Body::empty()).await
    }

    pub(super) async fn post(&self, tokens: &Tokens, path: &str, body: &Value) -> Answer {
        self.ask(tokens, Method::POST, path, body.to_string()).await
    }

    /// The records that a query finds on one page.
    pub(super) async fn query(&self, tokens: &Tokens, text: &str) -> Vec<Value> {
        let answer = self.ask(tokens, Method::POST, "/query", text.to_owned()).await;
        assert_eq!(answer.status, StatusCode::OK, "{text}: {}", answer.text());
        let body = answer.json();
        let found = body["QueryResponse"].as_object().unwrap();
        found
            .values()
            .find_map(|value| value.as_array().cloned())
            .unwrap_or_default()
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

    /// Status, and the code of the fault.
    pub(super) fn fault(&self) -> (u16, String) {
        let body = self.json();
        let code = body["Fault"]["Error"][0]["code"]
            .as_str()
            .or_else(|| body["fault"]["error"][0]["code"].as_str());
        (self.status.as_u16(), code.unwrap_or_default().to_owned())
    }
}

pub(super) fn parameter(url: &url::Url, wanted: &str) -> String {
    url.query_pairs()
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

pub(super) fn add(sandbox: &Arc<Sandbox>, limits: Limits, currency: &str, seed: u64) -> Arc<Organisation> {
    let wish = Wish {
        platform: Platform::QuickBooksOnline,
        seed,
        months: 6,
        invoices: 120,
        currency: currency.to_owned(),
        ..Wish::default()
    };
    let ledger = generate::company(&wish, sandbox.clock.now());
    let about = About {
        platform: "quickbooks_online".to_owned(),
        group: Uuid::from_u128(u128::from(seed)),
        limits,
        latency_ms: 0,
        page_size: None,
        seed,
    };
    sandbox.add_organisation(Organisation::new(about, ledger))
}

/// A purchase by card of `amount`.
pub(super) fn purchase(world: &World, amount: &str) -> Value {
    let ledger = world.organisation.ledger();
    let number = |code: &str| {
        let account = ledger.account_by_code(code).unwrap().meta.id;
        ledger.api_id(crate::ledger::List::Accounts, account)
    };
    let vendor = ledger
        .contacts
        .iter()
        .find(|contact| contact.is_supplier)
        .unwrap();
    let amount: Value = serde_json::from_str(amount).unwrap();
    json!({
        "PaymentType": "CreditCard",
        "AccountRef": { "value": number("095") },
        "TxnDate": "2026-03-10",
        "EntityRef": { "value": ledger.api_id(crate::ledger::List::Contacts, vendor.meta.id), "type": "Vendor" },
        "DocNumber": "EXP-1",
        "PrivateNote": "our marker",
        "Line": [{
            "DetailType": "AccountBasedExpenseLineDetail",
            "Amount": amount,
            "Description": "Paper",
            "AccountBasedExpenseLineDetail": { "AccountRef": { "value": number("453") }, "CustomerRef": { "value": "1" } },
        }],
    })
}
