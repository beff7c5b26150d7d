use ledgerline_model::Decimal;
use serde::{Deserialize, Serialize};

/// What is handed over.
#[derive(Serialize)]
pub struct Items<'a> {
    pub items: &'a [Expense],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expense {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub issue_date: String,
    pub currency: String,
    pub merchant_name: &'static str,
    pub lines: Vec<Line>,
    pub notes: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub net_amount: Decimal,
    pub tax_amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate_ref: Option<Reference>,
    pub account_ref: Reference,
}

#[derive(Serialize, Deserialize)]
pub struct Reference {
    pub id: String,
}

impl Expense {
    pub fn total(&self) -> Decimal {
        let amounts = self.lines.iter().map(|line| line.net_amount + line.tax_amount);
        amounts.sum()
    }
}

/// What expenses can name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    pub accounts: Vec<Account>,
    pub tax_rates: Vec<TaxRate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub id: String,
    pub name: Option<String>,
    pub currency: Option<String>,
    pub account_type: Option<String>,
    pub is_bank_account: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxRate {
    pub id: String,
    pub effective_tax_rate: Option<Decimal>,
    pub valid_transaction_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    pub dataset_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    pub sync_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub sync_status_code: u32,
    pub sync_status: String,
    pub error_message: String,
    pub data_pushed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    pub transaction_id: String,
    pub status: String,
    pub message: Option<String>,
}

/// What a sync would send.
#[derive(Deserialize)]
pub struct Plan {
    pub transactions: Vec<Planned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    pub transaction_id: String,
    pub message: Option<String>,
    /// By which it is found again at the platform; absent if it would not be sent.
    pub key: Option<String>,
    #[serde(default)]
    pub requests: Vec<Request>,
}

#[derive(Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
}

/// A record that an expense became.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub total_amount: Decimal,
}
