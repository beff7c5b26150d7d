use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use ledgerline_model::push::{ContactKind, ExpenseKind, Key, Leg, Order};
use ledgerline_model::record::Standard;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_platform::push::{
    Books, CurrencyRule, File, Named, Posted, Prepared, Push, PushAbout, Referenced, References, Request,
    Written,
};
use ledgerline_platform::{Content, Cx, Error, NeedsReauth, Present, Row, Sent};
use tokio::sync::Notify;

/// Seconds after which a write of these books has certainly ended.
pub const HOLD: u64 = 60;

static ABOUT: PushAbout = PushAbout {
    kinds: &[
        ExpenseKind::Payment,
        ExpenseKind::Refund,
        ExpenseKind::TransferOut,
    ],
    updatable: &[ExpenseKind::Payment],
    feeds_banks: true,
    hold_seconds: 60,
    default_tax_rate: Some("NONE"),
    contacts: &[
        (ExpenseKind::Payment, ContactKind::Supplier),
        (ExpenseKind::Refund, ContactKind::Customer),
    ],
    currencies: CurrencyRule::BaseAccountTakesAny,
    attachment_bytes: 1000,
    attachable: &[ExpenseKind::Payment],
    marker: "the mark",
};

/// Books in GBP that take expenses, and fail as they are told to.
#[derive(Default)]
pub struct Ledger {
    state: Mutex<State>,
    /// A call has stopped for good, as if the server had died.
    pub stopped: Notify,
}

#[derive(Default)]
struct State {
    documents: Vec<Document>,
    /// What happens to the next sends; after them all goes well.
    script: VecDeque<Happens>,
    /// The same for the sends of one transaction.
    scripts: Vec<(&'static str, Happens)>,
    pending: Vec<(String, Document)>,
    polls: VecDeque<Result<(), String>>,
    /// For how long nothing is to be asked, say the next reads of documents; after them all goes well.
    read_limits: VecDeque<Duration>,
    /// Documents that lists do not show yet.
    unlisted: Vec<String>,
    /// Documents that will be booked later.
    late: Vec<(Timestamp, Document)>,
    ignores_keys: bool,
    cannot_be_searched: bool,
    archived: Vec<String>,
    calls: Vec<String>,
    files: Vec<(String, String)>,
    under_way: usize,
    most_under_way: usize,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    pub id: String,
    pub key: String,
    pub leg: Leg,
    pub body: String,
}

/// What happens to a write.
#[derive(Clone, Debug)]
pub enum Happens {
    Fine,
    Rejected(&'static str),
    /// No answer, and nothing was booked.
    LostBefore,
    /// No answer, but it is booked.
    LostAfter,
    /// No answer, and it is booked so many seconds later.
    LostLate(u64),
    /// An answer that nobody understands; it is booked.
    Garbled,
    /// The platform was not reached.
    Away,
    /// Not for so many seconds.
    Limited(u64),
    Revoked,
    Pending,
    /// The server dies before the platform has it, or after.
    DiesBefore,
    DiesAfter,
}

impl Ledger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn script(&self, script: impl IntoIterator<Item = Happens>) {
        self.state().script.extend(script);
    }

    /// Whether something of the script has not happened yet.
    pub fn is_scripted(&self) -> bool {
        !self.state().script.is_empty()
    }

    /// What happens to the next send of each of these transactions.
    pub fn script_of(&self, scripts: impl IntoIterator<Item = (&'static str, Happens)>) {
        self.state().scripts.extend(scripts);
    }

    pub fn ignore_keys(&self) {
        self.state().ignores_keys = true;
    }

    pub fn hide(&self) {
        self.state().cannot_be_searched = true;
    }

    pub fn archive(&self, id: &str) {
        self.state().archived.push(id.into());
    }

    /// What the next polls say.
    pub fn decide(&self, decision: Result<(), &str>) {
        self.state().polls.push_back(decision.map_err(str::to_owned));
    }

    /// So many reads of documents are refused, not to be asked again before `wait` is over.
    pub fn limit_reads(&self, times: usize, wait: Duration) {
        self.state().read_limits.extend(std::iter::repeat_n(wait, times));
    }

    /// Lists do not show these documents yet.
    pub fn unlist(&self, ids: &[&str]) {
        self.state().unlisted = ids.iter().map(|&id| id.to_owned()).collect();
    }

    /// The transactions in the books, in order.
    pub fn booked(&self, leg: Leg) -> Vec<String> {
        let state = self.state();
        let of_leg = state.documents.iter().filter(|document| document.leg == leg);
        let mut booked: Vec<String> = of_leg.map(|document| document.body.clone()).collect();
        booked.sort();
        booked
    }

    pub fn files(&self) -> Vec<(String, String)> {
        self.state().files.clone()
    }

    /// What was asked since the last look.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    pub fn most_under_way(&self) -> usize {
        self.state().most_under_way
    }

    fn book(&self, document: Document) -> Posted {
        let mut state = self.state();
        let known = state
            .documents
            .iter()
            .find(|known| known.key == document.key && known.leg == document.leg);
        if let Some(known) = known.filter(|_| !state.ignores_keys) {
            return posted(known);
        }
        let document = Document {
            id: format!("d-{}", state.documents.len() + 1),
            ..document
        };
        state.documents.push(document.clone());
        posted(&document)
    }

    /// What was booked late is there now.
    fn settle(&self, now: Timestamp) {
        let mut state = self.state();
        let (due, late) = std::mem::take(&mut state.late)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        state.late = late;
        drop(state);
        let due: Vec<(Timestamp, Document)> = due;
        for (_, document) in due {
            self.book(document);
        }
    }
}

fn posted(document: &Document) -> Posted {
    Posted {
        object: "Document".into(),
        id: document.id.clone(),
        version: None,
        data_type: (document.leg == Leg::Expense).then(|| DataType::Customers.key().to_owned()),
    }
}

fn unavailable(sent: Sent) -> Error {
    Error::Unavailable {
        sent,
        reason: "a scripted fault".into(),
    }
}

#[async_trait]
impl Push for Ledger {
    fn about(&self) -> &'static PushAbout {
        &ABOUT
    }

    async fn references(&self, _: &Cx, _: &Books<'_>, wanted: &[Named]) -> Result<References, Error> {
        let mut state = self.state();
        state.calls.push("references".into());
        let objects = wanted
            .iter()
            .filter(|named| !named.id.starts_with("no-"))
            .map(|named| Referenced {
                data_type: named.data_type,
                id: named.id.clone(),
                standard: match named.id.strip_prefix("in-") {
                    Some(currency) => format!("{{\"currency\":\"{currency}\"}}"),
                    None => "{}".into(),
                },
                source: "{}".into(),
                is_archived: state.archived.contains(&named.id),
            });
        Ok(References {
            base_currency: Some("GBP".into()),
            objects: objects.collect(),
        })
    }

    fn prepare(&self, order: &Order, _: &Key, _: &References) -> Result<Prepared, Error> {
        Ok(Prepared {
            leg: order.leg,
            requests: vec![Request {
                method: "PUT".into(),
                path: "/documents".into(),
                query: Vec::new(),
                body: format!("{} {}", order.transaction, order.total()),
            }],
            choices: Vec::new(),
        })
    }

    fn prepare_update(
        &self,
        order: &Order,
        posted: &Posted,
        _: &Key,
        _: &References,
    ) -> Result<Prepared, Error> {
        Ok(Prepared {
            leg: order.leg,
            requests: vec![Request {
                method: "POST".into(),
                path: posted.id.clone(),
                query: Vec::new(),
                body: format!("{} {}", order.transaction, order.total()),
            }],
            choices: Vec::new(),
        })
    }

    async fn send(&self, cx: &Cx, _: &Books<'_>, prepared: &Prepared, key: &Key) -> Result<Written, Error> {
        let now = cx.clock.now();
        let request = &prepared.requests[0];
        let what = {
            let mut state = self.state();
            state.calls.push(format!("send {key} {}", request.body));
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
            let of = |(id, _): &(&str, _)| request.body.split(' ').next() == Some(id);
            match state.scripts.iter().position(of) {
                Some(index) => state.scripts.remove(index).1,
                None => state.script.pop_front().unwrap_or(Happens::Fine),
            }
        };
        tokio::task::yield_now().await;
        self.state().under_way -= 1;
        let document = Document {
            id: String::new(),
            key: key.to_string(),
            leg: prepared.leg,
            body: request.body.clone(),
        };
        if request.method == "POST" {
            let mut state = self.state();
            let changed = state.documents.iter_mut().find(|known| known.id == request.path);
            let changed = changed.unwrap();
            changed.key = document.key;
            changed.body = document.body;
            return Ok(Written::Posted(posted(changed)));
        }
        match what {
            Happens::Fine => Ok(Written::Posted(self.book(document))),
            Happens::Rejected(message) => Err(Error::Rejected {
                code: "no".into(),
                message: message.into(),
                field: None,
            }),
            Happens::LostBefore => Err(unavailable(Sent::Maybe)),
            Happens::LostAfter => {
                self.book(document);
                Err(unavailable(Sent::Maybe))
            }
            Happens::LostLate(seconds) => {
                let at = crate::jobs::lease::later(now, Duration::from_secs(seconds));
                self.state().late.push((at, document));
                Err(unavailable(Sent::Maybe))
            }
            Happens::Garbled => {
                self.book(document);
                Err(Error::Malformed {
                    reason: "<html>".into(),
                })
            }
            Happens::Away => Err(unavailable(Sent::Never)),
            Happens::Limited(seconds) => Err(Error::RateLimited {
                retry_after: Some(Duration::from_secs(seconds)),
            }),
            Happens::Revoked => Err(Error::NeedsReauth(NeedsReauth::Connection, "revoked".into())),
            Happens::Pending => {
                let reference = format!("p-{key}");
                self.state().pending.push((reference.clone(), document));
                Ok(Written::Pending(reference))
            }
            Happens::DiesBefore => {
                self.stopped.notify_one();
                std::future::pending().await
            }
            Happens::DiesAfter => {
                self.book(document);
                self.stopped.notify_one();
                std::future::pending().await
            }
        }
    }

    async fn poll(&self, _: &Cx, _: &Books<'_>, _: &Prepared, reference: &str) -> Result<Written, Error> {
        let (decision, document) = {
            let mut state = self.state();
            state.calls.push(format!("poll {reference}"));
            let document = state.pending.iter().find(|(known, _)| known == reference);
            let document = document.unwrap().1.clone();
            (state.polls.pop_front(), document)
        };
        match decision {
            None => Ok(Written::Pending(reference.into())),
            Some(Ok(())) => Ok(Written::Posted(self.book(document))),
            Some(Err(message)) => Err(Error::Rejected {
                code: "no".into(),
                message,
                field: None,
            }),
        }
    }

    async fn find(
        &self,
        cx: &Cx,
        _: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Option<Written>, Error> {
        self.settle(cx.clock.now());
        let mut state = self.state();
        state.calls.push(format!("find {key}"));
        if state.cannot_be_searched {
            return Err(Error::Unsupported {
                what: "search".into(),
            });
        }
        let mut known = state.documents.iter();
        let known = known.find(|known| known.key == key.as_str() && known.leg == prepared.leg);
        Ok(known.map(|known| Written::Posted(posted(known))))
    }

    async fn read_back(&self, _: &Cx, _: &Books<'_>, posted: &Posted) -> Result<Vec<Row>, Error> {
        let mut state = self.state();
        state.may_read()?;
        state.calls.push(format!("read {}", posted.id));
        Ok(vec![row_of(posted)])
    }

    async fn read_back_listed(
        &self,
        _: &Cx,
        _: &Books<'_>,
        posted: &[Posted],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut state = self.state();
        state.may_read()?;
        state.calls.push(format!("list {}", posted.len()));
        let shown = posted
            .iter()
            .filter(|posted| !state.unlisted.contains(&posted.id));
        Ok(vec![shown.map(row_of).collect()])
    }

    async fn attach(&self, _: &Cx, _: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error> {
        let mut state = self.state();
        match state.script.pop_front() {
            Some(Happens::Away) => return Err(unavailable(Sent::Never)),
            Some(Happens::Limited(seconds)) => {
                return Err(Error::RateLimited {
                    retry_after: Some(Duration::from_secs(seconds)),
                });
            }
            _ => {}
        }
        state.files.push((posted.id.clone(), file.name.clone()));
        Ok(())
    }
}

impl State {
    fn may_read(&mut self) -> Result<(), Error> {
        match self.read_limits.pop_front() {
            Some(wait) => Err(Error::RateLimited {
                retry_after: Some(wait),
            }),
            None => Ok(()),
        }
    }
}

fn row_of(posted: &Posted) -> Row {
    let json = format!("{{\"id\":\"{}\"}}", posted.id);
    Row {
        data_type: DataType::Customers,
        remote_id: posted.id.clone(),
        content: Content::Present(Box::new(Present {
            standard: Standard::of(&serde_json::json!({ "id": posted.id })).unwrap(),
            source: Arc::from(json),
            source_modified_at: None,
            issues: Vec::new(),
            references: Vec::new(),
            is_open: false,
        })),
    }
}
