use std::collections::HashMap;

use ledgerline_model::{DataType, Decimal, Timestamp};
use ledgerline_platform::{Cx, Error, Read};
use serde::Deserialize;

use super::envelope::{Envelope, place};
use super::feeds::{Endpoint, Needs};

/// What the mapping has to know besides the page; `None` is what nobody asked for.
#[derive(Default)]
pub(super) struct Facts {
    /// Ours; only for what has no other notion of today.
    pub now: Option<Timestamp>,
    pub base_currency: Option<String>,
    /// By account id, debits positive; an account that is not in it has a balance of zero.
    pub balances: Option<HashMap<String, Decimal>>,
    pub accounts: Option<Vec<Account>>,
    /// By account id.
    pub bank_sides: Option<HashMap<String, BankSide>>,
}

/// Whether what is booked to an account moves money at a bank.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum BankSide {
    /// A bank account, and the currency that it is kept in.
    Bank {
        currency: Option<String>,
    },
    NoBank,
    /// The chart of accounts does not have it: it came too short, or the account is newer than what is remembered.
    Unlisted,
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

impl Facts {
    pub(super) fn account_by_code(&self, code: &str) -> Option<&Account> {
        let mut accounts = self.accounts.iter().flatten();
        accounts.find(|account| account.code.as_deref() == Some(code))
    }

    pub(super) fn account_by_id(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().flatten().find(|account| account.id == id)
    }

    /// `None`: nobody asked which accounts are bank accounts.
    pub(super) fn bank_side(&self, account: &str) -> Option<&BankSide> {
        Some(
            self.bank_sides
                .as_ref()?
                .get(account)
                .unwrap_or(&BankSide::Unlisted),
        )
    }

    pub(super) fn bank_currency(&self, account: &str) -> Option<&str> {
        match self.bank_side(account)? {
            BankSide::Bank { currency } => currency.as_deref(),
            BankSide::NoBank | BankSide::Unlisted => None,
        }
    }
}

/// What this page has to know. What other feeds look up as well is remembered for a while, and asked for once.
pub(super) async fn learn(cx: &Cx, read: &Read<'_>, endpoint: &Endpoint) -> Result<Facts, Error> {
    let mut facts = Facts {
        now: Some(cx.clock.now()),
        ..Facts::default()
    };
    match endpoint.needs {
        Needs::Nothing => {}
        Needs::BankAccounts => {
            let is_wanted = |data_type: &DataType| read.wanted.contains(data_type);
            if [DataType::AccountTransactions, DataType::Transfers]
                .iter()
                .any(is_wanted)
            {
                facts.bank_sides = Some(bank_sides(accounts(cx, read).await?));
            }
        }
        Needs::Accounts => facts.accounts = Some(accounts(cx, read).await?),
        Needs::Balances => {
            facts.base_currency = base_currency(cx, read).await?;
            facts.balances = Some(balances(cx, read).await?);
        }
    }
    Ok(facts)
}

fn bank_sides(accounts: Vec<Account>) -> HashMap<String, BankSide> {
    let side = |account: Account| {
        let side = match account.kind.as_deref() {
            Some("BANK") => BankSide::Bank {
                currency: account.currency_code.filter(|currency| !currency.is_empty()),
            },
            _ => BankSide::NoBank,
        };
        (account.id, side)
    };
    accounts.into_iter().map(side).collect()
}

/// What was told of the accounts has turned out to be of no use: they are asked for again.
pub(super) fn forget_accounts(cx: &Cx, read: &Read<'_>) {
    crate::client::forget(cx, read, ACCOUNTS);
}

const ACCOUNTS: &str = "/Accounts";

pub(crate) async fn accounts(cx: &Cx, read: &Read<'_>) -> Result<Vec<Account>, Error> {
    listing(cx, read, ACCOUNTS, "Accounts").await
}

pub(crate) async fn base_currency(cx: &Cx, read: &Read<'_>) -> Result<Option<String>, Error> {
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
    let answer = crate::client::get_once(cx, read, path, |body| shared(body, key)).await?;
    let listed = objects(&answer.body, key);
    if listed.is_err() {
        crate::client::forget(cx, read, path);
    }
    listed
}

/// Whether an answer that several feeds look facts up in can be one: no organisation is without itself or without
/// accounts.
pub(super) fn shared(body: &[u8], key: &str) -> Result<(), Error> {
    if Envelope::parse(body, key)?.objects.is_empty() {
        return Err(Error::Malformed {
            reason: format!("the list of {key} is empty"),
        });
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use ledgerline_platform::Content;

    use super::super::feeds;
    use super::super::rows::Rows;
    use super::*;

    const ACCOUNTS: &str = r#"{"Accounts":[
        {"AccountID":"till","Type":"BANK","CurrencyCode":"EUR"},
        {"AccountID":"petty","Type":"BANK","CurrencyCode":""},
        {"AccountID":"clearing","Type":"CURRENT"}
    ]}"#;

    fn facts() -> Facts {
        let accounts = objects(ACCOUNTS.as_bytes(), "Accounts").unwrap();
        Facts {
            bank_sides: Some(bank_sides(accounts)),
            ..Facts::default()
        }
    }

    #[test]
    fn an_account_is_at_a_bank_or_not_or_is_none_that_was_told() {
        let facts = facts();
        let euro = Some("EUR".to_owned());
        assert_eq!(facts.bank_side("till"), Some(&BankSide::Bank { currency: euro }));
        assert_eq!(facts.bank_side("petty"), Some(&BankSide::Bank { currency: None }));
        assert_eq!(facts.bank_side("clearing"), Some(&BankSide::NoBank));
        assert_eq!(facts.bank_side("safe"), Some(&BankSide::Unlisted));
        assert_eq!(Facts::default().bank_side("till"), None);
        assert_eq!(facts.bank_currency("till"), Some("EUR"));
        assert_eq!(facts.bank_currency("safe"), None);
    }

    /// What a payment on this account makes of the bank's side, and the account that nobody knows of.
    fn paid_from(account: &str) -> (Vec<&'static str>, Option<String>) {
        let payment = format!(
            r#"{{"PaymentID":"p","PaymentType":"ACCRECPAYMENT","Status":"AUTHORISED","Amount":5.00,
                "Date":"/Date(1767225600000+0000)/","Account":{{"AccountID":"{account}"}}}}"#
        );
        let wanted = [DataType::AccountTransactions];
        let mut rows = Rows::wanted(&wanted);
        let endpoint = feeds::find("Payments").unwrap();
        rows.add(serde_json::from_str(&payment).unwrap(), endpoint, &facts())
            .unwrap();
        let unlisted = rows.unlisted().map(str::to_owned);
        let rows = rows.into_rows().into_iter().map(|row| match row.content {
            Content::Present(_) => "present",
            Content::Gone => "gone",
            Content::Quarantined { .. } => "quarantined",
        });
        (rows.collect(), unlisted)
    }

    #[test]
    fn only_an_account_that_is_known_to_be_elsewhere_has_no_bank_side() {
        assert_eq!(paid_from("till"), (vec!["present"], None));
        assert_eq!(paid_from("clearing"), (vec!["gone"], None));
        assert_eq!(paid_from("safe"), (vec![], Some("safe".to_owned())));
    }

    #[test]
    fn a_transfer_names_the_account_that_nobody_knows_of() {
        let transfer = r#"{"BankTransferID":"t","Amount":5.00,"Date":"/Date(1767225600000+0000)/",
            "FromBankAccount":{"AccountID":"till"},"ToBankAccount":{"AccountID":"safe"}}"#;
        let wanted = [DataType::Transfers];
        let mut rows = Rows::wanted(&wanted);
        let endpoint = feeds::find("BankTransfers").unwrap();
        rows.add(serde_json::from_str(transfer).unwrap(), endpoint, &facts())
            .unwrap();
        assert_eq!(rows.unlisted(), Some("safe"));
    }

    #[test]
    fn no_organisation_is_without_accounts() {
        assert!(shared(ACCOUNTS.as_bytes(), "Accounts").is_ok());
        let refused = shared(br#"{"Accounts":[]}"#, "Accounts");
        assert!(matches!(refused, Err(Error::Malformed { .. })));
    }
}
