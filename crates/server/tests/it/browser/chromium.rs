use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Widths and heights of what is inside the window's frame, in CSS pixels.
pub const WINDOW: (u32, u32) = (1280, 800);
pub const PHONE: (u32, u32) = (390, 844);
pub const LITTLE_PHONE: (u32, u32) = (360, 640);

/// How long a page may take for what is asked of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Headless Chromium with a profile of its own.
pub struct Browser {
    client: Client,
    driver: Child,
    port: u16,
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
            // As on a phone: it would stand on the page and take width from it.
            "--hide-scrollbars",
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
        let browser = Self {
            client,
            driver,
            port,
            _profile: profile,
        };
        browser.resize(WINDOW).await;
        browser
    }

    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        self.wait_for(selector).await.click().await.unwrap();
    }

    pub async fn fill(&self, selector: &str, text: &str) {
        self.wait_for(selector).await.send_keys(text).await.unwrap();
    }

    pub async fn wait_for(&self, selector: &str) -> Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await
            .unwrap()
    }

    /// The page of that heading is there.
    pub async fn wait_for_heading(&self, heading: &str) {
        let path = format!("//h1[normalize-space()='{heading}']");
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::XPath(&path))
            .await
            .unwrap();
    }

    pub async fn wait_until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so().await {
            assert!(Instant::now() < end, "waited in vain until {what}");
        }
    }

    /// Press the tab key until `selector` has the focus.
    pub async fn tab_to(&self, selector: &str) {
        for _ in 0..20 {
            self.press(Key::Tab).await;
            let script = "return document.activeElement.matches(arguments[0])";
            if self.execute(script, vec![json!(selector)]).await == json!(true) {
                return;
            }
        }
        panic!("the tab key does not lead to {selector}");
    }

    pub async fn press_enter(&self) {
        self.press(Key::Enter).await;
    }

    /// What has the focus looks like it.
    pub async fn focus_is_seen(&self) -> bool {
        let script = "const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2";
        self.execute(script, Vec::new()).await == json!(true)
    }

    /// Whether the element that holds just this name keeps its direction of writing to itself;
    /// `None` if there is no such element.
    pub async fn isolated(&self, name: &str) -> Option<bool> {
        let script = "const holds = [...document.querySelectorAll('main *')]
                .filter(each => !each.children.length && each.textContent === arguments[0]);
            return holds.length ? holds.every(each => getComputedStyle(each).unicodeBidi === 'isolate') : null";
        self.execute(script, vec![json!(name)]).await.as_bool()
    }

    /// Leave a mark that goes when the page is loaded again.
    pub async fn mark(&self) {
        self.execute("document.body.dataset.marked = 'yes'", Vec::new())
            .await;
    }

    pub async fn is_marked(&self) -> bool {
        let script = "return document.body.dataset.marked === 'yes'";
        self.execute(script, Vec::new()).await == json!(true)
    }

    /// What the page says that linking has come to.
    pub async fn outcome(&self) -> String {
        let meta = self.wait_for("meta[name='ledgerline:outcome']").await;
        meta.attr("content").await.unwrap().unwrap_or_default()
    }

    pub async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    pub async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    pub async fn text_of(&self, selector: &str) -> String {
        self.wait_for(selector).await.text().await.unwrap()
    }

    pub async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap_or_default()
    }

    pub async fn resize(&self, (width, height): (u32, u32)) {
        self.client.set_window_size(width, height).await.unwrap();
        let inside = self.execute("return innerHeight", Vec::new()).await;
        let frame = height.saturating_sub(u32::try_from(inside.as_u64().unwrap()).unwrap());
        self.client.set_window_size(width, height + frame).await.unwrap();
    }

    /// Nothing has to be scrolled sideways.
    pub async fn fits(&self, what: &str) {
        let script = "return document.documentElement.scrollWidth - innerWidth";
        let hidden = self.execute(script, Vec::new()).await;
        assert!(
            hidden.as_f64().unwrap() <= 0.0,
            "{what} is {hidden} pixels wider than the window"
        );
    }

    /// Whether all text can be read, by day and by night; pictures for people go to the folder that
    /// `LEDGERLINE_TEST_PICTURES` names.
    pub async fn keep_picture(&self, name: &str) {
        for (scheme, name) in [("dark", format!("{name}-dark")), ("light", name.to_owned())] {
            self.client.issue_cmd(Prefer(scheme)).await.unwrap();
            let faint = self.execute(include_str!("contrast.js"), Vec::new()).await;
            assert_eq!(faint, json!([]), "{name}: too faint");
            if let Ok(folder) = std::env::var("LEDGERLINE_TEST_PICTURES") {
                let picture = self.client.screenshot().await.unwrap();
                std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
            }
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

    async fn press(&self, key: Key) {
        let value = char::from(key);
        let stroke = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(stroke).await.unwrap();
    }

    async fn execute(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    pub async fn end(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    /// Told to shut down, the driver takes a Chromium with it that a failed test has left open;
    /// a signal would end the driver alone.
    fn drop(&mut self) {
        let told = TcpStream::connect(("127.0.0.1", self.port))
            .and_then(|mut stream| stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        if told.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
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

/// Which of its colour schemes a page is to wear.
#[derive(Debug)]
struct Prefer(&'static str);

impl fantoccini::wd::WebDriverCompatibleCommand for Prefer {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let feature = json!({ "name": "prefers-color-scheme", "value": self.0 });
        let body = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": [feature] } });
        (http::Method::POST, Some(body.to_string()))
    }
}
