//! <https://developer.xero.com/documentation/api/accounting/trackingcategories>
//!
//! A category is a parent, its options are the children that lines refer to. All is in the standard record.

use std::collections::HashMap;

use ledgerline_model::DataType;
use ledgerline_model::records::{Status, Text, TrackingCategory};
use serde::Deserialize;
use serde_json::value::RawValue;

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

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
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

/// The ids of the options of a category that could not be read as a whole: they exist, whatever is wrong
/// with it. `None` where they cannot be told.
pub(super) fn option_ids(text: &str) -> Option<Vec<String>> {
    let category: HashMap<Str<'_>, &RawValue> = serde_json::from_str(text).ok()?;
    let Some(options) = category.get(&Str("Options".into())) else {
        return Some(Vec::new());
    };
    let options: Option<Vec<HashMap<Str<'_>, &RawValue>>> = serde_json::from_str(options.get()).ok()?;
    let id_of = |option: &HashMap<Str<'_>, &RawValue>| {
        let id = option.get(&Str("TrackingOptionID".into()))?;
        let id = serde_json::from_str::<Str<'_>>(id.get()).ok()?;
        Some(id.0.into_owned()).filter(|id| !id.is_empty())
    };
    options.unwrap_or_default().iter().map(id_of).collect()
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

#[cfg(test)]
mod tests {
    use ledgerline_model::DataType::TrackingCategories;
    use ledgerline_platform::{Content, Error, Row};

    fn map(category: &str) -> Result<Vec<Row>, Error> {
        let list = format!("{{\"TrackingCategories\":[{category}]}}");
        super::super::map_recording(TrackingCategories, list.as_bytes())
    }

    #[test]
    fn options_of_a_category_that_cannot_be_read_exist_all_the_same() {
        let rows = map(
            r#"{"TrackingCategoryID": "region", "Name": 7, "Status": "ACTIVE", "Options": [
            {"TrackingOptionID": "north", "Name": "North", "Status": "ACTIVE"},
            {"TrackingOptionID": "south", "Name": "South", "Status": "ARCHIVED"}]}"#,
        )
        .unwrap();
        let ids = rows.iter().map(|row| row.remote_id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids, ["region", "north", "south"]);
        for row in rows {
            let Content::Quarantined { issue, .. } = row.content else {
                panic!("{} is not quarantined", row.remote_id);
            };
            assert_eq!((issue.record, issue.field.as_str()), (row.remote_id, "Name"));
        }
    }

    #[test]
    fn options_that_nobody_can_name_make_the_page_unusable() {
        let page = map(
            r#"{"TrackingCategoryID": "region", "Name": "Region", "Status": "ACTIVE",
            "Options": [{"Name": "North", "Status": "ACTIVE"}]}"#,
        );
        assert!(matches!(page, Err(Error::Malformed { .. })));
    }
}
