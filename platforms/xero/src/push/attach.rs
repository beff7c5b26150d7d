//! <https://developer.xero.com/documentation/api/accounting/attachments>

use ledgerline_platform::push::{Books, File, Posted};
use ledgerline_platform::{Cx, Error};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::call::{self, ACCOUNTING, Call};
use super::document::Document;
use super::reading;
use crate::client;

/// What stands in a path as it is.
const NAME: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The bytes as they are, under their name. A file of that name and size is there from an earlier attempt.
pub(super) async fn attach(cx: &Cx, books: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error> {
    let document = Document::of_object(&posted.object).ok_or_else(|| Error::Unsupported {
        what: format!("files beside a {}", posted.object),
    })?;
    let list = format!("{}/{}/Attachments", document.path(), posted.id);
    let read = reading(books, document.endpoint(), document.data_types());
    let answer = client::get(cx, &read, &list, &[]).await?;
    if is_kept(&answer.body, file)? {
        return Ok(());
    }
    let path = format!("{list}/{}", utf8_percent_encode(&file.name, &NAME));
    let call = Call {
        host: ACCOUNTING,
        method: "PUT",
        path: &path,
        query: &[],
        key: None,
        content_type: &file.content_type,
        body: file.content.clone(),
    };
    let answer = call::taken(call::ask(cx, books, call).await?, "Attachments")?;
    if is_kept(&answer.body, file)? {
        return Ok(());
    }
    Err(Error::Malformed {
        reason: "the answer does not name the file that was sent".into(),
    })
}

fn is_kept(body: &[u8], file: &File) -> Result<bool, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attachments {
        attachments: Vec<Attachment>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attachment {
        file_name: String,
        content_length: Option<u64>,
    }
    let kept: Attachments = serde_json::from_slice(body).map_err(|_| Error::Malformed {
        reason: "the list of attachments cannot be read".into(),
    })?;
    let size = file.content.len() as u64;
    Ok(kept
        .attachments
        .iter()
        .any(|kept| kept.file_name == file.name && kept.content_length.is_none_or(|length| length == size)))
}
