use std::collections::{BTreeMap, HashMap};

use ledgerline_model::{DataType, Decimal, Timestamp};
use ledgerline_platform::{Cx, Error, Read};
use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, place};
use super::feeds::{Endpoint, Needs};

/// What the mapping has to know besides the page; `None` is what nobody asked for.
#[derive(Default)]
pub(super) struct Facts<'f> {
    /// Ours; only for what has no other notion of today.
    pub now: Option<Timestamp>,
    pub base_currency: Option<String>,
    /// By account id, debits positive; an account that is not in it has a balance of zero.
    pub balances: Option<HashMap<String, Decimal>>,
    pub accounts: Option<Vec<Account>>,
    /// Currency by id of the bank account.
    pub bank_accounts: Option<&'f BTreeMap<String, String>>,
}

/// What travels from page to page in the cursor.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Carried {
    bank_accounts: Option<BTreeMap<String, String>>,
}

/// An account as far as others need it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account {
    #[serde(rename = "AccountID")]
    pub id: String,
    pub code: Option<String>,
    pub name: Option<String>,
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    pub class: Option<String>,
    /// What Xero itself posts to it.
    pub system_account: Option<String>,
    pub currency_code: Option<String>,
}

impl Carried {
    pub(super) const NOTHING: Self = Self { bank_accounts: None };
}

impl<'f> Facts<'f> {
    pub(super) fn new(now: Option<Timestamp>, carried: &'f Carried) -> Self {
        Self {
            now,
            bank_accounts: carried.bank_accounts.as_ref(),
            ..Self::default()
        }
    }

    pub(super) fn account_by_code(&self, code: &str) -> Option<&Account> {
        let mut accounts = self.accounts.iter().flatten();
        accounts.find(|account| account.code.as_deref() == Some(code))
    }

    pub(super) fn account_by_id(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().flatten().find(|account| account.id == id)
    }

    pub(super) fn bank_currency(&self, account: &str) -> Option<&str> {
        self.bank_accounts?.get(account).map(String::as_str)
    }
}

/// What the first page of a read has to learn for all of them.
pub(super) async fn carried(cx: &Cx, read: &Read<'_>, endpoint: &Endpoint) -> Result<Carried, Error> {
    let is_wanted = |data_type: &DataType| read.wanted.contains(data_type);
    let concerned = [DataType::AccountTransactions, DataType::Transfers];
    if endpoint.needs != Needs::BankAccounts || !concerned.iter().any(is_wanted) {
        return Ok(Carried::default());
    }
    let accounts = accounts(cx, read).await?;
    let currency_by_id = accounts
        .into_iter()
        .filter(|account| account.kind.as_deref() == Some("BANK"))
        .map(|account| (account.id, account.currency_code.unwrap_or_default()))
        .collect();
    Ok(Carried {
        bank_accounts: Some(currency_by_id),
    })
}

/// What this page has to know.
pub(super) async fn learn(
    cx: &Cx,
    read: &Read<'_>,
    endpoint: &Endpoint,
    facts: &mut Facts<'_>,
) -> Result<(), Error> {
    match endpoint.needs {
        Needs::Nothing | Needs::BankAccounts => {}
        Needs::Accounts => facts.accounts = Some(accounts(cx, read).await?),
        Needs::Balances => {
            facts.base_currency = base_currency(cx, read).await?;
            facts.balances = Some(balances(cx, read).await?);
        }
    }
    Ok(())
}

pub(crate) async fn accounts(cx: &Cx, read: &Read<'_>) -> Result<Vec<Account>, Error> {
    listing(cx, read, "/Accounts", "Accounts").await
}

pub(super) async fn base_currency(cx: &Cx, read: &Read<'_>) -> Result<Option<String>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Organisation {
        base_currency: Option<String>,
    }
    let organisations = listing::<Organisation>(cx, read, "/Organisation", "Organisations").await?;
    Ok(organisations
        .into_iter()
        .find_map(|organisation| organisation.base_currency))
}

/// The balance of every account today, from one trial balance: Xero's accounts carry none. Its year-to-date
/// columns are the balances; the other two are the month's movement.
async fn balances(cx: &Cx, read: &Read<'_>) -> Result<HashMap<String, Decimal>, Error> {
    let (table, _) = super::report(cx, read, "/Reports/TrialBalance", &[]).await?;
    let (debit, credit) = (table.column("YTD Debit")?, table.column("YTD Credit")?);
    let mut balances = HashMap::new();
    for row in table.account_rows() {
        if let Some(account) = &row.account {
            let balance = row.value(debit)? - row.value(credit)?;
            balances.insert(account.clone(), balance);
        }
    }
    Ok(balances)
}

/// All objects of a small list, which the feed of the same path reads as well.
async fn listing<T: for<'de> Deserialize<'de>>(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    key: &str,
) -> Result<Vec<T>, Error> {
    let answer = crate::client::get_once(cx, read, path, |body| Envelope::parse(body, key).map(drop)).await?;
    let listed = objects(&answer.body, key);
    if listed.is_err() {
        crate::client::forget(cx, read, path);
    }
    listed
}

fn objects<T: for<'de> Deserialize<'de>>(body: &[u8], key: &str) -> Result<Vec<T>, Error> {
    Envelope::parse(body, key)?
        .objects
        .into_iter()
        .map(|object| {
            serde_json::from_str(object.get()).map_err(|error| Error::Malformed {
                reason: format!("an object of {key}: {}", place(&error)),
            })
        })
        .collect()
}
