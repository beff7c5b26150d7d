use axum::extract::{Path, Request};
use ledgerline_engine::push::attach::{self, Accepted, Upload};
use ledgerline_model::PushId;
use ledgerline_store::connections;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::rows::spelled;
use crate::upload;

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
    let form = upload::read(request, limit).await.map_err(unreadable)?;
    let listed = form.listed();
    let file = form
        .first()
        .or_else(|refused| listed.ok_or(refused))
        .map_err(unreadable)?;
    let upload = Upload {
        file_name: file.name,
        content: file.content,
        accepted: Accepted::Receipts,
        limit: u64::MAX,
        note: None,
        include_on_send: false,
    };
    let attached = attach::attach(&of.engine, &of.company, push, &spelled(&transaction), upload)
        .await
        .map_err(|error| refused(&of, error, &transaction))?;
    Ok(axum::Json(Attachment {
        company_id: of.company.id.0,
        id: attached.id.to_string(),
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

fn unreadable(refused: upload::Refused) -> Error {
    match refused {
        upload::Refused::Body(refused) => refused.into(),
        upload::Refused::Form(reason) => Error::bad_request(reason),
    }
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
        | attach::Error::UnknownType(_)
        | attach::Error::Rejected(_) => Error::bad_request(said(&error)),
        attach::Error::Wait(until) => {
            let wait = until.duration_since(of.engine.now()).as_secs().clamp(1, 86_400);
            Error::too_many_requests(u32::try_from(wait).unwrap_or(1))
        }
        attach::Error::Unavailable(_) => Error::later(said(&error)),
        attach::Error::Job(error) => Error::internal(error),
    }
}
