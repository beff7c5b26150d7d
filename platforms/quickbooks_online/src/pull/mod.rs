//! Reading: a page of an entity becomes rows of the data types that are wanted of it.

/// Which entity serves which data types, as data.
pub(crate) mod feeds;

mod accounts;
mod bill_payments;
mod bills;
pub(crate) mod company;
mod credit_memos;
mod deposits;
mod invoices;
mod items;
mod journal_entries;
mod names;
mod payments;
mod purchase_orders;
mod purchases;
mod sales_receipts;
mod tax_codes;
mod tracking;
mod transfers;
mod vendor_credits;

/// The bank side of what moves money.
mod bank_side;
/// What changed since an instant.
mod changes;
/// The envelope around every list.
mod envelope;
/// Small lists as a whole, for what the mappings look up.
mod listing;
/// Objects outside of a feed: what was written, and what is written on.
pub(crate) mod object;
/// Balance sheet, profit and loss, and cash flow, by month.
mod reports;
/// Rows in the making, and why an object becomes none.
mod rows;
/// What the reports say of the books as a whole.
pub(crate) mod totals;
/// What all transactions have in common: the wire, lines, references.
mod transaction;

#[cfg(test)]
mod snapshots;

use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::{Content, Cursor, Cx, Error, Page, Read, Row};
use serde::{Deserialize, Serialize};

use envelope::Envelope;
use feeds::{Entity, Kind, Needs};
use listing::Listing;
use rows::Rows;

/// The largest page that there is.
const PAGE_SIZE: u64 = 1_000;

/// What the mapping has to know besides the page.
#[derive(Default)]
pub(super) struct Facts {
    /// The company's number.
    realm: String,
    /// Every account, and the currency of those that are bank or card accounts; `None` if nobody asked.
    accounts: Option<Listing<Option<String>>>,
    /// Every tax rate in percent; `None` if nobody asked.
    tax_rates: Option<Listing<Option<Decimal>>>,
    preferences: Option<company::Preferences>,
}

/// Where a read goes on.
#[derive(Serialize, Deserialize)]
struct Position {
    /// How many objects came so far.
    seen: u64,
    /// The last of them: it is asked for again, and has to be where it was.
    last: String,
    /// How many there were when the read began.
    count: u64,
}

/// One page of the feed `read.feed`.
pub(crate) async fn page(cx: &Cx, read: &Read<'_>, cursor: Option<&Cursor>) -> Result<Page, Error> {
    let entity = feeds::find(read.feed).ok_or_else(|| Error::Unsupported {
        what: format!("the feed `{}`", read.feed),
    })?;
    match entity.kind {
        Kind::BalanceSheet | Kind::ProfitAndLoss | Kind::CashFlow => {
            reports::page(cx, read, entity.kind, cursor).await
        }
        Kind::List | Kind::Transactions => match read.since {
            Some(since) if entity.tells_changes() => changes::page(cx, read, entity, since).await,
            Some(_) | None => list_page(cx, read, entity, cursor).await,
        },
    }
}

/// Pages are numbered by the place of their first object: what is deleted meanwhile moves all that comes behind it, and one
/// object would be missed. So each page begins with the last object of the page before.
async fn list_page(
    cx: &Cx,
    read: &Read<'_>,
    entity: &Entity,
    cursor: Option<&Cursor>,
) -> Result<Page, Error> {
    let position = match cursor {
        Some(cursor) => Some(
            serde_json::from_str::<Position>(&cursor.0)
                .map_err(|_| malformed("the stored cursor is none of QuickBooks'".into()))?,
        ),
        None => None,
    };
    let count = match &position {
        Some(position) => position.count,
        None => count(cx, read, entity).await?,
    };
    let seen = position.as_ref().map_or(0, |position| position.seen);
    let start = seen.max(1);
    let text = format!(
        "SELECT * FROM {}{} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_SIZE}",
        entity.name,
        condition(entity)
    );
    let answer = crate::client::ask(cx, read, &text).await?;
    let envelope = Envelope::parse(&answer.body, entity.name)?;
    let mut objects = envelope.objects.as_slice();
    let held = objects.len() as u64;
    if let Some(position) = &position {
        let first = objects
            .first()
            .map(|object| rows::id_of(object.get()))
            .transpose()?;
        if first.as_deref() != Some(position.last.as_str()) {
            return Err(Error::CursorExpired {
                reason: format!("a {} was deleted while the pages were read", entity.name),
            });
        }
        objects = objects.get(1..).unwrap_or_default();
    }
    let facts = learn(cx, read, entity).await?;
    let mut rows = Rows::wanted(read.wanted);
    for object in objects {
        rows.add(object, entity, &facts)?;
    }
    rows.listed(cx, read, entity, &facts)?;
    let now_seen = seen + objects.len() as u64;
    // A page may hold fewer than was asked for: only the count says whether that is all.
    let ended = held < PAGE_SIZE && now_seen >= count;
    let next = if ended {
        None
    } else if objects.is_empty() {
        // A list that is too short is no reason to believe that records are gone.
        if now_seen < self::count(cx, read, entity).await? {
            return Err(malformed(format!("{now_seen} of {count} objects came")));
        }
        None
    } else {
        let last = envelope.objects.last();
        let last = last.map(|object| rows::id_of(object.get())).transpose()?;
        Some(Cursor(json_of(&Position {
            seen: now_seen,
            last: last.unwrap_or_default(),
            count,
        })?))
    };
    Ok(Page {
        objects: objects.len() as u64,
        rows: rows.into_rows(),
        next,
        platform_time: envelope.answered_at.or_else(|| answer.date()),
        expected: Some(count),
    })
}

/// Lists hide what was taken off them.
fn condition(entity: &Entity) -> &'static str {
    match entity.kind {
        Kind::List => " WHERE Active IN (true, false)",
        Kind::Transactions | Kind::BalanceSheet | Kind::ProfitAndLoss | Kind::CashFlow => "",
    }
}

async fn count(cx: &Cx, read: &Read<'_>, entity: &Entity) -> Result<u64, Error> {
    let text = format!("SELECT COUNT(*) FROM {}{}", entity.name, condition(entity));
    let answer = crate::client::ask(cx, read, &text).await?;
    Envelope::parse(&answer.body, entity.name)?.counted()
}

async fn learn(cx: &Cx, read: &Read<'_>, entity: &Entity) -> Result<Facts, Error> {
    let mut facts = Facts {
        realm: read.organisation.id.clone(),
        ..Facts::default()
    };
    match entity.needs {
        Needs::Nothing => {}
        Needs::Accounts if !read.wanted.contains(&DataType::AccountTransactions) => {}
        Needs::Accounts => facts.accounts = Some(accounts::bank_currencies(cx, read).await?),
        Needs::TaxRates => facts.tax_rates = Some(tax_codes::rates(cx, read).await?),
        Needs::Preferences => facts.preferences = Some(company::preferences(cx, read).await?),
    }
    Ok(facts)
}

/// Recorded answers, mapped without a connection: a list of a query, one object under its name, or exchanges with these.
/// What only the list of accounts tells, the bank's side of what moves money, is left out.
pub(crate) fn map_recording(data_type: DataType, recording: &[u8]) -> Result<Vec<Row>, Error> {
    let mut mapped = Vec::new();
    let mut is_empty = true;
    for entity in &feeds::ENTITIES {
        if !entity.data_types.contains(&data_type) {
            continue;
        }
        match entity.kind {
            Kind::BalanceSheet | Kind::ProfitAndLoss | Kind::CashFlow => {
                return reports::map_recording(entity.kind, recording);
            }
            Kind::List | Kind::Transactions => {}
        }
        let Ok(objects) = envelope::recorded(recording, entity.name) else {
            continue;
        };
        is_empty = false;
        let wanted = [data_type];
        let mut rows = Rows::wanted(&wanted);
        for object in objects {
            rows.add(object, entity, &Facts::default())?;
        }
        mapped.extend(rows.into_rows());
    }
    if is_empty {
        return Err(malformed(format!("the recording holds no {data_type}")));
    }
    mapped.retain(|row| !matches!(row.content, Content::Gone));
    Ok(mapped)
}

fn malformed(reason: String) -> Error {
    Error::Malformed { reason }
}

fn json_of(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| malformed("the cursor cannot be written".into()))
}
