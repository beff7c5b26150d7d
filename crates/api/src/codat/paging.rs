use axum::extract::FromRequestParts;
use http::request::Parts;
use ledgerline_model::query::{ListRequest, Properties, Schema};
use ledgerline_model::{Instant, Timestamp};
use serde::Serialize;
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};

use super::as_of;
use super::errors::Error;
use super::query::Parameters;

/// At most so many in a page.
const MAX_PAGE_SIZE: u32 = 5000;

/// What every list takes.
#[derive(Clone, Debug)]
pub struct List {
    pub page: u32,
    pub page_size: u32,
    pub parameters: Parameters,
    path: String,
}

/// The parameters of every list, for the description; names match whatever their case.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its description is used")]
pub struct ListParameters {
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// How many in a page.
    #[param(rename = "pageSize", minimum = 1, maximum = 5000, default = 100)]
    page_size: Option<u32>,
    /// Only what meets this, e.g. `status = Linked && created > 2027-01-01`.
    query: Option<String>,
    /// A property; with `-` before it, descending.
    #[param(rename = "orderBy")]
    order_by: Option<String>,
}

impl List {
    /// What is asked of things of this schema.
    pub fn request(&self, schema: &Schema) -> Result<ListRequest, ledgerline_model::query::Error> {
        ListRequest::parse(
            schema,
            self.parameters.text("query"),
            self.parameters.text("orderBy"),
            self.page,
            self.page_size,
        )
    }

    /// The page of things that are in memory anyway.
    pub fn apply<T: Properties>(
        &self,
        schema: &Schema,
        things: impl IntoIterator<Item = T>,
    ) -> Result<(Vec<T>, u64), Error> {
        let request = self
            .request(schema)
            .map_err(|error| Error::bad_query(error.to_string()))?;
        let (page, total) = request.apply(things);
        Ok((page, u64::try_from(total).unwrap_or(u64::MAX)))
    }

    /// With links that lead to this path.
    pub fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// How many things come before the page.
    pub fn offset(&self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.page_size)
    }

    /// The page as it is answered.
    pub fn page<T>(&self, results: Vec<T>, total: u64) -> Page<T> {
        self.page_as_of(None, results, total)
    }

    /// The page of one state of the store; see [`links_as_of`](Self::links_as_of).
    pub fn page_as_of<T>(&self, as_of: Option<Timestamp>, results: Vec<T>, total: u64) -> Page<T> {
        Page {
            results,
            page_number: self.page,
            page_size: self.page_size,
            total_results: total,
            links: self.links_as_of(as_of, total),
        }
    }

    /// Links that lead through one state of the store, however it changes meanwhile.
    pub fn links_as_of(&self, as_of: Option<Timestamp>, total: u64) -> Links {
        let last = total.div_ceil(u64::from(self.page_size)).max(1);
        let number = u64::from(self.page);
        Links {
            current: self.link(number, as_of),
            this: Link {
                href: self.path.clone(),
            },
            next: (number < last).then(|| self.link(number + 1, as_of)),
            previous: (number > 1).then(|| self.link((number - 1).min(last), as_of)),
        }
    }

    fn link(&self, page: u64, as_of: Option<Timestamp>) -> Link {
        let mut query = Serializer::new(String::new());
        query.append_pair("page", &page.to_string());
        query.append_pair("pageSize", &self.page_size.to_string());
        for name in ["query", "orderBy", "tags"] {
            if let Some(value) = self.parameters.text(name) {
                query.append_pair(name, value);
            }
        }
        if let Some(as_of) = as_of {
            query.append_pair(as_of::NAME, &Instant(as_of).to_string());
        }
        Link {
            href: format!("{}?{}", self.path, query.finish()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for List {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let parameters = Parameters::from_request_parts(parts, state).await?;
        Ok(Self {
            page: parameters.number("page", 1..=u32::MAX)?.unwrap_or(1),
            page_size: parameters.number("pageSize", 1..=MAX_PAGE_SIZE)?.unwrap_or(100),
            path: parts.uri.path().to_owned(),
            parameters,
        })
    }
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    results: Vec<T>,
    page_number: u32,
    page_size: u32,
    /// How many there are in all pages.
    total_results: u64,
    #[serde(rename = "_links")]
    links: Links,
}

/// Where the other pages are.
#[derive(Serialize, ToSchema)]
pub struct Links {
    current: Link,
    #[serde(rename = "self")]
    this: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Link>,
}

#[derive(Serialize, ToSchema)]
pub struct Link {
    /// Relative to the server's address.
    href: String,
}

/// A list that has no pages.
#[derive(Serialize, ToSchema)]
pub struct Results<T> {
    pub results: Vec<T>,
}
