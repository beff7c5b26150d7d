//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/account>

use ledgerline_model::records::{Account, AccountStatus, AccountType, BankAccount, BankAccountType};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::{Cx, Error, Read};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::listing::{self, Listing};
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, Ref, filled, instant};
use super::{Facts, malformed};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    meta_data: Option<MetaData>,
    name: Option<String>,
    fully_qualified_name: Option<String>,
    description: Option<String>,
    acct_num: Option<String>,
    classification: Option<String>,
    account_type: Option<String>,
    account_sub_type: Option<String>,
    current_balance: Option<Decimal>,
    currency_ref: Option<Ref>,
    active: Option<bool>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let kind = match wire.classification.as_deref() {
        Some("Asset") => AccountType::Asset,
        Some("Liability") => AccountType::Liability,
        Some("Equity") => AccountType::Equity,
        Some("Revenue") => AccountType::Income,
        Some("Expense") => AccountType::Expense,
        other => {
            let found = other.unwrap_or_default();
            rows.unknown(
                "quickbooks-unknown-classification",
                &wire.id,
                "Classification",
                found,
            );
            AccountType::Unknown
        }
    };
    let status = match wire.active {
        Some(true) => AccountStatus::Active,
        Some(false) => AccountStatus::Archived,
        None => AccountStatus::Unknown,
    };
    let bank = bank_type(wire.account_type.as_deref());
    let category = [&wire.classification, &wire.account_type, &wire.account_sub_type];
    let category: Vec<&str> = category.into_iter().filter_map(|part| part.as_deref()).collect();
    let currency = wire
        .currency_ref
        .as_ref()
        .and_then(|currency| filled(currency.value.clone()));
    let record = Account {
        id: wire.id.as_str().into(),
        nominal_code: filled(wire.acct_num.clone()).map(Into::into),
        name: filled(wire.name.clone()).map(Into::into),
        description: filled(wire.description.clone()).map(Into::into),
        fully_qualified_category: (!category.is_empty()).then(|| category.join(".").into()),
        fully_qualified_name: filled(wire.fully_qualified_name.clone()).map(Into::into),
        currency: currency.clone().map(Into::into),
        current_balance: wire.current_balance,
        kind,
        status,
        is_bank_account: bank.is_some(),
        valid_datatype_links: Vec::new(),
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::ChartOfAccounts, &wire.id, &record, modified)?;
    let Some(account_type) = bank else {
        rows.gone(DataType::BankAccounts, &wire.id);
        return Ok(());
    };
    let record = BankAccount {
        id: wire.id.as_str().into(),
        account_name: filled(wire.name).map(Into::into),
        account_type,
        nominal_code: filled(wire.acct_num).map(Into::into),
        sort_code: None,
        account_number: None,
        i_ban: None,
        currency: currency.map(Into::into),
        balance: wire.current_balance,
        institution: None,
        available_balance: None,
        overdraft_limit: None,
        status,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::BankAccounts, &wire.id, &record, modified)
}

fn bank_type(account_type: Option<&str>) -> Option<BankAccountType> {
    match account_type {
        Some("Bank") => Some(BankAccountType::Debit),
        Some("Credit Card") => Some(BankAccountType::Credit),
        Some(_) | None => None,
    }
}

/// Every account, and the currency of those that are bank or card accounts.
pub(super) async fn bank_currencies(cx: &Cx, read: &Read<'_>) -> Result<Listing<Option<String>>, Error> {
    listing::whole(cx, read, "Account", bank_currency).await
}

fn bank_currency(object: &RawValue) -> Result<Option<String>, Error> {
    let wire: Wire =
        parse(object.get()).map_err(|flaw| malformed(format!("an account: {}", flaw.message)))?;
    let currency = wire.currency_ref.and_then(|currency| currency.value);
    let is_bank = bank_type(wire.account_type.as_deref()).is_some();
    Ok(is_bank.then(|| currency.unwrap_or_default()))
}

/// What an account is, as far as control totals need it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountKind {
    pub account_type: Option<String>,
    pub classification: Option<String>,
}

/// Every account.
pub(super) async fn kinds(cx: &Cx, read: &Read<'_>) -> Result<Listing<AccountKind>, Error> {
    listing::whole(cx, read, "Account", |object| {
        parse(object.get()).map_err(|flaw| malformed(format!("an account: {}", flaw.message)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::super::feeds;
    use super::*;

    fn accounts() -> Listing<Option<String>> {
        let accounts = [
            r#"{"Id":"1","AccountType":"Bank","CurrencyRef":{"value":"EUR"}}"#,
            r#"{"Id":"2","AccountType":"Other Current Asset"}"#,
        ];
        let told = accounts.map(|text| {
            let currency = bank_currency(serde_json::from_str(text).unwrap()).unwrap();
            (crate::pull::rows::id_of(text).unwrap(), currency)
        });
        Listing::of(told)
    }

    #[test]
    fn a_payment_on_an_account_that_is_not_listed_is_not_left_out_in_silence() {
        let facts = Facts {
            accounts: Some(accounts()),
            ..Facts::default()
        };
        let paid_to = |account: &str| {
            let payment = format!(
                r#"{{"Id":"7","TxnDate":"2026-01-02","TotalAmt":5.00,"CurrencyRef":{{"value":"EUR"}},
                    "DepositToAccountRef":{{"value":"{account}"}}}}"#
            );
            let wanted = [DataType::AccountTransactions];
            let mut rows = Rows::wanted(&wanted);
            let entity = feeds::find("Payment").unwrap();
            rows.add(serde_json::from_str(&payment).unwrap(), entity, &facts)
                .unwrap();
            (rows.unlisted().map(str::to_owned), rows.into_rows().len())
        };
        assert_eq!(paid_to("1"), (None, 1));
        assert_eq!(paid_to("2"), (None, 0));
        assert_eq!(paid_to("3"), (Some("3".to_owned()), 0));
    }
}
