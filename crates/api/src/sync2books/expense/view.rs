use ledgerline_model::CompanyId;
use ledgerline_model::event::DocumentSnapshot;
use ledgerline_model::push::{Cause, Content, ItemLeg, Leg, LegState};
use ledgerline_platform::push::Posted;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::failure;
use super::body::ExpenseBody;

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

impl From<DocumentSnapshot> for IntegrationResponse {
    fn from(document: DocumentSnapshot) -> Self {
        Self {
            id: document.id,
            sync_token: document.version,
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
        let cause = match state {
            LegState::Invalid => Some(Cause::Content),
            LegState::Rejected => Some(Cause::Platform),
            LegState::NeedsReview => Some(Cause::Doubt),
            LegState::Accepted
            | LegState::Intent
            | LegState::Pending
            | LegState::Unknown
            | LegState::Posted => None,
        };
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
            sync_error_message: failure::message(cause, document.and_then(|leg| leg.message.clone())),
        })
    }
}
