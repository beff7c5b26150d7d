use bytes::Bytes;
use ledgerline_model::push::Key;
use ledgerline_platform::push::{Books, Prepared, Written};
use ledgerline_platform::{Cx, Error};
use serde::Deserialize;

use super::call::{self, ACCOUNTING, Call, JSON};
use super::document::Document;

pub(super) async fn send(
    cx: &Cx,
    books: &Books<'_>,
    prepared: &Prepared,
    key: &Key,
) -> Result<Written, Error> {
    let (request, document) = prepared
        .requests
        .first()
        .and_then(|request| Some((request, Document::of_path(&request.path)?)))
        .ok_or_else(|| Error::Unsupported {
            what: "a request that is none of ours".into(),
        })?;
    let call = Call {
        host: ACCOUNTING,
        method: &request.method,
        path: &request.path,
        query: &request.query,
        key: Some(key.as_str()),
        content_type: JSON,
        body: Bytes::from(request.body.clone()),
    };
    let answer = call::taken(call::ask(cx, books, call).await?, document.endpoint())?;
    let element = elements(&answer.body, document)?
        .into_iter()
        .next()
        .ok_or_else(|| unreadable(document))?;
    if element.is_refused() {
        return Err(element.refusal());
    }
    let posted = document.posted(&element).ok_or_else(|| unreadable(document))?;
    Ok(Written::Posted(posted))
}

/// What an answer says of a document: with `summarizeErrors=false` each has its own fate, under a status of 200.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Element {
    #[serde(
        alias = "BankTransactionID",
        alias = "BankTransferID",
        alias = "ManualJournalID"
    )]
    pub id: Option<String>,
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    pub status: Option<String>,
    pub reference: Option<String>,
    pub narration: Option<String>,
    status_attribute_string: Option<String>,
    #[serde(default)]
    has_errors: bool,
    #[serde(default)]
    has_validation_errors: bool,
    #[serde(default)]
    validation_errors: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message: String,
}

impl Element {
    /// Xero sends errors for what it refused; of what it took only warnings.
    fn is_refused(&self) -> bool {
        self.has_errors
            || self.has_validation_errors
            || self.status_attribute_string.as_deref() == Some("ERROR")
            || !self.validation_errors.is_empty()
    }

    fn refusal(self) -> Error {
        let messages: Vec<String> = self
            .validation_errors
            .into_iter()
            .map(|error| error.message)
            .collect();
        let message = if messages.is_empty() {
            "Xero refused it without a reason".to_owned()
        } else {
            messages.join("; ")
        };
        Error::Rejected {
            code: VALIDATION.to_owned(),
            message,
            field: None,
        }
    }
}

/// Xero's number of its validation exception.
const VALIDATION: &str = "10";

/// The documents of an answer.
pub(super) fn elements(body: &[u8], document: Document) -> Result<Vec<Element>, Error> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(alias = "BankTransactions", alias = "BankTransfers", alias = "ManualJournals")]
        list: Vec<Element>,
    }
    serde_json::from_slice::<Answer>(body)
        .map(|answer| answer.list)
        .map_err(|_| unreadable(document))
}

fn unreadable(document: Document) -> Error {
    Error::Malformed {
        reason: format!(
            "the answer does not tell what became of the {}",
            document.object()
        ),
    }
}
