use percent_encoding::percent_decode_str;
use serde::Serialize;
use uuid::Uuid;

use super::super::Answered;
use crate::ledger::{Attachment, Ledger, Meta};
use crate::xero::accounting::list::write;
use crate::xero::call::Call;
use crate::xero::errors::Error;
use crate::xero::ids;

/// The largest file that is taken, in bytes, and how many a document has at most.
const LARGEST: usize = 10 * 1024 * 1024;
const MOST: usize = 10;

/// Whether a call is about the files of a document: `/{endpoint}/{id}/Attachments[/{name}]`.
pub(in crate::xero) fn is_attachment(path: &[String]) -> bool {
    path.get(2)
        .is_some_and(|part| part.eq_ignore_ascii_case("attachments"))
}

/// Keep a file; one of the same name is replaced.
pub(super) fn keep(call: &Call<'_>, body: &[u8]) -> Answered {
    let [_, _, _, name] = call.path else {
        return Err(Error::NotFound);
    };
    let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
    if body.is_empty() {
        return Err(Error::refused("The attachment must not be empty."));
    }
    if body.len() > LARGEST {
        return Err(Error::refused("The attachment is larger than 10 MB."));
    }
    let content_type = call.headers.get(http::header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kept = call.organisation.change(|ledger| {
        let document = document(ledger, call)?;
        let others = ledger.attachments_of(document);
        if others.filter(|kept| kept.file_name != name).count() >= MOST {
            return Err(Error::refused("A document has 10 attachments at most."));
        }
        let id = ids::derived("attachment", &format!("{document}/{name}"));
        let attachment = Attachment {
            meta: Meta::new(id, call.now),
            file_name: name,
            content_type: content_type.to_owned(),
            size: body.len() as u64,
            sha256: ids::hex_digest(body),
            note: String::new(),
            attached_to: vec![document],
        };
        ledger.attachments.put(attachment.clone());
        Ok(attachment)
    })?;
    call.sandbox.keep();
    Ok((
        write("Attachments", &[Wire::of(&kept, call)], None, call.now)?,
        None,
    ))
}

/// The files of a document.
pub(in crate::xero) fn list(call: &Call<'_>) -> Answered {
    let ledger = call.organisation.ledger();
    let document = document(&ledger, call)?;
    let kept: Vec<_> = ledger
        .attachments_of(document)
        .map(|kept| Wire::of(kept, call))
        .collect();
    Ok((write("Attachments", &kept, None, call.now)?, None))
}

/// The document that the path names, if the books have it.
fn document(ledger: &Ledger, call: &Call<'_>) -> Result<Uuid, Error> {
    let [endpoint, id, ..] = call.path else {
        return Err(Error::NotFound);
    };
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let found = match endpoint.to_ascii_lowercase().as_str() {
        "banktransactions" => ledger
            .bank_transactions
            .get(id)
            .is_some_and(|found| !found.meta.deleted),
        "banktransfers" => ledger.transfers.get(id).is_some_and(|found| !found.meta.deleted),
        "contacts" => ledger.contacts.get(id).is_some(),
        "creditnotes" => ledger
            .credit_notes
            .get(id)
            .is_some_and(|found| !found.meta.deleted),
        "invoices" => ledger.invoices.get(id).is_some_and(|found| !found.meta.deleted),
        "manualjournals" => ledger
            .manual_journals
            .get(id)
            .is_some_and(|found| !found.meta.deleted),
        "purchaseorders" => ledger
            .purchase_orders
            .get(id)
            .is_some_and(|found| !found.meta.deleted),
        _ => false,
    };
    if found { Ok(id) } else { Err(Error::NotFound) }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wire<'a> {
    #[serde(rename = "AttachmentID")]
    attachment_id: Uuid,
    file_name: &'a str,
    url: String,
    mime_type: &'a str,
    content_length: u64,
}

impl<'a> Wire<'a> {
    fn of(kept: &'a Attachment, call: &Call<'_>) -> Self {
        let endpoint = call.path.first().map(String::as_str).unwrap_or_default();
        Self {
            attachment_id: kept.meta.id,
            file_name: &kept.file_name,
            url: format!(
                "/api.xro/2.0/{endpoint}/{}/Attachments/{}",
                call.path.get(1).map(String::as_str).unwrap_or_default(),
                kept.file_name
            ),
            mime_type: &kept.content_type,
            content_length: kept.size,
        }
    }
}
