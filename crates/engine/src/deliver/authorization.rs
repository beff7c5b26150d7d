use bytes::Bytes;
use http::header;
use ledgerline_model::{AppId, Secret};

/// The request that tells something to a receiver which looks at the `Authorization` that the app has chosen.
pub(super) fn request(
    url: &str,
    authorization: Option<&Secret>,
    app_header: &str,
    app: AppId,
    body: String,
) -> Result<http::Request<Bytes>, String> {
    let mut request = http::Request::post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(app_header, app.to_string());
    if let Some(authorization) = authorization {
        let mut value = http::HeaderValue::from_str(authorization.expose())
            .map_err(|_| "the app's Authorization is no text that a header can hold".to_owned())?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    request
        .body(Bytes::from(body))
        .map_err(|_| "the address is not valid".into())
}
