//! Reading: a feed's answer becomes rows of the data types that are wanted of it.

/// Which endpoint serves which data types, as data.
pub(crate) mod feeds;

mod accounts;
mod bank_transactions;
mod bank_transfers;
mod contacts;
mod credit_notes;
mod invoices;
mod items;
mod manual_journals;
mod organisation;
mod payments;
mod prepayments;
mod purchase_orders;
mod tax_rates;
mod tracking_categories;

/// Balance sheet and profit and loss: twelve month columns a call.
mod reports;

/// Xero's two ways of writing a date.
mod dates;
/// What Xero's documents have in common: contacts, lines, allocations, rates.
mod document;
/// The envelope around every list, and whether the list is as long as it says.
mod envelope;
/// What a read has to know besides its own page: accounts, balances, the base currency.
pub(crate) mod facts;
/// Objects outside of a feed: what was written, and what is written on.
pub(crate) mod object;
/// Pages read into their wire structs and no further: what any reader of them costs.
mod parse_page;
/// Recorded answers, mapped without a connection.
mod recording;
/// Rows in the making, and why an object becomes none.
mod rows;
/// A report as Xero sends it: a table of sections.
pub(crate) mod table;
/// Text of the wire, borrowed from the page.
mod text;
/// What of the history is read.
mod window;
/// Its names of time zones.
mod zones;

#[cfg(test)]
mod snapshots;

use ledgerline_model::Timestamp;
use ledgerline_platform::{Cursor, Cx, Error, Page, Read};
use serde::{Deserialize, Serialize};

use envelope::Envelope;
use feeds::{Endpoint, Paging, Since};
use rows::Rows;

pub(crate) use parse_page::parse_page;
pub(crate) use recording::map_recording;
pub(crate) use zones::zone;

/// The largest page that Xero gives.
const PAGE_SIZE: u32 = 1000;

/// Where a read goes on.
#[derive(Serialize, Deserialize)]
struct Position {
    page: u32,
}

/// One page of the feed `read.feed`.
pub(crate) async fn page(cx: &Cx, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error> {
    let endpoint = feeds::find(read.feed).ok_or_else(|| Error::Unsupported {
        what: format!("the feed `{}`", read.feed),
    })?;
    match endpoint.paging {
        Paging::Months(report) => reports::page(cx, read, report, cursor).await,
        Paging::Whole | Paging::Shared | Paging::Pages => list_page(cx, read, endpoint, cursor).await,
    }
}

/// A report as a table, and Xero's clock when it answered.
pub(crate) async fn report(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    query: &[(&str, &str)],
) -> Result<(table::Table, Option<Timestamp>), Error> {
    let answer = crate::client::get(cx, read, path, query).await?;
    let envelope = Envelope::parse(&answer.body, "Reports")?;
    let platform_time = envelope.answered_at.or_else(|| answer.date());
    Ok((table::Table::of(&envelope)?, platform_time))
}

async fn list_page(
    cx: &Cx,
    read: &Read<'_>,
    endpoint: &Endpoint,
    cursor: Option<&Cursor>,
) -> Result<Page, Error> {
    let position = match cursor {
        Some(cursor) => serde_json::from_str(&cursor.0).map_err(|_| Error::Malformed {
            reason: "the stored cursor is none of Xero's".into(),
        })?,
        None => Position { page: 1 },
    };
    let answer = ask(cx, read, endpoint, position.page).await?;
    let envelope = Envelope::parse(&answer.body, endpoint.key)?;
    let is_last = match endpoint.paging {
        Paging::Pages => envelope.is_last(position.page, PAGE_SIZE)?,
        Paging::Whole | Paging::Shared | Paging::Months(_) => true,
    };
    let facts = facts::learn(cx, read, endpoint).await?;
    let mut rows = Rows::wanted(read.wanted);
    let in_window = envelope
        .objects
        .iter()
        .filter(|object| window::holds(endpoint, read, object.get()));
    for object in in_window {
        rows.add(object, endpoint, &facts).inspect_err(|_| {
            if endpoint.paging == Paging::Shared {
                crate::client::forget(cx, read, endpoint.path);
            }
        })?;
    }
    if let Some(account) = rows.unlisted() {
        facts::forget_accounts(cx, read);
        return Err(Error::Malformed {
            reason: format!(
                "{} name the account {account}, which Accounts does not list",
                endpoint.key
            ),
        });
    }
    let next = if is_last {
        None
    } else {
        Some(Cursor(json_of(&Position {
            page: position.page + 1,
        })?))
    };
    Ok(Page {
        objects: envelope.objects.len() as u64,
        rows: rows.into_rows(),
        next,
        platform_time: envelope.answered_at.or_else(|| answer.date()),
        expected: envelope.item_count(),
    })
}

async fn ask(
    cx: &Cx,
    read: &Read<'_>,
    endpoint: &Endpoint,
    page: u32,
) -> Result<ledgerline_platform::http::Answer, Error> {
    if endpoint.paging == Paging::Shared {
        let check = |body: &[u8]| facts::shared(body, endpoint.key);
        return crate::client::get_once(cx, read, endpoint.path, check).await;
    }
    let (page, page_size) = (page.to_string(), PAGE_SIZE.to_string());
    let mut query = endpoint.query.to_vec();
    if endpoint.paging == Paging::Pages {
        query.push(("page", &page));
        query.push(("pageSize", &page_size));
    }
    let filter = filter(endpoint, read);
    if let Some(filter) = &filter {
        query.push(("where", filter));
    }
    let since = read.since.filter(|_| endpoint.since == Since::Header);
    crate::client::get_modified(cx, read, endpoint.path, &query, since).await
}

/// The one kind that is wanted, what changed where the endpoint has to be asked for it in this way, and what lies
/// in the window.
fn filter(endpoint: &Endpoint, read: &Read<'_>) -> Option<String> {
    let kind = endpoint.filter_for(read.wanted).map(str::to_owned);
    let since = read.since.filter(|_| endpoint.since == Since::Where);
    let since = since.map(|since| {
        let at = since.strftime("%Y,%m,%d,%H,%M,%S");
        format!("UpdatedDateUTC>=DateTime({at})")
    });
    let window = window::condition(endpoint, read);
    let conditions: Vec<String> = kind.into_iter().chain(since).chain(window).collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

fn json_of(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Malformed {
        reason: "the cursor cannot be written".into(),
    })
}
