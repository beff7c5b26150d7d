use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::header;
use ledgerline_model::record::Record;
use ledgerline_model::{DataType, Instant};

/// The stored text of a record, and what is known only at the read.
pub fn text(record: &Record) -> String {
    let mut body = String::with_capacity(record.standard.len() + 128);
    push(record, &mut body);
    body
}

/// The same, appended: no number of it is ever parsed.
pub fn push(record: &Record, body: &mut String) {
    let Some(open) = record.standard.strip_suffix('}') else {
        body.push_str(&record.standard);
        return;
    };
    body.push_str(open);
    if !open.ends_with('{') {
        body.push(',');
    }
    // The schema of the company's own record has no `modifiedDate`.
    if record.data_type != DataType::Company {
        let _ = write!(body, "\"modifiedDate\":\"{}\",", Instant(record.modified_at));
    }
    let _ = write!(body, "\"metadata\":{{\"isDeleted\":{}}}}}", record.is_deleted);
}

/// An answer that is JSON already.
pub fn answer(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
