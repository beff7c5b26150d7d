//! <https://developer.xero.com/documentation/api/accounting/users>

use serde::Serialize;
use uuid::Uuid;

use crate::ledger::Ledger;
use crate::xero::dates::Instant;
use crate::xero::ids;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct User {
    #[serde(rename = "UserID")]
    user_id: Uuid,
    email_address: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    is_subscriber: bool,
    organisation_role: &'static str,
}

/// Every organisation has one bookkeeper.
pub(super) fn of(ledger: &Ledger) -> [User; 1] {
    [User {
        user_id: ids::derived("bookkeeper", &ledger.facts.id.to_string()),
        email_address: "robin@example.com",
        first_name: "Robin",
        last_name: "Keeper",
        updated: Instant(ledger.facts.created_at),
        is_subscriber: true,
        organisation_role: "FINANCIALADVISER",
    }]
}
