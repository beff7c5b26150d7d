use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::validation::Validate;
use ledgerline_model::{DataType, Instant};
use ledgerline_platform::{Content, Error, Present, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::place;
use super::facts::Facts;
use super::feeds::Endpoint;
use super::text::Str;
use super::tracking_categories;

/// The rows of a page in the making.
pub(super) struct Rows<'w> {
    wanted: &'w [DataType],
    rows: Vec<Row>,
    /// Text of the object that is being mapped, shared by all rows that it makes.
    source: Arc<str>,
    /// What is wrong with it.
    issues: Vec<Issue>,
    /// It waits for approval: no account knows of it.
    is_unposted: bool,
    /// An account that an object names and the chart of accounts does not have.
    unlisted: Option<String>,
}

/// Why an object has no legal standard form.
#[derive(Debug)]
pub(super) struct Flaw {
    pub field: Cow<'static, str>,
    pub message: String,
}

impl<'w> Rows<'w> {
    pub(super) fn wanted(wanted: &'w [DataType]) -> Self {
        Self {
            wanted,
            rows: Vec::new(),
            source: "".into(),
            issues: Vec::new(),
            is_unposted: false,
            unlisted: None,
        }
    }

    /// For endpoints whose objects are no records.
    pub(super) fn none(_: &str, _: &Facts, _: &mut Rows<'_>) -> Result<(), Flaw> {
        Ok(())
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Map one object. One that cannot be mapped is quarantined under its id; without even an id the page
    /// is not what Xero meant.
    pub(super) fn add(&mut self, object: &RawValue, endpoint: &Endpoint, facts: &Facts) -> Result<(), Error> {
        self.begin(object.get());
        let before = self.rows.len();
        let Err(flaw) = (endpoint.rows)(object.get(), facts, self) else {
            return Ok(());
        };
        self.rows.truncate(before);
        let head = Head::of(object.get(), endpoint).ok_or_else(|| Error::Malformed {
            reason: format!("an object of {} has no `{}`", endpoint.key, endpoint.id),
        })?;
        for &data_type in endpoint.data_types_of(head.kind.as_deref()) {
            // A transfer is two account transactions; see `bank_transfers`.
            let suffixes: &[&str] = match (endpoint.key, data_type) {
                ("BankTransfers", DataType::AccountTransactions) => &["_from", "_to"],
                _ => &[""],
            };
            for suffix in suffixes {
                self.quarantine(data_type, format!("{}{suffix}", head.id), &flaw);
            }
        }
        if endpoint.key == "TrackingCategories" {
            let options = tracking_categories::option_ids(object.get()).ok_or_else(|| Error::Malformed {
                reason: "a tracking category has options without `TrackingOptionID`".into(),
            })?;
            for id in options {
                self.quarantine(DataType::TrackingCategories, id, &flaw);
            }
        }
        Ok(())
    }

    /// Start with the next object.
    pub(super) fn begin(&mut self, text: &str) {
        self.source = text.into();
        self.issues.clear();
        self.is_unposted = false;
    }

    /// What is made of the object from here on is in no ledger yet.
    pub(super) fn unposted(&mut self) {
        self.is_unposted = true;
    }

    /// What is to be made of the object hangs on an account that nobody knows of: nothing can be said of the page
    /// until the chart of accounts has it.
    pub(super) fn names_unlisted(&mut self, account: &str) {
        self.unlisted.get_or_insert_with(|| account.to_owned());
    }

    pub(super) fn unlisted(&self) -> Option<&str> {
        self.unlisted.as_deref()
    }

    pub(super) fn wants(&self, data_type: DataType) -> bool {
        self.wanted.contains(&data_type)
    }

    /// Something is odd about the object; what is made of it from here on says so.
    pub(super) fn warn(&mut self, rule: &'static str, record: &str, field: &str, message: String) {
        self.issues.push(Issue {
            severity: Severity::Warning,
            rule: rule.to_owned(),
            record: record.to_owned(),
            field: field.to_owned(),
            message,
        });
    }

    /// A value that Xero's documentation does not list.
    pub(super) fn unknown(&mut self, rule: &'static str, record: &str, field: &str, found: &str) {
        let found = excerpt(found);
        self.warn(
            rule,
            record,
            field,
            format!("`{found}` is not a known value of `{field}`"),
        );
    }

    pub(super) fn present(
        &mut self,
        data_type: DataType,
        id: &str,
        record: &(impl Serialize + Validate),
        modified: Option<Instant>,
    ) -> Result<(), Flaw> {
        if !self.wants(data_type) {
            return Ok(());
        }
        let modified = modified.map(|modified| modified.0);
        let mut present = Present::of(record, id, self.source.clone(), modified, self.issues.clone())
            .map_err(|error| Flaw {
                field: "".into(),
                message: format!("the standard form cannot be written: {error}"),
            })?;
        present.is_open &= !self.is_unposted;
        self.rows.push(Row {
            data_type,
            remote_id: id.to_owned(),
            content: Content::Present(Box::new(present)),
        });
        Ok(())
    }

    pub(super) fn gone(&mut self, data_type: DataType, id: &str) {
        if self.wants(data_type) {
            self.rows.push(Row {
                data_type,
                remote_id: id.to_owned(),
                content: Content::Gone,
            });
        }
    }

    fn quarantine(&mut self, data_type: DataType, id: String, flaw: &Flaw) {
        if !self.wants(data_type) {
            return;
        }
        self.rows.push(Row {
            data_type,
            content: Content::Quarantined {
                issue: Issue {
                    severity: Severity::Error,
                    rule: "xero-unmappable".to_owned(),
                    record: id.clone(),
                    field: flaw.field.to_string(),
                    message: flaw.message.clone(),
                },
                source: self.source.clone(),
            },
            remote_id: id,
        });
    }
}

impl Flaw {
    pub(super) fn missing(field: &'static str) -> Self {
        Self {
            field: field.into(),
            message: format!("`{field}` is missing"),
        }
    }

    pub(super) fn found(field: &'static str, found: &str, what: &str) -> Self {
        let found = excerpt(found);
        Self {
            field: field.into(),
            message: format!("`{found}` {what}"),
        }
    }
}

/// Read an object into its wire struct.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Flaw> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let missing = message
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next());
        if let Some(field) = missing {
            return Flaw {
                message: format!("`{field}` is missing"),
                field: field.to_owned().into(),
            };
        }
        let field = member_before(text, &error).unwrap_or_default();
        let reason = match error.classify() {
            serde_json::error::Category::Data => message,
            _ => place(&error),
        };
        Flaw {
            message: format!("`{field}` cannot be read: {}", excerpt(&reason)),
            field: field.into(),
        }
    })
}

/// The member whose value the parser was reading when it stopped: the last `"name":` before that place.
fn member_before(text: &str, error: &serde_json::Error) -> Option<String> {
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let end = (line_start + error.column().saturating_sub(1)).min(text.len());
    let before = text.get(..end).or_else(|| text.get(..end.saturating_sub(1)))?;
    let mut rest = before;
    loop {
        let (head, _) = rest.rsplit_once(':')?;
        let candidate = head.trim_end();
        if let Some(quoted) = candidate.strip_suffix('"')
            && let Some((_, name)) = quoted.rsplit_once('"')
            && name.chars().all(char::is_alphanumeric)
        {
            return Some(name.to_owned());
        }
        rest = head;
    }
}

/// What names an object that could not be read as a whole.
struct Head {
    id: String,
    kind: Option<String>,
}

impl Head {
    fn of(text: &str, endpoint: &Endpoint) -> Option<Self> {
        let members: HashMap<Str<'_>, &RawValue> = serde_json::from_str(text).ok()?;
        let text_of = |name: &str| {
            let value = members.get(&Str(Cow::Borrowed(name)))?;
            let text = serde_json::from_str::<Str<'_>>(value.get()).ok()?;
            Some(text.0.into_owned())
        };
        Some(Self {
            id: text_of(endpoint.id).filter(|id| !id.is_empty())?,
            kind: endpoint.kinds.as_ref().and_then(|kinds| text_of(kinds.field)),
        })
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(120).collect()
}
