use std::collections::BTreeMap;

use ledgerline_model::DataType;
use ledgerline_model::query::fold;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters, REFERENCES, ReferenceParameters};
use super::list::{all, readable};

/// A way to sort lines. Where it has options, a line refers to one of these, else to the category itself.
#[derive(Serialize, ToSchema)]
pub struct TrackingCategory {
    id: String,
    name: String,
    options: Vec<TrackingOption>,
}

#[derive(Serialize, ToSchema)]
pub struct TrackingOption {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCategories {
    tracking_categories: Vec<TrackingCategory>,
    pagination: Pagination,
}

/// List the tracking categories of the books with their options, as they were read last; archived ones are left out.
#[utoipa::path(
    get, path = "/connections/{connectionId}/tracking-categories", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = TrackingCategories))
)]
pub async fn list_tracking_categories(
    of: ConnectionOf,
    parameters: Parameters,
) -> Result<axum::Json<TrackingCategories>, Error> {
    let page = parameters.page(REFERENCES)?;
    let mut tx = of.app.engine.store.read().await?;
    let records = readable(&of, &mut tx, DataType::TrackingCategories).await?;
    let categories = tree(all(&mut tx, records).await?);
    let query = parameters.text("query").map(fold);
    let meets = |name: &str| {
        query
            .as_ref()
            .is_none_or(|query| fold(name).contains(query.as_str()))
    };
    let found = categories.into_iter().filter(|category| meets(&category.name));
    let found: Vec<TrackingCategory> = found.collect();
    let pagination = page.of(u64::try_from(found.len()).unwrap_or(u64::MAX));
    let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let taken = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Ok(axum::Json(TrackingCategories {
        tracking_categories: found.into_iter().skip(skipped).take(taken).collect(),
        pagination,
    }))
}

/// A record of tracking categories, as far as it is needed here.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tracking {
    id: String,
    name: Option<String>,
    parent_id: Option<String>,
    status: String,
}

/// Each root with all that is below it. What names a parent that is not there is a root itself.
fn tree(stored: Vec<Tracking>) -> Vec<TrackingCategory> {
    let stored: BTreeMap<String, Tracking> = stored
        .into_iter()
        .filter(|record| record.status != "Archived")
        .map(|record| (record.id.clone(), record))
        .collect();
    let mut options: BTreeMap<&str, Vec<TrackingOption>> = BTreeMap::new();
    for record in stored.values() {
        let root = root_of(&stored, record);
        let own = options.entry(&root.id).or_default();
        if root.id != record.id {
            own.push(TrackingOption {
                id: record.id.clone(),
                name: name_of(record),
            });
        }
    }
    let categories = options.into_iter().filter_map(|(id, options)| {
        let root = stored.get(id)?;
        Some(TrackingCategory {
            id: root.id.clone(),
            name: name_of(root),
            options,
        })
    });
    categories.collect()
}

/// Deeper than platforms nest; a circle ends here, too.
const MAX_DEPTH: usize = 16;

fn root_of<'a>(stored: &'a BTreeMap<String, Tracking>, record: &'a Tracking) -> &'a Tracking {
    let parent = |record: &&'a Tracking| stored.get(record.parent_id.as_ref()?);
    std::iter::successors(Some(record), parent)
        .take(MAX_DEPTH)
        .last()
        .unwrap_or(record)
}

fn name_of(record: &Tracking) -> String {
    record.name.clone().unwrap_or_else(|| record.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, parent: Option<&str>, status: &str) -> Tracking {
        Tracking {
            id: id.to_owned(),
            name: Some(id.to_uppercase()),
            parent_id: parent.map(str::to_owned),
            status: status.to_owned(),
        }
    }

    #[test]
    fn options_stand_under_their_root_however_deep_and_no_circle_is_followed_for_ever() {
        let categories = tree(vec![
            record("region", None, "Active"),
            record("north", Some("region"), "Active"),
            record("oslo", Some("north"), "Active"),
            record("south", Some("region"), "Archived"),
            record("class", None, "Active"),
            record("orphan", Some("gone"), "Unknown"),
            record("a", Some("b"), "Active"),
            record("b", Some("a"), "Active"),
        ]);
        let found: Vec<(&str, Vec<&str>)> = categories
            .iter()
            .map(|category| {
                let options = category.options.iter().map(|option| option.id.as_str());
                (category.id.as_str(), options.collect())
            })
            .collect();
        let expected = [
            ("class", vec![]),
            ("orphan", vec![]),
            ("region", vec!["north", "oslo"]),
        ];
        for category in expected {
            assert!(found.contains(&category), "{category:?} in {found:?}");
        }
        assert_eq!(categories[0].name.to_lowercase(), categories[0].id);
    }
}
