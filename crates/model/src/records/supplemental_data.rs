use std::collections::BTreeMap;

use serde::Serialize;

use super::Text;
use crate::Decimal;

/// What the schema has no field for, by the platform's own names: group, field, value.
#[derive(Clone, Debug, Serialize)]
pub struct SupplementalData<'a> {
    pub content: BTreeMap<&'static str, BTreeMap<&'static str, SupplementalValue<'a>>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SupplementalValue<'a> {
    Flag(bool),
    Number(Decimal),
    Text(Text<'a>),
}
