use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, Written};
use serde_json::value::RawValue;

/// What would be sent, or why nothing is.
pub fn shown(prepared: Result<Prepared, Error>) -> String {
    match prepared {
        Ok(prepared) => {
            let requests = prepared.requests.iter().map(|request| {
                let query: Vec<_> = request
                    .query
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                let body: Box<RawValue> = serde_json::from_str(&request.body).expect("JSON");
                format!("{} {}?{}\n{body}", request.method, request.path, query.join("&"))
            });
            requests.collect::<Vec<_>>().join("\n")
        }
        Err(Error::Rejected { message, field, .. }) => format!("{}: {message}", field.unwrap_or_default()),
        Err(other) => format!("{other}"),
    }
}

/// The document that is in the books now.
pub fn posted(written: Result<Written, Error>) -> Posted {
    match written {
        Ok(Written::Posted(posted)) => posted,
        other => panic!("not posted: {other:?}"),
    }
}
