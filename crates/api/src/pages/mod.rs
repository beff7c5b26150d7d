//! What the pages for people share: the shell around them, their stylesheet, their words.

/// The stylesheet, the script and the mark, under names that change with their content.
mod assets;
/// Signs and arrows.
pub mod icons;
/// Times, numbers and names as people read them.
pub mod words;

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use url::Url;

pub use assets::router;

/// A page. It works without a script; the policy sent with it allows nothing inline.
pub struct Page {
    pub status: StatusCode,
    pub title: String,
    /// Of `body`: `link` or `dashboard`.
    pub class: &'static str,
    /// Further elements of `head`.
    pub head: Markup,
    pub body: Markup,
    pub policy: Policy,
    pub site: Site,
}

/// Where browsers reach this server.
#[derive(Clone, Default, Debug)]
pub struct Site {
    /// What stands before every path of ours: empty, or `/books` where a proxy serves us below that.
    base: String,
    /// Reached over HTTPS.
    pub secure: bool,
}

impl Site {
    pub fn new(public_url: &Url) -> Self {
        Self {
            base: public_url.path().trim_end_matches('/').to_owned(),
            secure: public_url.scheme() == "https",
        }
    }

    /// A path of ours as a browser has to ask for it.
    pub fn path(&self, path: impl AsRef<str>) -> String {
        format!("{}{}", self.base, path.as_ref())
    }
}

/// What a page may load and where its forms may lead, besides ourselves.
#[derive(Clone, Default)]
pub struct Policy {
    /// Where images may come from: the app's logo.
    pub images: Vec<Url>,
    /// Where a form may be redirected to: browsers check that too.
    pub forms: Vec<Url>,
    /// The page keeps itself fresh with our script.
    pub live: bool,
}

impl Page {
    pub fn new(site: &Site, class: &'static str, title: impl Into<String>, body: Markup) -> Self {
        Self {
            site: site.clone(),
            status: StatusCode::OK,
            title: title.into(),
            class,
            head: html! {},
            body,
            policy: Policy::default(),
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    link rel="stylesheet" href=(self.site.path(style()));
                    link rel="icon" type="image/svg+xml" href=(self.site.path(&assets::MARK.path));
                    @if self.policy.live {
                        script type="module" src=(self.site.path(&assets::SCRIPT.path)) {}
                    }
                    (self.head)
                }
                body class=(self.class) {
                    a.skip href="#main" { "Skip to content" }
                    (self.body)
                }
            }
        };
        let headers = [
            (header::CONTENT_SECURITY_POLICY, self.policy.header()),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ),
        ];
        let mut response = (self.status, headers, page).into_response();
        if self.site.secure {
            response.headers_mut().insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000"),
            );
        }
        response
    }
}

impl Policy {
    fn header(&self) -> HeaderValue {
        let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'");
        push_origins(&mut policy, &self.images);
        if self.live {
            policy.push_str("; script-src 'self'; connect-src 'self'");
        }
        policy.push_str("; form-action 'self'");
        push_origins(&mut policy, &self.forms);
        policy.push_str("; base-uri 'none'; frame-ancestors 'none'");
        HeaderValue::from_str(&policy)
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
    }
}

fn push_origins(policy: &mut String, urls: &[Url]) {
    let origins: BTreeSet<String> = urls
        .iter()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .map(|url| url.origin().ascii_serialization())
        .collect();
    for origin in origins {
        policy.push(' ');
        policy.push_str(&origin);
    }
}

/// The path of the stylesheet, below `Site`'s base.
pub fn style() -> &'static str {
    &assets::STYLE.path
}

/// The path of our own mark, for an `img`.
pub fn mark(site: &Site) -> String {
    site.path(&assets::MARK.path)
}

/// A logo that stands in the code of a connector, which draws it itself.
pub fn logo(svg: &'static str) -> Markup {
    html! { span.mark aria-hidden="true" { (PreEscaped(svg)) } }
}

/// A logo from the app's settings, or the first letter of its name.
pub fn app_mark(name: &str, logo: Option<&Url>) -> Markup {
    html! {
        span.mark aria-hidden="true" {
            @match logo {
                Some(logo) => img src=(logo) alt="" referrerpolicy="no-referrer";,
                None => (name.chars().next().map_or('?', |first| first.to_uppercase().next().unwrap_or(first))),
            }
        }
    }
}
