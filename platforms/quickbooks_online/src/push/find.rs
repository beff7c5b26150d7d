use ledgerline_model::push::Key;
use ledgerline_platform::push::{Books, Posted, Prepared};
use ledgerline_platform::{Cx, Error};
use serde::Deserialize;

use super::document::Document;
use super::reading;
use super::send::Head;
use crate::client;

/// The largest page that there is.
const PAGE_SIZE: usize = 1_000;

/// The transaction that bears the key: by its number where it has one, else among those of its day by its memo, which
/// cannot be asked for. A deleted one has vanished.
pub(super) async fn find(
    cx: &Cx,
    books: &Books<'_>,
    prepared: &Prepared,
    key: &Key,
) -> Result<Option<Posted>, Error> {
    let Some((request, document)) = prepared
        .requests
        .first()
        .and_then(|request| Some((request, Document::of_path(&request.path)?)))
    else {
        return Ok(None);
    };
    let entity = document.entity();
    let condition = if document.is_numbered() {
        format!("DocNumber = '{key}'")
    } else {
        format!("TxnDate = '{}'", day(&request.body)?)
    };
    let mut start = 1;
    loop {
        let text = format!(
            "SELECT * FROM {entity} WHERE {condition} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_SIZE}"
        );
        let read = reading(books, entity, document.data_types());
        let answer = client::ask(cx, &read, &text).await?;
        let found = heads(&answer.body, entity)?;
        let held = found.len();
        if let Some(ours) = found.into_iter().find(|head| bears(head, key)) {
            return Ok(Some(ours.posted(document)));
        }
        if held < PAGE_SIZE {
            return Ok(None);
        }
        start += held;
    }
}

fn bears(head: &Head, key: &Key) -> bool {
    let key = key.as_str();
    head.doc_number.as_deref() == Some(key)
        || head
            .private_note
            .as_deref()
            .is_some_and(|note| note.trim_end().ends_with(key))
}

fn heads(body: &[u8], entity: &str) -> Result<Vec<Head>, Error> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "QueryResponse")]
        response: std::collections::HashMap<String, serde_json::value::Value>,
    }
    let unreadable = |_| Error::Malformed {
        reason: format!("the list of {entity} cannot be read"),
    };
    let mut answer: Answer = serde_json::from_slice(body).map_err(unreadable)?;
    match answer.response.remove(entity) {
        Some(list) => serde_json::from_value(list).map_err(unreadable),
        None => Ok(Vec::new()),
    }
}

/// The date of the transaction that was to be sent.
fn day(body: &str) -> Result<ledgerline_model::Date, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Dated {
        txn_date: ledgerline_model::Date,
    }
    serde_json::from_str::<Dated>(body)
        .map(|dated| dated.txn_date)
        .map_err(|_| Error::Unsupported {
            what: "a transaction without a date".into(),
        })
}
