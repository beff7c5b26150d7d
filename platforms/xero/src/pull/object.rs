//! Objects outside of a feed: one by its id, or a list that somebody else asked for.

use ledgerline_platform::{Cx, Error, Read, Row};

use super::envelope::Envelope;
use super::facts::{self, Facts};
use super::feeds::{self, Endpoint, FOUR_PLACES};
use super::rows::Rows;

/// The rows that one object makes of the data types that are wanted, as a page with it would.
pub(crate) async fn by_id(cx: &Cx, read: &Read<'_>, id: &str) -> Result<Vec<Row>, Error> {
    let endpoint = find(read.feed)?;
    let query: &[_] = if endpoint.query.contains(&FOUR_PLACES) {
        &[FOUR_PLACES]
    } else {
        &[]
    };
    let answer = crate::client::get(cx, read, &format!("{}/{id}", endpoint.path), query).await?;
    let facts = facts::learn(cx, read, endpoint).await?;
    rows_of(&answer.body, endpoint, read, &facts)
}

/// The same of up to a hundred objects, of those that the list shows. `member` is what their id is called.
pub(crate) async fn by_ids(cx: &Cx, read: &Read<'_>, member: &str, ids: &[&str]) -> Result<Vec<Row>, Error> {
    let endpoint = find(read.feed)?;
    let each: Vec<String> = ids.iter().map(|id| format!("{member}==guid(\"{id}\")")).collect();
    let condition = each.join(" OR ");
    // Without a page no more than a summary comes.
    let mut query = vec![("where", condition.as_str()), ("page", "1"), ("pageSize", "100")];
    if endpoint.query.contains(&FOUR_PLACES) {
        query.push(FOUR_PLACES);
    }
    let answer = crate::client::get(cx, read, endpoint.path, &query).await?;
    let facts = facts::learn(cx, read, endpoint).await?;
    rows_of(&answer.body, endpoint, read, &facts)
}

/// The rows that the listed objects make. Balances are not asked for.
pub(crate) fn listed(body: &[u8], read: &Read<'_>, base_currency: Option<&str>) -> Result<Vec<Row>, Error> {
    let facts = Facts {
        base_currency: base_currency.map(str::to_owned),
        ..Facts::default()
    };
    rows_of(body, find(read.feed)?, read, &facts)
}

fn rows_of(body: &[u8], endpoint: &Endpoint, read: &Read<'_>, facts: &Facts) -> Result<Vec<Row>, Error> {
    let mut rows = Rows::wanted(read.wanted);
    for object in Envelope::parse(body, endpoint.key)?.objects {
        rows.add(object, endpoint, facts)?;
    }
    Ok(rows.into_rows())
}

fn find(feed: &str) -> Result<&'static Endpoint, Error> {
    feeds::find(feed).ok_or_else(|| Error::Unsupported {
        what: format!("the feed `{feed}`"),
    })
}
