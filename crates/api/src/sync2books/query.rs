use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::errors::Error;

/// A query string; of a name that comes twice the first counts.
#[derive(Clone, Default, Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value, unless it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Which page is asked for.
    pub fn page(&self, limits: Limits) -> Result<Page, Error> {
        Ok(Page {
            page: self.number("page", u32::MAX)?.unwrap_or(1),
            limit: self.number("limit", limits.largest)?.unwrap_or(limits.usual),
        })
    }

    fn number(&self, name: &str, largest: u32) -> Result<Option<u32>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if (1..=largest).contains(&number) => Ok(Some(number)),
            _ => Err(Error::bad_field(
                name,
                format_args!("must be a whole number from 1 to {largest}"),
            )),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut parameters = BTreeMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parameters
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Ok(Self(parameters))
    }
}

/// How many things a page may hold.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Without a word.
    pub usual: u32,
    pub largest: u32,
}

/// Of lists of companies, batches and expenses.
pub const LISTS: Limits = Limits {
    usual: 20,
    largest: 100,
};

/// Of reference lists, of which clients know no pages: who asks for none gets all that one page may hold.
pub const REFERENCES: Limits = Limits {
    usual: 5000,
    largest: 5000,
};

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// From 1.
    pub page: u32,
    pub limit: u32,
}

impl Page {
    /// How many things come before it.
    pub fn offset(self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.limit)
    }

    /// What stands beside the things of it.
    pub fn of(self, total: u64) -> Pagination {
        Pagination {
            page: self.page,
            limit: self.limit,
            total,
            total_pages: total.div_ceil(u64::from(self.limit)),
        }
    }
}

/// Where a page stands among the others.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// From 1.
    page: u32,
    limit: u32,
    /// How many there are in all pages.
    total: u64,
    total_pages: u64,
}

/// The parameters of lists, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct ListParameters {
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// How many in a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
}

/// The parameters of reference lists, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct ReferenceParameters {
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// How many in a page.
    #[param(minimum = 1, maximum = 5000, default = 5000)]
    limit: Option<u32>,
    /// Only those whose name holds this, whatever its case.
    query: Option<String>,
}
