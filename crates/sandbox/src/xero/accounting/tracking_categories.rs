//! <https://developer.xero.com/documentation/api/accounting/trackingcategories>

use serde::Serialize;
use uuid::Uuid;

use super::list::text;
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, ActiveStatus, Ledger, Table};
use crate::xero::filter::Value;

impl Resource for ledger::TrackingCategory {
    const NAME: &'static str = "TrackingCategories";
    const TYPE: &'static str = "TrackingCategory";
    const ID: &'static str = "TrackingCategoryID";
    const PAGED: bool = false;
    const MODIFIED_SINCE: bool = false;
    type Wire<'a> = TrackingCategory<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.tracking
    }

    fn is_listed(&self, question: &Question) -> bool {
        !self.meta.deleted && (question.include_archived || self.status == ActiveStatus::Active)
    }

    fn is_found(&self) -> bool {
        !self.meta.deleted
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Name" => text(&self.name),
            "Status" => Value::Text(status(self.status)),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> TrackingCategory<'a> {
        let archived_too = cx.include_archived || detail == Detail::Single;
        TrackingCategory {
            name: &self.name,
            status: status(self.status),
            tracking_category_id: self.meta.id,
            options: self
                .options
                .iter()
                .filter(|option| !option.deleted && (archived_too || option.status == ActiveStatus::Active))
                .map(|option| TrackingOption {
                    tracking_option_id: option.id,
                    name: &option.name,
                    status: status(option.status),
                    has_validation_errors: false,
                    is_deleted: false,
                    is_archived: option.status == ActiveStatus::Archived,
                    is_active: option.status == ActiveStatus::Active,
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TrackingCategory<'a> {
    name: &'a str,
    status: &'static str,
    #[serde(rename = "TrackingCategoryID")]
    tracking_category_id: Uuid,
    options: Vec<TrackingOption<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrackingOption<'a> {
    #[serde(rename = "TrackingOptionID")]
    tracking_option_id: Uuid,
    name: &'a str,
    status: &'static str,
    has_validation_errors: bool,
    is_deleted: bool,
    is_archived: bool,
    is_active: bool,
}

fn status(status: ActiveStatus) -> &'static str {
    match status {
        ActiveStatus::Active => "ACTIVE",
        ActiveStatus::Archived => "ARCHIVED",
    }
}
