use ledgerline_model::Instant;
use ledgerline_model::consistency::{Consistency, ControlCheck, Level};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far the data types that were read together agree with each other. Ours.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consistency)]
pub struct ConsistencyView {
    /// What `asOf` takes, to read all of them as one set.
    run_id: Uuid,
    /// `perType`: each type is complete as of its own read. `bounded`: all were read within the window.
    /// `consistent`: all show the books of one instant, and the control totals agree. `inconsistent`: the control
    /// totals differ.
    status: &'static str,
    /// Last day that the control totals count.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// The platform's clock at the first and at the last answer.
    #[schema(value_type = String)]
    window_start: Instant,
    #[schema(value_type = String)]
    window_end: Instant,
    /// How often all feeds were asked for changes after they had been read.
    passes: u32,
    checks: Vec<ControlCheckView>,
    /// Why it is no better.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What the platform states of the books as a whole, and what the records make of it; exact, in the base currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ControlCheck)]
pub struct ControlCheckView {
    /// `trial_balance`, `ar_control`, `ap_control`, `current_year_earnings`, `bank_balance:` and an account's id.
    name: String,
    expected: String,
    actual: String,
    difference: String,
}

impl From<Consistency> for ConsistencyView {
    fn from(consistency: Consistency) -> Self {
        Self {
            run_id: consistency.run_id,
            status: match consistency.status {
                Level::PerType => "perType",
                Level::Bounded => "bounded",
                Level::Consistent => "consistent",
                Level::Inconsistent => "inconsistent",
            },
            as_of: consistency.as_of.map(|date| date.to_string()),
            window_start: consistency.window_start,
            window_end: consistency.window_end,
            passes: consistency.passes,
            checks: consistency.checks.into_iter().map(Into::into).collect(),
            reason: consistency.reason,
        }
    }
}

impl From<ControlCheck> for ControlCheckView {
    fn from(check: ControlCheck) -> Self {
        Self {
            name: check.name,
            expected: check.expected.to_string(),
            actual: check.actual.to_string(),
            difference: check.difference.to_string(),
        }
    }
}
