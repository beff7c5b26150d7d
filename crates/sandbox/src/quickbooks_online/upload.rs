//! `multipart/form-data` with pairs of parts: what a file is, and the file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header;
use serde_json::{Value, json};

use super::call::Call;
use super::errors::Fault;
use super::records::Entity;
use super::write;
use crate::ids;

/// Every file on its own: what one does, it does, whatever becomes of the others.
pub(super) fn answer(call: &Call) -> Result<Value, Fault> {
    let parts = call
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(boundary)
        .map(|boundary| parts(&call.body, &boundary))
        .ok_or_else(|| Fault::malformed("the body is no multipart/form-data"))?;
    let metadata = |name: &str| {
        let suffix = name.rsplit('_').next().unwrap_or_default();
        let wanted = format!("file_metadata_{suffix}");
        parts.iter().find(|part| part.name == wanted)
    };
    let files: Vec<&Part> = parts
        .iter()
        .filter(|part| part.name.starts_with("file_content_"))
        .collect();
    if files.is_empty() {
        return Err(Fault::missing("file_content_01"));
    }
    let answers = files
        .into_iter()
        .map(|file| match attach(call, metadata(&file.name), file) {
            Ok(attachable) => attachable,
            Err(fault) => json!({ "Fault": fault.json() }),
        });
    Ok(json!({ "AttachableResponse": answers.collect::<Vec<_>>() }))
}

fn attach(call: &Call, metadata: Option<&Part>, file: &Part) -> Result<Value, Fault> {
    let mut record: Value = match metadata {
        Some(part) => {
            serde_json::from_slice(&part.content).map_err(|_| Fault::malformed("file_metadata is no JSON"))?
        }
        None => json!({}),
    };
    if !record.is_object() {
        return Err(Fault::malformed("file_metadata is no object"));
    }
    if file.content_type == "application/octet-stream" {
        return Err(Fault::business("The type of the file is not supported"));
    }
    if file.content.is_empty() {
        return Err(Fault::business("The file is empty"));
    }
    if record["FileName"].is_null() {
        record["FileName"] = file.file_name.as_str().into();
    }
    record["ContentType"] = file.content_type.as_str().into();
    record["Size"] = file.content.len().into();
    record[SHA256] = ids::hex_digest(&file.content).into();
    write::run(call, Entity::Attachable, None, &record)
}

/// Under which the content's digest is handed on; it is no field of the API.
pub(super) const SHA256: &str = "sandbox:sha256";

struct Part {
    name: String,
    file_name: String,
    content_type: String,
    content: Bytes,
}

fn boundary(content_type: &str) -> Option<String> {
    let mut pieces = content_type.split(';');
    if !pieces.next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    pieces.find_map(|piece| {
        let (name, value) = piece.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"').to_owned())
    })
}

/// The parts between the boundaries; one that cannot be read is left out.
fn parts(body: &Bytes, boundary: &str) -> Vec<Part> {
    let delimiter = format!("--{boundary}");
    let mut starts = Vec::new();
    let mut from = 0;
    while let Some(at) = find(&body[from..], delimiter.as_bytes()) {
        starts.push(from + at);
        from += at + delimiter.len();
    }
    starts
        .windows(2)
        .filter_map(|pair| part(&body.slice(pair[0] + delimiter.len()..pair[1])))
        .collect()
}

fn part(bytes: &Bytes) -> Option<Part> {
    // Clients end lines as the standard has it, or with a line feed alone.
    let (head_end, body_start) = match find(bytes, b"\r\n\r\n") {
        Some(at) => (at, at + 4),
        None => find(bytes, b"\n\n").map(|at| (at, at + 2))?,
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let body = bytes.slice(body_start..);
    let end = if body.ends_with(b"\r\n") {
        body.len() - 2
    } else {
        body.len() - usize::from(body.ends_with(b"\n"))
    };
    let body = body.slice(..end);
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    let parameter = |wanted: &str| {
        disposition.split(';').find_map(|piece| {
            let (name, value) = piece.trim().split_once('=')?;
            (name == wanted).then(|| value.trim_matches('"').to_owned())
        })
    };
    let encoded = header("content-transfer-encoding").is_some_and(|kind| kind.eq_ignore_ascii_case("base64"));
    let content = if encoded {
        let text: Vec<u8> = body
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        STANDARD.decode(text).ok()?.into()
    } else {
        body
    };
    Some(Part {
        name: parameter("name")?,
        file_name: parameter("filename").unwrap_or_default(),
        content_type: header("content-type")
            .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_owned())
            .unwrap_or_default(),
        content,
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
