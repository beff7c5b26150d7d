use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use ledgerline_model::Timestamp;
use ledgerline_platform::Error;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::dates::parse_instant;
use super::text::Str;

/// An answer of the Accounting API: some words about itself, and a list named after the endpoint.
pub(super) struct Envelope<'a> {
    /// The objects as they were sent, unparsed.
    pub objects: Vec<&'a RawValue>,
    /// Xero's clock.
    pub answered_at: Option<Timestamp>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    page: u32,
    page_size: u32,
    page_count: u32,
    item_count: u64,
}

/// The members of an object, each of them once: of two lists of the same name neither is believed.
struct Members<'a>(HashMap<Cow<'a, str>, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object whose members have a name of their own each")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = HashMap::new();
        while let Some((Str(name), value)) = map.next_entry::<Str<'de>, &'de RawValue>()? {
            if members.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("a member is there twice"));
            }
        }
        Ok(Members(members))
    }
}

impl<'a> Envelope<'a> {
    pub(super) fn parse(body: &'a [u8], key: &str) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed { reason };
        let Members(members) = serde_json::from_slice(body)
            .map_err(|error| malformed(format!("{key} is no JSON object: {}", place(&error))))?;
        let member = |name: &str| members.get(name).copied();
        let text =
            |name: &str| member(name).and_then(|value| serde_json::from_str::<Str<'a>>(value.get()).ok());
        if let Some(status) = text("Status")
            && status.as_str() != "OK"
        {
            return Err(malformed(format!("the status of {key} is not OK")));
        }
        let list = member(key).ok_or_else(|| malformed(format!("the answer has no list `{key}`")))?;
        let objects = serde_json::from_str::<Vec<&RawValue>>(list.get())
            .map_err(|error| malformed(format!("{key} is no list: {}", place(&error))))?;
        let pagination = member("pagination")
            .map(|value| serde_json::from_str(value.get()))
            .transpose()
            .map_err(|error| malformed(format!("the pagination of {key}: {}", place(&error))))?;
        Ok(Self {
            objects,
            answered_at: text("DateTimeUTC").and_then(|text| parse_instant(text.as_str())),
            pagination,
        })
    }

    pub(super) fn item_count(&self) -> Option<u64> {
        Some(self.pagination.as_ref()?.item_count)
    }

    /// Whether this is the last page. A page with fewer objects than its own count says is a short list, and
    /// never a reason to believe that records are gone.
    pub(super) fn is_last(&self, asked: u32, page_size: u32) -> Result<bool, Error> {
        let held = self.objects.len() as u64;
        let Some(pagination) = &self.pagination else {
            return Ok(held < u64::from(page_size));
        };
        if pagination.page != asked || pagination.page_size == 0 {
            return Err(Error::Malformed {
                reason: format!("page {} came for page {asked}", pagination.page),
            });
        }
        let before = u64::from(asked - 1) * u64::from(pagination.page_size);
        let due = pagination
            .item_count
            .saturating_sub(before)
            .min(u64::from(pagination.page_size));
        if held < due {
            return Err(Error::Malformed {
                reason: format!(
                    "page {asked} holds {held} objects, but {due} of {} are due on it",
                    pagination.item_count
                ),
            });
        }
        Ok(asked >= pagination.page_count)
    }
}

/// Where the parser stopped, without a word of what it saw there.
pub(super) fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}
