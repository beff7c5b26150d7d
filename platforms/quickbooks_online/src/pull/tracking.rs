//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/class> and `…/department`

use ledgerline_model::DataType;
use ledgerline_model::records::TrackingCategory;
use serde::Deserialize;

use super::Facts;
use super::names::status;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, Ref, category, filled, instant};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    meta_data: Option<MetaData>,
    name: Option<String>,
    parent_ref: Option<Ref>,
    active: Option<bool>,
}

pub(super) fn class_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    category_rows(text, "CLASS", rows)
}

pub(super) fn department_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    category_rows(text, "DEPARTMENT", rows)
}

fn category_rows(text: &str, kind: &str, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let id = format!("{kind}_{}", wire.id);
    let record = TrackingCategory {
        id: id.as_str().into(),
        name: filled(wire.name.clone()).map(Into::into),
        status: status(wire.active),
        parent_id: category(wire.parent_ref.as_ref(), kind).map(|parent| parent.id),
        // Parts name their whole; a whole does not know its parts.
        has_children: false,
        source_modified_date: modified,
    };
    rows.present(DataType::TrackingCategories, &id, &record, modified)
}
