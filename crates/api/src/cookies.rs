use http::{HeaderMap, HeaderName, HeaderValue, header};
use ledgerline_model::Secret;

use crate::pages::Site;

/// Over HTTPS a cookie's name promises that only this host has set it, for all paths.
pub fn name(site: &Site, name: &str) -> String {
    if site.secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// The value of the cookie of that name.
pub fn find(headers: &HeaderMap, name: &str) -> Option<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| Secret::new(value))
}

/// Set a cookie that scripts cannot read and other sites' forms do not carry, for so many seconds.
pub fn set(site: &Site, name: &str, value: &Secret, seconds: i64) -> (HeaderName, HeaderValue) {
    let secure = if site.secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        value.expose()
    );
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    (header::SET_COOKIE, value)
}
