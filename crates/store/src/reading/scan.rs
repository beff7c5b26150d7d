use std::cmp::Ordering;
use std::collections::BinaryHeap;

use ledgerline_model::Timestamp;
use ledgerline_model::query::{Filter, Found, Json, Key, ListRequest, Order, Properties};

use super::conditions::Conditions;
use super::{Of, rows};
use crate::db::{Row, sql};
use crate::{Result, Tx};

/// How much of an order is held at once. A page that lies deeper takes another pass over the candidates, not
/// more memory.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Places.
    pub(super) places: usize,
    /// Bytes of their keys and ids.
    pub(super) bytes: usize,
}

impl Budget {
    pub(super) const DEFAULT: Self = Self {
        places: 50_000,
        bytes: 32 * 1024 * 1024,
    };
}

/// The remote ids of the page, in order, and how many records meet the filter.
pub(super) async fn page(
    tx: &mut Tx,
    of: Of,
    conditions: Conditions,
    request: &ListRequest,
    budget: Budget,
) -> Result<(Vec<String>, u64)> {
    let scan = Scan::new(tx, of, conditions, request);
    match &request.order {
        None => scan.by_id(tx, request).await,
        Some(order) => scan.by_order(tx, request, order, budget).await,
    }
}

struct Scan<'a> {
    of: Of,
    conditions: Conditions,
    filter: Option<&'a Filter>,
    text: String,
}

impl<'a> Scan<'a> {
    fn new(tx: &Tx, of: Of, conditions: Conditions, request: &'a ListRequest) -> Self {
        let filter = request.filter.as_ref().filter(|_| !conditions.exact);
        let mut asked = filter.map_or_else(Vec::new, Filter::tests).into_iter();
        let needs_json = asked.any(|test| !Candidate::knows(&test.property))
            || (request.order.as_ref()).is_some_and(|order| !Candidate::knows(order.property));
        // Only an order by id needs no sorting: it is the order of the primary key.
        let order = if request.order.is_none() {
            "order by record.remote_id"
        } else {
            ""
        };
        let text = format!(
            "select record.remote_id, record.is_deleted, record.source_modified_at,
                publication.at as modified_at, {} as standard
            {} {} {order}",
            if needs_json { "record.standard" } else { "''" },
            rows::from(tx.dialect(), of),
            conditions.sql,
        );
        Self {
            of,
            conditions,
            filter,
            text,
        }
    }

    async fn by_id(&self, tx: &mut Tx, request: &ListRequest) -> Result<(Vec<String>, u64)> {
        let wanted = request.offset()..request.offset() + u64::from(request.page_size);
        let mut ids = Vec::new();
        let mut total = 0;
        self.each(tx, |candidate| {
            if wanted.contains(&total) {
                ids.push(candidate.remote_id.to_owned());
            }
            total += 1;
        })
        .await?;
        Ok((ids, total))
    }

    async fn by_order(
        &self,
        tx: &mut Tx,
        request: &ListRequest,
        order: &Order,
        budget: Budget,
    ) -> Result<(Vec<String>, u64)> {
        let start = request.offset();
        let end = start + u64::from(request.page_size);
        let mut ids = Vec::new();
        let mut passed = 0;
        let mut after = None;
        loop {
            let places = usize::try_from(end - passed).map_or(budget.places, |left| left.min(budget.places));
            let mut first = First::new(Budget { places, ..budget }, after);
            let mut total = 0;
            self.each(tx, |candidate| {
                total += 1;
                first.offer(Place {
                    key: order.key(candidate),
                    descending: order.descending,
                    remote_id: candidate.remote_id.to_owned(),
                });
            })
            .await?;
            let found = first.heap.into_sorted_vec();
            let skip = usize::try_from(start.saturating_sub(passed)).unwrap_or(usize::MAX);
            let take = usize::try_from(end - start).unwrap_or(usize::MAX) - ids.len();
            ids.extend(
                found
                    .iter()
                    .skip(skip)
                    .take(take)
                    .map(|place| place.remote_id.clone()),
            );
            passed += found.len() as u64;
            if passed >= end.min(total) || start >= total {
                return Ok((ids, total));
            }
            after = found.into_iter().last();
        }
    }

    /// Visit what meets the filter.
    async fn each(&self, tx: &mut Tx, mut visit: impl FnMut(&Candidate<'_>)) -> Result<()> {
        sql(self.text.as_str())
            .bind_all(rows::keys(self.of))
            .bind_all(self.conditions.values.iter().cloned())
            .each(tx, |row| {
                let remote_id = row.text("remote_id")?;
                let standard = row.text("standard")?;
                let candidate = Candidate::of(&row, &remote_id, &standard)?;
                if self.filter.is_none_or(|filter| filter.matches(&candidate)) {
                    visit(&candidate);
                }
                Ok(true)
            })
            .await
    }
}

/// What a filter and an order may ask of a record.
struct Candidate<'a> {
    remote_id: &'a str,
    is_deleted: bool,
    source_modified_at: Option<Timestamp>,
    modified_at: Timestamp,
    standard: Option<Json<'a>>,
}

impl<'a> Candidate<'a> {
    /// Whether a property is a column.
    fn knows(property: &str) -> bool {
        matches!(
            property,
            "id" | "metadata.isDeleted" | "modifiedDate" | "sourceModifiedDate"
        )
    }

    fn of(row: &Row, remote_id: &'a str, standard: &'a str) -> Result<Self> {
        Ok(Self {
            remote_id,
            is_deleted: row.bool("is_deleted")?,
            source_modified_at: row.opt_at("source_modified_at")?,
            modified_at: row.at("modified_at")?,
            standard: Json::of(standard),
        })
    }
}

impl Properties for Candidate<'_> {
    fn property(&self, path: &str) -> Found<'_> {
        match path {
            "id" => Found::text(self.remote_id),
            "metadata.isDeleted" => Found::flag(self.is_deleted),
            "modifiedDate" => Found::at(self.modified_at),
            "sourceModifiedDate" => Found::opt_at(self.source_modified_at),
            path => self
                .standard
                .as_ref()
                .map_or(Found::Missing, |json| json.property(path)),
        }
    }
}

/// Where a record stands in an order.
#[derive(PartialEq, Eq)]
struct Place {
    key: Key,
    descending: bool,
    remote_id: String,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_key = if self.descending {
            other.key.cmp(&self.key)
        } else {
            self.key.cmp(&other.key)
        };
        by_key.then_with(|| self.remote_id.cmp(&other.remote_id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first places after a given one, as many as the budget allows, in whatever order they are offered.
struct First {
    heap: BinaryHeap<Place>,
    bytes: usize,
    budget: Budget,
    after: Option<Place>,
    /// The first place that was let go: what does not come before it is not wanted either, or there would be
    /// a hole.
    end: Option<Place>,
}

impl First {
    fn new(budget: Budget, after: Option<Place>) -> Self {
        Self {
            heap: BinaryHeap::new(),
            bytes: 0,
            budget,
            after,
            end: None,
        }
    }

    fn offer(&mut self, place: Place) {
        let is_wanted = self.after.as_ref().is_none_or(|after| place > *after)
            && self.end.as_ref().is_none_or(|end| place < *end);
        if !is_wanted {
            return;
        }
        self.bytes += place.heap_bytes();
        self.heap.push(place);
        while self.heap.len() > self.budget.places || (self.bytes > self.budget.bytes && self.heap.len() > 1)
        {
            self.end = self.heap.pop();
            self.bytes -= self.end.as_ref().map_or(0, Place::heap_bytes);
        }
    }
}

impl Place {
    fn heap_bytes(&self) -> usize {
        self.key.heap_bytes() + self.remote_id.capacity()
    }
}
