//! Files on posted expenses.

/// What a file is.
mod file_type;

use std::time::Duration;

use bytes::Bytes;
use ledgerline_model::company::Company;
use ledgerline_model::event::{AttachmentSnapshot, Body};
use ledgerline_model::push::{ExpenseKind, ItemLeg, Leg, RowStatus};
use ledgerline_model::{AttachmentId, PushId, Secret, Timestamp};
use ledgerline_platform::push::{Books, File, Posted, Push, PushAbout};
use ledgerline_platform::{self as platform, Cx, Sent};
use ledgerline_store::push::attachments::{self, Attachment};
use ledgerline_store::push::{batches, items, legs};
use ledgerline_store::{companies, connections};
use sha2::{Digest, Sha256};

use super::ask::{Unasked, with_token};
use super::tell::document_of;
use crate::budget::{self, Places};
use crate::jobs::lease::later;
use crate::pull::Source;
use crate::{Engine, events, jobs};
pub use file_type::Accepted;

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
    #[error("the file is none of these: {}", .0.names())]
    UnknownType(Accepted),
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

/// A file as an app hands it over.
#[derive(Clone, Debug)]
pub struct Upload {
    /// As the app calls it.
    pub file_name: String,
    pub content: Bytes,
    /// What it may be.
    pub accepted: Accepted,
    /// In bytes; the platform's own limit counts besides.
    pub limit: u64,
    /// For the people who see it in the books, where the platform has room for it.
    pub note: Option<String>,
    /// Whether it goes out with the document, where the platform sends such documents.
    pub include_on_send: bool,
}

/// A file that is on an expense.
#[derive(Clone, Debug)]
pub struct Attached {
    pub id: AttachmentId,
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// The document that it is on.
    pub document: Posted,
    /// When it was handed over first.
    pub created_at: Timestamp,
}

/// Put a file on an expense that this push shows as completed, at once. The same content is attached once, however
/// often it is handed over; its name is made by us, its type is found in it.
pub async fn attach(
    engine: &Engine,
    company: &Company,
    push: PushId,
    transaction: &str,
    upload: Upload,
) -> Result<Attached, Error> {
    let Found {
        source,
        document,
        kind,
    } = find(engine, company, push, transaction).await?;
    let writer = source.platform.push().ok_or(Error::NotSupported)?;
    check(writer.about(), kind, &upload)?;
    let file_type = upload.accepted.type_of(&upload.file_name, &upload.content);
    let file_type = file_type.ok_or(Error::UnknownType(upload.accepted))?;
    let sha256: [u8; 32] = Sha256::digest(&upload.content).into();
    let name: String = sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let attachment = Attachment {
        app: company.app,
        id: AttachmentId(engine.uuid()),
        company: company.id,
        transaction: transaction.to_owned(),
        sha256,
        name: format!("receipt-{name}.{}", file_type.extension),
        content_type: file_type.content_type.to_owned(),
        is_attached: false,
        created_at: engine.now(),
    };
    let mut tx = engine.store.write().await?;
    let kept = attachments::insert(&mut tx, &attachment).await?;
    tx.commit().await?;
    let attached = Attached {
        id: kept.id,
        content_type: kept.content_type.clone(),
        size: u64::try_from(upload.content.len()).unwrap_or(u64::MAX),
        document,
        created_at: kept.created_at,
    };
    if kept.is_attached {
        return Ok(attached);
    }
    let file = File {
        name: kept.name,
        content_type: kept.content_type,
        content: upload.content.clone(),
        note: upload.note.clone(),
        include_on_send: upload.include_on_send,
    };
    let patience = later(engine.now(), budget::TURN);
    loop {
        let asked = with_token(engine, &source, Places::OneByOne, 2, |cx, token| {
            send(writer, cx, token, &source, &attached.document, &file)
        });
        match asked.await.map_err(|unasked| refused(engine, unasked)) {
            Ok(()) => break,
            Err(Error::Wait(until)) if until <= patience => engine.clock.sleep_until(until).await,
            Err(error) => return Err(error),
        }
    }
    let mut tx = engine.store.write().await?;
    companies::lock(&mut tx, company.app, company.id).await?;
    if attachments::attached(&mut tx, company.app, kept.id).await? {
        let members = batches::members(&mut tx, company.app, company.id, push).await?;
        let member = members
            .into_iter()
            .find(|member| member.transaction == transaction);
        let body = Body::AttachmentUploaded {
            company: events::of_company(company),
            attachment: AttachmentSnapshot {
                id: attached.id.0,
                batch: member.map(|member| member.batch.0),
                connection: source.connection.id.0,
                transaction: transaction.to_owned(),
                document: document_of(&attached.document),
                file_name: upload.file_name,
                content_type: attached.content_type.clone(),
                size: attached.size,
                note: upload.note,
                include_on_send: upload.include_on_send,
                created_at: attached.created_at,
            },
        };
        events::append(
            engine,
            &mut tx,
            company.app,
            company.environment,
            company.id,
            body,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(attached)
}

/// The document, and whose books it is in.
struct Found {
    source: Source,
    document: Posted,
    kind: ExpenseKind,
}

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
    let leg: ItemLeg = known.next().ok_or(Error::NotCompleted)?;
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
    let document = leg.posted.as_deref();
    let document = document.and_then(|posted| serde_json::from_str(posted).ok());
    Ok(Found {
        source: source.ok_or(Error::NotLinked)?,
        document: document.ok_or(Error::NotCompleted)?,
        kind,
    })
}

fn check(about: &PushAbout, kind: ExpenseKind, upload: &Upload) -> Result<(), Error> {
    if about.attachment_bytes == 0 || !about.attachable.contains(&kind) {
        return Err(Error::NotSupported);
    }
    if upload.content.is_empty() {
        return Err(Error::Empty);
    }
    let limit = about.attachment_bytes.min(upload.limit);
    if u64::try_from(upload.content.len()).unwrap_or(u64::MAX) > limit {
        return Err(Error::TooLarge { limit });
    }
    Ok(())
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
            let wait = retry_after.unwrap_or(Duration::from_secs(1));
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
