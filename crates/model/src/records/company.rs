use serde::Serialize;

use super::{Address, Phone, SupplementalData, Text};
use crate::{Instant, LocalDateTime};

/// The organisation whose books they are.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompanyInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_platform_ref: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_legal_name: Option<Text<'a>>,
    pub addresses: Vec<Address<'a>>,
    pub phone_numbers: Vec<Phone<'a>>,
    pub web_links: Vec<super::WebLink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_lock_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub financial_year_start_date: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_currency: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_urls: Option<std::collections::BTreeMap<&'static str, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_date: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
}
