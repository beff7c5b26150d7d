use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_engine::Config;
use ledgerline_model::Timestamp;
use ledgerline_platform::http::{Failure, Http, Network, Transport};
use ledgerline_platform::{Changes, Content, Feed, Platform, Read};
use serde::{Deserialize, Serialize};

use crate::rows::{Row, Writer};
use crate::sandbox::Sandbox;

/// The requests of a full read, in their order, and the right to make them.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    pub access_token: String,
    pub organisation: String,
    pub asked: Vec<Asked>,
}

/// One request.
#[derive(Serialize, Deserialize)]
pub struct Asked {
    pub url: String,
    /// `If-Modified-Since`.
    pub since: Option<String>,
}

/// Read the organisation once with the connector itself, or what has changed in it since: what it asked for goes to
/// `plan`, the rows that it made to `rows`. How many rows.
pub async fn survey(
    sandbox: &Sandbox,
    organisation: &str,
    since: Option<Timestamp>,
    plan: &Path,
    rows: &Path,
) -> anyhow::Result<u64> {
    let platform = ledgerline_xero::platform();
    let recorder = Arc::new(Recorder {
        network: Network::new()?,
        asked: Mutex::default(),
    });
    let http = Http::new(recorder.clone());
    let (cx, access_token, organisation) = sandbox.consent(&platform, http, organisation).await?;
    recorder.take();
    let statement_months = Config::new(sandbox.url.clone()).statement_months;
    let mut writer = Writer::create(rows)?;
    let mut seen = HashSet::new();
    let tells_changes = |feed: &&Feed| feed.strategy.cursor != Changes::Unknown;
    for feed in platform
        .about()
        .feeds
        .iter()
        .filter(|feed| since.is_none() || tells_changes(feed))
    {
        let read = Read {
            access_token: &access_token,
            organisation: &organisation,
            feed: feed.name,
            wanted: feed.data_types,
            since,
            statement_months,
            window: &ledgerline_model::Window::ALL,
        };
        let mut cursor = None;
        loop {
            let page = platform.pull(&cx, &read, cursor.as_ref()).await?;
            let mut kept = Vec::with_capacity(page.rows.len());
            for row in page.rows {
                let (hash, standard, source) = match row.content {
                    Content::Present(present) => {
                        let standard = present.standard;
                        (standard.hash.to_vec(), standard.json, present.source.to_string())
                    }
                    // Of what is read for the first time it says nothing.
                    Content::Gone if since.is_some() => Default::default(),
                    Content::Gone | Content::Quarantined { .. } => continue,
                };
                if seen.insert((row.data_type, row.remote_id.clone())) {
                    kept.push(Row {
                        data_type: row.data_type.key().to_owned(),
                        id: row.remote_id,
                        hash,
                        standard,
                        source,
                    });
                }
            }
            // As the store has them: those of one type together.
            kept.sort_by(|one, other| one.data_type.cmp(&other.data_type));
            for of_type in kept.chunk_by(|one, other| one.data_type == other.data_type) {
                writer.page(of_type)?;
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    writer.finish()?;
    let made = Plan {
        access_token: access_token.expose().to_owned(),
        organisation: organisation.id,
        asked: recorder.take(),
    };
    std::fs::write(plan, serde_json::to_vec(&made)?)?;
    Ok(u64::try_from(seen.len())?)
}

/// Notes what is asked, and asks it.
struct Recorder {
    network: Network,
    asked: Mutex<Vec<Asked>>,
}

impl Recorder {
    fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let since = request.headers().get("if-modified-since");
        let asked = Asked {
            url: request.uri().to_string(),
            since: since.and_then(|since| since.to_str().ok()).map(str::to_owned),
        };
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
        self.network.send(request).await
    }
}
