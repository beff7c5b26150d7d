//! A scripted platform: objects in memory, pages, and faults in a queue.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_model::record::{Issue, Severity, Standard};
use ledgerline_model::{DataType, Date, Decimal, Secret, Timestamp};
use ledgerline_platform::{
    About, Codat, Consent, ConsentAnswer, Content, Cursor, Cx, Endpoints, Error, Feed, Limits, Linked, Page,
    Platform, Present, Read, Row, Strategy, Told, Totals,
};
use tokio::sync::Notify;
use url::Url;

/// Its feeds cannot tell what changed.
static RELISTED: About = about(&[
    Feed {
        name: "documents",
        data_types: &[DataType::Invoices, DataType::Bills],
        strategy: Strategy::RELIST,
        exceptions: &[],
    },
    CONTACTS,
]);

/// Documents can be asked for by their changes, contacts cannot.
static CHANGING: About = about(CHANGES);

/// The same, and their sets are closed: they tell control totals.
static CLOSING: About = About {
    closes_sets: true,
    ..about(CHANGES)
};

const CHANGES: &[Feed] = &[
    Feed {
        name: "documents",
        data_types: &[DataType::Invoices, DataType::Bills],
        strategy: Strategy::MODIFIED_SINCE,
        exceptions: &[],
    },
    CONTACTS,
];

const CONTACTS: Feed = Feed {
    name: "contacts",
    data_types: &[DataType::Customers],
    strategy: Strategy::RELIST,
    exceptions: &[],
};

const fn about(feeds: &'static [Feed]) -> About {
    About {
        key: "books",
        name: "Books",
        organisation_word: "organisation",
        hosts: &[],
        scopes: "",
        partner_scopes: "",
        writing_scopes: &[],
        codat: Codat {
            key: "book",
            test_keys: &[],
            integration_id: "",
            source_id: "",
        },
        sync2books_key: "BOOKS",
        closes_sets: false,
        mapping: 1,
        feeds,
        limits: Limits::NONE,
        logo_svg: "",
    }
}

pub struct Books {
    about: &'static About,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    objects: Vec<Object>,
    page_size: usize,
    faults: VecDeque<Fault>,
    meanwhile: Vec<Meanwhile>,
    /// What happens to a request that comes after so many others of whatever kind.
    calls: Vec<(usize, Call)>,
    /// Feed and offset of each page that was asked for.
    asked: Vec<(String, usize)>,
    /// From when on the first pages were asked for.
    asked_since: Vec<(String, Option<i64>)>,
    /// The books' own clock, in seconds; ours is years ahead.
    now: i64,
}

/// What happens to one request, whatever it asks for.
enum Call {
    Fail(Error),
    /// It is answered when it is let go.
    Hold(Arc<Held>),
}

/// A request that is not answered yet.
#[derive(Default)]
pub struct Held {
    is_asked: AtomicBool,
    let_go: Notify,
}

impl Held {
    pub fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::SeqCst)
    }

    pub fn let_go(&self) {
        self.let_go.notify_one();
    }
}

/// Let `work` go on until the request that is held arrives, or until it ends without it.
pub async fn until_asked(held: &Held, mut work: Pin<&mut impl Future>) {
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(()),
        Poll::Pending if held.is_asked() => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
}

/// Something that happens in the books after so many answers of a feed.
struct Meanwhile {
    feed: &'static str,
    after: usize,
    what: Box<dyn FnOnce(&Books) + Send>,
}

#[derive(Clone)]
pub struct Object {
    pub data_type: DataType,
    pub id: String,
    /// `None`: it has no legal form.
    pub text: Option<String>,
    /// It is there, but says that it is deleted.
    pub gone: bool,
    /// By the books' clock.
    pub changed_at: i64,
}

/// What happens to a request instead of an answer.
pub struct Fault {
    pub feed: &'static str,
    /// Requests that are answered before it.
    pub after: usize,
    pub error: Error,
}

impl Books {
    pub fn with_pages_of(page_size: usize) -> Arc<Self> {
        Self::of(&RELISTED, page_size)
    }

    /// Books that can be asked for changes.
    pub fn with_changes_in_pages_of(page_size: usize) -> Arc<Self> {
        Self::of(&CHANGING, page_size)
    }

    /// Books that tell control totals besides.
    pub fn with_totals_and_pages_of(page_size: usize) -> Arc<Self> {
        Self::of(&CLOSING, page_size)
    }

    fn of(about: &'static About, page_size: usize) -> Arc<Self> {
        let state = State {
            page_size,
            now: 1_000_000,
            ..State::default()
        };
        Arc::new(Self {
            about,
            state: Mutex::new(state),
        })
    }

    /// Time passes in the books, or is set back.
    pub fn wait(&self, seconds: i64) {
        self.state.lock().unwrap().now += seconds;
    }

    pub fn now(&self) -> i64 {
        self.state.lock().unwrap().now
    }

    /// Have something happen in the books once so many more pages of the feed have been answered.
    pub fn meanwhile(&self, feed: &'static str, after: usize, what: impl FnOnce(&Self) + Send + 'static) {
        let what = Box::new(what);
        let mut state = self.state.lock().unwrap();
        state.meanwhile.push(Meanwhile { feed, after, what });
    }

    /// From when on first pages were asked for, by the books' clock.
    pub fn asked_since(&self) -> Vec<(String, Option<i64>)> {
        std::mem::take(&mut self.state.lock().unwrap().asked_since)
    }

    pub fn put(&self, data_type: DataType, id: &str, text: &str) {
        self.set(data_type, id, Some(text), false);
    }

    pub fn spoil(&self, data_type: DataType, id: &str) {
        self.set(data_type, id, None, false);
    }

    pub fn tombstone(&self, data_type: DataType, id: &str) {
        self.set(data_type, id, Some(""), true);
    }

    pub fn remove(&self, data_type: DataType, keep: impl Fn(&str) -> bool) {
        let mut state = self.state.lock().unwrap();
        state
            .objects
            .retain(|object| object.data_type != data_type || keep(&object.id));
    }

    pub fn fail(&self, feed: &'static str, after: usize, error: Error) {
        self.state
            .lock()
            .unwrap()
            .faults
            .push_back(Fault { feed, after, error });
    }

    /// Have the request fail that comes after so many others, of pages or of totals.
    pub fn fail_call(&self, after: usize, error: Error) {
        self.state.lock().unwrap().calls.push((after, Call::Fail(error)));
    }

    /// Keep it from being answered.
    pub fn hold_call(&self, after: usize) -> Arc<Held> {
        let held = Arc::<Held>::default();
        let call = Call::Hold(held.clone());
        self.state.lock().unwrap().calls.push((after, call));
        held
    }

    /// What was to happen to requests does not happen any more; whether some of it was left.
    pub fn forget_calls(&self) -> bool {
        !std::mem::take(&mut self.state.lock().unwrap().calls).is_empty()
    }

    /// A request arrives.
    async fn receive(&self) -> Result<(), Error> {
        let call = {
            let mut state = self.state.lock().unwrap();
            let due = state.calls.iter().position(|(after, _)| *after == 0);
            let call = due.map(|index| state.calls.remove(index).1);
            for (after, _) in &mut state.calls {
                *after = after.saturating_sub(1);
            }
            call
        };
        match call {
            None => Ok(()),
            Some(Call::Fail(error)) => Err(error),
            Some(Call::Hold(held)) => {
                held.is_asked.store(true, Ordering::SeqCst);
                held.let_go.notified().await;
                Ok(())
            }
        }
    }

    pub fn asked(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// Id and text of what readers should see.
    pub fn live(&self, data_type: DataType) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let of_type = state
            .objects
            .iter()
            .filter(|object| object.data_type == data_type && !object.gone);
        let mut live: Vec<_> = of_type
            .filter_map(|object| Some((object.id.clone(), object.text.clone()?)))
            .collect();
        live.sort();
        live
    }

    fn set(&self, data_type: DataType, id: &str, text: Option<&str>, gone: bool) {
        let mut state = self.state.lock().unwrap();
        let object = Object {
            data_type,
            id: id.to_owned(),
            text: text.map(str::to_owned),
            gone,
            changed_at: state.now,
        };
        match state
            .objects
            .iter_mut()
            .find(|object| object.data_type == data_type && object.id == id)
        {
            Some(found) => *found = object,
            None => state.objects.push(object),
        }
    }
}

impl Books {
    fn answer(&self, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error> {
        let mut state = self.state.lock().unwrap();
        let offset: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
        if let Some(fault) = state.faults.iter_mut().find(|fault| fault.feed == read.feed) {
            if fault.after == 0 {
                let index = state.faults.iter().position(|fault| fault.feed == read.feed);
                return Err(state.faults.remove(index.unwrap()).unwrap().error);
            }
            fault.after -= 1;
        }
        state.asked.push((read.feed.to_owned(), offset));
        let since = read.since.map(Timestamp::as_second);
        if offset == 0 {
            state.asked_since.push((read.feed.to_owned(), since));
        }
        let feed = self
            .about
            .feeds
            .iter()
            .find(|feed| feed.name == read.feed)
            .unwrap();
        let objects: Vec<&Object> = state
            .objects
            .iter()
            .filter(|object| feed.data_types.contains(&object.data_type))
            .filter(|object| since.is_none_or(|since| object.changed_at >= since))
            .collect();
        let end = (offset + state.page_size).min(objects.len());
        let rows: Vec<Row> = objects[offset.min(end)..end]
            .iter()
            .filter(|object| read.wanted.contains(&object.data_type))
            .map(|object| row(object))
            .collect();
        Ok(Page {
            rows,
            next: (end < objects.len()).then(|| Cursor(end.to_string())),
            platform_time: Some(Timestamp::from_second(state.now).unwrap()),
            expected: Some(objects.len() as u64),
            objects: (end - offset.min(end)) as u64,
        })
    }
}

/// The object as a page would bring it.
pub fn row(object: &Object) -> Row {
    let content = match &object.text {
        _ if object.gone => Content::Gone,
        Some(text) => Content::Present(Box::new(Present {
            standard: Standard::of(&text).unwrap(),
            source: Arc::from(text.as_str()),
            source_modified_at: None,
            issues: Vec::new(),
            references: Vec::new(),
            is_open: false,
        })),
        None => Content::Quarantined {
            issue: Issue {
                severity: Severity::Error,
                rule: "books-no-form".into(),
                record: object.id.clone(),
                field: "text".into(),
                message: "There is none.".into(),
            },
            source: Arc::from("null"),
        },
    };
    Row {
        data_type: object.data_type,
        remote_id: object.id.clone(),
        content,
    }
}

#[async_trait]
impl Platform for Books {
    fn about(&self) -> &'static About {
        self.about
    }

    async fn pull(&self, _cx: &Cx, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error> {
        self.receive().await?;
        let page = self.answer(read, cursor);
        let due = {
            let mut state = self.state.lock().unwrap();
            let of_feed = |one: &&mut Meanwhile| one.feed == read.feed;
            state
                .meanwhile
                .iter_mut()
                .filter(of_feed)
                .for_each(|one| one.after = one.after.saturating_sub(1));
            let (due, later) = std::mem::take(&mut state.meanwhile)
                .into_iter()
                .partition::<Vec<_>, _>(|one| one.feed == read.feed && one.after == 0);
            state.meanwhile = later;
            due
        };
        for one in due {
            (one.what)(self);
        }
        page
    }

    async fn totals(&self, _: &Cx, _: &Secret, _: &Organisation, _: Date) -> Result<Told, Error> {
        self.receive().await?;
        let state = self.state.lock().unwrap();
        let texts = state.objects.iter().filter_map(|object| object.text.as_deref());
        let total: usize = texts.map(str::len).sum();
        let total = Decimal::from(i64::try_from(total).unwrap());
        Ok(Told {
            totals: Totals {
                debits: total,
                credits: total,
                ..Totals::default()
            },
            platform_time: Some(Timestamp::from_second(state.now).unwrap()),
        })
    }

    fn consent_url(&self, _: &Endpoints, _: &Consent) -> Result<Url, Error> {
        Err(not_in_these_tests())
    }

    async fn link(&self, _: &Cx, _: &ConsentAnswer) -> Result<Linked, Error> {
        Err(not_in_these_tests())
    }

    async fn refresh(&self, _: &Cx, _: &Secret) -> Result<Tokens, Error> {
        Err(not_in_these_tests())
    }

    async fn organisations(&self, _: &Cx, _: &Secret) -> Result<Vec<Organisation>, Error> {
        Err(not_in_these_tests())
    }

    async fn remove_organisation(&self, _: &Cx, _: &Secret, _: &Organisation) -> Result<(), Error> {
        Err(not_in_these_tests())
    }

    async fn revoke(&self, _: &Cx, _: &Tokens) -> Result<(), Error> {
        Err(not_in_these_tests())
    }

    fn map(&self, _: DataType, _: &[u8]) -> Result<Vec<Row>, Error> {
        Err(not_in_these_tests())
    }
}

/// Pulling is all that these books can do.
fn not_in_these_tests() -> Error {
    Error::Unsupported {
        what: "anything but pulling".into(),
    }
}
