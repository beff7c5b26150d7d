use std::sync::Arc;

use ledgerline_model::record::{Issue, Standard};
use ledgerline_model::validation::{self, Reference, Validate};
use ledgerline_model::{DataType, Timestamp};
use serde::Serialize;

/// Where the next page of a feed starts, in the connector's own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor(pub String);

/// One page of a feed.
#[derive(Clone, Debug)]
pub struct Page {
    pub rows: Vec<Row>,
    /// `None` once the enumeration is complete.
    pub next: Option<Cursor>,
    /// The platform's clock when it answered: high-water marks come from it, never from ours.
    pub platform_time: Option<Timestamp>,
    /// How many source objects the whole feed has, where the platform says so.
    pub expected: Option<u64>,
    /// How many source objects this page held.
    pub objects: u64,
}

/// What a page says of one record of one data type.
#[derive(Clone, Debug)]
pub struct Row {
    pub data_type: DataType,
    pub remote_id: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Present(Box<Present>),
    /// Deleted, or no longer of this type; for an id that we never had it says nothing.
    Gone,
    /// It exists, but has no legal standard form: kept with its reason and its source, and never swept.
    Quarantined {
        issue: Issue,
        source: Arc<str>,
    },
}

#[derive(Clone, Debug)]
pub struct Present {
    pub standard: Standard,
    /// The platform's own JSON of the object, byte for byte; rows made from one object share it.
    pub source: Arc<str>,
    pub source_modified_at: Option<Timestamp>,
    pub issues: Vec<Issue>,
    /// The records that it names, each once.
    pub references: Vec<Reference>,
    /// It counts towards a control account: something is owed for it, or left of it, and it is posted.
    pub is_open: bool,
}

impl Present {
    /// A record in its standard form, held against the rules of the standard; `issues` is what the connector found
    /// before.
    pub fn of<R: Serialize + Validate>(
        record: &R,
        id: &str,
        source: Arc<str>,
        source_modified_at: Option<Timestamp>,
        mut issues: Vec<Issue>,
    ) -> Result<Self, serde_json::Error> {
        let standard = Standard::of(record)?;
        let found = validation::validate(record, id);
        issues.extend(found.issues);
        Ok(Self {
            standard,
            source,
            source_modified_at,
            issues,
            references: found.references,
            is_open: found.is_open,
        })
    }
}
