//! What must hold of a record by itself: pure rules over the standard schema. What they find is stored beside the
//! record, which stays as it came. `docs/errors/validation.md` lists the rules.

/// Sub-total, tax and total of a document against each other and against its lines.
mod amounts;
/// Currencies and their rates.
mod currencies;
/// Dates that contradict each other.
mod dates;
/// Debits and credits of a posting.
mod journals;
/// Quantities, tracking and references of a document's lines.
mod lines;
/// The names of other records, read back from a record.
mod named;
/// Payments, and what they were used on.
mod payments;
/// Which rules apply to which records.
mod records;
/// What is left to pay.
mod settlement;
/// Money moved between two accounts.
mod transfers;

#[cfg(test)]
mod tests;

use std::fmt::Display;

pub use named::named;

use crate::DataType;
use crate::record::{Issue, Severity};

/// A record that can be held against the rules.
pub trait Validate {
    fn validate(&self, check: &mut Check<'_>);
}

/// Hold a record against the rules; `id` is its remote id.
pub fn validate(record: &impl Validate, id: &str) -> Findings {
    let mut check = Check {
        record: id,
        findings: Findings::default(),
    };
    record.validate(&mut check);
    check.findings
}

/// What the rules say of one record.
#[derive(Clone, Default, Debug)]
pub struct Findings {
    pub issues: Vec<Issue>,
    /// The records that it names, each once. Whether they exist, only the store can tell.
    pub references: Vec<Reference>,
    /// It counts towards a control account: something is owed for it, or left of it.
    pub is_open: bool,
}

/// A record as another one names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    pub target: DataType,
    pub id: String,
    /// Dotted path of the field that names it.
    pub field: &'static str,
}

/// A record that is being held against the rules.
pub struct Check<'r> {
    record: &'r str,
    findings: Findings,
}

impl Check<'_> {
    /// The record contradicts itself.
    fn error(&mut self, rule: &'static str, field: &str, message: String) {
        self.found(Severity::Error, rule, field, message);
    }

    /// The record is odd, and may still be right.
    fn warn(&mut self, rule: &'static str, field: &str, message: String) {
        self.found(Severity::Warning, rule, field, message);
    }

    fn found(&mut self, severity: Severity, rule: &'static str, field: &str, message: String) {
        self.findings.issues.push(Issue {
            severity,
            rule: rule.to_owned(),
            record: self.record.to_owned(),
            field: field.to_owned(),
            message,
        });
    }

    /// The record names another one. One of its own id was made of the same object of the platform: it is there.
    fn refers(&mut self, target: DataType, id: impl AsRef<str>, field: &'static str) {
        let id = id.as_ref();
        if id == self.record {
            return;
        }
        let mut known = self.findings.references.iter();
        if !known.any(|known| known.target == target && known.id == id) {
            self.findings.references.push(Reference {
                target,
                id: id.to_owned(),
                field,
            });
        }
    }
}

/// `lineItems[3].quantity`, counted from 0 as in JSON paths.
fn line_field(lines: &str, index: usize, field: impl Display) -> String {
    format!("{lines}[{index}].{field}")
}
