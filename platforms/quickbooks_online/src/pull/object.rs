//! Objects outside of a feed: one by its id, or a list that somebody else asked for.

use ledgerline_platform::{Cx, Error, Read, Row};
use serde_json::value::RawValue;

use super::envelope::{self, Envelope};
use super::feeds::{self, Entity};
use super::learn;
use super::rows::Rows;

/// The rows that one object of the entity `read.feed` makes of the data types that are wanted, as a page with it would.
pub(crate) async fn by_id(cx: &Cx, read: &Read<'_>, id: &str) -> Result<Vec<Row>, Error> {
    let entity = find(read.feed)?;
    let path = format!("/{}/{id}", entity.name.to_ascii_lowercase());
    let realm = &read.organisation.id;
    let answer = crate::client::get(cx, read.access_token, realm, &path, &[]).await?;
    let objects = envelope::recorded(&answer.body, entity.name)?;
    rows_of(cx, read, entity, objects).await
}

/// The same of up to a thousand objects, of those that queries show.
pub(crate) async fn by_ids(cx: &Cx, read: &Read<'_>, ids: &[&str]) -> Result<Vec<Row>, Error> {
    let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    let query = format!(
        "SELECT * FROM {} WHERE Id IN ({}) MAXRESULTS 1000",
        read.feed,
        ids.join(", ")
    );
    let realm = &read.organisation.id;
    let answer = crate::client::get(cx, read.access_token, realm, "/query", &[("query", &query)]).await?;
    listed(cx, read, &answer.body).await
}

/// The rows that the objects of an answer to a query make.
pub(crate) async fn listed(cx: &Cx, read: &Read<'_>, body: &[u8]) -> Result<Vec<Row>, Error> {
    let entity = find(read.feed)?;
    let objects = Envelope::parse(body, entity.name)?.objects;
    rows_of(cx, read, entity, objects).await
}

async fn rows_of(
    cx: &Cx,
    read: &Read<'_>,
    entity: &Entity,
    objects: Vec<&RawValue>,
) -> Result<Vec<Row>, Error> {
    let facts = learn(cx, read, entity).await?;
    let mut rows = Rows::wanted(read.wanted);
    for object in objects {
        rows.add(object, entity, &facts)?;
    }
    rows.listed(cx, read, entity, &facts)?;
    Ok(rows.into_rows())
}

fn find(feed: &str) -> Result<&'static Entity, Error> {
    feeds::find(feed).ok_or_else(|| Error::Unsupported {
        what: format!("the feed `{feed}`"),
    })
}
