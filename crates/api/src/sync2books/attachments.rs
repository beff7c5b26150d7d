use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use http::StatusCode;
use ledgerline_engine::push::attach::{self, Accepted, Attached, Upload};
use ledgerline_model::event::AttachmentSnapshot;
use ledgerline_model::push::{Batch, BatchState};
use ledgerline_model::{DatasetId, Instant};
use ledgerline_store::push::{batches, datasets};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::item;
use super::owned::ConnectionOf;
use crate::upload::{self, Form};

/// Bytes: the vendor's 10 MB.
const LARGEST: usize = 10 * 1024 * 1024;
const LONGEST_NOTE: usize = 1000;

/// A file on an expense.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    id: Uuid,
    /// As you called it.
    file_name: String,
    /// As its content says.
    content_type: String,
    /// In bytes.
    size: u64,
    /// `Expense`.
    category: &'static str,
    note: Option<String>,
    include_on_send: bool,
    connection_id: Uuid,
    /// The batch.
    sync_id: Uuid,
    /// Your own id of the expense.
    transaction_id: String,
    /// The id of the document in the books.
    entity_book_id: String,
    #[schema(value_type = String)]
    created_at: Instant,
}

/// A form with one file.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its description is used")]
pub struct AttachmentForm {
    /// JPG, JPEG, PNG, GIF, PDF, DOC, DOCX, XLS, XLSX, TXT or CSV, of at most 10 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// For the people who see it, where the accounting software has room for it.
    note: Option<String>,
    /// Whether it goes out with the document, where the accounting software sends such documents.
    #[schema(default = false)]
    include_on_send: Option<bool>,
    /// Taken, and without effect.
    line_info: Option<String>,
}

/// Put a file on an expense that the batch has written, at once.
///
/// The same content is put there once, however often it is handed over.
#[utoipa::path(
    post, tag = "Attachments",
    path = "/connections/{connectionId}/syncs/{syncId}/transactions/{transactionId}/attachments",
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 409, body = super::errors::Refusal, description = "The expense is not in the books, or the \
            connection is not `CONNECTED`."),
        (status = 413, body = super::errors::Refusal, description = "The file is larger than 10 MB.")
    )
)]
pub async fn upload_attachment(
    of: ConnectionOf,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Attachment>), Error> {
    let (_, sync, transaction) = path.map(|Path(path)| path).unwrap_or_default();
    let (batch, transaction) = find(&of, &sync, &transaction).await?;
    let BatchState::Taken(push) = batch.state else {
        return Err(refused(&of, attach::Error::NotCompleted, &transaction));
    };
    let form = upload::read(request, LARGEST).await?;
    let (note, include_on_send) = fields(&form)?;
    if form.files() > 1 {
        return Err(Error::bad_request("Only one file can be uploaded per request"));
    }
    let file = form.first()?;
    let upload = Upload {
        file_name: file.name.clone(),
        content: file.content,
        accepted: Accepted::Documents,
        limit: LARGEST as u64,
        note: note.clone(),
        include_on_send,
    };
    let attached = attach::attach(&of.app.engine, &of.company, push, &transaction, upload)
        .await
        .map_err(|error| refused(&of, error, &transaction))?;
    let Attached {
        id,
        content_type,
        size,
        document,
        created_at,
    } = attached;
    let shown = Attachment {
        id: id.0,
        file_name: file.name,
        content_type,
        size,
        category: CATEGORY,
        note,
        include_on_send,
        connection_id: of.connection.id.0,
        sync_id: batch.id.0,
        transaction_id: transaction,
        entity_book_id: document.id,
        created_at: Instant(created_at),
    };
    Ok((StatusCode::CREATED, axum::Json(shown)))
}

const CATEGORY: &str = "Expense";

impl Attachment {
    /// As it was told of; `None`: it is on nothing that this dialect knows.
    pub fn of_snapshot(told: &AttachmentSnapshot) -> Option<Self> {
        Some(Self {
            id: told.id,
            file_name: told.file_name.clone(),
            content_type: told.content_type.clone(),
            size: told.size,
            category: CATEGORY,
            note: told.note.clone(),
            include_on_send: told.include_on_send,
            connection_id: told.connection,
            sync_id: told.batch?,
            transaction_id: told.transaction.clone(),
            entity_book_id: told.document.id.clone(),
            created_at: Instant(told.created_at),
        })
    }
}

/// The batch, of this connection, and the app's own id of the expense that is named: by that, or by that of its item.
async fn find(of: &ConnectionOf, sync: &str, transaction: &str) -> Result<(Batch, String), Error> {
    let no_such = || Error::no_such("Sync batch", sync);
    let id: DatasetId = sync.parse().map_err(|_| no_such())?;
    let mut tx = of.app.engine.store.read().await?;
    let batch = batches::find(&mut tx, of.app.app, id).await?;
    let batch = batch.filter(|batch| batch.connection == of.connection.id);
    let batch = batch.ok_or_else(no_such)?;
    let contents = datasets::contents(&mut tx, of.app.app, batch.id).await?;
    let mut named = contents.into_iter().map(|content| content.transaction);
    let named = named.find(|own| item::is_named(batch.id, own, transaction));
    let named = named.ok_or_else(|| Error::no_such("Transaction", transaction))?;
    Ok((batch, named))
}

/// What stands beside the file: note and `includeOnSend`.
fn fields(form: &Form) -> Result<(Option<String>, bool), Error> {
    let note = form.text("note").map(str::to_owned);
    if note.as_ref().is_some_and(|note| note.len() > LONGEST_NOTE) {
        return Err(Error::bad_field(
            "note",
            format_args!("must have at most {LONGEST_NOTE} bytes"),
        ));
    }
    let include_on_send = match form.text("includeOnSend") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Error::bad_field("includeOnSend", "must be one of: true, false")),
    };
    Ok((note, include_on_send))
}

impl From<upload::Refused> for Error {
    fn from(refused: upload::Refused) -> Self {
        match refused {
            upload::Refused::Body(refused) => refused.into(),
            upload::Refused::Form(reason) => Self::bad_request(reason),
        }
    }
}

fn refused(of: &ConnectionOf, error: attach::Error, transaction: &str) -> Error {
    match error {
        attach::Error::NotFound => Error::no_such("Transaction", transaction),
        attach::Error::NotCompleted => Error::conflict(format!(
            "Transaction {transaction} has not been synced: files can be put on it afterwards"
        )),
        attach::Error::NotLinked => Error::conflict("Connection expired: the connection is not connected"),
        attach::Error::NotSupported => {
            Error::bad_request("The accounting software takes no files on transactions of this type")
        }
        attach::Error::Empty => Error::bad_request("The file is empty"),
        attach::Error::TooLarge { limit } => Error::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The file is larger than {limit} bytes"),
        ),
        attach::Error::UnknownType(accepted) => Error::bad_request(format!(
            "The file type is not supported; supported are: {}",
            accepted.names()
        )),
        attach::Error::Rejected(message) => {
            Error::bad_request(format!("The accounting software refused the file: {message}"))
        }
        attach::Error::Wait(until) => {
            let wait = until
                .duration_since(of.app.engine.now())
                .as_secs()
                .clamp(1, 86_400);
            Error::too_many_requests(u32::try_from(wait).unwrap_or(1))
        }
        error @ attach::Error::Unavailable(_) => {
            tracing::warn!(%error, "A file could not be put on an expense");
            Error::later("The accounting software is not available: send the file again")
        }
        attach::Error::Job(error) => Error::internal(&error),
    }
}
