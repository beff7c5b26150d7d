//! <https://developer.xero.com/documentation/api/accounting/accounts>
//!
//! Xero's accounts carry no balance: it comes from one trial balance per read. Only the kept source has:
//! `TaxType`, `EnablePaymentsToAccount` and `ShowInExpenseClaims` as such, `SystemAccount`, `ReportingCode`,
//! `ReportingCodeName`, `AddToWatchlist`, attachments.

use ledgerline_model::records::{
    Account, AccountStatus, AccountType, BankAccount, BankAccountType, DatatypeLink, Text,
};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "AccountID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    code: Option<Str<'a>>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    description: Option<Str<'a>>,
    #[serde(rename = "Type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    class: Option<Str<'a>>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    #[serde(borrow)]
    bank_account_number: Option<Str<'a>>,
    #[serde(borrow)]
    bank_account_type: Option<Str<'a>>,
    enable_payments_to_account: Option<bool>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let is_bank = wire.kind.as_str() == "BANK";
    if !is_bank {
        rows.gone(DataType::BankAccounts, wire.id.as_str());
    }
    let status = match wire.status.as_str() {
        "ACTIVE" => AccountStatus::Active,
        "ARCHIVED" => AccountStatus::Archived,
        "DELETED" => {
            rows.gone(DataType::ChartOfAccounts, wire.id.as_str());
            if is_bank {
                rows.gone(DataType::BankAccounts, wire.id.as_str());
            }
            return Ok(());
        }
        other => {
            rows.unknown("xero-unknown-account-status", wire.id.as_str(), "Status", other);
            AccountStatus::Unknown
        }
    };
    let class = match wire.class.as_ref().map(Str::as_str) {
        Some("ASSET") => AccountType::Asset,
        Some("EXPENSE") => AccountType::Expense,
        Some("REVENUE") => AccountType::Income,
        Some("LIABILITY") => AccountType::Liability,
        Some("EQUITY") => AccountType::Equity,
        other => {
            let found = other.unwrap_or_default();
            rows.unknown("xero-unknown-account-class", wire.id.as_str(), "Class", found);
            AccountType::Unknown
        }
    };
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let id = wire.id.as_str();
    let name = filled(wire.name);
    let code = filled(wire.code);
    // Only bank accounts have a currency of their own.
    let currency = filled(wire.currency_code).or_else(|| {
        facts
            .base_currency
            .as_deref()
            .map(|currency| Text::from(currency.to_owned()))
    });
    let balance = balance(facts, id);
    if rows.wants(DataType::ChartOfAccounts) {
        let category = format!("{class:?}.{}", capitalised(wire.kind.as_str()));
        let can_be_paid_to = is_bank || wire.enable_payments_to_account == Some(true);
        let account = Account {
            id: id.into(),
            nominal_code: code.clone(),
            description: filled(wire.description),
            fully_qualified_name: name.as_ref().map(|name| format!("{category}.{name}").into()),
            fully_qualified_category: Some(category.into()),
            name: name.clone(),
            currency: currency.clone(),
            current_balance: balance,
            kind: class,
            status,
            is_bank_account: is_bank,
            valid_datatype_links: links(is_bank, can_be_paid_to, status),
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(DataType::ChartOfAccounts, id, &account, modified)?;
    }
    if is_bank && rows.wants(DataType::BankAccounts) {
        let account_type = match wire.bank_account_type.as_ref().map(Str::as_str) {
            Some("BANK" | "PAYPAL") => BankAccountType::Debit,
            Some("CREDITCARD") => BankAccountType::Credit,
            None | Some("" | "NONE") => BankAccountType::Unknown,
            Some(other) => {
                rows.unknown("xero-unknown-bank-account-type", id, "BankAccountType", other);
                BankAccountType::Unknown
            }
        };
        let account = BankAccount {
            id: id.into(),
            account_name: name,
            account_type,
            nominal_code: code,
            sort_code: None,
            // In some countries it holds the sort code, too; nothing says where one ends.
            account_number: filled(wire.bank_account_number),
            i_ban: None,
            currency,
            balance,
            institution: None,
            available_balance: None,
            overdraft_limit: None,
            status,
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(DataType::BankAccounts, id, &account, modified)?;
    }
    Ok(())
}

/// As the trial balance has it: debits positive, credits negative, whatever the class.
fn balance(facts: &Facts, id: &str) -> Option<Decimal> {
    let balances = facts.balances.as_ref()?;
    Some(balances.get(id).copied().unwrap_or(Decimal::ZERO))
}

/// Xero pays from and to bank accounts and those with payments enabled; documents take any other.
fn links(is_bank: bool, can_be_paid_to: bool, status: AccountStatus) -> Vec<DatatypeLink> {
    if status != AccountStatus::Active {
        return Vec::new();
    }
    let mut links = Vec::new();
    if can_be_paid_to {
        links.extend(["Payment.AccountRef.Id", "BillPayment.AccountRef.Id"]);
    }
    if is_bank {
        links.extend(["Transfer.From.AccountRef.Id", "Transfer.To.AccountRef.Id"]);
    } else {
        links.extend([
            "Invoice.LineItems.AccountRef.Id",
            "Bill.LineItems.AccountRef.Id",
            "CreditNote.LineItems.AccountRef.Id",
            "BillCreditNote.LineItems.AccountRef.Id",
            "DirectCost.LineItems.AccountRef.Id",
            "DirectIncome.LineItems.AccountRef.Id",
        ]);
    }
    vec![DatatypeLink {
        property: "Id",
        links,
    }]
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first
            .to_uppercase()
            .chain(letters.flat_map(char::to_lowercase))
            .collect()
    })
}
