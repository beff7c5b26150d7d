use serde::Serialize;

use super::{AccountRef, Text};
use crate::{Decimal, LocalDateTime};

/// A payment and how much of it settles this document.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAllocation<'a> {
    pub payment: AllocatedPayment<'a>,
    pub allocation: Allocation<'a>,
}

/// The payment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocatedPayment<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<AccountRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_on_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
}

/// What of it settles the document.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_on_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Decimal>,
}
