//! `/_sandbox/organisations/{id}/attachments`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;

use super::error::{Error, organisation};
use crate::{
    Sandbox,
    ledger::{Attachment, Ledger},
};

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    results: Vec<Shown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    file_name: String,
    content_type: String,
    /// In bytes.
    size: u64,
    /// Of the content, in hexadecimal digits.
    sha256: String,
    note: String,
    /// The documents that it belongs to, by the ids of the platform's API.
    documents: Vec<String>,
}

/// The files and notes that are kept with documents.
pub(super) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<Answer>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    let ledger = organisation.ledger();
    let kept = ledger.attachments.iter().filter(|file| !file.meta.deleted);
    let results = kept.map(|file| Shown::new(&ledger, file)).collect();
    Ok(Json(Answer { results }))
}

impl Shown {
    fn new(ledger: &Ledger, file: &Attachment) -> Self {
        let documents = file.attached_to.iter().filter_map(|document| {
            let list = ledger.list_of_transaction(*document)?;
            Some(ledger.api_id(list, *document))
        });
        Self {
            file_name: file.file_name.clone(),
            content_type: file.content_type.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            note: file.note.clone(),
            documents: documents.collect(),
        }
    }
}
