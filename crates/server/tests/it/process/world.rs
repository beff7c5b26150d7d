use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ledgerline_engine::ids::SystemIds;
use ledgerline_platform::http::{Http, Network};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pull::equals_the_ledger::BothSides;
use crate::world::codat::Linked;
use crate::world::store::Database;

/// The master key of every test server.
const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A sandbox process, a database, and servers that come and go.
pub struct Processes {
    pub sandbox: String,
    asker: Asker,
    database: Database,
    servers: Vec<Running>,
    sandbox_process: Option<Running>,
    folder: TempDir,
}

/// Somebody with the app's key.
#[derive(Clone)]
pub struct Asker {
    http: Http,
    key: String,
}

/// A process that ends with its owner.
pub struct Running {
    child: Child,
    pub base: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Processes {
    pub async fn start() -> Self {
        Self::start_for("Test").await
    }

    /// A world whose only app has this name.
    pub async fn start_for(app: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let sandbox = format!("http://127.0.0.1:{port}");
        let child = spawn_sandbox(&format!("127.0.0.1:{port}"));
        let running = Running {
            child,
            base: sandbox.clone(),
        };
        let database = Database::fresh(Arc::new(SystemIds)).await;
        let url = database.url.clone();
        // The servers are the only ones who use it.
        database.store.close().await;
        let key = ledgerline()
            .args(["keys", "create", "--app", app, "--env", "test"])
            .env("LEDGERLINE_DATABASE_URL", &url)
            .output()
            .unwrap();
        assert!(key.status.success(), "{key:?}");
        let key = String::from_utf8(key.stdout)
            .unwrap()
            .lines()
            .last()
            .unwrap()
            .to_owned();
        let http = Http::new(Arc::new(Network::new().unwrap()));
        let processes = Self {
            sandbox,
            asker: Asker { http, key },
            database,
            servers: Vec::new(),
            sandbox_process: Some(running),
            folder,
        };
        processes
            .until("the sandbox answers", async || {
                processes.try_control("clock").await
            })
            .await;
        processes
    }

    /// The sandbox ends without having kept anything, and another takes its address.
    pub async fn new_sandbox(&mut self) {
        let address = self.sandbox.trim_start_matches("http://").to_owned();
        // The old one has to leave its address first.
        drop(self.sandbox_process.take());
        self.sandbox_process = Some(Running {
            child: spawn_sandbox(&address),
            base: self.sandbox.clone(),
        });
        self.until("the sandbox answers", async || self.try_control("clock").await)
            .await;
    }

    /// A server over the database; what it holds when it is killed is free again two seconds later.
    pub async fn server(&self) -> Running {
        self.server_with_leases_of(2).await
    }

    /// A server over the database, whose jobs are its own for so many seconds.
    pub async fn server_with_leases_of(&self, seconds: u32) -> Running {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let file =
            |name: &str| std::fs::File::create(self.folder.path().join(format!("{port}.{name}"))).unwrap();
        let child = ledgerline()
            .arg("serve")
            .env("LEDGERLINE_DATABASE_URL", &self.database.url)
            .env("LEDGERLINE_LISTEN", format!("127.0.0.1:{port}"))
            .env("LEDGERLINE_SANDBOX_URL", &self.sandbox)
            .env("LEDGERLINE_JOB_LEASE_SECONDS", seconds.to_string())
            .stdout(file("out"))
            .stderr(file("log"))
            .spawn()
            .unwrap();
        let running = Running { child, base };
        let url = format!("{}/readyz", running.base);
        self.until("the server is ready", async || self.get(&url).await)
            .await;
        running
    }

    /// What a server prints at its start.
    pub fn greeting(&self, server: &Running) -> String {
        let port = server.base.rsplit(':').next().unwrap();
        std::fs::read_to_string(self.folder.path().join(format!("{port}.out"))).unwrap()
    }

    /// The server that `list` asks.
    pub fn asks(&mut self, server: Running) {
        self.servers.push(server);
    }

    /// A company whose customer has consented through `server`.
    pub async fn linked(&self, server: &Running, name: &str, invoices: u32, latency_ms: u32) -> Linked {
        let wanted = json!({
            "platform": "xero", "months": 12, "invoices": invoices, "limits": "off", "latency_ms": latency_ms,
        });
        let made = self
            .call(
                "POST",
                &format!("{}/_sandbox/organisations", self.sandbox),
                Some(wanted),
            )
            .await;
        let organisation = made.unwrap()["id"].as_str().unwrap().to_owned();
        let base = &server.base;
        let company = self
            .call(
                "POST",
                &format!("{base}/companies"),
                Some(json!({ "name": name })),
            )
            .await
            .unwrap();
        let company = company["id"].as_str().unwrap().to_owned();
        let path = format!("{base}/companies/{company}/connections");
        let connection = self
            .call("POST", &path, Some(json!({ "platformKey": "gbol" })))
            .await
            .unwrap();
        let approved = ledgerline()
            .args(["sandbox", "approve", connection["linkUrl"].as_str().unwrap()])
            .args(["--organisation", &organisation])
            .output()
            .unwrap();
        assert!(approved.status.success(), "{approved:?}");
        Linked {
            company,
            connection: connection["id"].as_str().unwrap().to_owned(),
            organisation,
        }
    }

    pub async fn get(&self, url: &str) -> Option<Value> {
        self.call("GET", url, None).await
    }

    /// The JSON of a good answer; `None` for any other, and for none.
    pub async fn call(&self, method: &str, url: &str, body: Option<Value>) -> Option<Value> {
        let (status, body) = self.ask(method, url, body).await?;
        (200..300).contains(&status).then_some(body)
    }

    /// Status and JSON of an answer; `None` only where nobody answers.
    pub async fn ask(&self, method: &str, url: &str, body: Option<Value>) -> Option<(u16, Value)> {
        self.asker.ask(method, url, body).await
    }

    /// Somebody who asks from another task.
    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Somebody with another key.
    pub fn asker_with(&self, key: &str) -> Asker {
        Asker {
            key: key.to_owned(),
            ..self.asker()
        }
    }

    pub async fn try_control(&self, path: &str) -> Option<Value> {
        self.get(&format!("{}/_sandbox/{path}", self.sandbox)).await
    }

    /// How many requests the organisation's platform has answered.
    pub async fn requests(&self, organisation: &str) -> u64 {
        let path = format!("organisations/{organisation}/requests");
        self.try_control(&path).await.unwrap()["total"].as_u64().unwrap()
    }

    /// Whether some data type of the company is still being read.
    pub async fn is_reading(&self, server: &Running, company: &str) -> bool {
        let statuses = self
            .get(&format!("{}/companies/{company}/dataStatus", server.base))
            .await;
        let statuses = statuses.as_ref().and_then(Value::as_object);
        statuses.is_some_and(|statuses| {
            statuses.values().any(|status| {
                matches!(
                    status["currentStatus"].as_str(),
                    Some("Queued" | "Fetching" | "Processing")
                )
            })
        })
    }

    /// Poll until there is something, for two minutes at most.
    pub async fn until<T>(&self, what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(120);
        while Instant::now() < end {
            if let Some(found) = poll().await {
                return found;
            }
            pause().await;
        }
        panic!("waited in vain until {what}");
    }

    /// Every data type of the company has been read, or cannot be.
    pub async fn until_complete(&self, server: &Running, company: &str) {
        let url = format!("{}/companies/{company}/dataStatus", server.base);
        self.until("everything is read", async || {
            let statuses = self.get(&url).await?;
            let settled = statuses.as_object()?.values().all(|status| {
                matches!(
                    status["currentStatus"].as_str(),
                    Some("Complete" | "NotSupported")
                )
            });
            settled.then_some(())
        })
        .await;
    }

    pub async fn end(self) {
        drop(self.servers);
        self.database.remove().await;
    }
}

impl Asker {
    /// Status and JSON of an answer; `None` only where nobody answers.
    pub async fn ask(&self, method: &str, url: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(Bytes::from(body.map(|body| body.to_string()).unwrap_or_default()))
            .unwrap();
        let answer = self.http.send(request).await.ok()?;
        Some((
            answer.status.as_u16(),
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        ))
    }
}

impl BothSides for Processes {
    async fn list(&self, path: &str) -> Vec<Value> {
        let base = &self.servers.last().unwrap().base;
        let mut all = Vec::new();
        for page in 1.. {
            let url = format!("{base}{path}?page={page}&pageSize=500");
            let (status, answer) = self.ask("GET", &url, None).await.unwrap();
            assert_eq!(status, 200, "{url}: {answer}");
            let results = answer["results"].as_array().unwrap().clone();
            let ended = results.is_empty();
            all.extend(results);
            if ended || all.len() as u64 >= answer["totalResults"].as_u64().unwrap() {
                break;
            }
        }
        all
    }

    async fn control(&self, path: &str) -> Value {
        self.try_control(path).await.unwrap()
    }
}

fn spawn_sandbox(address: &str) -> Child {
    let mut command = ledgerline();
    command
        .args(["sandbox", "--listen", address])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn ledgerline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerline"));
    command
        .env("LEDGERLINE_MASTER_KEY", MASTER_KEY)
        .env_remove("LEDGERLINE_CONFIG");
    command
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[expect(
    clippy::disallowed_methods,
    reason = "other processes do not tell when they are done"
)]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(15)).await;
}
