use serde::{Deserialize, Serialize};

use crate::{DataType, Date, Decimal};

/// One expense transaction as the app sent it: its content, which is stored as this JSON and hashed.
///
/// References are the platform's ids. What is absent is chosen from the company's [`super::Mapping`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expense {
    /// The app's own id of it: the idempotency key within the company.
    pub id: String,
    pub kind: ExpenseKind,
    pub issue_date: Date,
    /// By when what an employee laid out has to be paid back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// ISO 4217.
    pub currency: String,
    /// Units of the base currency for one of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_rate: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The account that the money left or came to; a transfer's own side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_name: Option<String>,
    pub lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub post_as_draft: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Line {
    pub net: Decimal,
    pub tax: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<String>,
    /// Required of every dialect but where the company has a default account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<Tracking>,
    /// The customer that the line is billed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_to: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tracking {
    pub id: String,
    pub kind: TrackingKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingKind {
    /// A class, a location, an option of a tracking category.
    Category,
    Customer,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    pub id: String,
    pub kind: ContactKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    Supplier,
    Customer,
}

impl ContactKind {
    /// The list that has such contacts.
    pub const fn data_type(self) -> DataType {
        match self {
            Self::Supplier => DataType::Suppliers,
            Self::Customer => DataType::Customers,
        }
    }
}

/// The types of expense transaction of Sync for Expenses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpenseKind {
    /// Money that left for something bought.
    Payment,
    /// Money that came back for something bought.
    Refund,
    Reward,
    Chargeback,
    /// From another account of the business to `bank_account`.
    TransferIn,
    /// From `bank_account` to another account of the business.
    TransferOut,
    AdjustmentIn,
    AdjustmentOut,
    /// What an employee laid out: owed to him.
    Reimbursement,
}

impl ExpenseKind {
    pub const ALL: [Self; 9] = [
        Self::Payment,
        Self::Refund,
        Self::Reward,
        Self::Chargeback,
        Self::TransferIn,
        Self::TransferOut,
        Self::AdjustmentIn,
        Self::AdjustmentOut,
        Self::Reimbursement,
    ];

    /// Whether it moves money between two accounts of the business.
    pub const fn is_transfer(self) -> bool {
        matches!(self, Self::TransferIn | Self::TransferOut)
    }

    /// Whether money comes to `bank_account`.
    pub const fn is_income(self) -> bool {
        matches!(
            self,
            Self::Refund | Self::Reward | Self::Chargeback | Self::TransferIn | Self::AdjustmentIn
        )
    }
}

impl Expense {
    /// Net and tax of all lines.
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.net + line.tax).sum()
    }
}
