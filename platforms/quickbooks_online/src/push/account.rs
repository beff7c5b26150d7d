use ledgerline_model::DataType;
use ledgerline_platform::Error;
use ledgerline_platform::push::{References, refused};
use serde::{Deserialize, Serialize};

/// An account of the chart as transactions need it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Account {
    pub id: String,
    pub name: Option<String>,
    #[serde(rename = "AccountType")]
    kind: Option<String>,
}

/// Another object, by its id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Ref {
    pub value: String,
    /// Of persons: which list has them.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
}

impl Ref {
    pub(super) fn to(id: impl Into<String>) -> Self {
        Self {
            value: id.into(),
            kind: None,
        }
    }
}

impl Account {
    pub(super) fn is_card(&self) -> bool {
        self.kind.as_deref() == Some("Credit Card")
    }

    pub(super) fn is_bank(&self) -> bool {
        self.kind.as_deref() == Some("Bank")
    }

    pub(super) fn is_payable(&self) -> bool {
        self.kind.as_deref() == Some("Accounts Payable")
    }

    pub(super) fn reference(&self) -> Ref {
        Ref::to(self.id.as_str())
    }
}

pub(super) fn find(references: &References, id: &str, field: &str) -> Result<Account, Error> {
    let found = references
        .get(DataType::ChartOfAccounts, id)
        .or_else(|| references.get(DataType::BankAccounts, id))
        .ok_or_else(|| refused(field, format!("QuickBooks has no account `{id}`")))?;
    serde_json::from_str(&found.source).map_err(|_| {
        refused(
            field,
            format!("the account `{id}` cannot be read as QuickBooks sent it"),
        )
    })
}

/// A bank or card account.
pub(super) fn of_money(references: &References, id: &str, field: &str) -> Result<Account, Error> {
    let account = find(references, id, field)?;
    if account.is_bank() || account.is_card() {
        return Ok(account);
    }
    let name = account.name.as_deref().unwrap_or(id);
    let kind = account.kind.as_deref().unwrap_or("no type");
    Err(refused(
        field,
        format!("money moves on accounts of type Bank or Credit Card only, and `{name}` is of type {kind}"),
    ))
}
