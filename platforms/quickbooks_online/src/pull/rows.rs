use std::borrow::Cow;
use std::sync::Arc;

use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::validation::Validate;
use ledgerline_model::{DataType, Instant};
use ledgerline_platform::{Content, Cx, Error, Present, Read, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Facts;
use super::envelope::place;
use super::feeds::Entity;
use super::malformed;

/// The rows of a page in the making.
pub(super) struct Rows<'w> {
    wanted: &'w [DataType],
    rows: Vec<Row>,
    /// Text of the object that is being mapped, shared by all rows that it makes.
    source: Arc<str>,
    /// What is wrong with it.
    issues: Vec<Issue>,
    /// An account that an object names and the list of accounts does not have.
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
            unlisted: None,
        }
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Map one object. One that cannot be mapped is quarantined under its id; without even an id the page is not what
    /// QuickBooks meant.
    pub(super) fn add(&mut self, object: &RawValue, entity: &Entity, facts: &Facts) -> Result<(), Error> {
        self.source = object.get().into();
        self.issues.clear();
        let before = self.rows.len();
        let Err(flaw) = (entity.rows)(object.get(), facts, self) else {
            return Ok(());
        };
        self.rows.truncate(before);
        let id = id_of(object.get())?;
        for &data_type in entity.data_types {
            for id in ids(entity, data_type, &id) {
                self.quarantine(data_type, id, &flaw);
            }
        }
        Ok(())
    }

    /// What is to be made of the object hangs on an account that nobody knows of: nothing can be said of the page
    /// until the list of accounts has it.
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

    /// A value that the vendor's documentation does not list.
    pub(super) fn unknown(&mut self, rule: &'static str, record: &str, field: &str, found: &str) {
        let found: String = found.chars().take(120).collect();
        let message = format!("`{found}` is not a known value of `{field}`");
        self.warn(rule, record, field, message);
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
        let present =
            Present::of(record, id, self.source.clone(), modified, self.issues.clone()).map_err(|error| {
                Flaw {
                    field: "".into(),
                    message: format!("the standard form cannot be written: {error}"),
                }
            })?;
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

    /// It was deleted, whatever it was.
    pub(super) fn all_gone(&mut self, entity: &Entity, id: &str) {
        for &data_type in entity.data_types {
            for id in ids(entity, data_type, id) {
                self.gone(data_type, &id);
            }
        }
    }

    /// All accounts that were named are known of, or nothing can be said of the page: the list of them is asked for
    /// again.
    pub(super) fn listed(
        &self,
        cx: &Cx,
        read: &Read<'_>,
        entity: &Entity,
        facts: &Facts,
    ) -> Result<(), Error> {
        let Some(account) = self.unlisted() else {
            return Ok(());
        };
        facts
            .accounts
            .iter()
            .for_each(|accounts| accounts.forget(cx, read));
        Err(malformed(format!(
            "a {} names the account {account}, which the list of accounts does not have",
            entity.name
        )))
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
                    rule: "quickbooks-unmappable".to_owned(),
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
}

/// The ids of the records that an object makes.
fn ids(entity: &Entity, data_type: DataType, id: &str) -> Vec<String> {
    match (entity.name, data_type) {
        ("Transfer", DataType::AccountTransactions) => {
            vec![format!("transfer_{id}_from"), format!("transfer_{id}_to")]
        }
        ("Payment", DataType::AccountTransactions) => vec![format!("payment_{id}")],
        ("BillPayment", DataType::AccountTransactions) => vec![format!("billPayment_{id}")],
        ("Purchase", DataType::AccountTransactions) => vec![format!("purchase_{id}")],
        ("Deposit", DataType::AccountTransactions) => vec![format!("deposit_{id}")],
        ("SalesReceipt", DataType::AccountTransactions) => vec![format!("salesReceipt_{id}")],
        ("RefundReceipt", DataType::AccountTransactions) => vec![format!("refundReceipt_{id}")],
        ("Class", _) => vec![format!("CLASS_{id}")],
        ("Department", _) => vec![format!("DEPARTMENT_{id}")],
        _ => vec![id.to_owned()],
    }
}

/// The id of an object that may be unreadable otherwise.
pub(super) fn id_of(text: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "Id")]
        id: Option<String>,
    }
    serde_json::from_str::<Head>(text)
        .ok()
        .and_then(|head| head.id)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| malformed("an object has no `Id`".into()))
}

/// Read an object into its wire struct.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Flaw> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let missing = message
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next());
        match missing {
            Some(field) => Flaw {
                message: format!("`{field}` is missing"),
                field: field.to_owned().into(),
            },
            None => Flaw {
                field: "".into(),
                message: format!("the object cannot be read: {}", place(&error)),
            },
        }
    })
}
