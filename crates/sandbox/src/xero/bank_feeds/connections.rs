use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::errors::Problem;
use super::{Items, read, write};
use crate::ledger::{Account, ActiveStatus, FeedConnection, Ledger};
use crate::xero::call::Call;
use crate::xero::errors::Error;
use crate::xero::ids;
use crate::xero::keys::Said;

/// A feed connection as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    account_token: String,
    account_id: Option<Uuid>,
    account_number: Option<String>,
    account_type: Option<String>,
    currency: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    account_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

pub(super) fn list(call: &Call<'_>) -> Result<Vec<u8>, Error> {
    let ledger = call.organisation.ledger();
    let items = ledger
        .feeds
        .connections
        .iter()
        .filter(|kept| !kept.deleted)
        .map(shown)
        .collect();
    Ok(write(&Items { items }))
}

pub(super) fn find(call: &Call<'_>, id: &str) -> Result<Vec<u8>, Error> {
    let ledger = call.organisation.ledger();
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let kept = ledger.feeds.connection(id).ok_or(Error::NotFound)?;
    Ok(write(&shown(kept)))
}

/// Tie accounts to their sender; each has its own fate.
pub(super) fn make(call: &Call<'_>, body: &[u8]) -> Said {
    let sent: Vec<Sent> = read(body)?;
    call.organisation.change(|ledger| {
        let items = sent.iter().map(|sent| match connect(ledger, sent) {
            Ok(id) => Wire {
                id: Some(id),
                status: Some("PENDING"),
                account_id: None,
                account_token: &sent.account_token,
                error: None,
            },
            Err(problem) => Wire {
                id: None,
                status: Some("REJECTED"),
                account_id: None,
                account_token: &sent.account_token,
                error: Some(problem),
            },
        });
        Ok(write(&Items {
            items: items.collect(),
        }))
    })
}

/// Untie accounts again.
pub(super) fn delete(call: &Call<'_>, body: &[u8]) -> Said {
    #[derive(Deserialize)]
    struct Named {
        id: Uuid,
    }
    let sent: Vec<Named> = read(body)?;
    call.organisation.change(|ledger| {
        let mut items = Vec::with_capacity(sent.len());
        for Named { id } in &sent {
            let found = ledger.feeds.connections.iter_mut().find(|kept| kept.id == *id && !kept.deleted);
            items.push(match found {
                Some(kept) => {
                    kept.deleted = true;
                    serde_json::json!({ "id": id, "status": "PENDING" })
                }
                None => serde_json::json!({ "id": id, "status": "REJECTED", "error": Problem::unknown_connection() }),
            });
        }
        Ok(write(&Items { items }))
    })
}

fn shown(kept: &FeedConnection) -> Wire<'_> {
    Wire {
        id: Some(kept.id),
        account_token: &kept.account_token,
        account_id: Some(kept.account),
        status: None,
        error: None,
    }
}

fn connect(ledger: &mut Ledger, sent: &Sent) -> Result<Uuid, Problem> {
    let account = account(ledger, sent).ok_or_else(Problem::account_not_valid)?;
    let fed = account.bank.as_ref().is_some_and(|bank| bank.fed);
    let account = account.meta.id;
    let mut connections = ledger.feeds.connections.iter().filter(|kept| !kept.deleted);
    if fed || connections.any(|kept| kept.account == account || kept.account_token == sent.account_token) {
        return Err(Problem::already_connected());
    }
    let count = ledger.feeds.connections.len();
    let id = ids::derived(
        "feed",
        &format!("{}/{count}/{}", ledger.facts.id, sent.account_token),
    );
    ledger.feeds.connections.push(FeedConnection {
        id,
        account_token: sent.account_token.clone(),
        account,
        deleted: false,
    });
    Ok(id)
}

/// The bank account that is meant, by id or number.
fn account<'a>(ledger: &'a Ledger, sent: &Sent) -> Option<&'a Account> {
    ledger.accounts.iter().find(|account| {
        let Some(bank) = &account.bank else {
            return false;
        };
        let is_it = match (sent.account_id, &sent.account_number) {
            (Some(id), _) => account.meta.id == id,
            (None, Some(number)) => bank.number == *number,
            (None, None) => false,
        };
        let kind = if bank.is_card() { "CREDITCARD" } else { "BANK" };
        is_it
            && account.status == ActiveStatus::Active
            && !account.meta.deleted
            && sent.account_type.as_deref().is_none_or(|wanted| wanted == kind)
            && sent
                .currency
                .as_ref()
                .is_none_or(|wanted| *wanted == bank.currency)
    })
}
