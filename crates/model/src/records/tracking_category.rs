use serde::Serialize;

use super::{Status, Text};
use crate::Instant;

/// A way to sort lines, or one of its options.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCategory<'a> {
    pub id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Text<'a>>,
    pub has_children: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Instant>,
}
