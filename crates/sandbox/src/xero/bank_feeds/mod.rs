//! The Bank Feeds API 1.0: <https://developer.xero.com/documentation/api/bankfeeds/overview>. A feed connection
//! ties a bank account to whoever sends its statement lines; statements are taken, and judged a moment later.

mod connections;
mod errors;
mod statements;

use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use self::errors::Problem;
use super::call::{Api, Call};
use super::errors::Error;
use super::keys;

/// `/bankfeeds.xro/1.0`.
pub(super) const API: Api = Api {
    base: "/bankfeeds.xro/1.0",
    scope: "bankfeeds",
    data_types: |_, _| &["bankTransactions"],
    serve,
};

/// Items of a request or an answer.
#[derive(Deserialize, Serialize)]
struct Items<T> {
    items: Vec<T>,
}

fn serve(method: &Method, call: &Call<'_>, body: &[u8]) -> Result<Response, Error> {
    let path: Vec<String> = call.path.iter().map(|part| part.to_ascii_lowercase()).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if method == Method::GET {
        let found = match path.as_slice() {
            ["feedconnections"] => connections::list(call)?,
            ["feedconnections", id] => connections::find(call, id)?,
            ["statements"] => statements::list(call)?,
            ["statements", id] => statements::find(call, id)?,
            _ => return Err(Error::NotFound),
        };
        return Ok(json(StatusCode::OK, found));
    }
    if method != Method::POST {
        return Err(Error::MethodNotAllowed);
    }
    let (key, _) = keys::of(call)?;
    let mut keys = call.sandbox.xero.keys();
    let said = match key.as_ref().and_then(|key| keys.get(key)) {
        Some(said) => said,
        None => {
            let said = match path.as_slice() {
                ["feedconnections"] => connections::make(call, body),
                ["feedconnections", "deleterequests"] => connections::delete(call, body),
                ["statements"] => statements::take(call, body),
                _ => return Err(Error::NotFound),
            };
            if let Some(key) = key {
                keys.put(key, &said);
            }
            call.sandbox.keep();
            said
        }
    };
    Ok(match said {
        Ok(body) => json(StatusCode::ACCEPTED, body),
        Err(body) => json(StatusCode::BAD_REQUEST, body),
    })
}

fn read<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<Vec<T>, Vec<u8>> {
    serde_json::from_slice::<Items<T>>(body)
        .map(|sent| sent.items)
        .map_err(|error| write(&Problem::invalid_request(&error.to_string())))
}

fn write(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        body,
    )
        .into_response()
}
