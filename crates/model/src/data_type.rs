use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// One of the 28 kinds of accounting records of the standard schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DataType {
    AccountTransactions,
    BalanceSheet,
    BankAccounts,
    BankTransactions,
    BillCreditNotes,
    BillPayments,
    Bills,
    CashFlowStatement,
    ChartOfAccounts,
    Company,
    CreditNotes,
    Customers,
    DirectCosts,
    DirectIncomes,
    Invoices,
    ItemReceipts,
    Items,
    JournalEntries,
    Journals,
    PaymentMethods,
    Payments,
    ProfitAndLoss,
    PurchaseOrders,
    SalesOrders,
    Suppliers,
    TaxRates,
    TrackingCategories,
    Transfers,
}

/// No data type has this key.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a data type")]
pub struct UnknownDataType(pub String);

impl DataType {
    /// All of them, in alphabetical order of their keys.
    pub const ALL: [Self; 28] = [
        Self::AccountTransactions,
        Self::BalanceSheet,
        Self::BankAccounts,
        Self::BankTransactions,
        Self::BillCreditNotes,
        Self::BillPayments,
        Self::Bills,
        Self::CashFlowStatement,
        Self::ChartOfAccounts,
        Self::Company,
        Self::CreditNotes,
        Self::Customers,
        Self::DirectCosts,
        Self::DirectIncomes,
        Self::Invoices,
        Self::ItemReceipts,
        Self::Items,
        Self::JournalEntries,
        Self::Journals,
        Self::PaymentMethods,
        Self::Payments,
        Self::ProfitAndLoss,
        Self::PurchaseOrders,
        Self::SalesOrders,
        Self::Suppliers,
        Self::TaxRates,
        Self::TrackingCategories,
        Self::Transfers,
    ];

    /// The key by which the APIs and the store name it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::AccountTransactions => "accountTransactions",
            Self::BalanceSheet => "balanceSheet",
            Self::BankAccounts => "bankAccounts",
            Self::BankTransactions => "bankTransactions",
            Self::BillCreditNotes => "billCreditNotes",
            Self::BillPayments => "billPayments",
            Self::Bills => "bills",
            Self::CashFlowStatement => "cashFlowStatement",
            Self::ChartOfAccounts => "chartOfAccounts",
            Self::Company => "company",
            Self::CreditNotes => "creditNotes",
            Self::Customers => "customers",
            Self::DirectCosts => "directCosts",
            Self::DirectIncomes => "directIncomes",
            Self::Invoices => "invoices",
            Self::ItemReceipts => "itemReceipts",
            Self::Items => "items",
            Self::JournalEntries => "journalEntries",
            Self::Journals => "journals",
            Self::PaymentMethods => "paymentMethods",
            Self::Payments => "payments",
            Self::ProfitAndLoss => "profitAndLoss",
            Self::PurchaseOrders => "purchaseOrders",
            Self::SalesOrders => "salesOrders",
            Self::Suppliers => "suppliers",
            Self::TaxRates => "taxRates",
            Self::TrackingCategories => "trackingCategories",
            Self::Transfers => "transfers",
        }
    }

    /// Its records are dated documents; the others (accounts, contacts, items, rates, categories) have no date.
    pub const fn is_dated(self) -> bool {
        match self {
            Self::AccountTransactions
            | Self::BankTransactions
            | Self::BillCreditNotes
            | Self::BillPayments
            | Self::Bills
            | Self::CreditNotes
            | Self::DirectCosts
            | Self::DirectIncomes
            | Self::Invoices
            | Self::ItemReceipts
            | Self::JournalEntries
            | Self::Journals
            | Self::Payments
            | Self::PurchaseOrders
            | Self::SalesOrders
            | Self::Transfers => true,
            Self::BalanceSheet
            | Self::BankAccounts
            | Self::CashFlowStatement
            | Self::ChartOfAccounts
            | Self::Company
            | Self::Customers
            | Self::Items
            | Self::PaymentMethods
            | Self::ProfitAndLoss
            | Self::Suppliers
            | Self::TaxRates
            | Self::TrackingCategories => false,
        }
    }

    /// A financial statement: one record per calendar month, composed at the read.
    pub const fn is_statement(self) -> bool {
        matches!(
            self,
            Self::BalanceSheet | Self::ProfitAndLoss | Self::CashFlowStatement
        )
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for DataType {
    type Err = UnknownDataType;

    /// Keys match whatever their case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|data_type| data_type.key().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownDataType(text.chars().take(64).collect()))
    }
}

impl Serialize for DataType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for DataType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
