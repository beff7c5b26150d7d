//! <https://developer.xero.com/documentation/api/accounting/trackingcategories>
//!
//! A category is a parent, its options are the children that lines refer to. All is in the standard record.

use ledgerline_model::DataType;
use ledgerline_model::records::{Status, Text, TrackingCategory};
use serde::Deserialize;

use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "TrackingCategoryID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    status: Option<Str<'a>>,
    #[serde(default, borrow)]
    options: Vec<OptionWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OptionWire<'a> {
    #[serde(rename = "TrackingOptionID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    status: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts<'_>, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let parent = wire.id.clone();
    category(
        wire.id,
        wire.name,
        wire.status,
        None,
        !wire.options.is_empty(),
        rows,
    )?;
    for option in wire.options {
        let parent = Some(parent.clone().into());
        category(option.id, option.name, option.status, parent, false, rows)?;
    }
    Ok(())
}

fn category(
    id: Str<'_>,
    name: Option<Str<'_>>,
    status: Option<Str<'_>>,
    parent_id: Option<Text<'_>>,
    has_children: bool,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    let status = match status.as_ref().map(Str::as_str) {
        Some("ACTIVE") => Status::Active,
        Some("ARCHIVED") => Status::Archived,
        Some("DELETED") => {
            rows.gone(DataType::TrackingCategories, id.as_str());
            return Ok(());
        }
        other => {
            let found = other.unwrap_or_default();
            rows.unknown("xero-unknown-tracking-status", id.as_str(), "Status", found);
            Status::Unknown
        }
    };
    let record = TrackingCategory {
        id: id.clone().into(),
        name: filled(name),
        status,
        parent_id,
        has_children,
        source_modified_date: None,
    };
    rows.present(DataType::TrackingCategories, id.as_str(), &record, None)
}
