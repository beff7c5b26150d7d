use bytes::Bytes;
use ledgerline_model::company::Company;
use ledgerline_model::push::{ItemLeg, Leg, RowStatus};
use ledgerline_model::{AttachmentId, PushId, Secret, Timestamp};
use ledgerline_platform::push::{Books, File, Posted, Push, PushAbout};
use ledgerline_platform::{self as platform, Cx, Sent};
use ledgerline_store::connections;
use ledgerline_store::push::attachments::{self, Attachment};
use ledgerline_store::push::{items, legs};
use sha2::{Digest, Sha256};

use super::ask::{Unasked, with_token};
use crate::budget::Places;
use crate::jobs::lease::later;
use crate::pull::Source;
use crate::{Engine, jobs};

/// Why a file is not on the expense.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the push has no such transaction")]
    NotFound,
    #[error("the transaction has not been written")]
    NotCompleted,
    #[error("the company has no connection to the books that the transaction is in")]
    NotLinked,
    #[error("the platform takes no files on transactions of this type")]
    NotSupported,
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the file is neither a PDF nor an image (PNG, JPEG, GIF, TIFF, WebP)")]
    UnknownType,
    #[error("the platform refused the file: {0}")]
    Rejected(String),
    #[error("nothing more may be asked of the platform before {0}")]
    Wait(Timestamp),
    /// It can be handed over again: the same file is attached once.
    #[error("the platform is not available: {0}")]
    Unavailable(String),
    #[error(transparent)]
    Job(#[from] jobs::Error),
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::Job(error.into())
    }
}

/// Put a file on an expense that this push shows as completed, at once. The same content is attached once, however
/// often it is handed over; its name is made by us, its type is found in it.
pub async fn attach(
    engine: &Engine,
    company: &Company,
    push: PushId,
    transaction: &str,
    content: Bytes,
) -> Result<AttachmentId, Error> {
    let (source, leg, kind) = find(engine, company, push, transaction).await?;
    let writer = source.platform.push().ok_or(Error::NotSupported)?;
    check(writer.about(), kind, &content)?;
    let (extension, content_type) = type_of(&content).ok_or(Error::UnknownType)?;
    let posted: Option<Posted> = leg
        .posted
        .as_deref()
        .and_then(|posted| serde_json::from_str(posted).ok());
    let posted = posted.ok_or(Error::NotCompleted)?;
    let sha256: [u8; 32] = Sha256::digest(&content).into();
    let name: String = sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let attachment = Attachment {
        app: company.app,
        id: AttachmentId(engine.uuid()),
        company: company.id,
        transaction: transaction.to_owned(),
        sha256,
        name: format!("receipt-{name}.{extension}"),
        content_type: content_type.to_owned(),
        is_attached: false,
        created_at: engine.now(),
    };
    let mut tx = engine.store.write().await?;
    let kept = attachments::insert(&mut tx, &attachment).await?;
    tx.commit().await?;
    if kept.is_attached {
        return Ok(kept.id);
    }
    let file = File {
        name: kept.name.clone(),
        content_type: kept.content_type.clone(),
        content,
    };
    with_token(engine, &source, Places::OneByOne, 2, |cx, token| {
        send(writer, cx, token, &source, &posted, &file)
    })
    .await
    .map_err(|unasked| refused(engine, unasked))?;
    let mut tx = engine.store.write().await?;
    attachments::attached(&mut tx, company.app, kept.id).await?;
    tx.commit().await?;
    Ok(kept.id)
}

type Found = (Source, ItemLeg, ledgerline_model::push::ExpenseKind);

/// The document, and whose books it is in.
async fn find(engine: &Engine, company: &Company, push: PushId, transaction: &str) -> Result<Found, Error> {
    let mut tx = engine.store.read().await?;
    let seen = super::transactions::one(&mut tx, company, push, transaction).await?;
    if seen.is_empty() {
        return Err(Error::NotFound);
    }
    let document = seen.iter().find(|row| row.leg == Leg::Expense);
    if document.is_none_or(|row| row.status != RowStatus::Completed) {
        return Err(Error::NotCompleted);
    }
    let ids = || vec![transaction.to_owned()];
    let known = legs::find(&mut tx, company.app, company.id, ids()).await?;
    let mut known = known.into_iter().filter(|leg| leg.leg == Leg::Expense);
    let leg = known.next().ok_or(Error::NotCompleted)?;
    let contents = items::find(&mut tx, company.app, company.id, ids()).await?;
    let expense = contents
        .get(transaction)
        .and_then(|content| content.expense().ok());
    let kind = expense.ok_or(Error::NotFound)?.kind;
    let connection = connections::active(&mut tx, company.app, company.id).await?;
    let source = connection.and_then(|connection| Source::of(engine, connection));
    let source = source.filter(|source| {
        leg.books.as_ref().is_some_and(|books| {
            books.platform == source.connection.platform && books.organisation == source.organisation.id
        })
    });
    Ok((source.ok_or(Error::NotLinked)?, leg, kind))
}

fn check(about: &PushAbout, kind: ledgerline_model::push::ExpenseKind, content: &Bytes) -> Result<(), Error> {
    if about.attachment_bytes == 0 || !about.attachable.contains(&kind) {
        return Err(Error::NotSupported);
    }
    if content.is_empty() {
        return Err(Error::Empty);
    }
    let limit = about.attachment_bytes;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(Error::TooLarge { limit });
    }
    Ok(())
}

/// What the content says that it is: how the name ends, and its media type.
fn type_of(content: &[u8]) -> Option<(&'static str, &'static str)> {
    let known: [(&[u8], &str, &str); 7] = [
        (b"%PDF-", "pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
        (b"\xff\xd8\xff", "jpg", "image/jpeg"),
        (b"GIF87a", "gif", "image/gif"),
        (b"GIF89a", "gif", "image/gif"),
        (b"II*\0", "tif", "image/tiff"),
        (b"MM\0*", "tif", "image/tiff"),
    ];
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Some(("webp", "image/webp"));
    }
    let found = known.into_iter().find(|(magic, ..)| content.starts_with(magic));
    found.map(|(_, extension, content_type)| (extension, content_type))
}

async fn send(
    push: &dyn Push,
    cx: Cx,
    token: Secret,
    source: &Source,
    posted: &Posted,
    file: &File,
) -> Result<(), platform::Error> {
    let books = Books {
        access_token: &token,
        organisation: &source.organisation,
    };
    push.attach(&cx, &books, posted, file).await
}

fn refused(engine: &Engine, unasked: Unasked) -> Error {
    let error = match unasked {
        Unasked::Job(error) => return Error::Job(error),
        Unasked::Cut => return Error::NotLinked,
        Unasked::Refused(error) => error,
    };
    match error {
        platform::Error::NeedsReauth(..) => Error::NotLinked,
        platform::Error::RateLimited { retry_after } => {
            let wait = retry_after.unwrap_or(std::time::Duration::from_secs(1));
            Error::Wait(later(engine.now(), wait))
        }
        platform::Error::Unsupported { .. } => Error::NotSupported,
        platform::Error::Rejected { message, .. } => Error::Rejected(message),
        platform::Error::Unavailable {
            sent: Sent::Never | Sent::Maybe,
            reason,
        } => Error::Unavailable(reason),
        other @ (platform::Error::TokenExpired
        | platform::Error::Forbidden { .. }
        | platform::Error::Malformed { .. }
        | platform::Error::CursorExpired { .. }) => Error::Unavailable(other.to_string()),
    }
}
