use ledgerline_model::DataType;
use ledgerline_model::push::{ExpenseKind, Key, Order};
use ledgerline_platform::push::References;
use ledgerline_platform_testing::{self as testing, referenced};

/// An order of 24.60 for pens, untaxed.
pub fn order(kind: ExpenseKind, bank_account: &str, contact: &str, account: &str) -> Order {
    testing::order(kind, bank_account, contact, account, "NONE")
}

/// The key of an expense, in its `revision`th form.
pub fn key(transaction: &str, revision: i64) -> Key {
    testing::key("xero", transaction, revision)
}

/// Made-up books: `bank` and `card` in pounds, `euro`, `clearing` that is no bank account, `pens`, `ink`, two tax
/// rates, and a tracking category with two options.
pub fn references() -> References {
    let account = |id: &str, kind: &str, more: &str| {
        let source = format!(r#"{{"AccountID":"{id}","Name":"The {id}","Type":"{kind}"{more}}}"#);
        referenced(DataType::ChartOfAccounts, id, "{}", &source)
    };
    let rate = |id: &str, percent: &str| {
        let standard = format!(r#"{{"id":"{id}","effectiveTaxRate":{percent}}}"#);
        referenced(DataType::TaxRates, id, &standard, "{}")
    };
    let region = r#"{"TrackingCategoryID":"region","Name":"Region","Options":[
        {"TrackingOptionID":"north","Name":"North"},{"TrackingOptionID":"south","Name":"South"}]}"#;
    let tracking = |id: &str| referenced(DataType::TrackingCategories, id, "{}", region);
    References {
        base_currency: Some("GBP".into()),
        objects: vec![
            account(
                "bank",
                "BANK",
                r#","BankAccountType":"BANK","CurrencyCode":"GBP""#,
            ),
            account(
                "card",
                "BANK",
                r#","BankAccountType":"CREDITCARD","CurrencyCode":"GBP""#,
            ),
            account(
                "euro",
                "BANK",
                r#","BankAccountType":"BANK","CurrencyCode":"EUR""#,
            ),
            account("clearing", "CURRLIAB", ""),
            account("pens", "EXPENSE", r#","Code":"461""#),
            account("ink", "EXPENSE", ""),
            rate("NONE", "0.00"),
            rate("INPUT2", "20.00"),
            tracking("region"),
            tracking("north"),
            tracking("south"),
        ],
    }
}
