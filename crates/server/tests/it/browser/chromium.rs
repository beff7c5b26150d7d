use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const WIDTH_OF_A_PHONE: u32 = 390;

/// How long a page may take for what is asked of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Headless Chromium with a profile of its own.
pub struct Browser {
    client: Client,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    pub async fn start(driver: &Path, javascript: bool) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new(driver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1280,800",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let scripts = if javascript { 1 } else { 2 };
        let wanted = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wanted) = wanted else {
            unreachable!("an object was written")
        };
        let end = Instant::now() + PATIENCE;
        let client = loop {
            let address = format!("http://127.0.0.1:{port}");
            match ClientBuilder::new(HttpConnector::new())
                .capabilities(wanted.clone())
                .connect(&address)
                .await
            {
                Ok(client) => break client,
                Err(error) if Instant::now() > end => panic!("Chromium does not start: {error}"),
                Err(_) => tokio::task::yield_now().await,
            }
        };
        Self {
            client,
            driver,
            _profile: profile,
        }
    }

    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
    }

    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await
            .unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// As somebody without a mouse.
    pub async fn press_enter_on_the_first_button(&self) {
        let button = self
            .client
            .find(Locator::Css("form button[type=submit]"))
            .await
            .unwrap();
        button.send_keys(&Key::Enter.to_string()).await.unwrap();
    }

    /// What the page says that linking has come to.
    pub async fn outcome(&self) -> String {
        let meta = Locator::Css("meta[name='ledgerline:outcome']");
        let meta = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(meta)
            .await
            .unwrap();
        meta.attr("content").await.unwrap().unwrap_or_default()
    }

    pub async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap_or_default()
    }

    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.unwrap();
    }

    /// Nothing has to be scrolled sideways.
    pub async fn fits(&self) -> bool {
        let root = self.client.find(Locator::Css("html")).await.unwrap();
        let (_, _, width, _) = root.rectangle().await.unwrap();
        let script = "return document.documentElement.scrollWidth";
        let content = self
            .client
            .execute(script, Vec::new())
            .await
            .unwrap()
            .as_f64()
            .unwrap();
        content <= width + 1.0
    }

    /// Keep a picture for people, in the folder that `LEDGERLINE_TEST_PICTURES` names.
    pub async fn keep_picture(&self, name: &str) {
        if let Ok(folder) = std::env::var("LEDGERLINE_TEST_PICTURES") {
            let picture = self.client.screenshot().await.unwrap();
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
        }
    }

    pub async fn forget_cookies(&self) {
        self.client.delete_all_cookies().await.unwrap();
    }

    /// What the console says of broken rules: refused styles and scripts, errors in scripts.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(ConsoleLog).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].to_string())
            .filter(|message| !message.contains("favicon") && !message.contains("status of 4"))
            .collect()
    }

    pub async fn end(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }
}

/// Chromium's own command for its console.
#[derive(Debug)]
struct ConsoleLog;

impl fantoccini::wd::WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
