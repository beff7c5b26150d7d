use ledgerline_model::DatasetId;

use super::fields::Object;

/// The datasets that a sync is to take; `None`: all that wait.
pub fn read(body: &Object<'_>) -> Option<Option<Vec<DatasetId>>> {
    if !body.has("datasetIds") {
        return Some(None);
    }
    let texts = body.texts("datasetIds");
    if texts.is_empty() {
        body.refuse(
            "datasetIds",
            "must hold at least one id, or be left out for all that wait",
        );
        return None;
    }
    let ids: Vec<DatasetId> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    if ids.len() < texts.len() {
        body.refuse("datasetIds", "must hold UUIDs");
        return None;
    }
    Some(Some(ids))
}
