use ledgerline_model::push::ContactKind::{Customer, Supplier};
use ledgerline_model::push::ExpenseKind::{
    AdjustmentIn, AdjustmentOut, Chargeback, Payment, Refund, Reward, TransferIn, TransferOut,
};
use ledgerline_platform::push::{CurrencyRule, PushAbout};

pub(super) static ABOUT: PushAbout = PushAbout {
    kinds: &[
        Payment,
        Refund,
        Reward,
        Chargeback,
        TransferIn,
        TransferOut,
        AdjustmentIn,
        AdjustmentOut,
    ],
    updatable: &[Payment, Refund, Reward, Chargeback],
    feeds_banks: true,
    // Xero documents no longest time; a request that its gateway has given up ends within minutes.
    hold_seconds: 180,
    default_tax_rate: Some("NONE"),
    // A transfer names nobody.
    contacts: &[
        (Payment, Supplier),
        (Refund, Customer),
        (Reward, Customer),
        (Chargeback, Customer),
        (AdjustmentIn, Supplier),
        (AdjustmentOut, Supplier),
    ],
    currencies: CurrencyRule::BankAccount,
    attachment_bytes: 10_000_000,
    attachable: &[
        Payment,
        Refund,
        Reward,
        Chargeback,
        TransferIn,
        TransferOut,
        AdjustmentIn,
        AdjustmentOut,
    ],
    marker: "`Reference` of spend and receive money and of transfers, the end of the `Narration` of manual journals",
};
