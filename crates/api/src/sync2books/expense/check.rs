use std::collections::HashSet;

use ledgerline_model::push::{Contact, ContactKind, Expense, ExpenseKind, Line, Tracking, TrackingKind};
use ledgerline_model::{Date, Decimal, Timestamp};

use super::super::errors::Error;
use super::body::{ExpenseBody, LineBody};
use super::one_or_many::OneOrMany;

impl OneOrMany<ExpenseBody> {
    /// In our words, or all that is wrong with them.
    pub fn checked(&self) -> Result<Vec<Expense>, Error> {
        let mut problems = Problems::default();
        let expenses: Vec<Option<Expense>> = match self {
            Self::One(one) => vec![one.checked("", &mut problems)],
            Self::Many(many) => many
                .iter()
                .enumerate()
                .map(|(index, body)| body.checked(&format!("[{index}]."), &mut problems))
                .collect(),
        };
        let mut known = HashSet::new();
        for (index, expense) in expenses.iter().flatten().enumerate() {
            if !known.insert(expense.id.as_str()) {
                problems.add(&format!("[{index}]."), "id", "stands in the list before");
            }
        }
        if !problems.0.is_empty() {
            return Err(Error::bad_fields(problems.0));
        }
        Ok(expenses.into_iter().flatten().collect())
    }
}

/// What is wrong, each with the path of its field.
#[derive(Default)]
pub(super) struct Problems(pub Vec<String>);

/// Nobody reads more of them.
const MOST_PROBLEMS: usize = 50;

impl Problems {
    fn add(&mut self, path: &str, field: &str, reason: &str) {
        if self.0.len() < MOST_PROBLEMS {
            self.0.push(format!("{path}{field} {reason}"));
        }
    }
}

/// Bytes: as much as can be told apart in the store.
const LONGEST_ID: usize = 1000;
const LONGEST_TEXT: usize = 4000;

impl ExpenseBody {
    pub(super) fn checked(&self, path: &str, problems: &mut Problems) -> Option<Expense> {
        let before = problems.0.len();
        let mut wrong = |field: &str, reason: &str| problems.add(path, field, reason);
        if self.id.is_empty() || self.id.len() > LONGEST_ID || self.id.chars().any(char::is_control) {
            wrong("id", "must have 1 to 1000 bytes and no control characters");
        }
        let kind = match self.kind.as_str() {
            "Payment" | "DirectCost" => Some(ExpenseKind::Payment),
            "Refund" => Some(ExpenseKind::Refund),
            "Reward" => Some(ExpenseKind::Reward),
            "Chargeback" => Some(ExpenseKind::Chargeback),
            _ => None,
        };
        if kind.is_none() {
            wrong(
                "type",
                "must be one of: Payment, DirectCost, Refund, Reward, Chargeback",
            );
        }
        let issue_date = date_of(&self.issue_date);
        if issue_date.is_none() {
            wrong("issueDate", "must be a valid ISO 8601 date");
        }
        let is_currency =
            self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_currency {
            wrong("currency", "must be a valid ISO 4217 code");
        }
        if self.currency_rate.is_some_and(|rate| rate <= Decimal::default()) {
            wrong("currencyRate", "must be a positive number");
        }
        if self.merchant_name.trim().is_empty() || self.merchant_name.len() > LONGEST_TEXT {
            wrong("merchantName", "must have 1 to 4000 bytes");
        }
        if self
            .notes
            .as_ref()
            .is_some_and(|notes| notes.len() > LONGEST_TEXT)
        {
            wrong("notes", "must have at most 4000 bytes");
        }
        if self
            .bank_account_ref
            .as_ref()
            .is_some_and(|account| account.id.is_empty())
        {
            wrong("bankAccountRef.id", "should not be empty");
        }
        let contact = self.contact_ref.as_ref().and_then(|contact| {
            if contact.id.is_empty() {
                wrong("contactRef.id", "should not be empty");
            }
            let kind = match contact.kind.as_str() {
                "Supplier" => ContactKind::Supplier,
                "Customer" => ContactKind::Customer,
                _ => {
                    wrong("contactRef.type", "must be one of: Supplier, Customer");
                    return None;
                }
            };
            let id = contact.id.clone();
            Some(Contact { id, kind })
        });
        if self.lines.is_empty() {
            wrong("lines", "should not be empty");
        }
        let lines = self.lines.iter().enumerate();
        let lines = lines
            .map(|(index, line)| line.checked(&format!("{path}lines[{index}]."), problems))
            .collect();
        if problems.0.len() > before {
            return None;
        }
        Some(Expense {
            id: self.id.clone(),
            kind: kind?,
            issue_date: issue_date?,
            currency: self.currency.to_ascii_uppercase(),
            currency_rate: self.currency_rate,
            contact,
            bank_account: self.bank_account_ref.as_ref().map(|account| account.id.clone()),
            merchant_name: Some(self.merchant_name.clone()),
            lines,
            notes: self.notes.clone(),
            due_date: None,
            post_as_draft: self.post_as_draft.unwrap_or_default(),
        })
    }
}

impl LineBody {
    fn checked(&self, path: &str, problems: &mut Problems) -> Line {
        for (field, reference) in [
            ("taxRateRef.id", &self.tax_rate_ref),
            ("accountRef.id", &self.account_ref),
        ] {
            if reference
                .as_ref()
                .is_some_and(|reference| reference.id.is_empty())
            {
                problems.add(path, field, "should not be empty");
            }
        }
        let mut tracking = Vec::new();
        for (index, reference) in self.tracking_refs.iter().flatten().enumerate() {
            if reference.data_type != "trackingCategories" {
                let field = format!("trackingRefs[{index}].dataType");
                problems.add(path, &field, "must be one of: trackingCategories");
            }
            tracking.push(Tracking {
                id: reference.id.clone(),
                kind: TrackingKind::Category,
            });
        }
        if self.invoice_to.as_ref().is_some_and(|to| to.kind != "Customer") {
            problems.add(path, "invoiceTo.type", "must be one of: Customer");
        }
        Line {
            net: self.net_amount,
            tax: self.tax_amount,
            tax_rate: self.tax_rate_ref.as_ref().map(|reference| reference.id.clone()),
            account: self.account_ref.as_ref().map(|reference| reference.id.clone()),
            description: None,
            tracking,
            invoice_to: self.invoice_to.as_ref().map(|to| to.id.clone()),
        }
    }
}

/// The calendar date in a date, a local time or an instant, as it is written there.
fn date_of(text: &str) -> Option<Date> {
    let date: Date = text.get(..10)?.parse().ok()?;
    let is_whole = text.len() == 10
        || text.parse::<Timestamp>().is_ok()
        || text.parse::<jiff::civil::DateTime>().is_ok();
    is_whole.then_some(date)
}
