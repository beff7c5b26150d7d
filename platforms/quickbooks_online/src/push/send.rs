use std::collections::HashMap;

use bytes::Bytes;
use ledgerline_model::push::Key;
use ledgerline_platform::push::{Books, Posted, Prepared, Written};
use ledgerline_platform::{Cx, Error};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::Document;
use super::find;
use crate::client::{self, Sending};

/// QuickBooks gives the first answer again to whoever repeats a `requestid`.
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
    let mut query = request.query.clone();
    query.push(("requestid".to_owned(), key.as_str().to_owned()));
    let sending = Sending {
        content_type: "application/json".to_owned(),
        body: Bytes::from(request.body.clone()),
    };
    let realm = &books.organisation.id;
    let written = client::post(cx, books.access_token, realm, &request.path, &query, sending).await;
    match written {
        Ok(answer) => Ok(Written::Posted(posted(&answer.body, document)?)),
        Err(Error::Rejected { code, message, field }) if code == DUPLICATE_NUMBER => {
            // No other transaction has our key for a number.
            match find::find(cx, books, prepared, key).await {
                Ok(Some(found)) => Ok(Written::Posted(found)),
                Ok(None) | Err(_) => Err(Error::Rejected { code, message, field }),
            }
        }
        Err(error) => Err(error),
    }
}

/// Told of a number that another transaction has, where the company wants to be warned of it.
const DUPLICATE_NUMBER: &str = "6140";

/// A transaction as far as we need it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Head {
    pub id: String,
    pub sync_token: Option<String>,
    pub doc_number: Option<String>,
    pub private_note: Option<String>,
}

impl Head {
    pub(super) fn posted(self, document: Document) -> Posted {
        document.posted(self.id, self.sync_token)
    }
}

fn posted(body: &[u8], document: Document) -> Result<Posted, Error> {
    let unreadable = || Error::Malformed {
        reason: format!(
            "the answer does not tell what became of the {}",
            document.entity()
        ),
    };
    let members: HashMap<String, &RawValue> = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let object = members.get(document.entity()).ok_or_else(unreadable)?;
    let head: Head = serde_json::from_str(object.get()).map_err(|_| unreadable())?;
    Ok(head.posted(document))
}
