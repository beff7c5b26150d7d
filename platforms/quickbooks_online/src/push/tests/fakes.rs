use ledgerline_model::DataType;
use ledgerline_model::push::{ExpenseKind, Key, Order};
use ledgerline_platform::push::References;
use ledgerline_platform_testing::{self as testing, referenced};

/// An order of 24.60 for pens, untaxed.
pub fn order(kind: ExpenseKind, bank_account: &str, contact: &str, account: &str) -> Order {
    testing::order(kind, bank_account, contact, account, "NON")
}

/// The key of an expense, in its `revision`th form.
pub fn key(transaction: &str, revision: i64) -> Key {
    testing::key("quickbooks_online", transaction, revision)
}

/// Made-up books in `country`: `35` a bank account, `41` a card, `33` payables, `90` and `91` expenses; tax code `6` of
/// 20 %.
pub fn references(country: &str) -> References {
    let account = |id: &str, kind: &str| {
        let source = format!(r#"{{"Id":"{id}","Name":"Account {id}","AccountType":"{kind}"}}"#);
        referenced(DataType::ChartOfAccounts, id, "{}", &source)
    };
    let company = format!(r#"{{"Id":"1","Country":"{country}"}}"#);
    References {
        base_currency: Some("GBP".into()),
        objects: vec![
            referenced(DataType::Company, "realm", "{}", &company),
            account("35", "Bank"),
            account("41", "Credit Card"),
            account("33", "Accounts Payable"),
            account("90", "Expense"),
            account("91", "Expense"),
            referenced(
                DataType::TaxRates,
                "6",
                r#"{"id":"6","effectiveTaxRate":20}"#,
                "{}",
            ),
        ],
    }
}
