use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_model::{DataType, Secret};
use ledgerline_platform::{
    About, Codat, Consent, ConsentAnswer, Cursor, Cx, Endpoints, Error, Feed, Limits, Linked, NeedsReauth,
    Page, Platform, Read, Row, Sent, Strategy,
};
use tokio::sync::Notify;
use url::Url;

use super::ledger::Ledger;

static ABOUT: About = About {
    key: "consents",
    name: "Consents",
    organisation_word: "organisation",
    hosts: &[],
    scopes: "books",
    partner_scopes: "",
    writing_scopes: &[],
    codat: Codat {
        key: "cons",
        test_keys: &[],
        integration_id: "integration-1",
        source_id: "source-1",
    },
    sync2books_key: "CONSENTS",
    closes_sets: false,
    mapping: 1,
    feeds: &[Feed {
        name: "contacts",
        data_types: &[DataType::Customers],
        strategy: Strategy::RELIST,
        exceptions: &[],
    }],
    limits: Limits::NONE,
    logo_svg: "",
};

/// Single-use refresh tokens, as strict as any platform's: presenting one that was used is noted.
#[derive(Default)]
pub struct Consents(Mutex<State>, pub Ledger);

#[derive(Default)]
struct State {
    /// By subject: how often its tokens were rotated.
    rotations: BTreeMap<String, u32>,
    faults: VecDeque<Fault>,
    /// Whether the answer to the last rotation is repeated to the token of before.
    grace: bool,
    calls: Vec<String>,
    hang: Option<Hang>,
}

/// A refresh whose answer waits until the test lets it go.
#[derive(Clone, Default)]
pub struct Hang {
    pub begun: Arc<Notify>,
    pub go: Arc<Notify>,
}

/// What happens to the next refresh, removal or revocation.
#[derive(Clone, Copy)]
pub enum Fault {
    /// The platform did it, but its answer is lost.
    AnswerLost,
    /// The platform was not reached.
    Away,
    Refused,
}

impl Consents {
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.0.lock().unwrap().faults.extend(faults);
    }

    pub fn be_graceful(&self) {
        self.0.lock().unwrap().grace = true;
    }

    /// The next refresh gets its answer only when it is let go.
    pub fn hang(&self) -> Hang {
        let hang = Hang::default();
        self.0.lock().unwrap().hang = Some(hang.clone());
        hang
    }

    /// What was asked of it since the last look.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    /// Rotate as if somebody had refreshed and then crashed.
    pub fn rotate(&self, subject: &str) {
        *self
            .0
            .lock()
            .unwrap()
            .rotations
            .entry(subject.into())
            .or_default() += 1;
    }

    fn rotate_for(&self, cx: &Cx, refresh_token: &Secret) -> Result<Tokens, Error> {
        let fault = self.fault(format!("refresh {}", refresh_token.expose()));
        let mut parts = refresh_token.expose().split(':').skip(1);
        let subject = parts.next().unwrap();
        let presented: u32 = parts.next().unwrap().parse().unwrap();
        let mut state = self.0.lock().unwrap();
        match fault {
            Some(Fault::Away) => return Err(unavailable(Sent::Never)),
            Some(Fault::Refused) => return Err(refused()),
            Some(Fault::AnswerLost) | None => {}
        }
        let grace = state.grace;
        let current = state.rotations.entry(subject.into()).or_default();
        if presented == *current {
            *current += 1;
        } else if !(grace && presented + 1 == *current) {
            return Err(refused());
        }
        let tokens = tokens(subject, *current, cx);
        match fault {
            Some(_) => Err(unavailable(Sent::Maybe)),
            None => Ok(tokens),
        }
    }

    fn fault(&self, call: String) -> Option<Fault> {
        let mut state = self.0.lock().unwrap();
        state.calls.push(call);
        state.faults.pop_front()
    }
}

fn tokens(subject: &str, rotation: u32, cx: &Cx) -> Tokens {
    Tokens {
        access: Secret::new(format!("access:{subject}:{rotation}")),
        refresh: Secret::new(format!("refresh:{subject}:{rotation}")),
        expires_at: cx.clock.now() + jiff::SignedDuration::from_mins(30),
    }
}

fn unavailable(sent: Sent) -> Error {
    Error::Unavailable {
        sent,
        reason: "a scripted fault".into(),
    }
}

fn refused() -> Error {
    Error::NeedsReauth(NeedsReauth::Grant, "invalid_grant".into())
}

#[async_trait]
impl Platform for Consents {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn consent_url(&self, endpoints: &Endpoints, consent: &Consent) -> Result<Url, Error> {
        let authorize = Url::parse("https://consents.example/authorize").unwrap();
        Ok(ledgerline_platform::oauth::consent_url(
            authorize, endpoints, consent,
        ))
    }

    /// The code is `SUBJECT:PICKED,PICKED`, and `+REACHED` for what the grant reaches besides.
    async fn link(&self, cx: &Cx, answer: &ConsentAnswer) -> Result<Linked, Error> {
        let code = answer.code.expose();
        let (subject, organisations) = code.split_once(':').ok_or_else(refused)?;
        let (picked, besides) = organisations.split_once('+').unwrap_or((organisations, ""));
        let named = |names: &str| {
            let names = names.split(',').filter(|name| !name.is_empty());
            names.map(organisation).collect::<Vec<_>>()
        };
        let mut state = self.0.lock().unwrap();
        let rotation = state.rotations.entry(subject.into()).or_default();
        *rotation += 1;
        let picked = named(picked);
        Ok(Linked {
            tokens: tokens(subject, *rotation, cx),
            subject: subject.into(),
            organisations: [picked.clone(), named(besides)].concat(),
            picked,
            at: cx.clock.now(),
        })
    }

    async fn refresh(&self, cx: &Cx, refresh_token: &Secret) -> Result<Tokens, Error> {
        // Others get a chance to do the same at the same time.
        tokio::task::yield_now().await;
        let answer = self.rotate_for(cx, refresh_token);
        let hang = self.0.lock().unwrap().hang.take();
        if let Some(hang) = hang {
            hang.begun.notify_one();
            hang.go.notified().await;
        }
        answer
    }

    async fn organisations(&self, _: &Cx, _: &Secret) -> Result<Vec<Organisation>, Error> {
        Ok(Vec::new())
    }

    async fn remove_organisation(
        &self,
        _: &Cx,
        _: &Secret,
        organisation: &Organisation,
    ) -> Result<(), Error> {
        match self.fault(format!("remove {}", organisation.id)) {
            Some(_) => Err(unavailable(Sent::Maybe)),
            None => Ok(()),
        }
    }

    async fn revoke(&self, _: &Cx, tokens: &Tokens) -> Result<(), Error> {
        match self.fault(format!("revoke {}", tokens.refresh.expose())) {
            Some(_) => Err(unavailable(Sent::Maybe)),
            None => Ok(()),
        }
    }

    async fn pull(&self, _: &Cx, _: &Read<'_>, _: Option<&Cursor>) -> Result<Page, Error> {
        Ok(Page {
            rows: Vec::new(),
            next: None,
            platform_time: None,
            expected: None,
            objects: 0,
        })
    }

    fn push(&self) -> Option<&dyn ledgerline_platform::push::Push> {
        Some(&self.1)
    }

    fn map(&self, _: DataType, _: &[u8]) -> Result<Vec<Row>, Error> {
        Ok(Vec::new())
    }
}

fn organisation(name: &str) -> Organisation {
    Organisation {
        id: name.into(),
        name: format!("Books of {name}"),
        link: None,
    }
}
