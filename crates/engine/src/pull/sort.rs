use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use ledgerline_model::open::Open;
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::{DataType, Timestamp};
use ledgerline_platform::{Content, Present, Row};
use ledgerline_store::records::{self, Known};

/// Bytes: indexes cannot hold much more.
const LONGEST_ID: usize = 1000;
/// Bytes of its standard or of its own form.
const LARGEST_RECORD: usize = 4 * 1024 * 1024;

/// A page's rows of one data type, by what they say; each id occurs once.
#[derive(Default)]
pub(super) struct Rows {
    pub present: Vec<(String, records::Content)>,
    pub gone: Vec<String>,
    /// Their ids exist at the platform, whatever is wrong with them.
    pub quarantined: Vec<String>,
    pub issues: Vec<(Issue, Option<Arc<str>>)>,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.present.len() + self.gone.len() + self.quarantined.len()
    }

    /// Leave out what the platform has not modified since: it is there, but nobody asked for it. What has no time
    /// of modification stays.
    pub fn retain_modified_from(&mut self, from: Timestamp) {
        self.present
            .retain(|(_, content)| content.source_modified_at.is_none_or(|at| at >= from));
    }

    /// Every id that the page held.
    pub fn ids(&self) -> Vec<&str> {
        let present = self.present.iter().map(|(id, _)| id);
        present
            .chain(&self.gone)
            .chain(&self.quarantined)
            .map(String::as_str)
            .collect()
    }
}

/// The rows of a page by their data type; of two rows for one id the later counts.
pub(super) fn by_data_type(page: Vec<Row>) -> BTreeMap<DataType, Rows> {
    let mut sorted: BTreeMap<DataType, Rows> = BTreeMap::new();
    for row in without_repetitions(page) {
        let rows = sorted.entry(row.data_type).or_default();
        if row.remote_id.is_empty() || row.remote_id.contains('\0') || row.remote_id.len() > LONGEST_ID {
            rows.issues.push((no_id(&row), source_of(&row)));
            let id = row.remote_id.replace('\0', "\u{fffd}");
            rows.quarantined.push(id.chars().take(LONGEST_ID / 4).collect());
            continue;
        }
        if let Content::Present(present) = &row.content
            && let Some(issue) = poison(&row.remote_id, present)
        {
            rows.issues.push((issue, Some(present.source.clone())));
            rows.quarantined.push(row.remote_id);
            continue;
        }
        match row.content {
            Content::Present(present) => {
                let Present {
                    standard,
                    source,
                    source_modified_at,
                    issues,
                    references,
                    is_open,
                } = *present;
                rows.issues.extend(issues.into_iter().map(|issue| (issue, None)));
                rows.present.push((
                    row.remote_id,
                    records::Content {
                        open: is_open.then(|| Open::of(&standard.json)).flatten(),
                        standard: standard.json,
                        source,
                        hash: standard.hash,
                        source_modified_at,
                        is_open,
                        references,
                    },
                ));
            }
            Content::Gone => rows.gone.push(row.remote_id),
            Content::Quarantined { issue, source } => {
                rows.issues.push((issue, Some(source)));
                rows.quarantined.push(row.remote_id);
            }
        }
    }
    sorted
}

fn without_repetitions(mut page: Vec<Row>) -> Vec<Row> {
    let mut repeated = Vec::new();
    {
        let mut seen = HashSet::with_capacity(page.len());
        for (index, row) in page.iter().enumerate().rev() {
            if !seen.insert((row.data_type, row.remote_id.as_str())) {
                repeated.push(index);
            }
        }
    }
    // From the back to the front: the indices still to come stay right.
    for index in repeated {
        page.remove(index);
    }
    page
}

/// What no store and no reader can do with.
fn poison(id: &str, present: &Present) -> Option<Issue> {
    let (rule, message) = if present.standard.json.len().max(present.source.len()) > LARGEST_RECORD {
        let message = format!("The record is larger than {LARGEST_RECORD} bytes.");
        ("record-too-large", message)
    } else if holds_nul(&present.standard.json) {
        (
            "record-holds-nul",
            "A text of the record holds U+0000.".to_owned(),
        )
    } else {
        return None;
    };
    Some(Issue {
        severity: Severity::Error,
        rule: rule.into(),
        record: id.to_owned(),
        field: String::new(),
        message,
    })
}

/// Whether one of its texts holds U+0000, which JSON writes as an escape; a backslash before that makes it the six
/// letters themselves.
fn holds_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let backslashes = json.as_bytes()[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 0
    })
}

fn no_id(row: &Row) -> Issue {
    Issue {
        severity: Severity::Error,
        rule: "record-id-unusable".into(),
        record: row.remote_id.chars().take(LONGEST_ID / 4).collect(),
        field: "id".into(),
        message: format!("The platform's id is empty, holds U+0000, or is longer than {LONGEST_ID} bytes."),
    }
}

fn source_of(row: &Row) -> Option<Arc<str>> {
    match &row.content {
        Content::Present(present) => Some(present.source.clone()),
        Content::Quarantined { source, .. } => Some(source.clone()),
        Content::Gone => None,
    }
}

/// Of a page of a later Pull, what differs from what the store has.
#[derive(Default)]
pub(super) struct Different {
    pub present: Vec<(String, records::Content)>,
    pub gone: Vec<String>,
    /// Those of `present` that no earlier page of the Pull was staged for.
    pub fresh: usize,
    /// An earlier page was staged for them, and this one says what the store has.
    pub reverted: Vec<String>,
}

/// A row differs if there is no record, if the hash differs, or if the record is deleted; what is gone differs from a
/// live record. What a later page says replaces what an earlier one has.
pub(super) fn differing(rows: Rows, known: &HashMap<String, Known>) -> Different {
    let mut different = Different::default();
    let none = Known::default();
    for (id, content) in rows.present {
        let known = known.get(&id).unwrap_or(&none);
        let is_same = known.record.as_ref().is_some_and(|record| {
            record.hash == content.hash && (!record.is_deleted || planted::is(Bug::HashIgnoresDeletion))
        });
        match (is_same, known.is_staged) {
            (true, false) => {}
            (true, true) => different.reverted.push(id),
            (false, _) => {
                different.fresh += usize::from(!known.is_staged);
                different.present.push((id, content));
            }
        }
    }
    for id in rows.gone {
        let known = known.get(&id).unwrap_or(&none);
        if known.is_live() {
            different.gone.push(id);
        } else if known.is_staged {
            different.reverted.push(id);
        }
    }
    different
}

#[cfg(test)]
mod tests {
    use ledgerline_model::record::Standard;
    use ledgerline_store::records::Stored;

    use super::*;

    fn present(id: &str, text: &str) -> Row {
        Row {
            data_type: DataType::Invoices,
            remote_id: id.into(),
            content: Content::Present(Box::new(Present {
                standard: Standard::of(&text).unwrap(),
                source: text.into(),
                source_modified_at: None,
                issues: Vec::new(),
                references: Vec::new(),
                is_open: false,
            })),
        }
    }

    fn gone(id: &str) -> Row {
        Row {
            data_type: DataType::Invoices,
            remote_id: id.into(),
            content: Content::Gone,
        }
    }

    fn sorted(page: Vec<Row>) -> Rows {
        by_data_type(page).remove(&DataType::Invoices).unwrap_or_default()
    }

    fn hash(text: &str) -> [u8; 16] {
        Standard::of(&text).unwrap().hash
    }

    #[test]
    fn the_later_of_two_rows_for_one_id_counts() {
        let rows = sorted(vec![
            present("a", "1"),
            present("b", "1"),
            present("a", "2"),
            gone("b"),
        ]);
        assert_eq!(rows.present.len(), 1);
        assert_eq!(rows.present[0].1.hash, hash("2"));
        assert_eq!(rows.gone, ["b"]);
    }

    #[test]
    fn an_id_that_cannot_be_stored_is_quarantined() {
        let rows = sorted(vec![present("a\0b", "1"), present("", "1")]);
        assert!(rows.present.is_empty());
        assert_eq!(rows.quarantined.len(), 2);
        assert_eq!(rows.issues.len(), 2);
    }

    #[test]
    fn poison_is_quarantined_with_its_reason_and_source() {
        let huge = "x".repeat(5_000_000);
        let page = ["fine \\u0000", "a\0b", "\\\0", &huge, "fine"];
        let page = page
            .into_iter()
            .enumerate()
            .map(|(number, text)| present(&number.to_string(), text));
        let long = present(&"7".repeat(1001), "long");
        let rows = sorted(page.chain([long]).collect());
        let ids: Vec<&str> = rows.present.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["0", "4"]);
        let rules: Vec<&str> = rows.issues.iter().map(|(issue, _)| issue.rule.as_str()).collect();
        assert_eq!(
            rules,
            [
                "record-holds-nul",
                "record-holds-nul",
                "record-too-large",
                "record-id-unusable"
            ]
        );
        assert!(rows.issues.iter().all(|(_, source)| source.is_some()));
        assert_eq!(rows.quarantined.len(), 4);
    }

    #[test]
    fn only_what_differs_is_kept() {
        let record = |text, is_deleted, is_staged| Known {
            record: Some(Stored {
                hash: hash(text),
                is_deleted,
                is_elsewhere: false,
            }),
            is_staged,
        };
        let staged = Known {
            record: None,
            is_staged: true,
        };
        let known: HashMap<String, Known> = [
            ("same", record("1", false, false)),
            ("changed", record("0", false, false)),
            ("back", record("1", true, false)),
            ("again", record("0", false, true)),
            ("reverted", record("1", false, true)),
            ("left", record("1", false, false)),
            ("dead", record("1", true, false)),
            ("ended", staged),
        ]
        .map(|(id, known)| (id.to_owned(), known))
        .into();
        let page = ["same", "changed", "back", "again", "reverted", "new"].map(|id| present(id, "1"));
        let mut page = page.to_vec();
        page.extend(["left", "dead", "ended", "never"].map(gone));
        let different = differing(sorted(page), &known);
        let ids: Vec<&str> = different.present.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["changed", "back", "again", "new"]);
        assert_eq!(different.gone, ["left"]);
        assert_eq!(different.reverted, ["reverted", "ended"]);
        assert_eq!(different.fresh, 3);
    }
}
