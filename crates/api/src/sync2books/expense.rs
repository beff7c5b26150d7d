use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use ledgerline_model::push::{
    Contact, ContactKind, Content, Expense, ExpenseKind, ItemLeg, Leg, LegState, Line, Tracking, TrackingKind,
};
use ledgerline_model::{CompanyId, Date, Decimal, Timestamp};
use ledgerline_platform::push::Posted;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;

/// One thing, or a list of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum OneOrMany<T: ToSchema> {
    One(T),
    Many(Vec<T>),
}

/// An expense as it is handed over.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Expense)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseBody {
    /// Your own id of it: handed over again, it is not written twice.
    id: String,
    /// `Payment` or `DirectCost`, which are the same; or `Refund`, `Reward`, `Chargeback`.
    #[serde(rename = "type")]
    kind: String,
    /// ISO 8601: a date; of an instant the date in it counts.
    issue_date: String,
    /// ISO 4217.
    currency: String,
    /// Units of the base currency for one of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    currency_rate: Option<Decimal>,
    merchant_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact_ref: Option<TypedRef>,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bank_account_ref: Option<IdRef>,
    lines: Vec<LineBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post_as_draft: Option<bool>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ExpenseLine)]
#[serde(rename_all = "camelCase")]
pub struct LineBody {
    #[schema(value_type = f64)]
    net_amount: Decimal,
    #[schema(value_type = f64)]
    tax_amount: Decimal,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tax_rate_ref: Option<IdRef>,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_ref: Option<IdRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracking_refs: Option<Vec<TrackingRef>>,
    /// The customer that the line is billed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoice_to: Option<TypedRef>,
}

/// What the accounting software knows by this id.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct IdRef {
    pub id: String,
}

/// A supplier or a customer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TypedRef {
    id: String,
    /// `Supplier` or `Customer`.
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingRef {
    id: String,
    /// `trackingCategories`.
    data_type: String,
}

impl<T: ToSchema> OneOrMany<T> {
    pub fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(many) => many.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

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
struct Problems(Vec<String>);

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
    fn checked(&self, path: &str, problems: &mut Problems) -> Option<Expense> {
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

/// An expense as it was taken up, and how far it has got.
#[derive(Serialize, ToSchema)]
#[schema(as = ExpenseTaken)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseView {
    #[serde(flatten)]
    body: ExpenseBody,
    company_id: Uuid,
    /// `pending`, `processing`, `success` or `failed`.
    status: &'static str,
    integration_response: Option<IntegrationResponse>,
    sync_error_message: Option<String>,
}

/// The document in the books.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationResponse {
    /// As the accounting software knows it.
    id: String,
    /// Its version there, where it has one.
    sync_token: Option<String>,
}

impl From<Posted> for IntegrationResponse {
    fn from(posted: Posted) -> Self {
        Self {
            id: posted.id,
            sync_token: posted.version,
        }
    }
}

impl ExpenseView {
    pub fn new(content: &Content, legs: &[ItemLeg], company: CompanyId) -> Result<Self, Error> {
        let expense = content.expense().map_err(|error| Error::internal(&error))?;
        let mut legs = legs.iter();
        let document = legs.find(|leg| leg.leg == Leg::Expense && leg.transaction == content.transaction);
        let posted = document.and_then(|leg| leg.posted.as_deref());
        let posted = posted.and_then(|posted| serde_json::from_str::<Posted>(posted).ok());
        let state = document.map_or(LegState::Accepted, |leg| leg.state);
        Ok(Self {
            body: expense.into(),
            company_id: company.0,
            status: match state {
                LegState::Accepted => "pending",
                LegState::Intent | LegState::Pending | LegState::Unknown => "processing",
                LegState::Posted => "success",
                LegState::Invalid | LegState::Rejected | LegState::NeedsReview => "failed",
            },
            integration_response: posted.map(Into::into),
            sync_error_message: document.and_then(|leg| leg.message.clone()),
        })
    }
}

impl From<Expense> for ExpenseBody {
    fn from(expense: Expense) -> Self {
        let kind = match expense.kind {
            ExpenseKind::Payment => "Payment",
            ExpenseKind::Refund => "Refund",
            ExpenseKind::Reward => "Reward",
            ExpenseKind::Chargeback => "Chargeback",
            ExpenseKind::TransferIn => "TransferIn",
            ExpenseKind::TransferOut => "TransferOut",
            ExpenseKind::AdjustmentIn => "AdjustmentIn",
            ExpenseKind::AdjustmentOut => "AdjustmentOut",
            ExpenseKind::Reimbursement => "Reimbursement",
        };
        Self {
            id: expense.id,
            kind: kind.to_owned(),
            issue_date: expense.issue_date.to_string(),
            currency: expense.currency,
            currency_rate: expense.currency_rate,
            merchant_name: expense.merchant_name.unwrap_or_default(),
            contact_ref: expense.contact.map(|contact| TypedRef {
                id: contact.id,
                kind: match contact.kind {
                    ContactKind::Supplier => "Supplier".to_owned(),
                    ContactKind::Customer => "Customer".to_owned(),
                },
            }),
            bank_account_ref: expense.bank_account.map(|id| IdRef { id }),
            lines: expense.lines.into_iter().map(Into::into).collect(),
            notes: expense.notes,
            post_as_draft: Some(expense.post_as_draft),
        }
    }
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        let tracking = line.tracking.into_iter().map(|tracking| TrackingRef {
            id: tracking.id,
            data_type: match tracking.kind {
                TrackingKind::Category => "trackingCategories".to_owned(),
                TrackingKind::Customer => "customers".to_owned(),
            },
        });
        Self {
            net_amount: line.net,
            tax_amount: line.tax,
            tax_rate_ref: line.tax_rate.map(|id| IdRef { id }),
            account_ref: line.account.map(|id| IdRef { id }),
            tracking_refs: Some(tracking.collect()),
            invoice_to: line.invoice_to.map(|id| TypedRef {
                id,
                kind: "Customer".to_owned(),
            }),
        }
    }
}

impl<'de, T: Deserialize<'de> + ToSchema> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + ToSchema> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        json!({
            "id": "exp-001", "type": "Payment", "issueDate": "2026-03-05T23:30:00+01:00", "currency": "gbp",
            "currencyRate": 1, "merchantName": "Stationery Hut",
            "contactRef": { "id": "v1", "type": "Supplier" }, "bankAccountRef": { "id": "b1" },
            "lines": [{
                "netAmount": 100.00, "taxAmount": 10.00, "taxRateRef": { "id": "T2" }, "accountRef": { "id": "a1" },
                "trackingRefs": [{ "id": "c1", "dataType": "trackingCategories" }],
                "invoiceTo": { "id": "k1", "type": "Customer" },
            }],
            "notes": "Pens", "postAsDraft": true,
        })
    }

    fn messages(body: &str) -> Vec<String> {
        let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(body).unwrap();
        let mut problems = Problems::default();
        match &parsed {
            OneOrMany::One(one) => drop(one.checked("", &mut problems)),
            OneOrMany::Many(many) => {
                for (index, one) in many.iter().enumerate() {
                    drop(one.checked(&format!("[{index}]."), &mut problems));
                }
            }
        }
        problems.0
    }

    #[test]
    fn an_expense_is_one_or_a_list_and_keeps_its_digits() {
        let text = body().to_string().replace("100.0", "100.10");
        for text in [text.clone(), format!("[{text}]")] {
            let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(&text).unwrap();
            let expenses = parsed.checked().unwrap();
            let [expense] = &expenses[..] else {
                panic!("{expenses:?}");
            };
            assert_eq!(expense.id, "exp-001");
            assert_eq!(expense.kind, ExpenseKind::Payment);
            // The date as it is written, not that of the instant in another zone.
            assert_eq!(expense.issue_date.to_string(), "2026-03-05");
            assert_eq!(expense.currency, "GBP");
            assert_eq!(expense.lines[0].net.to_string(), "100.10");
            assert_eq!(expense.lines[0].tracking[0].kind, TrackingKind::Category);
            assert_eq!(expense.lines[0].invoice_to.as_deref(), Some("k1"));
            assert!(expense.post_as_draft);
            let shown: ExpenseBody = expense.clone().into();
            let shown = serde_json::to_string(&shown).unwrap();
            assert!(
                shown.contains(r#""netAmount":100.10,"taxAmount":10.0,"#),
                "{shown}"
            );
        }
        assert!(serde_json::from_str::<OneOrMany<ExpenseBody>>("5").is_err());
    }

    #[test]
    fn what_is_wrong_is_told_with_the_path_of_its_field() {
        for (pointer, value, expected) in [
            ("/id", json!(""), "id must have 1 to 1000 bytes"),
            ("/type", json!("payment"), "type must be one of: Payment"),
            (
                "/issueDate",
                json!("2026-02-30"),
                "issueDate must be a valid ISO 8601 date",
            ),
            (
                "/issueDate",
                json!("2026-03-05 or so"),
                "issueDate must be a valid ISO 8601 date",
            ),
            (
                "/issueDate",
                json!("5 March"),
                "issueDate must be a valid ISO 8601 date",
            ),
            (
                "/currency",
                json!("EURO"),
                "currency must be a valid ISO 4217 code",
            ),
            (
                "/currencyRate",
                json!(0),
                "currencyRate must be a positive number",
            ),
            ("/merchantName", json!(" "), "merchantName must have"),
            (
                "/contactRef/type",
                json!("Vendor"),
                "contactRef.type must be one of: Supplier, Customer",
            ),
            (
                "/bankAccountRef/id",
                json!(""),
                "bankAccountRef.id should not be empty",
            ),
            ("/lines", json!([]), "lines should not be empty"),
            (
                "/lines/0/accountRef/id",
                json!(""),
                "lines[0].accountRef.id should not be empty",
            ),
            (
                "/lines/0/trackingRefs/0/dataType",
                json!("departments"),
                "lines[0].trackingRefs[0].dataType must be one of: trackingCategories",
            ),
            (
                "/lines/0/invoiceTo/type",
                json!("Supplier"),
                "lines[0].invoiceTo.type must be one of: Customer",
            ),
        ] {
            let mut body = body();
            *body.pointer_mut(pointer).unwrap() = value;
            let found = messages(&body.to_string());
            assert!(
                found.len() == 1 && found[0].starts_with(expected),
                "{pointer}: {found:?}"
            );
            let found = messages(&format!("[{},{body}]", self::body()));
            assert!(found[0].starts_with(&format!("[1].{expected}")), "{found:?}");
        }
        let twice = format!("[{},{}]", body(), body());
        let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(&twice).unwrap();
        assert!(parsed.checked().is_err(), "the same id twice");
    }
}
