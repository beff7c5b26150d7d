use ledgerline_model::Secret;
use serde_json::{Value, json};

use super::browser::Browser;
use super::{Answer, PUBLIC_URL, World};

/// An app that speaks the Codat dialect.
#[derive(Clone)]
pub struct Codat<'a> {
    pub world: &'a World,
    pub key: Secret,
}

/// A company with a connection.
#[derive(Clone, Debug)]
pub struct Linked {
    pub company: String,
    pub connection: String,
    pub organisation: String,
}

impl Codat<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{PUBLIC_URL}{path}"))
            .header("authorization", format!("Bearer {}", self.key.expose()));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.world.request(request.body(body).unwrap()).await
    }

    /// A company; its id.
    pub async fn company(&self, name: &str) -> String {
        let made = self.post("/companies", json!({ "name": name })).await.expect(200);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// A connection that nobody has consented to yet: its id and its link.
    pub async fn connection(&self, company: &str) -> (String, String) {
        self.connection_to(company, "gbol").await
    }

    /// The same, to the platform with this key.
    pub async fn connection_to(&self, company: &str, platform: &str) -> (String, String) {
        let path = format!("/companies/{company}/connections");
        let made = self
            .post(&path, json!({ "platformKey": platform }))
            .await
            .expect(200)
            .json();
        (
            made["id"].as_str().unwrap().to_owned(),
            made["linkUrl"].as_str().unwrap().to_owned(),
        )
    }

    /// A company whose customer has consented; nothing is read yet.
    pub async fn linked(&self, name: &str, invoices: u32) -> Linked {
        let wanted = json!({
            "platform": "xero", "seed": 7, "months": 12, "invoices": invoices, "limits": "off", "latency_ms": 0,
        });
        self.linked_to(wanted, name).await
    }

    /// The same, to an organisation that is made as wanted.
    pub async fn linked_to(&self, wanted: Value, name: &str) -> Linked {
        let platform = match wanted["platform"].as_str() {
            Some("quickbooks_online") => "qhyg",
            _ => "gbol",
        };
        let made = self.world.control("POST", "organisations", wanted).await;
        let organisation = made["id"].as_str().unwrap().to_owned();
        let company = self.company(name).await;
        let (connection, link) = self.connection_to(&company, platform).await;
        let page = Browser::new(self.world).approve(&link, &organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        Linked {
            company,
            connection,
            organisation,
        }
    }

    /// Every record of a list, page by page, as JSON; only for what is compared without money.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 1.. {
            let joint = if path.contains('?') { '&' } else { '?' };
            let answer = self
                .get(&format!("{path}{joint}page={page}&pageSize=100"))
                .await
                .expect(200)
                .json();
            let results = answer["results"].as_array().unwrap().clone();
            let ended = results.is_empty();
            all.extend(results);
            if ended || all.len() as u64 >= answer["totalResults"].as_u64().unwrap() {
                break;
            }
        }
        all
    }
}
