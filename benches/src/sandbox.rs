use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use ledgerline_engine::clock::SystemClock;
use ledgerline_model::connection::Organisation;
use ledgerline_model::{Secret, Timestamp};
use ledgerline_platform::http::Http;
use ledgerline_platform::{Consent, ConsentAnswer, Cx, Endpoints, Platform, oauth};
use serde_json::{Value, json};
use url::Url;

use crate::process::{self, Process};
use crate::web::Web;

/// `ledgerline sandbox`, as a process of its own.
pub struct Sandbox {
    pub url: Url,
    web: Web,
    _process: Process,
}

impl Sandbox {
    pub fn start(ledgerline: &Path, folder: &Path) -> anyhow::Result<Self> {
        let port = process::free_port()?;
        let log = folder.join("sandbox.log");
        let mut command = Command::new(ledgerline);
        command
            .current_dir(folder)
            .args(["sandbox", "--listen", &format!("127.0.0.1:{port}")]);
        let process = Process::start(&mut command, &log)?;
        process::wait_for_port(port, &log)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/").parse()?,
            web: Web::new(None)?,
            _process: process,
        })
    }

    /// An organisation without limits and latency: its id. The same size gives the same books, with other ids.
    pub async fn organisation(&self, invoices: u64) -> anyhow::Result<String> {
        self.make(&json!({ "platform": "xero", "seed": 1, "invoices": invoices, "limits": "off" }))
            .await
    }

    /// An organisation as wanted: its id.
    pub async fn make(&self, wanted: &Value) -> anyhow::Result<String> {
        let made = self.web.post(&self.control("organisations"), wanted).await?;
        Ok(made["id"]
            .as_str()
            .context("the organisation has no id")?
            .to_owned())
    }

    /// Rows of the organisation's own ledger that a text is in.
    pub async fn rows(&self, organisation: &str, data_type: &str, text: &str) -> anyhow::Result<usize> {
        let path = format!("organisations/{organisation}/ledger?dataType={data_type}");
        let ledger = self.web.get(&self.control(&path)).await?;
        let rows = ledger["results"].as_array().context("the ledger has no rows")?;
        Ok(rows.iter().filter(|row| row.to_string().contains(text)).count())
    }

    /// How many requests the organisation was asked, and how many of them broke a limit.
    pub async fn asked(&self, organisation: &str) -> anyhow::Result<(u64, usize)> {
        let path = format!("organisations/{organisation}/requests");
        let asked = self.web.get(&self.control(&path)).await?;
        let total = asked["total"].as_u64().context("the requests have no total")?;
        Ok((total, asked["violations"].as_array().map_or(0, Vec::len)))
    }

    /// Change so many records as people would: how many were.
    pub async fn mutate(&self, organisation: &str, changes: u64) -> anyhow::Result<u64> {
        let (creates, deletes, voids) = (changes / 4, changes / 10, changes / 20);
        let edits = changes - creates - deletes - voids;
        let wanted =
            json!({ "seed": 1, "creates": creates, "edits": edits, "deletes": deletes, "voids": voids });
        let path = self.control(&format!("organisations/{organisation}/mutate"));
        let made = self.web.post(&path, &wanted).await?;
        Ok(["creates", "edits", "deletes", "voids"]
            .iter()
            .filter_map(|kind| made[*kind].as_u64())
            .sum())
    }

    /// Let time pass, here and for the server.
    pub async fn advance(&self, by: &str) -> anyhow::Result<()> {
        let url = self.control("clock");
        self.web
            .post(&url, &json!({ "advance": by, "settle": true }))
            .await?;
        Ok(())
    }

    pub async fn now(&self) -> anyhow::Result<Timestamp> {
        let clock = self.web.get(&self.control("clock")).await?;
        Ok(clock["now"]
            .as_str()
            .context("the clock tells no time")?
            .parse()?)
    }

    fn control(&self, path: &str) -> String {
        format!("{}_sandbox/{path}", self.url)
    }

    /// Consent as the organisation's owner would: what the connector needs to read it.
    pub async fn consent(
        &self,
        platform: &impl Platform,
        http: Http,
        organisation: &str,
    ) -> anyhow::Result<(Cx, Secret, Organisation)> {
        let endpoints = Arc::new(Endpoints::of_sandbox(platform.about(), &self.url)?);
        let redirect_uri: Url = "http://127.0.0.1/callback".parse()?;
        let verifier = "a verifier of the bench, which nobody else has to guess";
        let consent = Consent {
            redirect_uri: redirect_uri.clone(),
            state: "bench".to_owned(),
            code_challenge: oauth::code_challenge(verifier),
        };
        let mut page = platform.consent_url(&endpoints, &consent)?;
        page.query_pairs_mut()
            .append_pair("decision", "allow")
            .append_pair("organisation", organisation);
        let form = page.query().unwrap_or_default().to_owned();
        page.set_query(None);
        let back: Url = self.web.submit(page.as_str(), &form).await?.parse()?;
        let parameters: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        let code = parameters.get("code").context("the consent gave no code")?;
        let answer = ConsentAnswer {
            redirect_uri,
            code: Secret::new(code.as_str()),
            code_verifier: Secret::new(verifier),
            parameters: Vec::new(),
        };
        let cx = Cx {
            http,
            endpoints,
            clock: Arc::new(SystemClock::default()),
            memo: Arc::default(),
        };
        let linked = platform.link(&cx, &answer).await?;
        let organisation = linked
            .organisations
            .into_iter()
            .find(|one| one.id.eq_ignore_ascii_case(organisation));
        Ok((
            cx,
            linked.tokens.access,
            organisation.context("the consent does not reach the organisation")?,
        ))
    }
}
