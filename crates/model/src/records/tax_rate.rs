use serde::Serialize;

use super::{DatatypeLink, Status, SupplementalData, Text};
use crate::{Decimal, Instant};

/// A rate of tax.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxRate<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Text<'a>>,
    pub status: Status,
    /// Per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_tax_rate: Option<Decimal>,
    /// Per cent: the sum of the components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tax_rate: Option<Decimal>,
    pub components: Vec<TaxComponent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_datatype_links: Vec<DatatypeLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_data: Option<SupplementalData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}

/// A part of a rate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxComponent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    /// Per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    pub is_compound: bool,
}
