use ledgerline_model::{Decimal, Timestamp};

/// What a platform's reports say of the books as a whole at the end of a day, in the base currency: control totals
/// that the records are held against. `None` is what the platform does not tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Both sides of the trial balance.
    pub debits: Decimal,
    pub credits: Decimal,
    /// Balance of the account that customers owe to.
    pub receivables: Option<Decimal>,
    /// Balance of the account that suppliers are owed from; positive: something is owed.
    pub payables: Option<Decimal>,
    pub banks: Vec<BankTotal>,
    /// The year's profit so far, by the accounts of the trial balance and as the balance sheet states it.
    pub earnings: Option<Earnings>,
}

/// One bank account; debits are positive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankTotal {
    /// The platform's id of the account.
    pub account: String,
    /// By its statement of what came in and went out.
    pub stated: Decimal,
    /// By the trial balance.
    pub booked: Decimal,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earnings {
    pub accounts: Decimal,
    pub balance_sheet: Decimal,
}

/// Totals, and the platform's clock when it answered.
#[derive(Clone, Debug)]
pub struct Told {
    pub totals: Totals,
    pub platform_time: Option<Timestamp>,
}
