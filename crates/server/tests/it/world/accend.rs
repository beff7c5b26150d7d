use ledgerline_model::Secret;
use serde_json::{Value, json};

use super::browser::Browser;
use super::{Answer, PUBLIC_URL, World};

/// An app that speaks the Accend dialect.
#[derive(Clone)]
pub struct Accend<'a> {
    pub world: &'a World,
    pub key: Secret,
}

/// A customer with an active link connection.
#[derive(Clone, Debug)]
pub struct Connected {
    /// As it is printed.
    pub customer: String,
    /// As it is printed.
    pub connection: String,
}

impl Connected {
    /// The path of the link connection.
    pub fn path(&self) -> String {
        format!(
            "/link/customers/{}/link_connections/{}",
            self.customer, self.connection
        )
    }
}

impl Accend<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{PUBLIC_URL}/api/v1/financials{path}"))
            .header("authorization", format!("Bearer {}", self.key.expose()));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.world.request(request.body(body).unwrap()).await
    }

    /// A customer; its id.
    pub async fn customer(&self, name: &str) -> String {
        let made = self.post("/customers", json!({ "legal_name": name })).await;
        made.expect(201).json()["customer_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The page on which a customer links its books.
    pub async fn link_url(&self, customer: &str) -> String {
        let path = format!("/link/customers/{customer}/access_tokens");
        let made = self.post(&path, json!({})).await.expect(201).json();
        made["link_url"].as_str().unwrap().to_owned()
    }

    /// A customer that has consented to give access to this organisation; nothing is read yet.
    pub async fn connected_to(&self, name: &str, organisation: &str) -> Connected {
        let customer = self.customer(name).await;
        let link = self.link_url(&customer).await;
        let page = Browser::new(self.world).approve(&link, organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        let connections = self
            .get(&format!(
                "/link/customers/{customer}/link_connections?status=active"
            ))
            .await
            .expect(200)
            .json();
        Connected {
            connection: connections["data"][0]["link_connection_id"]
                .as_str()
                .unwrap()
                .to_owned(),
            customer,
        }
    }

    /// The names of the customers that meet a filter, in alphabetical order: those made at one instant have none.
    pub async fn found_by(&self, filter: &str) -> Vec<String> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("filter", filter)
            .finish();
        let found = self.get(&format!("/customers?{query}")).await.expect(200).json();
        let data = found["data"].as_array().unwrap();
        let name = |customer: &Value| customer["legal_name"].as_str().unwrap().to_owned();
        let mut names: Vec<String> = data.iter().map(name).collect();
        names.sort();
        names
    }
}
