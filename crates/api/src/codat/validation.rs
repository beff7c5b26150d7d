use axum::extract::RawPathParams;
use ledgerline_model::DataType;
use ledgerline_model::record::{Issue, Severity};
use ledgerline_store::issues;
use serde::Serialize;
use utoipa::ToSchema;

use super::errors::Error;
use super::history::find_pull;
use super::owned::CompanyOf;

/// So many issues are shown; there is no paging here.
const LIMIT: i64 = 1000;

/// What is wrong with the records of a data type, as one read left them.
#[derive(Serialize, ToSchema)]
pub struct ValidationResult {
    /// Records that contradict themselves, served as they came, and those without a standard form, which are kept
    /// with their source and not served.
    errors: Vec<ValidationItem>,
    /// Records that are odd, and may still be right.
    warnings: Vec<ValidationItem>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValidationItem {
    rule_id: String,
    /// Id of the record.
    item_id: String,
    message: String,
    validator_name: String,
}

/// Get what is wrong with the records of one read.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/{datasetId}/validation", tag = "Refresh data",
    responses((status = 200, body = ValidationResult))
)]
pub async fn get_validation(
    of: CompanyOf,
    path: RawPathParams,
) -> Result<axum::Json<ValidationResult>, Error> {
    let pull = find_pull(&of, &path).await?;
    let mut tx = of.engine.store.read().await?;
    let found = issues::of_pull(&mut tx, &pull, 0, LIMIT).await?;
    let (warnings, errors): (Vec<Issue>, Vec<Issue>) = found
        .into_iter()
        .partition(|issue| issue.severity == Severity::Warning);
    let items = |issues: Vec<Issue>| issues.into_iter().map(|issue| view(issue, pull.data_type));
    Ok(axum::Json(ValidationResult {
        errors: items(errors).collect(),
        warnings: items(warnings).collect(),
    }))
}

fn view(issue: Issue, data_type: DataType) -> ValidationItem {
    ValidationItem {
        rule_id: issue.rule,
        item_id: issue.record,
        message: if issue.field.is_empty() {
            issue.message
        } else {
            format!("{}: {}", issue.field, issue.message)
        },
        validator_name: format!("{data_type}Validator"),
    }
}
