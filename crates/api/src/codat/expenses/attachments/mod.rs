//! Files on posted expenses.

/// The bodies of forms with files.
mod multipart;

use axum::extract::{Path, Request};
use http::header;
use ledgerline_engine::push::attach;
use ledgerline_model::PushId;
use ledgerline_store::connections;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::rows::spelled;
use crate::body;
use multipart::{Malformed, Part};

/// What a form holds beside its file.
const FORM: usize = 64 * 1024;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    company_id: Uuid,
    id: String,
    transaction_id: String,
}

/// The form: its first part with a file name is the file, whatever the part is called.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct AttachmentUpload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Put a file on a transaction that the sync has completed, at once.
///
/// A PDF or an image. Its name is made by us and its type found in its content; the same content is put there once.
#[utoipa::path(
    post, tag = "Expenses",
    path = "/companies/{companyId}/sync/expenses/syncs/{syncId}/transactions/{transactionId}/attachments",
    request_body(content = AttachmentUpload, content_type = "multipart/form-data"),
    responses((status = 200, body = Attachment))
)]
pub async fn upload_attachment(
    of: CompanyOf,
    Path(path): Path<(String, String, String)>,
    request: Request,
) -> Result<axum::Json<Attachment>, Error> {
    let (_, sync, transaction) = path;
    let no_sync = || Error::no_such_expense("sync", &sync);
    let push: PushId = sync.parse().map_err(|_| no_sync())?;
    let limit = limit(&of).await?;
    let file = file(request, limit).await?;
    let id = attach::attach(
        &of.engine,
        &of.company,
        push,
        &spelled(&transaction),
        file.content,
    )
    .await
    .map_err(|error| refused(&of, error, &transaction))?;
    Ok(axum::Json(Attachment {
        company_id: of.company.id.0,
        id: id.to_string(),
        transaction_id: spelled(&transaction),
    }))
}

/// The largest file that the company's platform takes.
async fn limit(of: &CompanyOf) -> Result<usize, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = connections::active(&mut tx, of.app, of.company.id).await?;
    let entry = connection.and_then(|connection| of.engine.registry.find(&connection.platform));
    let push = entry.and_then(|entry| entry.platform.push());
    let bytes = push.map_or(0, |push| push.about().attachment_bytes);
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

async fn file(request: Request, limit: usize) -> Result<Part, Error> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multipart::boundary(content_type).map_err(malformed)?;
    let body = body::read(request.into_body(), limit.saturating_add(FORM)).await?;
    let part = multipart::first_file(&boundary, &body).map_err(malformed)?;
    if !is_plain(&part.file_name) {
        return Err(Error::bad_request(
            "The file name has to be one that names no folder and shows as it is written.",
        ));
    }
    Ok(part)
}

fn malformed(malformed: Malformed) -> Error {
    Error::bad_request(match malformed {
        Malformed::NotMultipart => {
            "The body has to be a form with a file, with the header `Content-Type: multipart/form-data; boundary=…`."
        }
        Malformed::Broken => "The body is no complete form of the boundary that the `Content-Type` names.",
        Malformed::NoFile => "The form has to hold a part with a file name.",
    })
}

/// Whether a client that means well could have chosen the name: it names no folder, and shows as it is written.
fn is_plain(file_name: &str) -> bool {
    let misleads = |character: char| {
        character.is_control()
            || matches!(
                character,
                '/' | '\\' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            )
    };
    !file_name.contains(misleads) && !matches!(file_name.trim(), "" | "." | "..")
}

fn refused(of: &CompanyOf, error: attach::Error, transaction: &str) -> Error {
    let said = |error: &attach::Error| {
        let text = error.to_string();
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).chain(['.']).collect::<String>()
    };
    match &error {
        attach::Error::NotFound => Error::no_such_expense("transaction", transaction),
        attach::Error::NotCompleted
        | attach::Error::NotLinked
        | attach::Error::NotSupported
        | attach::Error::Empty
        | attach::Error::TooLarge { .. }
        | attach::Error::UnknownType
        | attach::Error::Rejected(_) => Error::bad_request(said(&error)),
        attach::Error::Wait(until) => {
            let wait = until.duration_since(of.engine.now()).as_secs().clamp(1, 86_400);
            Error::too_many_requests(u32::try_from(wait).unwrap_or(1))
        }
        attach::Error::Unavailable(_) => Error::later(said(&error)),
        attach::Error::Job(error) => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn names_that_mislead_are_seen() {
        for name in ["receipt.pdf", "Beleg Nr. 7 (Köln).png", "..jpg"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "../../etc/passwd",
            "..\\x.pdf",
            "a\0.pdf",
            "a\u{202e}fdp.exe",
            "..",
            " ",
            "a\nb.pdf",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
