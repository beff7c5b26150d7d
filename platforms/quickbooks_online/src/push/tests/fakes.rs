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
            tax_rate: Some("NON".into()),
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
        platform: "quickbooks_online",
        organisation: "org-1",
        transaction,
        leg: Leg::Expense,
        operation: "create",
        revision,
    })
}

/// Made-up books in `country`: `35` a bank account, `41` a card, `33` payables, `90` and `91` expenses; tax code `6` of
/// 20 %.
pub fn references(country: &str) -> References {
    let account = |id: &str, kind: &str| {
        let source = format!(r#"{{"Id":"{id}","Name":"Account {id}","AccountType":"{kind}"}}"#);
        object(DataType::ChartOfAccounts, id, "{}", &source)
    };
    let company = format!(r#"{{"Id":"1","Country":"{country}"}}"#);
    References {
        base_currency: Some("GBP".into()),
        objects: vec![
            object(DataType::Company, "realm", "{}", &company),
            account("35", "Bank"),
            account("41", "Credit Card"),
            account("33", "Accounts Payable"),
            account("90", "Expense"),
            account("91", "Expense"),
            object(
                DataType::TaxRates,
                "6",
                r#"{"id":"6","effectiveTaxRate":20}"#,
                "{}",
            ),
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
