//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/attachable>

use bytes::{BufMut, BytesMut};
use ledgerline_platform::push::{Books, File, Posted};
use ledgerline_platform::{Cx, Error};
use serde::{Deserialize, Serialize};

use super::account::Ref;
use super::document::Document;
use super::reading;
use crate::client::{self, Faulty, Sending};

/// A file of that name and size is there from an earlier attempt.
pub(super) async fn attach(cx: &Cx, books: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error> {
    let document = Document::of_object(&posted.object).ok_or_else(|| Error::Unsupported {
        what: format!("files beside a {}", posted.object),
    })?;
    let read = reading(books, document.entity(), document.data_types());
    let text = format!(
        "SELECT * FROM Attachable WHERE AttachableRef.EntityRef.Type = '{}' AND AttachableRef.EntityRef.value = '{}' \
         MAXRESULTS 1000",
        posted.object, posted.id
    );
    let listed = client::ask(cx, &read, &text).await?;
    if is_kept(&listed.body, file)? {
        return Ok(());
    }
    let metadata = Metadata {
        attachable_ref: [AttachableRef {
            entity_ref: Ref {
                value: posted.id.clone(),
                kind: Some(document.entity()),
            },
            include_on_send: file.include_on_send.then_some(true),
        }],
        file_name: &file.name,
        content_type: &file.content_type,
        note: file.note.as_deref(),
    };
    let metadata = serde_json::to_string(&metadata).map_err(|_| Error::Malformed {
        reason: "the file's facts cannot be written".into(),
    })?;
    let sending = multipart(&metadata, file);
    let realm = &books.organisation.id;
    let answer = client::post(cx, books.access_token, realm, "/upload", &[], sending).await?;
    judge(&answer.body)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    attachable_ref: [AttachableRef; 1],
    file_name: &'a str,
    content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttachableRef {
    entity_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_on_send: Option<bool>,
}

/// Two parts (RFC 7578): what the file is, and the file.
fn multipart(metadata: &str, file: &File) -> Sending {
    let boundary = boundary(&file.content);
    let name: String = file
        .name
        .chars()
        .filter(|letter| !matches!(letter, '"' | '\\') && !letter.is_control())
        .collect();
    let mut body = BytesMut::with_capacity(file.content.len() + 1024);
    body.put_slice(
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file_metadata_01\"\r\n\
             Content-Type: application/json\r\n\r\n{metadata}\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file_content_01\"; filename=\"{name}\"\r\n\
             Content-Type: {}\r\n\r\n",
            file.content_type
        )
        .as_bytes(),
    );
    body.put_slice(&file.content);
    body.put_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Sending {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body: body.freeze(),
    }
}

/// A line that does not stand in the file.
fn boundary(content: &[u8]) -> String {
    let mut number = 0_u64;
    loop {
        let boundary = format!("ledgerline-{number}");
        let stands = content
            .windows(boundary.len())
            .any(|window| window == boundary.as_bytes());
        if !stands {
            return boundary;
        }
        number += 1;
    }
}

/// Each file has its own fate, under a status of 200.
fn judge(body: &[u8]) -> Result<(), Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        attachable_response: Vec<serde_json::Value>,
    }
    let unreadable = || Error::Malformed {
        reason: "the answer does not tell what became of the file".into(),
    };
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let item = answer
        .attachable_response
        .into_iter()
        .next()
        .ok_or_else(unreadable)?;
    let is_kept = item.get("Attachable").is_some();
    let fault = serde_json::from_value::<Faulty>(item)
        .ok()
        .and_then(Faulty::first);
    match fault {
        Some(fault) => Err(client::item_refusal(fault, "upload")),
        None if is_kept => Ok(()),
        None => Err(unreadable()),
    }
}

fn is_kept(body: &[u8], file: &File) -> Result<bool, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        query_response: Response,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Response {
        #[serde(default)]
        attachable: Vec<Attachable>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attachable {
        file_name: Option<String>,
        size: Option<u64>,
    }
    let listed: Answer = serde_json::from_slice(body).map_err(|_| Error::Malformed {
        reason: "the list of attachments cannot be read".into(),
    })?;
    let size = file.content.len() as u64;
    let mut kept = listed.query_response.attachable.iter();
    Ok(kept.any(|kept| {
        kept.file_name.as_deref() == Some(file.name.as_str()) && kept.size.is_none_or(|kept| kept == size)
    }))
}
