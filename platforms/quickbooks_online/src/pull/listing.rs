use std::collections::BTreeMap;

use ledgerline_platform::{Cx, Error, Read};
use serde_json::value::RawValue;

use super::envelope::Envelope;
use super::{PAGE_SIZE, malformed, rows};

/// A small list as a whole, those that are out of use too, by the id: several feeds look facts up in it.
pub(super) struct Listing<T> {
    objects: BTreeMap<String, T>,
    /// What it was asked for with.
    queries: Vec<String>,
}

impl<T> Listing<T> {
    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.objects.get(id)
    }

    /// All of it, in the order of the ids.
    pub(super) fn each(&self) -> impl Iterator<Item = (&str, &T)> {
        self.objects.iter().map(|(id, object)| (id.as_str(), object))
    }

    /// It has turned out to be of no use: it is asked for again.
    pub(super) fn forget(&self, cx: &Cx, read: &Read<'_>) {
        forget(cx, read, &self.queries);
    }

    #[cfg(test)]
    pub(super) fn of(objects: impl IntoIterator<Item = (String, T)>) -> Self {
        Self {
            objects: objects.into_iter().collect(),
            queries: Vec::new(),
        }
    }
}

/// Ask for the list of `entity`, once a Run. It is as long as the platform counts it, or [`Error::Malformed`]: what
/// hangs on one of its objects would be wrong without a word otherwise.
pub(super) async fn whole<T>(
    cx: &Cx,
    read: &Read<'_>,
    entity: &str,
    map: fn(&RawValue) -> Result<T, Error>,
) -> Result<Listing<T>, Error> {
    let mut queries = Vec::new();
    let objects = ask(cx, read, entity, map, &mut queries).await;
    if objects.is_err() {
        forget(cx, read, &queries);
    }
    Ok(Listing {
        objects: objects?,
        queries,
    })
}

async fn ask<T>(
    cx: &Cx,
    read: &Read<'_>,
    entity: &str,
    map: fn(&RawValue) -> Result<T, Error>,
    queries: &mut Vec<String>,
) -> Result<BTreeMap<String, T>, Error> {
    let of = format!("FROM {entity} WHERE Active IN (true, false)");
    queries.push(format!("SELECT COUNT(*) {of}"));
    let answer = crate::client::ask_once(cx, read, &queries[0]).await?;
    let count = Envelope::parse(&answer.body, entity)?.counted()?;
    let mut whole = Whole::of(count);
    while let Some(start) = whole.next()? {
        let query = format!("SELECT * {of} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_SIZE}");
        queries.push(query.clone());
        let answer = crate::client::ask_once(cx, read, &query).await?;
        whole.add(&Envelope::parse(&answer.body, entity)?.objects, map)?;
    }
    Ok(whole.objects)
}

/// The pages of a list, until it is whole.
struct Whole<T> {
    count: u64,
    seen: u64,
    ended: bool,
    objects: BTreeMap<String, T>,
}

impl<T> Whole<T> {
    fn of(count: u64) -> Self {
        Self {
            count,
            seen: 0,
            ended: false,
            objects: BTreeMap::new(),
        }
    }

    /// The place where the next page starts; `None` once all are there.
    fn next(&self) -> Result<Option<u64>, Error> {
        let found = self.objects.len() as u64;
        if found >= self.count {
            return Ok(None);
        }
        if self.ended || self.seen >= self.count {
            return Err(malformed(format!("{found} of {} objects came", self.count)));
        }
        Ok(Some(self.seen + 1))
    }

    fn add(&mut self, page: &[&RawValue], map: fn(&RawValue) -> Result<T, Error>) -> Result<(), Error> {
        for object in page {
            self.objects.insert(rows::id_of(object.get())?, map(object)?);
        }
        self.seen += page.len() as u64;
        self.ended = page.is_empty();
        Ok(())
    }
}

fn forget(cx: &Cx, read: &Read<'_>, queries: &[String]) {
    for query in queries {
        crate::client::forget(cx, read, query);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places asked for until the list is whole, or what is wrong with it. Each page holds these ids.
    fn places(count: u64, pages: &[&[u64]]) -> Result<Vec<u64>, String> {
        let mut whole = Whole::of(count);
        let mut places = Vec::new();
        let mut pages = pages.iter();
        while let Some(start) = whole.next().map_err(|error| error.to_string())? {
            places.push(start);
            let page = pages.next().copied().unwrap_or_default();
            let page: Vec<String> = page.iter().map(|id| format!(r#"{{"Id":"{id}"}}"#)).collect();
            let page: Vec<&RawValue> = page
                .iter()
                .map(|text| serde_json::from_str(text).unwrap())
                .collect();
            whole.add(&page, |_| Ok(())).map_err(|error| error.to_string())?;
        }
        Ok(places)
    }

    #[test]
    fn a_list_is_as_long_as_it_is_counted() {
        assert_eq!(places(0, &[]), Ok(vec![]));
        assert_eq!(places(3, &[&[1, 2, 3]]), Ok(vec![1]));
        assert_eq!(places(3, &[&[1, 2], &[3]]), Ok(vec![1, 3]));
        assert!(places(3, &[&[1, 3]]).is_err());
        assert!(places(3, &[&[1, 3], &[3]]).is_err());
        assert!(places(3, &[]).is_err());
    }
}
