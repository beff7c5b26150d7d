use ledgerline_model::DataType;
use ledgerline_platform::Error;
use ledgerline_platform::push::{References, refused};
use serde::{Deserialize, Serialize};

/// An account of the chart as documents need it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Account {
    #[serde(rename = "AccountID")]
    pub id: String,
    pub code: Option<String>,
    pub name: Option<String>,
    #[serde(rename = "Type")]
    pub kind: String,
    pub bank_account_type: Option<String>,
    pub currency_code: Option<String>,
}

/// A bank account by its id: it needs no code.
#[derive(Serialize)]
pub(super) struct AccountRef<'a> {
    #[serde(rename = "AccountID")]
    pub id: &'a str,
}

/// The account of a line: by its code, which Xero documents, or by its id where it has none.
#[derive(Serialize)]
pub(super) enum LineAccount {
    #[serde(rename = "AccountCode")]
    Code(String),
    #[serde(rename = "AccountID")]
    Id(String),
}

impl From<Account> for LineAccount {
    fn from(account: Account) -> Self {
        match account.code.filter(|code| !code.is_empty()) {
            Some(code) => Self::Code(code),
            None => Self::Id(account.id),
        }
    }
}

impl Account {
    pub(super) fn is_bank(&self) -> bool {
        self.kind == "BANK"
    }

    /// As people know it.
    pub(super) fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

pub(super) fn find(references: &References, id: &str, field: &str) -> Result<Account, Error> {
    let found = references
        .get(DataType::ChartOfAccounts, id)
        .or_else(|| references.get(DataType::BankAccounts, id))
        .ok_or_else(|| refused(field, format!("Xero has no account `{id}`")))?;
    serde_json::from_str(&found.source).map_err(|_| {
        refused(
            field,
            format!("the account `{id}` cannot be read as Xero sent it"),
        )
    })
}

/// The account on which money moves, which has to be one of Xero's bank accounts.
pub(super) fn bank(references: &References, id: &str, field: &str) -> Result<Account, Error> {
    let account = find(references, id, field)?;
    if account.is_bank() {
        return Ok(account);
    }
    Err(refused(
        field,
        format!(
            "Xero moves money on accounts of type BANK only, and `{}` is of type {}",
            account.shown(),
            account.kind
        ),
    ))
}
