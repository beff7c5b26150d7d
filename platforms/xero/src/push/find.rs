use ledgerline_model::push::Key;
use ledgerline_platform::push::{Books, Prepared, Written};
use ledgerline_platform::{Cx, Error};

use super::document::Document;
use super::reading;
use super::send::{Element, elements};
use crate::client;

/// The document that bears the key. Deleted ones are listed as well; one that is not deleted comes first.
pub(super) async fn find(
    cx: &Cx,
    books: &Books<'_>,
    prepared: &Prepared,
    key: &Key,
) -> Result<Option<Written>, Error> {
    let Some(document) = prepared
        .requests
        .first()
        .and_then(|request| Document::of_path(&request.path))
    else {
        return Ok(None);
    };
    let condition = match document {
        Document::BankTransaction | Document::BankTransfer => format!("Reference==\"{key}\""),
        Document::ManualJournal => format!("Narration.EndsWith(\"{key}\")"),
    };
    let mut query = vec![("where", condition.as_str())];
    match document {
        // Without a page no more than a summary of the first hundred comes.
        Document::BankTransaction | Document::ManualJournal => query.push(("page", "1")),
        Document::BankTransfer => query.push(("includeDeleted", "true")),
    }
    let read = reading(books, document.endpoint(), document.data_types());
    let answer = client::get(cx, &read, &document.path(), &query).await?;
    let mut found = elements(&answer.body, document)?;
    // Whatever the platform makes of the condition.
    found.retain(|element| bears(element, key));
    found.sort_by_key(is_removed);
    Ok(found
        .iter()
        .find_map(|element| document.posted(element))
        .map(Written::Posted))
}

fn bears(element: &Element, key: &Key) -> bool {
    element.reference.as_deref() == Some(key.as_str())
        || element
            .narration
            .as_deref()
            .is_some_and(|text| text.trim_end().ends_with(key.as_str()))
}

fn is_removed(element: &Element) -> bool {
    matches!(element.status.as_deref(), Some("DELETED" | "VOIDED"))
}
