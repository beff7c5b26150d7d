//! The query of a list, read once.

use http::HeaderMap;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::xero::dates::parse_modified_since;
use crate::xero::errors::Error;
use crate::xero::filter::{self, Condition, Order};

const DEFAULT_PAGE_SIZE: usize = 100;
const MAX_PAGE_SIZE: usize = 1_000;

/// What a list is asked for.
pub(super) struct Question {
    /// Without it a list is a summary.
    pub(super) page: Option<usize>,
    pub(super) page_size: usize,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) condition: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) ids: Vec<Uuid>,
    pub(super) contact_ids: Vec<Uuid>,
    pub(super) statuses: Vec<String>,
    pub(super) numbers: Vec<String>,
    pub(super) search_term: Option<String>,
    pub(super) include_archived: bool,
    pub(super) include_deleted: bool,
    pub(super) summary_only: bool,
    /// Whether one bad record of a write refuses them all.
    pub(super) summarize_errors: bool,
    pub(super) unit_places: u32,
    pub(super) date_from: Option<Date>,
    pub(super) date_to: Option<Date>,
    /// The parts that decide which records are meant and in which order, but for the page: equal texts mean equal lists.
    pub(super) selection: String,
}

impl Question {
    pub(super) fn read(query: &str, headers: &HeaderMap) -> Result<Self, Error> {
        let mut question = Self {
            page: None,
            page_size: DEFAULT_PAGE_SIZE,
            modified_since: None,
            condition: None,
            order: Vec::new(),
            ids: Vec::new(),
            contact_ids: Vec::new(),
            statuses: Vec::new(),
            numbers: Vec::new(),
            search_term: None,
            include_archived: false,
            include_deleted: false,
            summary_only: false,
            summarize_errors: true,
            unit_places: 2,
            date_from: None,
            date_to: None,
            selection: String::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            question.take(&name, &value)?;
        }
        if let Some(text) = headers.get(http::header::IF_MODIFIED_SINCE) {
            let since = text.to_str().ok().and_then(parse_modified_since);
            // Xero does not refuse a date that it cannot read; it answers as if there were none.
            question.modified_since = since;
            question.selection.push_str(&format!("\nsince={since:?}"));
        }
        Ok(question)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let key = name.to_ascii_lowercase();
        match key.as_str() {
            "page" => {
                let page = value.trim().parse::<usize>().ok().filter(|page| *page > 0);
                self.page = Some(page.ok_or_else(|| Error::parameter(format!("Invalid page: `{value}`")))?);
                return Ok(());
            }
            "pagesize" => {
                let size = value.trim().parse::<usize>().ok().filter(|size| *size > 0);
                let size = size.ok_or_else(|| Error::parameter(format!("Invalid pageSize: `{value}`")))?;
                self.page_size = size.min(MAX_PAGE_SIZE);
                self.page = self.page.or(Some(1));
                return Ok(());
            }
            "unitdp" => {
                self.unit_places = if value.trim() == "4" { 4 } else { 2 };
                return Ok(());
            }
            "summarizeerrors" => {
                self.summarize_errors = flag(name, value)?;
                return Ok(());
            }
            "summaryonly" => {
                self.summary_only = flag(name, value)?;
                return Ok(());
            }
            "where" if !value.trim().is_empty() => {
                let parsed = filter::parse(value).map_err(|invalid| Error::parameter(invalid.0))?;
                self.condition = Some(parsed);
            }
            "order" if !value.trim().is_empty() => {
                self.order = Order::parse(value).map_err(|invalid| Error::parameter(invalid.0))?;
            }
            "ids" => self.ids = ids(name, value)?,
            "contactids" => self.contact_ids = ids(name, value)?,
            "statuses" | "status" => self.statuses = list(value),
            "invoicenumbers" | "references" => self.numbers = list(value),
            "searchterm" if !value.is_empty() => self.search_term = Some(value.to_lowercase()),
            "includearchived" => self.include_archived = flag(name, value)?,
            "includedeleted" => self.include_deleted = flag(name, value)?,
            "datefrom" => self.date_from = Some(date(name, value)?),
            "dateto" => self.date_to = Some(date(name, value)?),
            _ => return Ok(()),
        }
        self.selection.push_str(&format!("\n{key}={value}"));
        Ok(())
    }
}

fn list(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn ids(name: &str, value: &str) -> Result<Vec<Uuid>, Error> {
    list(value)
        .iter()
        .map(|id| {
            Uuid::try_parse(id).map_err(|_| Error::parameter(format!("`{id}` in `{name}` is not a Guid")))
        })
        .collect()
}

/// `True`, as one official SDK writes it, is true.
fn flag(name: &str, value: &str) -> Result<bool, Error> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(Error::parameter(format!("`{name}` is neither true nor false"))),
    }
}

/// A date parameter, with or without a time behind it.
pub(in crate::xero) fn date(name: &str, value: &str) -> Result<Date, Error> {
    let day = value.trim().split(['T', ' ']).next().unwrap_or_default();
    day.parse()
        .map_err(|_| Error::parameter(format!("`{name}` is not a date: `{value}`")))
}
