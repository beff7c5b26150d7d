//! A simulated company for tests.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use ledgerline_model::connection::Organisation;
use ledgerline_model::push::{Contact, ContactKind, ExpenseKind, Order};
use ledgerline_model::{Clock, Secret, Timestamp};
use ledgerline_platform::http::{Failure, Http, Transport};
use ledgerline_platform::push::{Books, Prepared, Push, References, Written, named};
use ledgerline_platform::{ConsentAnswer, Cx, Endpoints, Error, Memo, Platform, Sent};
use ledgerline_sandbox::faults::{Fault, Kind};
use ledgerline_sandbox::generate::{self, Wish};
use ledgerline_sandbox::ledger::{self, Account, ActiveStatus, Ledger, List};
use ledgerline_sandbox::{Limits, Sandbox, SandboxClock};
use tower::ServiceExt;

use crate::push::QuickBooksPush;
use crate::push::tests::fakes::{self, key};

/// A simulated company, and our consent to it.
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
    /// A company that keeps its books in this currency: dollars are of the United States.
    pub async fn of(currency: &str) -> Self {
        let sandbox = Sandbox::new(SandboxClock::frozen("2026-03-15T10:00:30Z".parse().unwrap()));
        let wish = Wish {
            platform: ledger::Platform::QuickBooksOnline,
            months: 3,
            invoices: 10,
            currency: currency.into(),
            ..Wish::default()
        };
        let about = ledgerline_sandbox::organisation::About {
            platform: "quickbooks_online".into(),
            group: uuid::Uuid::from_u128(5),
            limits: Limits::Off,
            latency_ms: 0,
            page_size: None,
            seed: 1,
        };
        let ledger = generate::company(&wish, sandbox.clock.now());
        let simulated = sandbox.add_organisation(ledgerline_sandbox::Organisation::new(about, ledger));
        let router = ledgerline_sandbox::router(sandbox.clone());
        let platform = crate::platform();
        let endpoints =
            Endpoints::of_sandbox(platform.about(), &"http://sandbox.test".parse().unwrap()).unwrap();
        let cx = Cx {
            http: Http::new(Arc::new(InProcess(router.clone()))),
            endpoints: Arc::new(endpoints),
            clock: Arc::new(SandboxTime(sandbox.clone())),
            memo: Arc::new(Memo::default()),
        };
        let linked = platform.link(&cx, &consent(&cx, &simulated).await).await.unwrap();
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
        ledger.api_id(List::Accounts, found.unwrap().meta.id)
    }

    pub fn bank(&self) -> String {
        let base = self.ledger().facts.base_currency.clone();
        self.account(|account| {
            let bank = account.bank.as_ref();
            bank.is_some_and(|bank| !bank.is_card() && bank.currency == base)
        })
    }

    pub fn card(&self) -> String {
        self.account(|account| account.bank.as_ref().is_some_and(|bank| bank.is_card()))
    }

    pub fn expense_account(&self) -> String {
        self.account(|account| account.code == "453")
    }

    /// The first class.
    pub fn class(&self) -> String {
        format!("CLASS_{}", self.ledger().option_number(0, 0))
    }

    pub fn contact(&self, kind: ContactKind) -> Contact {
        let ledger = self.ledger();
        let found = ledger.contacts.iter().find(|contact| match kind {
            ContactKind::Supplier => contact.is_supplier,
            ContactKind::Customer => contact.is_customer,
        });
        Contact {
            id: ledger.api_id(List::Contacts, found.unwrap().meta.id),
            kind,
        }
    }

    /// An order on the company's own accounts.
    pub fn order(&self, kind: ExpenseKind) -> Order {
        let contacts = QuickBooksPush.about().contacts;
        let contact = contacts
            .iter()
            .find(|(of, _)| *of == kind)
            .map(|(_, contact)| self.contact(*contact));
        let account = if kind.is_transfer() {
            self.card()
        } else {
            self.expense_account()
        };
        let currency = self.ledger().facts.base_currency.clone();
        Order {
            contact,
            currency,
            ..fakes::order(kind, &self.bank(), "", &account)
        }
    }

    pub async fn references(&self, order: &Order) -> References {
        QuickBooksPush
            .references(&self.cx, &self.books(), &named(order))
            .await
            .unwrap()
    }

    pub async fn prepare(&self, order: &Order) -> Prepared {
        let references = self.references(order).await;
        QuickBooksPush
            .prepare(order, &key(&order.transaction, 0), &references)
            .unwrap()
    }

    pub async fn send(&self, order: &Order) -> Result<Written, Error> {
        let prepared = self.prepare(order).await;
        self.send_prepared(order, &prepared).await
    }

    pub async fn send_prepared(&self, order: &Order, prepared: &Prepared) -> Result<Written, Error> {
        let key = key(&order.transaction, 0);
        QuickBooksPush.send(&self.cx, &self.books(), prepared, &key).await
    }

    pub async fn find(&self, order: &Order) -> Option<Written> {
        let prepared = self.prepare(order).await;
        let key = key(&order.transaction, 0);
        QuickBooksPush
            .find(&self.cx, &self.books(), &prepared, &key)
            .await
            .unwrap()
    }
}

/// The customer consents on Intuit's page.
async fn consent(cx: &Cx, simulated: &ledgerline_sandbox::Organisation) -> ConsentAnswer {
    let redirect_uri: url::Url = "http://app.test/oauth/callback/quickbooks_online"
        .parse()
        .unwrap();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", "sandbox-client"),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", cx.endpoints.scopes.as_str()),
            ("state", "s"),
            ("organisation", &simulated.id.to_string()),
            ("decision", "allow"),
        ])
        .finish();
    let request = http::Request::post("http://sandbox.test/quickbooks_online/connect/oauth2")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let answer = cx.http.send(request).await.unwrap();
    let location: url::Url = answer.header("location").expect("a redirect").parse().unwrap();
    let parameters: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    let (_, code) = parameters.iter().find(|(name, _)| name == "code").unwrap();
    ConsentAnswer {
        redirect_uri,
        code: Secret::new(code.as_str()),
        code_verifier: Secret::new(""),
        parameters,
    }
}
