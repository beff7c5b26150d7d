//! <https://developer.xero.com/documentation/api/accounting/accounts>

use serde::Serialize;
use uuid::Uuid;

use super::list::text;
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, AccountClass, AccountKind, ActiveStatus, BankKind, Ledger, SystemRole, Table};
use crate::xero::dates::Instant;
use crate::xero::filter::Value;

impl Resource for ledger::Account {
    const NAME: &'static str = "Accounts";
    const TYPE: &'static str = "Account";
    const ID: &'static str = "AccountID";
    const PAGED: bool = false;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = Account<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.accounts
    }

    /// A deleted account is gone; only an archived one stays.
    fn is_listed(&self, _: &Question) -> bool {
        !self.meta.deleted
    }

    fn is_found(&self) -> bool {
        !self.meta.deleted
    }

    fn answers_to(&self, code: &str) -> bool {
        self.code == code
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Code" => text(&self.code),
            "Name" => text(&self.name),
            "Description" => text(&self.description),
            "Type" => Value::Text(account_type(self.kind)),
            "Class" => Value::Text(class(self.kind)),
            "Status" => Value::Text(status(self)),
            "TaxType" => text(&self.tax_code),
            "SystemAccount" => self
                .role
                .map_or(Value::Null, |role| Value::Text(system_account(role))),
            "EnablePaymentsToAccount" => Value::Bool(self.takes_payments),
            "BankAccountNumber" => self.bank.as_ref().map_or(Value::Null, |bank| text(&bank.number)),
            "BankAccountType" => self
                .bank
                .as_ref()
                .map_or(Value::Null, |bank| Value::Text(bank_type(bank.kind))),
            "CurrencyCode" => self
                .bank
                .as_ref()
                .map_or(Value::Null, |bank| text(&bank.currency)),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, _: &Cx<'a>, _: Detail) -> Account<'a> {
        Account {
            account_id: self.meta.id,
            code: &self.code,
            name: &self.name,
            status: status(self),
            kind: account_type(self.kind),
            tax_type: &self.tax_code,
            description: &self.description,
            class: class(self.kind),
            system_account: self.role.map(system_account),
            enable_payments_to_account: self.takes_payments,
            show_in_expense_claims: false,
            bank_account_number: self.bank.as_ref().map(|bank| bank.number.as_str()),
            bank_account_type: self.bank.as_ref().map(|bank| bank_type(bank.kind)),
            currency_code: self.bank.as_ref().map(|bank| bank.currency.as_str()),
            reporting_code: reporting(self.kind).0,
            reporting_code_name: reporting(self.kind).1,
            has_attachments: false,
            updated: Instant(self.meta.updated_at),
            add_to_watchlist: false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Account<'a> {
    #[serde(rename = "AccountID")]
    account_id: Uuid,
    #[serde(skip_serializing_if = "str::is_empty")]
    code: &'a str,
    name: &'a str,
    status: &'static str,
    #[serde(rename = "Type")]
    kind: &'static str,
    tax_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_account: Option<&'static str>,
    enable_payments_to_account: bool,
    show_in_expense_claims: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_code: Option<&'a str>,
    reporting_code: &'static str,
    reporting_code_name: &'static str,
    has_attachments: bool,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    add_to_watchlist: bool,
}

fn account_type(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Bank => "BANK",
        AccountKind::CurrentAsset => "CURRENT",
        AccountKind::Prepayment => "PREPAYMENT",
        AccountKind::Inventory => "INVENTORY",
        AccountKind::FixedAsset => "FIXED",
        AccountKind::NonCurrentAsset => "NONCURRENT",
        AccountKind::CurrentLiability => "CURRLIAB",
        AccountKind::Liability => "LIABILITY",
        AccountKind::TermLiability => "TERMLIAB",
        AccountKind::Equity => "EQUITY",
        AccountKind::Sales => "SALES",
        AccountKind::Revenue => "REVENUE",
        AccountKind::OtherIncome => "OTHERINCOME",
        AccountKind::DirectCosts => "DIRECTCOSTS",
        AccountKind::Expense => "EXPENSE",
        AccountKind::Overheads => "OVERHEADS",
        AccountKind::Depreciation => "DEPRECIATN",
    }
}

fn class(kind: AccountKind) -> &'static str {
    match kind.class() {
        AccountClass::Asset => "ASSET",
        AccountClass::Liability => "LIABILITY",
        AccountClass::Equity => "EQUITY",
        AccountClass::Revenue => "REVENUE",
        AccountClass::Expense => "EXPENSE",
    }
}

fn reporting(kind: AccountKind) -> (&'static str, &'static str) {
    match kind.class() {
        AccountClass::Asset => ("ASS", "Asset"),
        AccountClass::Liability => ("LIA", "Liability"),
        AccountClass::Equity => ("EQU", "Equity"),
        AccountClass::Revenue => ("REV", "Revenue"),
        AccountClass::Expense => ("EXP", "Expense"),
    }
}

fn status(account: &ledger::Account) -> &'static str {
    match account.status {
        ActiveStatus::Active => "ACTIVE",
        ActiveStatus::Archived => "ARCHIVED",
    }
}

fn bank_type(kind: BankKind) -> &'static str {
    match kind {
        BankKind::Bank => "BANK",
        BankKind::CreditCard => "CREDITCARD",
    }
}

fn system_account(role: SystemRole) -> &'static str {
    match role {
        SystemRole::Receivables => "DEBTORS",
        SystemRole::Payables => "CREDITORS",
        SystemRole::SalesTax => "GST",
        SystemRole::Rounding => "ROUNDING",
        SystemRole::RetainedEarnings => "RETAINEDEARNINGS",
        SystemRole::HistoricalAdjustment => "HISTORICAL",
        SystemRole::RealisedCurrencyGains => "REALISEDCURRENCYGAIN",
        SystemRole::UnrealisedCurrencyGains => "UNREALISEDCURRENCYGAIN",
        SystemRole::BankRevaluations => "BANKCURRENCYGAIN",
        SystemRole::TrackingTransfers => "TRACKINGTRANSFERS",
        SystemRole::UnpaidExpenseClaims => "UNPAIDEXPCLM",
    }
}
