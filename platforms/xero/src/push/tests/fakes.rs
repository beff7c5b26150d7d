use ledgerline_model::DataType;
use ledgerline_model::push::{
    Contact, ContactKind, ExpenseKind, Key, KeyParts, Leg, Order, OrderLine, Tracking, TrackingKind,
};
use ledgerline_platform::push::{Referenced, References};

/// An order of 24.60 for pens and 10.00 and tax for ink.
pub fn order(kind: ExpenseKind, bank_account: &str, contact: &str, account: &str) -> Order {
    Order {
        transaction: "t-1".into(),
        leg: Leg::Expense,
        kind,
        date: "2026-03-10".parse().unwrap(),
        currency: "GBP".into(),
        currency_rate: None,
        bank_account: bank_account.into(),
        contact: Some(Contact {
            id: contact.into(),
            kind: ContactKind::Supplier,
        }),
        merchant_name: Some("Paper & Pen".into()),
        lines: vec![OrderLine {
            net: "24.60".parse().unwrap(),
            tax: "0".parse().unwrap(),
            tax_rate: Some("NONE".into()),
            account: account.into(),
            description: Some("Pens".into()),
            tracking: Vec::new(),
            invoice_to: None,
        }],
        notes: Some("For the office".into()),
        due_date: None,
        is_draft: false,
    }
}

pub fn line(net: &str, tax: &str, tax_rate: &str, account: &str) -> OrderLine {
    OrderLine {
        net: net.parse().unwrap(),
        tax: tax.parse().unwrap(),
        tax_rate: Some(tax_rate.into()),
        account: account.into(),
        description: None,
        tracking: Vec::new(),
        invoice_to: None,
    }
}

pub fn category(id: &str) -> Tracking {
    Tracking {
        id: id.into(),
        kind: TrackingKind::Category,
    }
}

/// The key of the expense `t-1`, in its `revision`th form.
pub fn key(transaction: &str, revision: i64) -> Key {
    Key::of(&KeyParts {
        company: ledgerline_model::CompanyId(uuid::Uuid::from_u128(7)),
        platform: "xero",
        organisation: "org-1",
        transaction,
        leg: Leg::Expense,
        operation: "create",
        revision,
    })
}

/// Made-up books: `bank` and `card` in pounds, `euro`, `clearing` that is no bank account, `pens`, `ink`, two tax
/// rates, and a tracking category with two options.
pub fn references() -> References {
    let account = |id: &str, kind: &str, more: &str| {
        let source = format!(r#"{{"AccountID":"{id}","Name":"The {id}","Type":"{kind}"{more}}}"#);
        object(DataType::ChartOfAccounts, id, "{}", &source)
    };
    let rate = |id: &str, percent: &str| {
        let standard = format!(r#"{{"id":"{id}","effectiveTaxRate":{percent}}}"#);
        object(DataType::TaxRates, id, &standard, "{}")
    };
    let region = r#"{"TrackingCategoryID":"region","Name":"Region","Options":[
        {"TrackingOptionID":"north","Name":"North"},{"TrackingOptionID":"south","Name":"South"}]}"#;
    let tracking = |id: &str| object(DataType::TrackingCategories, id, "{}", region);
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

fn object(data_type: DataType, id: &str, standard: &str, source: &str) -> Referenced {
    Referenced {
        data_type,
        id: id.into(),
        standard: standard.into(),
        source: source.into(),
        is_archived: false,
    }
}
