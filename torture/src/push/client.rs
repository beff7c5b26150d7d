use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::books::Books;
use super::expense::{Expense, Fate, Wrong};
use super::ledger::Wanted;
use crate::process::pause;
use crate::web::{Answer, Web};

/// What the app knows of the world, and the world of the apps.
#[derive(Default)]
pub struct Shared {
    /// All trouble has ended: what does not arrive now never will.
    pub calm: Cell<bool>,
    /// Every expense has come to its end.
    pub done: Cell<bool>,
    /// Expenses that have not come to their end.
    pub open: Cell<usize>,
    pub datasets: Cell<usize>,
    pub syncs: Cell<usize>,
    /// Our answers that never came.
    pub unanswered: Cell<usize>,
    /// Expenses that were handed over again although they were in the books.
    pub repeated: Cell<usize>,
    pub corrected: Cell<usize>,
    pub changed: Cell<usize>,
    /// Of each expense that somebody had to look at: the reason that was given, and its id.
    pub reviews: RefCell<Vec<(String, String)>>,
    /// Organisations whose consent is gone, as far as the app was told.
    pub is_cut: Cell<bool>,
}

fn add(counter: &Cell<usize>, more: usize) {
    counter.set(counter.get() + more);
}

/// The app, as far as it is about one company.
pub struct Client<'a> {
    books: &'a Books,
    shared: &'a Shared,
    web: Web,
    bases: Vec<String>,
    random: StdRng,
    pub items: Vec<Item>,
}

/// An expense, and how far it has come as the app knows.
pub struct Item {
    pub expense: Expense,
    pub state: State,
    /// What is wrong with it as it is sent now.
    wrong: Option<Wrong>,
    /// How often it ended in a way that nobody wanted since all is calm.
    tries: usize,
    /// It was given its other amount; `None`: nobody knows yet.
    is_changed: Option<bool>,
}

/// As the rows of the latest sync said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    Unsent,
    Posted,
    /// `ValidationError` or `PushError`, and why.
    Refused(String),
    /// `Unknown`, and why.
    Review(String),
}

/// Most transactions of a dataset.
const BATCH: usize = 50;
/// Nothing takes longer, whatever happens.
const PATIENCE: Duration = Duration::from_secs(600);
/// What ends badly in calm is tried so often.
const TRIES: usize = 3;

impl Item {
    fn new(expense: Expense) -> Self {
        let wrong = match expense.fate {
            Fate::Corrected(wrong) | Fate::Hopeless(wrong) => Some(wrong),
            Fate::Fine | Fate::Changed => None,
        };
        Self {
            expense,
            state: State::Unsent,
            wrong,
            tries: 0,
            is_changed: Some(false),
        }
    }

    fn is_to_be_changed(&self) -> bool {
        self.expense.fate == Fate::Changed && self.state == State::Posted && self.is_changed != Some(true)
    }

    /// Whether it has come to the end that it was meant for, or cannot come any further.
    fn is_over(&self) -> bool {
        match &self.state {
            State::Posted => !self.is_to_be_changed() || self.tries > TRIES,
            State::Refused(_) => self.is_hopeless() || self.tries > TRIES,
            State::Review(_) => self.tries > TRIES,
            State::Unsent => false,
        }
    }

    /// What it should not have ended as, where it did.
    pub fn fault(&self) -> Option<String> {
        let id = &self.expense.id;
        let fate = self.expense.fate;
        match (&self.state, self.is_hopeless()) {
            (State::Posted, false) if fate == Fate::Changed && self.is_changed != Some(true) => {
                Some(format!("{id} could not be changed"))
            }
            (State::Posted, false) | (State::Refused(_), true) => None,
            (state, _) => Some(format!(
                "{id}, {:?}, {fate:?}, ended as {state:?}",
                self.expense.kind
            )),
        }
    }

    fn is_hopeless(&self) -> bool {
        matches!(self.expense.fate, Fate::Hopeless(_))
    }

    /// What the ledger should say of it.
    pub fn wanted(&self) -> Wanted {
        let (first, changed) = (self.expense.cents, self.expense.changed().cents);
        Wanted {
            id: self.expense.id.clone(),
            cents: match self.is_changed {
                Some(false) => vec![first],
                Some(true) => vec![changed],
                None => vec![first, changed],
            },
            is_there: self.state == State::Posted,
        }
    }
}

impl<'a> Client<'a> {
    pub fn new(
        books: &'a Books,
        shared: &'a Shared,
        web: Web,
        bases: Vec<String>,
        seed: u64,
        expenses: usize,
    ) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let items = (0..expenses)
            .map(|number| Item::new(Expense::any(&mut random, books, number)))
            .collect();
        Self::with(books, shared, web, bases, random, items)
    }

    fn with(
        books: &'a Books,
        shared: &'a Shared,
        web: Web,
        bases: Vec<String>,
        random: StdRng,
        items: Vec<Item>,
    ) -> Self {
        let client = Self {
            books,
            shared,
            web,
            bases,
            random,
            items,
        };
        add(&shared.open, client.items.len());
        client
    }

    /// Expenses that are as they should be.
    pub fn of(
        books: &'a Books,
        shared: &'a Shared,
        web: Web,
        bases: Vec<String>,
        seed: u64,
        expenses: Vec<Expense>,
    ) -> Self {
        let items = expenses.into_iter().map(Item::new).collect();
        Self::with(books, shared, web, bases, StdRng::seed_from_u64(seed), items)
    }

    /// Until each has come to its end.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        loop {
            let batch = self.choose();
            if !batch.is_empty() {
                self.hand_over_and_sync(&batch).await?;
            }
            self.change_some().await?;
            if self.items.iter().all(Item::is_over) {
                return Ok(());
            }
        }
    }

    /// What is to be sent next, and by chance some of what is in the books already.
    fn choose(&mut self) -> Vec<usize> {
        let most = self.random.random_range(BATCH / 2..=2 * BATCH);
        let is_to_be_sent = |item: &Item| !item.is_over() && item.state != State::Posted;
        let items = self.items.iter().enumerate();
        let mut batch: Vec<usize> = items
            .filter(|(_, item)| is_to_be_sent(item))
            .map(|(index, _)| index)
            .take(most)
            .collect();
        if !batch.is_empty() && self.random.random_bool(0.3) {
            let items = self.items.iter().enumerate();
            let posted: Vec<usize> = items
                .filter(|(_, item)| item.state == State::Posted && item.expense.fate == Fate::Fine)
                .map(|(index, _)| index)
                .collect();
            let first = self.random.random_range(0..posted.len().max(1));
            let some: Vec<usize> = posted.into_iter().skip(first).take(5).collect();
            add(&self.shared.repeated, some.len());
            batch.extend(some);
        }
        batch
    }

    async fn hand_over_and_sync(&mut self, batch: &[usize]) -> anyhow::Result<()> {
        let mut datasets = Vec::new();
        for part in batch.chunks(BATCH) {
            let items: Vec<Value> = part
                .iter()
                .map(|&index| {
                    let item = &self.items[index];
                    item.expense.json(self.books, item.wrong)
                })
                .collect();
            let body = json!({ "items": items });
            let path = self.books.path("data/expense-transactions");
            // By chance it is handed over twice: the answer may get lost on its way to the app, too.
            for _ in 0..if self.random.random_bool(0.1) { 2 } else { 1 } {
                let made = json_of(&self.ask("POST", &path, Some(&body)).await?, 200)?;
                datasets.push(made["datasetId"].clone());
                add(&self.shared.datasets, 1);
            }
        }
        // Those, or all that wait.
        let body = if self.random.random_bool(0.5) {
            json!({ "datasetIds": datasets })
        } else {
            json!({})
        };
        let answer = self.ask("POST", &self.books.path("syncs"), Some(&body)).await?;
        let Some(sync) = self.begun(&answer).await? else {
            return Ok(());
        };
        self.until_ended(&sync).await?;
        self.learn(&sync).await
    }

    /// The sync that has begun, by this answer or, if that is a repeated one, by an earlier one that got lost.
    async fn begun(&mut self, answer: &Answer) -> anyhow::Result<Option<String>> {
        match answer.status {
            202 => {
                add(&self.shared.syncs, 1);
                Ok(Some(crate::world::text(&json_of(answer, 202)?["syncId"])?))
            }
            422 if answer.text().contains("still in progress") => {
                let path = self.books.path("syncs/latest/status");
                let latest = json_of(&self.ask("GET", &path, None).await?, 200)?;
                Ok(Some(crate::world::text(&latest["syncId"])?))
            }
            // Consent is gone; somebody looks after that.
            422 if answer.text().contains("valid set of DataConnections") => {
                self.shared.is_cut.set(true);
                pause(Duration::from_millis(500)).await;
                Ok(None)
            }
            status => bail!("a sync was answered {status}: {}", answer.text()),
        }
    }

    async fn until_ended(&mut self, sync: &str) -> anyhow::Result<()> {
        let path = self.books.path(&format!("syncs/{sync}/status"));
        let end = Instant::now() + PATIENCE;
        loop {
            let status = json_of(&self.ask("GET", &path, None).await?, 200)?;
            let code = status["syncStatusCode"]
                .as_i64()
                .context("a status has no code")?;
            if code >= 2000 {
                if code == 4040 {
                    self.shared.is_cut.set(true);
                    pause(Duration::from_millis(500)).await;
                }
                return Ok(());
            }
            if Instant::now() > end {
                bail!("a sync has no end: {status}");
            }
            pause(Duration::from_millis(200)).await;
        }
    }

    /// What the rows of a sync say is what the app knows from then on.
    async fn learn(&mut self, sync: &str) -> anyhow::Result<()> {
        let path = self
            .books
            .path(&format!("syncs/{sync}/transactions?pageSize=5000"));
        let told = json_of(&self.ask("GET", &path, None).await?, 200)?;
        let rows = told["results"].as_array().context("no rows")?;
        let places: BTreeMap<String, usize> = self
            .items
            .iter()
            .enumerate()
            .map(|(place, item)| (item.expense.id.clone(), place))
            .collect();
        for row in rows.iter().filter(|row| row["integrationType"] == "expense") {
            let id = row["transactionId"].as_str().unwrap_or_default();
            let place = *places
                .get(id)
                .with_context(|| format!("a row of somebody else: {row}"))?;
            let over = self.items.iter().filter(|item| item.is_over()).count();
            self.learn_row(place, row)?;
            let over_now = self.items.iter().filter(|item| item.is_over()).count();
            self.shared.open.set(self.shared.open.get() + over - over_now);
        }
        Ok(())
    }

    fn learn_row(&mut self, place: usize, row: &Value) -> anyhow::Result<()> {
        let shared = self.shared;
        let item = &mut self.items[place];
        let message = row["message"].as_str().unwrap_or_default().to_owned();
        // What is in the books stays there, whatever becomes of an attempt to change it.
        let was_posted = item.state == State::Posted;
        let bad = |item: &mut Item| {
            if shared.calm.get() {
                item.tries += 1;
            }
        };
        match row["status"].as_str().unwrap_or_default() {
            "Completed" => {
                item.state = State::Posted;
                // What an older dataset wanted of it was refused, in this word.
                if item.is_changed.is_none() && !message.contains("previously been processed") {
                    item.is_changed = Some(true);
                    add(&shared.changed, 1);
                }
            }
            "ValidationError" | "PushError" if was_posted => bad(item),
            "ValidationError" | "PushError" => {
                item.state = State::Refused(message);
                match (item.expense.fate, item.wrong) {
                    (Fate::Corrected(_), Some(_)) => {
                        item.wrong = None;
                        add(&shared.corrected, 1);
                    }
                    (Fate::Hopeless(_), _) => {}
                    _ => bad(item),
                }
            }
            "Unknown" => {
                shared
                    .reviews
                    .borrow_mut()
                    .push((message.clone(), item.expense.id.clone()));
                if !was_posted {
                    item.state = State::Review(message);
                }
                bad(item);
            }
            // The sync ended before it: it is asked for again.
            "Pending" => bad(item),
            other => bail!("`{other}` is no status of a transaction"),
        }
        Ok(())
    }

    /// Give a few of those that are in the books their other amount.
    async fn change_some(&mut self) -> anyhow::Result<()> {
        let chosen: Vec<usize> = (0..self.items.len())
            .filter(|&index| self.items[index].is_to_be_changed() && !self.items[index].is_over())
            .take(2)
            .collect();
        for index in chosen {
            let expense = self.items[index].expense.changed();
            let path = self.books.path(&format!("expense-transactions/{}", expense.id));
            self.items[index].is_changed = None;
            let body = expense.json(self.books, None);
            let answer = self.ask("PUT", &path, Some(&body)).await?;
            let Some(sync) = self.begun(&answer).await? else {
                return Ok(());
            };
            self.until_ended(&sync).await?;
            self.learn(&sync).await?;
        }
        Ok(())
    }

    /// Ask some server until there is an answer, as apps do.
    async fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let end = Instant::now() + PATIENCE;
        loop {
            let base = &self.bases[self.random.random_range(0..self.bases.len())];
            let answer = self.web.ask(method, &format!("{base}{path}"), body).await?;
            match answer {
                Some(answer) if answer.status < 500 => return Ok(answer),
                Some(answer) if answer.status != 503 => {
                    bail!("{method} {path} answered {}: {}", answer.status, answer.text())
                }
                Some(_) | None => add(&self.shared.unanswered, 1),
            }
            if Instant::now() > end {
                bail!("nobody answers {method} {path}");
            }
            pause(Duration::from_millis(100)).await;
        }
    }
}

fn json_of(answer: &Answer, wanted: u16) -> anyhow::Result<Value> {
    if answer.status != wanted {
        bail!("{} instead of {wanted}: {}", answer.status, answer.text());
    }
    Ok(serde_json::from_slice(&answer.body)?)
}
