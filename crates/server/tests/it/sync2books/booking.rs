use serde_json::{Value, json};

use crate::world::World;
use crate::world::sync2books::{Connected, Sync2Books};

/// Ids of the books that expenses can be booked on.
pub struct Choices {
    pub bank: String,
    pub account: String,
    pub supplier: String,
    pub tax_rate: String,
}

impl Choices {
    pub async fn of(world: &World, connected: &Connected, currency: &str) -> Self {
        let api = world.sync2books();
        let base = format!("/connections/{}", connected.connection);
        let list = async |name: &str, member: &str| {
            let answer = api.get(&format!("{base}/{name}")).await.expect(200).json();
            answer[member].as_array().unwrap().clone()
        };
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let accounts = list("accounts", "accounts").await;
        let of_type = |kind: &str| {
            let found = accounts
                .iter()
                .find(|account| account["type"] == kind && account["status"] == "Active");
            id(found.unwrap())
        };
        // The bank account that the books were paid from.
        let banks = world
            .codat()
            .all(&format!(
                "/companies/{}/connections/{}/data/bankAccounts",
                connected.company, connected.connection
            ))
            .await;
        let bank = banks.iter().find(|bank| bank["currency"] == currency).unwrap();
        let rates = list("tax-rates", "taxRates").await;
        let free = rates.iter().find(|rate| rate["rate"].as_f64() == Some(0.0));
        Self {
            bank: id(bank),
            account: of_type("Expense"),
            supplier: id(&list("suppliers", "suppliers").await[0]),
            tax_rate: id(free.unwrap_or(&rates[0])),
        }
    }
}

/// One that everything is said of but the bank account and the tax rate.
pub fn expense(id: &str, choices: &Choices, currency: &str) -> Value {
    json!({
        "id": id, "type": "Payment", "issueDate": "2026-03-05", "currency": currency, "currencyRate": 1,
        "merchantName": "Stationery Hut", "contactRef": { "id": choices.supplier, "type": "Supplier" },
        "lines": [{ "netAmount": 42.40, "taxAmount": 0, "accountRef": { "id": choices.account } }],
        "notes": "Pens",
    })
}

pub async fn base_currency(world: &World, connected: &Connected) -> String {
    let info = world
        .codat()
        .get(&format!("/companies/{}/data/info", connected.company))
        .await;
    info.expect(200).json()["baseCurrency"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The books are read, and it is said what expenses are booked on.
pub async fn configured<'a>(world: &'a World, connected: &Connected) -> (Sync2Books<'a>, Choices, String) {
    let api = world.sync2books();
    world.run_slowly().await;
    let currency = base_currency(world, connected).await;
    let choices = Choices::of(world, connected, &currency).await;
    let path = format!("/companies/{}/expense-config", connected.company);
    let wanted = json!({
        "bankAccount": { "id": choices.bank }, "defaultAccount": { "id": choices.account },
        "supplier": { "id": choices.supplier }, "defaultTaxRate": { "id": choices.tax_rate },
    });
    let config = api.send("PATCH", &path, Some(wanted)).await.expect(200).json();
    assert_eq!(config["companyId"], connected.company.as_str());
    assert_eq!(config["bankAccount"]["id"], choices.bank.as_str());
    assert!(config["supplier"]["name"].is_string(), "{config}");
    (api, choices, currency)
}
