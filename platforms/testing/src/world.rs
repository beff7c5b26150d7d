/// The customer consents on the platform's page.
mod consent;
/// The network and the clock: both are the sandbox's.
pub(crate) mod doors;

use std::sync::{Arc, RwLockReadGuard};

use ledgerline_model::Secret;
use ledgerline_model::connection::Organisation;
use ledgerline_model::push::{Contact, ContactKind, ExpenseKind, Key, Order};
use ledgerline_platform::http::Http;
use ledgerline_platform::push::{Books, Prepared, Push, References, Written, named};
use ledgerline_platform::{Cx, Endpoints, Error, Memo, Platform};
use ledgerline_sandbox::faults::{Fault, Kind};
use ledgerline_sandbox::generate::{self, Wish};
use ledgerline_sandbox::ledger::{Account, ActiveStatus, Ledger, List};
use ledgerline_sandbox::organisation::About;
use ledgerline_sandbox::{Limits, Sandbox, SandboxClock};
use uuid::Uuid;

use self::doors::{InProcess, SandboxTime};

/// A simulated organisation of one platform, and our consent to it.
pub struct World {
    pub sandbox: Arc<Sandbox>,
    pub simulated: Arc<ledgerline_sandbox::Organisation>,
    pub cx: Cx,
    platform: Arc<dyn Platform>,
    expense_code: &'static str,
    access_token: Secret,
    organisation: Organisation,
}

impl World {
    /// The books that are wished for, linked on 15 March 2026; expenses go to the account with `expense_code`.
    pub async fn linked(platform: impl Platform + 'static, wish: &Wish, expense_code: &'static str) -> Self {
        let sandbox = Sandbox::new(SandboxClock::frozen("2026-03-15T10:00:30Z".parse().unwrap()));
        let about = About {
            platform: platform.about().key.into(),
            group: Uuid::from_u128(5),
            limits: Limits::Off,
            latency_ms: 0,
            page_size: None,
            seed: 1,
        };
        let ledger = generate::company(wish, sandbox.clock.now());
        let simulated = sandbox.add_organisation(ledgerline_sandbox::Organisation::new(about, ledger));
        let router = ledgerline_sandbox::router(sandbox.clone());
        let endpoints =
            Endpoints::of_sandbox(platform.about(), &"http://sandbox.test".parse().unwrap()).unwrap();
        let cx = Cx {
            http: Http::new(Arc::new(InProcess(router))),
            endpoints: Arc::new(endpoints),
            clock: Arc::new(SandboxTime(sandbox.clone())),
            memo: Arc::new(Memo::default()),
        };
        let answer = consent::allow(&cx, &platform, &simulated).await;
        let linked = platform.link(&cx, &answer).await.unwrap();
        Self {
            sandbox,
            simulated,
            cx,
            platform: Arc::new(platform),
            expense_code,
            access_token: linked.tokens.access,
            organisation: linked.organisations.into_iter().next().unwrap(),
        }
    }

    /// What the connector is told of whose books these are.
    pub fn books(&self) -> Books<'_> {
        Books {
            access_token: &self.access_token,
            organisation: &self.organisation,
        }
    }

    /// What the simulator has in the books.
    pub fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.simulated.ledger()
    }

    /// Let this happen to the next request that it can happen to.
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

    /// The bank account in the base currency that nobody feeds.
    pub fn bank(&self) -> String {
        let base = self.ledger().facts.base_currency.clone();
        self.account(|account| {
            let bank = account.bank.as_ref();
            bank.is_some_and(|bank| !bank.fed && !bank.is_card() && bank.currency == base)
        })
    }

    /// The first card.
    pub fn card(&self) -> String {
        self.account(|account| account.bank.as_ref().is_some_and(|bank| bank.is_card()))
    }

    /// The account that expenses go to.
    pub fn expense_account(&self) -> String {
        self.account(|account| account.code == self.expense_code)
    }

    /// The first contact of the kind.
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

    /// An order on the books' own accounts, with the contact that the platform wants for it.
    pub fn order(&self, kind: ExpenseKind) -> Order {
        let about = self.push().about();
        let contact = about.contacts.iter().find(|(of, _)| *of == kind);
        let account = if kind.is_transfer() {
            self.card()
        } else {
            self.expense_account()
        };
        let mut order = crate::order(kind, &self.bank(), "", &account, "");
        order.contact = contact.map(|(_, contact)| self.contact(*contact));
        order.currency = self.ledger().facts.base_currency.clone();
        order.lines[0].tax_rate = about.default_tax_rate.map(Into::into);
        order
    }

    /// The key of an expense in its first form.
    pub fn key(&self, transaction: &str) -> Key {
        crate::key(self.platform.about().key, transaction, 0)
    }

    /// What the order names.
    pub async fn references(&self, order: &Order) -> References {
        let wanted = named(order);
        let found = self.push().references(&self.cx, &self.books(), &wanted).await;
        found.unwrap()
    }

    /// What would be sent for the order.
    pub async fn prepare(&self, order: &Order) -> Prepared {
        let references = self.references(order).await;
        let key = self.key(&order.transaction);
        self.push().prepare(order, &key, &references).unwrap()
    }

    /// Book the order.
    pub async fn send(&self, order: &Order) -> Result<Written, Error> {
        let prepared = self.prepare(order).await;
        self.send_prepared(order, &prepared).await
    }

    /// Book what was prepared for the order.
    pub async fn send_prepared(&self, order: &Order, prepared: &Prepared) -> Result<Written, Error> {
        let key = self.key(&order.transaction);
        self.push().send(&self.cx, &self.books(), prepared, &key).await
    }

    /// What became of an order that was pending.
    pub async fn poll(&self, order: &Order, reference: &str) -> Result<Written, Error> {
        let prepared = self.prepare(order).await;
        let books = self.books();
        self.push().poll(&self.cx, &books, &prepared, reference).await
    }

    /// What the order left in the books.
    pub async fn find(&self, order: &Order) -> Option<Written> {
        let prepared = self.prepare(order).await;
        let key = self.key(&order.transaction);
        let found = self.push().find(&self.cx, &self.books(), &prepared, &key).await;
        found.unwrap()
    }

    fn push(&self) -> &dyn Push {
        self.platform.push().unwrap()
    }
}
