use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{DataType, Date, PublicationId, Timestamp};

/// The standard form of a record as it is stored and served: JSON text in the schema's field order,
/// without `modifiedDate` and `metadata`, and the hash by which a change is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standard {
    pub json: String,
    /// XXH3-128 of `json`, big-endian: detects change, proves nothing against an adversary.
    pub hash: [u8; 16],
}

impl Standard {
    /// Serialize a record of the standard schema.
    pub fn of(record: &impl Serialize) -> Result<Self, serde_json::Error> {
        let mut json = Vec::with_capacity(1024);
        serde_json::to_writer(&mut json, record)?;
        let hash = xxh3_128(&json).to_be_bytes();
        // A thousand of them are held at a time.
        json.shrink_to_fit();
        let json = String::from_utf8(json).map_err(serde::ser::Error::custom)?;
        Ok(Self { json, hash })
    }
}

/// The day of a document, out of its standard JSON (`issueDate`, `date` or `postedOn`); `None` where it has none.
pub fn document_date(standard: &str) -> Option<Date> {
    let dates: Dates<'_> = serde_json::from_str(standard).ok()?;
    let text = dates.issue_date.or(dates.date).or(dates.posted_on)?;
    text.get(..10)?.parse().ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dates<'a> {
    #[serde(borrow)]
    issue_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    posted_on: Option<Cow<'a, str>>,
}

/// One record as readers see it.
#[derive(Clone, Debug)]
pub struct Record {
    pub data_type: DataType,
    pub remote_id: String,
    /// See [`Standard::json`].
    pub standard: String,
    /// The platform's own JSON, as it was sent.
    pub source: String,
    pub is_deleted: bool,
    pub source_modified_at: Option<Timestamp>,
    pub publication: PublicationId,
    /// When its publication became visible: the record's `modifiedDate`.
    pub modified_at: Timestamp,
}

/// Something that is wrong with a record, stored beside it and never "fixed".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    pub severity: Severity,
    /// A stable id of the rule, e.g. `xero-invoice-unknown-status`.
    pub rule: String,
    /// The remote id of the record.
    pub record: String,
    /// The field in question, as a dotted path in the words of its schema.
    pub field: String,
    /// What was found, for people.
    pub message: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The record is odd, and may still be right.
    Warning,
    /// The record contradicts itself, and is served as it came; or it has no standard form and is quarantined: kept
    /// with its reason and source, not served.
    Error,
}
