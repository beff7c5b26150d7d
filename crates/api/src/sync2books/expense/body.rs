use ledgerline_model::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Expense)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseBody {
    /// Your own id of it: handed over again, it is not written twice.
    pub(super) id: String,
    /// `Payment` or `DirectCost`, which are the same; or `Refund`, `Reward`, `Chargeback`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// ISO 8601: a date; of an instant the date in it counts.
    pub(super) issue_date: String,
    /// ISO 4217.
    pub(super) currency: String,
    /// Units of the base currency for one of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub(super) currency_rate: Option<Decimal>,
    pub(super) merchant_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) contact_ref: Option<TypedRef>,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bank_account_ref: Option<IdRef>,
    pub(super) lines: Vec<LineBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) post_as_draft: Option<bool>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ExpenseLine)]
#[serde(rename_all = "camelCase")]
pub struct LineBody {
    #[schema(value_type = f64)]
    pub(super) net_amount: Decimal,
    #[schema(value_type = f64)]
    pub(super) tax_amount: Decimal,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tax_rate_ref: Option<IdRef>,
    /// Without it the company's own counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_ref: Option<IdRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tracking_refs: Option<Vec<TrackingRef>>,
    /// The customer that the line is billed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) invoice_to: Option<TypedRef>,
}

/// What the accounting software knows by this id.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct IdRef {
    pub id: String,
}

/// A supplier or a customer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TypedRef {
    pub(super) id: String,
    /// `Supplier` or `Customer`.
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingRef {
    pub(super) id: String,
    /// `trackingCategories`.
    pub(super) data_type: String,
}
