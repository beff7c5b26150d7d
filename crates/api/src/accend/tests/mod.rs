/// Customers: made, changed, listed, found by filters, deleted.
mod customers;
/// Link connections, their syncs, and who is told.
mod link;
/// Everything that is refused, and in which shape.
mod refusals;

use serde_json::Value;

use crate::testing::{Answer, World};

const BASE: &str = "/api/v1/financials";

impl Answer {
    /// The `detail` of a refusal, which has to have the dialect's shape.
    fn detail(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["x-request-id"].len(), 32);
        let body = self.json();
        if status == 422 {
            let problem = &body["detail"][0];
            assert_eq!(problem["type"], "value_error");
            let steps = problem["loc"].as_array().unwrap().iter();
            let steps: Vec<&str> = steps.map(|step| step.as_str().unwrap()).collect();
            return format!("{}: {}", steps.join("."), problem["msg"].as_str().unwrap());
        }
        body["detail"].as_str().unwrap().to_owned()
    }
}

impl World {
    /// A customer that was made through this dialect; its id as it is printed.
    async fn customer(&self, body: &str) -> String {
        let made = self.post(&format!("{BASE}/customers"), body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["customer_id"].as_str().unwrap().to_owned()
    }

    /// The names of the customers that meet a filter, in the order of the list.
    async fn named(&self, filter: &str) -> Vec<String> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("filter", filter)
            .finish();
        let answer = self.get(&format!("{BASE}/customers?{query}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        let body = answer.json();
        let data = body["data"].as_array().unwrap();
        assert_eq!(body["total"], data.len(), "{filter}");
        data.iter()
            .map(|customer| text(&customer["legal_name"]))
            .collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}
