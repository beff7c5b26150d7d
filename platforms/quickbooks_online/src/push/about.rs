use ledgerline_model::push::ContactKind::{Customer, Supplier};
use ledgerline_model::push::ExpenseKind::{
    self, AdjustmentIn, AdjustmentOut, Chargeback, Payment, Refund, Reimbursement, Reward,
};
use ledgerline_platform::push::{CurrencyRule, PushAbout};

pub(super) static ABOUT: PushAbout = PushAbout {
    kinds: &ExpenseKind::ALL,
    updatable: &[Payment, Refund, Reward, Chargeback, Reimbursement],
    // There is no public interface for them.
    feeds_banks: false,
    // A request ends after 120 seconds (<https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features>),
    // and what it wrote shows in queries a little later.
    hold_seconds: 180,
    default_tax_rate: Some("NON"),
    // A transfer names nobody.
    contacts: &[
        (Payment, Supplier),
        (Refund, Supplier),
        (Reward, Supplier),
        (Chargeback, Supplier),
        (AdjustmentIn, Customer),
        (AdjustmentOut, Customer),
        (Reimbursement, Supplier),
    ],
    currencies: CurrencyRule::BaseAccountTakesAny,
    attachment_bytes: 100_000_000,
    attachable: &[Payment, Refund, Reimbursement],
    marker: "`DocNumber` (\"Ref no.\") of expenses, journal entries and bills, the end of the memo of deposits and transfers",
};
