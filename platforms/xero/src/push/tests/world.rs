use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use ledgerline_model::connection::Organisation;
use ledgerline_model::push::Order;
use ledgerline_model::{Clock, Secret, Timestamp};
use ledgerline_platform::http::{Failure, Http, Transport};
use ledgerline_platform::push::{Books, Prepared, Push, References, Written, named};
use ledgerline_platform::{ConsentAnswer, Cx, Endpoints, Error, Memo, Platform, Sent};
use ledgerline_sandbox::faults::{Fault, Kind};
use ledgerline_sandbox::generate::{self, Wish};
use ledgerline_sandbox::ledger::{Account, AccountKind, ActiveStatus, Ledger};
use ledgerline_sandbox::{Limits, Sandbox, SandboxClock};
use tower::ServiceExt;

use super::fakes::{self, key};
use crate::push::XeroPush;

/// A simulated organisation, and our consent to it.
pub struct World {
    pub sandbox: Arc<Sandbox>,
    pub simulated: Arc<ledgerline_sandbox::Organisation>,
    pub cx: Cx,
    access_token: Secret,
    organisation: Organisation,
}

struct InProcess(axum::Router);

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let lost = |_| Failure {
            sent: Sent::Maybe,
            reason: "the connection broke".into(),
        };
        let answer = self.0.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(lost)?;
        Ok(http::Response::from_parts(parts, body))
    }
}

struct SandboxTime(Arc<Sandbox>);

impl Clock for SandboxTime {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn sleep_until(&self, _: Timestamp) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

impl World {
    pub async fn new() -> Self {
        let sandbox = Sandbox::new(SandboxClock::frozen("2026-03-15T10:00:30Z".parse().unwrap()));
        let wish = Wish {
            months: 3,
            invoices: 10,
            fed_accounts: 1,
            ..Wish::default()
        };
        let about = ledgerline_sandbox::organisation::About {
            platform: "xero".into(),
            group: uuid::Uuid::from_u128(5),
            limits: Limits::Off,
            latency_ms: 0,
            page_size: None,
            seed: 1,
        };
        let ledger = generate::company(&wish, sandbox.clock.now());
        let simulated = sandbox.add_organisation(ledgerline_sandbox::Organisation::new(about, ledger));
        let router = ledgerline_sandbox::router(sandbox.clone());
        let xero = crate::platform();
        let endpoints = Endpoints::of_sandbox(xero.about(), &"http://sandbox.test".parse().unwrap()).unwrap();
        let cx = Cx {
            http: Http::new(Arc::new(InProcess(router.clone()))),
            endpoints: Arc::new(endpoints),
            clock: Arc::new(SandboxTime(sandbox.clone())),
            memo: Arc::new(Memo::default()),
        };
        let linked = xero.link(&cx, &consent(&cx, &simulated).await).await.unwrap();
        Self {
            sandbox,
            simulated,
            access_token: linked.tokens.access,
            organisation: linked.organisations.into_iter().next().unwrap(),
            cx,
        }
    }

    pub fn books(&self) -> Books<'_> {
        Books {
            access_token: &self.access_token,
            organisation: &self.organisation,
        }
    }

    pub fn ledger(&self) -> std::sync::RwLockReadGuard<'_, Ledger> {
        self.simulated.ledger()
    }

    pub fn fault(&self, kind: Kind) {
        self.simulated.faults.plan(Fault {
            kind,
            rate: 1.0,
            count: Some(1),
            data_type: None,
            after: 0,
            ms: None,
        });
    }

    /// The id of the first account that is so.
    pub fn account(&self, is_it: impl Fn(&Account) -> bool) -> String {
        let ledger = self.ledger();
        let is_used = |account: &&Account| account.status == ActiveStatus::Active && !account.meta.deleted;
        let found = ledger
            .accounts
            .iter()
            .filter(is_used)
            .find(|account| is_it(account));
        found.unwrap().meta.id.to_string()
    }

    /// The bank account in the base currency that nobody feeds.
    pub fn bank(&self) -> String {
        let base = self.ledger().facts.base_currency.clone();
        self.account(|account| {
            let bank = account.bank.as_ref();
            bank.is_some_and(|bank| !bank.fed && !bank.is_card() && bank.currency == base)
        })
    }

    pub fn card(&self) -> String {
        self.account(|account| account.bank.as_ref().is_some_and(|bank| bank.is_card()))
    }

    pub fn expense_account(&self) -> String {
        self.account(|account| account.code == "429" && account.kind != AccountKind::Bank)
    }

    pub fn supplier(&self) -> String {
        let ledger = self.ledger();
        let found = ledger.contacts.iter().find(|contact| contact.is_supplier);
        found.unwrap().meta.id.to_string()
    }

    /// An order on the books' own accounts.
    pub fn order(&self, kind: ledgerline_model::push::ExpenseKind) -> Order {
        fakes::order(kind, &self.bank(), &self.supplier(), &self.expense_account())
    }

    pub async fn references(&self, order: &Order) -> References {
        XeroPush
            .references(&self.cx, &self.books(), &named(order))
            .await
            .unwrap()
    }

    pub async fn prepare(&self, order: &Order) -> Prepared {
        let references = self.references(order).await;
        XeroPush
            .prepare(order, &key(&order.transaction, 0), &references)
            .unwrap()
    }

    pub async fn send(&self, order: &Order) -> Result<Written, Error> {
        let prepared = self.prepare(order).await;
        self.send_prepared(order, &prepared).await
    }

    pub async fn send_prepared(&self, order: &Order, prepared: &Prepared) -> Result<Written, Error> {
        let key = key(&order.transaction, 0);
        XeroPush.send(&self.cx, &self.books(), prepared, &key).await
    }

    pub async fn find(&self, order: &Order) -> Option<Written> {
        let prepared = self.prepare(order).await;
        let key = key(&order.transaction, 0);
        XeroPush
            .find(&self.cx, &self.books(), &prepared, &key)
            .await
            .unwrap()
    }
}

/// The customer consents on Xero's page.
async fn consent(cx: &Cx, simulated: &ledgerline_sandbox::Organisation) -> ConsentAnswer {
    let redirect_uri: url::Url = "http://app.test/oauth/callback/xero".parse().unwrap();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", "sandbox-client"),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", cx.endpoints.scopes.as_str()),
            ("state", "s"),
            ("organisation", &simulated.id.to_string()),
            ("decision", "allow"),
            // RFC 7636, appendix B.
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let request = http::Request::post("http://sandbox.test/xero/identity/connect/authorize")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let answer = cx.http.send(request).await.unwrap();
    let location: url::Url = answer.header("location").expect("a redirect").parse().unwrap();
    let (_, code) = location.query_pairs().find(|(name, _)| name == "code").unwrap();
    ConsentAnswer {
        redirect_uri,
        code: Secret::new(&*code),
        code_verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        parameters: Vec::new(),
    }
}
