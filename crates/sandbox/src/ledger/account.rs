//! The chart of accounts.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ActiveStatus, Meta};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub meta: Meta,
    pub code: String,
    pub name: String,
    pub description: String,
    pub kind: AccountKind,
    pub status: ActiveStatus,
    /// What the platform itself books to this account, if anything.
    pub role: Option<SystemRole>,
    /// Code of the tax rate that lines on this account get unless told.
    pub tax_code: String,
    /// Only of kind [`AccountKind::Bank`].
    pub bank: Option<BankDetails>,
    /// Payments may be made from or to it although it is no bank account.
    pub takes_payments: bool,
    /// The account that this one is part of.
    #[serde(default)]
    pub parent: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    Bank,
    CurrentAsset,
    Prepayment,
    Inventory,
    FixedAsset,
    NonCurrentAsset,
    CurrentLiability,
    Liability,
    TermLiability,
    Equity,
    Sales,
    Revenue,
    OtherIncome,
    DirectCosts,
    Expense,
    Overheads,
    Depreciation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountClass {
    Asset,
    Liability,
    Equity,
    Revenue,
    Expense,
}

impl AccountKind {
    pub fn class(self) -> AccountClass {
        match self {
            Self::Bank
            | Self::CurrentAsset
            | Self::Prepayment
            | Self::Inventory
            | Self::FixedAsset
            | Self::NonCurrentAsset => AccountClass::Asset,
            Self::CurrentLiability | Self::Liability | Self::TermLiability => AccountClass::Liability,
            Self::Equity => AccountClass::Equity,
            Self::Sales | Self::Revenue | Self::OtherIncome => AccountClass::Revenue,
            Self::DirectCosts | Self::Expense | Self::Overheads | Self::Depreciation => AccountClass::Expense,
        }
    }
}

impl AccountClass {
    /// Whether the account's movements are profit or loss, rather than what is owned or owed.
    pub fn is_profit_and_loss(self) -> bool {
        match self {
            Self::Revenue | Self::Expense => true,
            Self::Asset | Self::Liability | Self::Equity => false,
        }
    }
}

/// What the platform books to an account by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemRole {
    Receivables,
    Payables,
    SalesTax,
    Rounding,
    RetainedEarnings,
    HistoricalAdjustment,
    RealisedCurrencyGains,
    UnrealisedCurrencyGains,
    BankRevaluations,
    TrackingTransfers,
    UnpaidExpenseClaims,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankDetails {
    pub kind: BankKind,
    pub number: String,
    pub currency: String,
    /// Statement lines arrive from a feed already.
    pub fed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankKind {
    Bank,
    CreditCard,
}

impl BankDetails {
    pub fn is_card(&self) -> bool {
        match self.kind {
            BankKind::CreditCard => true,
            BankKind::Bank => false,
        }
    }
}
