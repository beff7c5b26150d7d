use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;
use url::form_urlencoded::byte_serialize;

use crate::ledger::TYPES;
use crate::process::pause;
use crate::web::Web;
use crate::world::World;

/// Those who read all the while, and what they saw.
pub struct Readers {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    web: Web,
    /// Where the servers are.
    bases: Vec<String>,
    lists: Vec<List>,
    seen: Mutex<Seen>,
    poller: tokio::sync::Mutex<Poller>,
}

/// One list of one company.
pub struct List {
    pub connection: String,
    pub data_type: &'static str,
    pub path: String,
}

#[derive(Default)]
struct Seen {
    answers: u64,
    polls: u64,
    observed: Vec<Observed>,
    wrong: Vec<String>,
}

/// A whole list, as one answer had it.
#[derive(Clone, Debug)]
pub struct Observed {
    pub reader: usize,
    /// Index of the list.
    pub list: usize,
    /// Of all its records: see [`fingerprint`].
    pub fingerprint: u128,
    pub records: usize,
    pub deleted: Vec<String>,
}

/// A client that asks for what changed since it asked last, as they are told to.
#[derive(Default)]
struct Poller {
    /// The latest `modifiedDate` of all that it has seen, of any list.
    newest: String,
    mirrors: HashMap<usize, Mirror>,
}

#[derive(Default)]
struct Mirror {
    /// Where its next poll begins: `newest` before its last one.
    since: String,
    /// The record as it was told last, by its id.
    records: HashMap<String, u128>,
}

/// How many read at random places beside the one who polls.
const READERS: usize = 2;

/// Readers do not take the processor from those who are read.
const BETWEEN: Duration = Duration::from_millis(10);

/// All of a list is one page.
const PAGE: usize = 5000;

impl Readers {
    pub fn start(world: &World, seed: u64) -> Self {
        let mut lists = Vec::new();
        for company in &world.companies {
            for data_type in TYPES {
                lists.push(List {
                    connection: company.connection.replace('-', ""),
                    data_type: data_type.key,
                    path: data_type.list(&company.id, &company.connection),
                });
            }
        }
        let shared = Arc::new(Shared {
            web: world.web.clone(),
            bases: world.nodes.iter().map(|node| node.base.clone()).collect(),
            lists,
            seen: Mutex::default(),
            poller: tokio::sync::Mutex::default(),
        });
        let mut tasks = Vec::new();
        for reader in 0..READERS {
            let shared = shared.clone();
            let random = StdRng::seed_from_u64(seed ^ (reader as u64 + 1));
            tasks.push(tokio::spawn(async move { shared.read(reader, random).await }));
        }
        let polling = shared.clone();
        let random = StdRng::seed_from_u64(seed);
        tasks.push(tokio::spawn(async move { polling.poll(random).await }));
        Self { shared, tasks }
    }

    pub fn lists(&self) -> &[List] {
        &self.shared.lists
    }

    /// What was seen since the last call.
    pub fn observed(&self) -> Vec<Observed> {
        std::mem::take(&mut self.shared.lock().observed)
    }

    /// What no reader should ever see.
    pub fn wrong(&self) -> Vec<String> {
        self.shared.lock().wrong.clone()
    }

    /// How many answers were read, and how many polls made.
    pub fn counts(&self) -> (u64, u64) {
        let seen = self.shared.lock();
        (seen.answers, seen.polls)
    }

    /// While nothing changes: poll everything once more, and compare what the poller has with the lists.
    pub async fn compare_mirrors(&self) -> Vec<String> {
        let mut poller = self.shared.poller.lock().await;
        let mut wrong = Vec::new();
        for (index, list) in self.shared.lists.iter().enumerate() {
            let base = &self.shared.bases[0];
            self.shared.poll_one(&mut poller, index, base).await;
            let Some(Told::Records(records)) = self.shared.ask(base, &list.path, None).await else {
                continue;
            };
            let Some(mirror) = poller.mirrors.get(&index) else {
                continue;
            };
            let whole: HashMap<&String, u128> = records
                .iter()
                .map(|record| (&record.id, record.fingerprint))
                .collect();
            for (id, fingerprint) in &whole {
                if mirror.records.get(*id) != Some(fingerprint) {
                    let modified = records.iter().find(|record| record.id == **id);
                    wrong.push(format!(
                        "who polls by modifiedDate has missed {} {id} of {} (modified {})",
                        list.data_type,
                        list.connection,
                        modified.map_or("", |record| &record.modified)
                    ));
                }
            }
            if mirror.records.len() != whole.len() {
                wrong.push(format!(
                    "who polls {} of {} has {} records, the list {}",
                    list.data_type,
                    list.connection,
                    mirror.records.len(),
                    whole.len()
                ));
            }
        }
        wrong
    }

    pub fn stop(self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// One record of an answer.
struct Shown {
    id: String,
    modified: String,
    is_deleted: bool,
    fingerprint: u128,
}

enum Told {
    /// The type cannot be read yet.
    NotYet,
    Records(Vec<Shown>),
}

/// Stands for a record as it is printed.
pub fn fingerprint(printed: &str) -> u128 {
    xxhash_rust::xxh3::xxh3_128(printed.as_bytes())
}

impl Shared {
    async fn read(&self, reader: usize, mut random: StdRng) {
        let mut last: HashMap<usize, u128> = HashMap::new();
        loop {
            let list = random.random_range(0..self.lists.len());
            let base = &self.bases[random.random_range(0..self.bases.len())];
            let told = self.ask(base, &self.lists[list].path, None).await;
            match told {
                Some(Told::Records(records)) => {
                    let state = records
                        .iter()
                        .fold(0_u128, |sum, record| sum.wrapping_add(record.fingerprint));
                    let mut seen = self.lock();
                    seen.answers += 1;
                    if last.insert(list, state) != Some(state) {
                        let deleted = records.iter().filter(|record| record.is_deleted);
                        seen.observed.push(Observed {
                            reader,
                            list,
                            fingerprint: state,
                            records: records.len(),
                            deleted: deleted.map(|record| record.id.clone()).collect(),
                        });
                    }
                }
                Some(Told::NotYet) if last.contains_key(&list) => {
                    let path = &self.lists[list].path;
                    self.complain(format!("{path} could be read, and cannot any more"));
                }
                Some(Told::NotYet) | None => {}
            }
            pause(BETWEEN).await;
        }
    }

    async fn poll(&self, mut random: StdRng) {
        loop {
            let list = random.random_range(0..self.lists.len());
            let base = &self.bases[random.random_range(0..self.bases.len())];
            let mut poller = self.poller.lock().await;
            self.poll_one(&mut poller, list, base).await;
            drop(poller);
            pause(BETWEEN).await;
        }
    }

    async fn poll_one(&self, poller: &mut Poller, list: usize, base: &str) {
        // Whatever is published after this poll is later than what was seen before it.
        let newest = poller.newest.clone();
        let since = poller.mirrors.get(&list).map(|mirror| mirror.since.clone());
        let told = self.ask(base, &self.lists[list].path, since.as_deref()).await;
        let Some(Told::Records(records)) = told else {
            return;
        };
        self.lock().polls += 1;
        let mirror = poller.mirrors.entry(list).or_default();
        mirror.since = newest;
        for record in records {
            if record.modified > poller.newest {
                poller.newest.clone_from(&record.modified);
            }
            mirror.records.insert(record.id, record.fingerprint);
        }
    }

    /// `None`: no answer, as while a server is killed.
    async fn ask(&self, base: &str, path: &str, since: Option<&str>) -> Option<Told> {
        let mut url = format!("{base}{path}?pageSize={PAGE}");
        if let Some(since) = since.filter(|since| !since.is_empty()) {
            let query = format!("modifiedDate>={since}");
            url.push_str("&query=");
            url.extend(byte_serialize(query.as_bytes()));
        }
        let answer = self.web.ask("GET", &url, None).await.ok().flatten()?;
        match answer.status {
            200 => match parse(&answer.text()) {
                Ok(records) => Some(Told::Records(records)),
                Err(error) => {
                    self.complain(format!("{url}: {error}"));
                    None
                }
            },
            409 => Some(Told::NotYet),
            // The clock has moved on at the sandbox, and not yet here; or the server ends.
            503 => None,
            status => {
                self.complain(format!("{url} answered {status}: {}", answer.text()));
                None
            }
        }
    }

    fn complain(&self, text: String) {
        self.lock().wrong.push(text);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
    total_results: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    id: String,
    modified_date: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    is_deleted: bool,
}

fn parse(body: &str) -> anyhow::Result<Vec<Shown>> {
    let page: Page<'_> = serde_json::from_str(body)?;
    anyhow::ensure!(
        page.results.len() == page.total_results,
        "{} of {} records are on the only page",
        page.results.len(),
        page.total_results
    );
    page.results
        .iter()
        .map(|record| {
            let head: Head = serde_json::from_str(record.get())?;
            Ok(Shown {
                id: head.id,
                modified: head.modified_date,
                is_deleted: head.metadata.is_deleted,
                fingerprint: fingerprint(record.get()),
            })
        })
        .collect()
}
