//! What a job that pushes has in hand, and what of it is not stored yet.

use std::collections::{HashMap, HashSet};

use ledgerline_model::Timestamp;
use ledgerline_model::company::Company;
use ledgerline_model::push::{Content, ItemLeg, Leg, LegState, Mapping, Push, Row, RowStatus};
use ledgerline_store::Tx;
use ledgerline_store::push::{legs, pushes, rows};

use super::admit::row_of;
use super::end::failure;
use super::planted;
use super::state::{Effect, Event, Rules, SEARCHES, step};
use super::tell::{self, Members};
use crate::pull::{Source, is_connected};
use crate::{Engine, jobs};

pub(super) struct Work {
    pub fence: i64,
    pub company: Company,
    /// `None`: only what is in doubt is found out.
    pub push: Option<Push>,
    /// `None`: nothing can be asked.
    pub source: Option<Source>,
    pub entries: Vec<Entry>,
    /// Of what was not sent yet, by transaction.
    pub contents: HashMap<String, Content>,
    pub mapping: Option<Mapping>,
    /// Those of whose fate is told.
    pub members: Members,
    /// Posted and not among the records yet.
    pub unread: Vec<ItemLeg>,
    places: HashMap<(String, Leg), usize>,
    /// Posted in this job, and not stored yet.
    written: HashSet<usize>,
}

/// A leg in hand.
pub(super) struct Entry {
    pub leg: ItemLeg,
    /// As it is stored, where that is something else.
    stored: Option<ItemLeg>,
    /// The push shows it; not so what an earlier one left in doubt.
    is_own: bool,
    /// The push is done with it, whatever its state: another leg's failure ended it.
    is_closed: bool,
    /// Earlier pushes may have ended without knowing what became of it.
    was_in_doubt: bool,
    row: Option<Row>,
}

impl Entry {
    fn new(leg: ItemLeg, is_own: bool) -> Self {
        Self {
            was_in_doubt: leg.state.is_in_doubt(),
            leg,
            stored: None,
            is_own,
            is_closed: false,
            row: None,
        }
    }

    pub fn is_open(&self) -> bool {
        !self.is_closed && !self.leg.state.is_settled()
    }

    pub fn is_open_of_push(&self) -> bool {
        self.is_own && self.is_open()
    }
}

impl Work {
    pub fn new(fence: i64, company: Company, push: Option<Push>, source: Option<Source>) -> Self {
        Self {
            fence,
            company,
            push,
            source,
            entries: Vec::new(),
            contents: HashMap::new(),
            mapping: None,
            members: Members::default(),
            unread: Vec::new(),
            places: HashMap::new(),
            written: HashSet::new(),
        }
    }

    fn add(&mut self, leg: ItemLeg, is_own: bool) {
        let place = (leg.transaction.clone(), leg.leg);
        if !self.places.contains_key(&place) {
            self.places.insert(place, self.entries.len());
            self.entries.push(Entry::new(leg, is_own));
        }
    }

    /// The push's own. One that other books know more of is none of these books' business: it stays in doubt.
    pub fn add_own(&mut self, own: Vec<ItemLeg>) {
        for leg in own {
            let is_elsewhere = leg.state.is_in_doubt() && !self.are_books_of(&leg);
            let index = self.entries.len();
            self.add(leg, true);
            if is_elsewhere && let Some(entry) = self.entries.get_mut(index) {
                entry.is_closed = true;
                entry.row = Some(Row {
                    status: RowStatus::Unknown,
                    message: Some(
                        "An earlier push sent it to other books, and it is not known whether it is there."
                            .into(),
                    ),
                    ..row_of(&entry.leg)
                });
            }
        }
    }

    /// What earlier pushes have left in doubt in these books.
    pub fn add_strays(&mut self, strays: Vec<ItemLeg>) {
        for leg in strays {
            if self.are_books_of(&leg) {
                self.add(leg, false);
            }
        }
    }

    pub fn add_unread(&mut self, unread: Vec<ItemLeg>) {
        let (own, _): (Vec<_>, Vec<_>) = unread.into_iter().partition(|leg| self.are_books_of(leg));
        self.unread = own;
    }

    fn are_books_of(&self, leg: &ItemLeg) -> bool {
        let (Some(source), Some(books)) = (&self.source, &leg.books) else {
            return false;
        };
        books.platform == source.connection.platform && books.organisation == source.organisation.id
    }

    /// The transactions whose content is needed.
    pub fn unsent(&self) -> Vec<String> {
        let unsent = self
            .entries
            .iter()
            .filter(|entry| entry.leg.state == LegState::Accepted);
        unsent.map(|entry| entry.leg.transaction.clone()).collect()
    }

    pub fn is_idle(&self) -> bool {
        self.push.is_none() && self.entries.is_empty() && self.unread.is_empty()
    }

    /// Up to so many that something can be done about now, in their order.
    pub fn choose(&self, most: usize, now: Timestamp) -> Vec<usize> {
        let due = self.entries.iter().enumerate();
        let due = due.filter(|(_, entry)| {
            entry.is_open() && entry.due(now) <= now && self.is_free(entry) && self.is_sendable(entry)
        });
        due.map(|(index, _)| index).take(most).collect()
    }

    /// When something can be done about the push; `None`: it is settled. A document that waits for its line of the
    /// bank feed is due with that.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.entries.iter().filter(|entry| entry.is_open_of_push());
        let free = open.filter(|entry| self.is_free(entry));
        free.map(|entry| entry.due(now)).min()
    }

    /// The document waits for its line of the bank feed.
    fn is_free(&self, entry: &Entry) -> bool {
        if entry.leg.leg != Leg::Expense || entry.leg.state != LegState::Accepted {
            return true;
        }
        let fed = self.places.get(&(entry.leg.transaction.clone(), Leg::BankFeed));
        let fed = fed.and_then(|index| self.entries.get(*index));
        fed.is_none_or(|fed| !fed.is_open())
    }

    fn is_sendable(&self, entry: &Entry) -> bool {
        entry.leg.state != LegState::Accepted || (entry.is_own && self.push.is_some())
    }

    /// Something happened to a leg.
    pub fn happen(&mut self, index: usize, event: Event, rules: &Rules, now: Timestamp) -> Vec<Effect> {
        let Some(entry) = self.entries.get_mut(index) else {
            return Vec::new();
        };
        let (next, effects) = step(&entry.leg, event, rules, now);
        if next == entry.leg {
            return effects;
        }
        let before = std::mem::replace(&mut entry.leg, next);
        entry.stored.get_or_insert(before);
        if entry.is_own && entry.leg.state.is_settled() {
            entry.row = Some(row_of(&entry.leg));
        }
        match entry.leg.state {
            LegState::Posted => {
                if entry.is_own {
                    self.written.insert(index);
                }
                self.unread.push(entry.leg.clone());
            }
            LegState::Invalid | LegState::Rejected | LegState::NeedsReview => self.end_sibling(index),
            LegState::Accepted | LegState::Intent | LegState::Pending | LegState::Unknown => {}
        }
        effects
    }

    /// Where the line of the bank feed failed, the document is not sent, and shows why.
    fn end_sibling(&mut self, index: usize) {
        let Some(failed) = self.entries.get(index) else {
            return;
        };
        if failed.leg.leg != Leg::BankFeed {
            return;
        }
        let message = failed.leg.message.clone();
        let status = match failed.leg.state {
            LegState::Invalid => RowStatus::Invalid,
            _ => RowStatus::Failed,
        };
        let place = (failed.leg.transaction.clone(), Leg::Expense);
        let sibling = self.places.get(&place).copied();
        if let Some(sibling) = sibling.and_then(|index| self.entries.get_mut(index))
            && sibling.is_open()
        {
            sibling.is_closed = true;
            sibling.row = Some(Row {
                status,
                message,
                ..row_of(&sibling.leg)
            });
        }
    }

    /// What was looked for in vain, as often as it has to be, is sent again.
    pub fn retry(&mut self, index: usize, rules: &Rules, now: Timestamp) {
        let fence = self.fence;
        let Some(entry) = self.entries.get(index) else {
            return;
        };
        let (next, _) = step(&entry.leg, Event::Due { fence }, rules, now);
        if next.state != entry.leg.state {
            self.happen(index, Event::Due { fence }, rules, now);
        }
    }

    /// What is to be asked of the chosen, now that their intents are stored.
    pub fn effects(&mut self, chosen: &[usize], rules: &Rules, now: Timestamp) -> Vec<(usize, Effect)> {
        let fence = self.fence;
        let mut effects = Vec::with_capacity(chosen.len());
        for &index in chosen {
            let Some(entry) = self.entries.get(index) else {
                continue;
            };
            let event = match entry.leg.state {
                LegState::Intent => Event::Committed { fence },
                LegState::Unknown | LegState::Pending => Event::Due { fence },
                LegState::Accepted
                | LegState::Invalid
                | LegState::Posted
                | LegState::Rejected
                | LegState::NeedsReview => continue,
            };
            let (_, wanted) = step(&entry.leg, event, rules, now);
            for effect in wanted {
                match effect {
                    Effect::Send | Effect::Search | Effect::Poll => effects.push((index, effect)),
                    Effect::Commit | Effect::ReadBack => {}
                }
            }
        }
        effects
    }

    /// Store all that has changed. Nothing new is intended once the connection is cut: what was to be sent stays as
    /// it was, and `false` says so.
    pub async fn commit(
        &mut self,
        engine: &Engine,
        job: &jobs::Job,
        source: &Source,
    ) -> Result<bool, jobs::Error> {
        if !self.is_dirty() {
            let mut tx = engine.store.read().await?;
            return is_connected(&mut tx, source).await;
        }
        let mut tx = engine.store.write().await?;
        ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
        if !self.members.is_empty() || !self.found().is_empty() {
            // Its events are counted in its row, which is locked before the connection's.
            ledgerline_store::companies::lock(&mut tx, job.app, self.company.id).await?;
        }
        let connection = ledgerline_store::connections::lock(&mut tx, job.app, source.connection.id).await?;
        let connected = connection
            .is_some_and(|connection| connection.state.is_active() && connection.grant == Some(source.grant));
        if !connected {
            self.withdraw();
        }
        if !self.written.is_empty()
            && let Some(push) = &mut self.push
        {
            push.data_pushed = true;
        }
        if let Some(push) = &mut self.push {
            if self.entries.iter().any(|entry| entry.row.is_some()) {
                push.last_progress_at = push.last_progress_at.max(engine.now());
            }
            pushes::save(&mut tx, push).await?;
        }
        self.save(engine, &mut tx).await?;
        tx.commit().await?;
        Ok(connected)
    }

    /// Nothing more is sent in this job: what was to be sent, and was not stored yet, stays as it was. What was looked
    /// for in vain for it stays known, or it would be looked for again and again while the platform sets limits.
    pub fn withdraw(&mut self) {
        for entry in &mut self.entries {
            if entry.leg.state == LegState::Intent
                && let Some(stored) = entry.stored.take()
            {
                entry.leg = stored.clone();
                if stored.state == LegState::Unknown && stored.searches < SEARCHES {
                    entry.leg.searches = SEARCHES;
                    entry.leg.hold_until = None;
                    entry.stored = Some(stored);
                }
            }
        }
    }

    fn is_dirty(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.stored.is_some() || entry.row.is_some())
    }

    /// Documents that were in doubt, and are not any more.
    fn found(&self) -> Vec<ItemLeg> {
        let settled = self.entries.iter().filter(|entry| {
            entry.was_in_doubt
                && entry.stored.is_some()
                && entry.leg.leg == Leg::Expense
                && matches!(entry.leg.state, LegState::Posted | LegState::Rejected)
        });
        settled.map(|entry| entry.leg.clone()).collect()
    }

    /// Write legs and rows that have changed, and tell of the expenses of batches.
    pub async fn save(&mut self, engine: &Engine, tx: &mut Tx) -> Result<(), jobs::Error> {
        let app = self.company.app;
        let found = self.found();
        let mut changed: Vec<ItemLeg> = Vec::new();
        let mut seen: Vec<Row> = Vec::new();
        let mut fates: Vec<(Row, Option<String>)> = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.stored.take().is_some() && planted::is_stored_first(&entry.leg) {
                changed.push(entry.leg.clone());
            }
            if let Some(mut row) = entry.row.take() {
                row.is_written = self.written.contains(&index);
                if !self.members.is_empty() {
                    fates.push((row.clone(), entry.leg.posted.clone()));
                }
                seen.push(row);
            }
        }
        self.written.clear();
        legs::save(tx, app, self.company.id, &changed).await?;
        if let Some(push) = &self.push {
            rows::save(tx, app, push.id, &seen).await?;
        }
        self.members.tell(engine, tx, &self.company, &fates).await?;
        tell::found(engine, tx, &self.company, &found)
            .await
            .map_err(failure)
    }
}
