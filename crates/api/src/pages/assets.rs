use std::sync::LazyLock;

use axum::Router;
use axum::routing::get;
use http::header;
use sha2::{Digest, Sha256};

pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_str!("style.css"),
    )
});
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "live",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("live.js"),
    )
});
pub(super) static MARK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("mark", "svg", "image/svg+xml", include_str!("mark.svg")));

/// A file that is part of the binary. Its path has a hash of its content, so that browsers may keep it.
pub(super) struct Asset {
    pub(super) path: String,
    kind: &'static str,
    content: &'static str,
}

/// `/assets/…`; needs no key, holds nothing of anybody.
pub fn router() -> Router {
    [&STYLE, &SCRIPT, &MARK]
        .into_iter()
        .fold(Router::new(), |router, asset| {
            let headers = [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            router.route(&asset.path, get(async move || (headers, asset.content)))
        })
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, content: &'static str) -> Self {
        let hash: String = Sha256::digest(content)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            path: format!("/assets/{name}-{hash}.{extension}"),
            kind,
            content,
        }
    }
}
