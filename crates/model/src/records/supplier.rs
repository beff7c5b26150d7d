use serde::Serialize;

use super::{Address, Status, SupplementalData, Text};
use crate::Instant;

/// Someone who sells.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text<'a>>,
    pub addresses: Vec<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<Text<'a>>,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}
