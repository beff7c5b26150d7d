use ledgerline_model::Secret;
use serde_json::{Value, json};

use super::browser::Browser;
use super::{Answer, PUBLIC_URL, World};

/// An app that speaks the Sync2Books dialect.
#[derive(Clone)]
pub struct Sync2Books<'a> {
    pub world: &'a World,
    pub key: Secret,
}

/// A company with a connection that is `CONNECTED`.
#[derive(Clone, Debug)]
pub struct Connected {
    pub company: String,
    pub connection: String,
    pub organisation: String,
}

impl Sync2Books<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{PUBLIC_URL}/v1{path}"))
            .header("x-api-key", self.key.expose());
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.world.request(request.body(body).unwrap()).await
    }

    /// Hand over a form: fields with their values, and files with their names and contents.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        for (name, content) in files {
            body.push_str(&format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
            ));
        }
        body.push_str("--b--\r\n");
        let request = http::Request::post(format!("{PUBLIC_URL}/v1{path}"))
            .header("x-api-key", self.key.expose())
            .header("content-type", "multipart/form-data; boundary=b");
        self.world.request(request.body(body).unwrap()).await
    }

    /// Hand over expenses and have them written; the id of the batch.
    pub async fn written(&self, connected: &Connected, expenses: Value) -> String {
        let path = format!("/expenses/{}", connected.connection);
        let made = self.post(&path, expenses).await.expect(201).json();
        self.world.run_slowly().await;
        made["syncBatchId"].as_str().unwrap().to_owned()
    }

    /// Where a company connects its books with this software.
    pub async fn auth_url(&self, company: &str, integration: &str) -> String {
        let path = format!("/companies/{company}/auth-url?integrationKey={integration}");
        let answer = self.get(&path).await.expect(200).json();
        answer["authUrl"].as_str().unwrap().to_owned()
    }

    /// The company's connections: id, integration key, status.
    pub async fn connections(&self, company: &str) -> Vec<(String, String, String)> {
        let path = format!("/companies/{company}/connections");
        let answer = self.get(&path).await.expect(200).json();
        let connections = answer["connections"].as_array().unwrap().iter();
        let text = |connection: &Value, name: &str| connection[name].as_str().unwrap().to_owned();
        connections
            .map(|connection| {
                assert_eq!(connection["companyId"], company);
                (
                    text(connection, "id"),
                    text(connection, "integrationKey"),
                    text(connection, "status"),
                )
            })
            .collect()
    }

    /// A company that has consented to give access to books of this platform; nothing is read yet.
    pub async fn connected(&self, name: &str, platform: &str) -> Connected {
        let wanted = json!({
            "platform": platform, "seed": 7, "months": 3, "invoices": 5, "limits": "off", "latency_ms": 0,
        });
        let made = self.world.control("POST", "organisations", wanted).await;
        let organisation = made["id"].as_str().unwrap().to_owned();
        let made = self
            .post("/companies", json!({ "name": name }))
            .await
            .expect(201)
            .json();
        let company = made["company"]["id"].as_str().unwrap().to_owned();
        let integration = match platform {
            "quickbooks_online" => "QUICKBOOKS",
            _ => "XERO",
        };
        let auth_url = self.auth_url(&company, integration).await;
        let page = Browser::new(self.world).approve(&auth_url, &organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        let connections = self.connections(&company).await;
        assert_eq!(connections.len(), 1);
        Connected {
            connection: connections[0].0.clone(),
            company,
            organisation,
        }
    }
}
