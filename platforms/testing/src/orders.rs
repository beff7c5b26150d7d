use ledgerline_model::push::{
    Contact, ContactKind, ExpenseKind, Key, KeyParts, Leg, Order, OrderLine, Tracking, TrackingKind,
};
use ledgerline_model::{CompanyId, DataType};
use ledgerline_platform::push::Referenced;
use uuid::Uuid;

/// The order of the expense `t-1`: 24.60 for pens, untaxed by `tax_rate`.
pub fn order(kind: ExpenseKind, bank_account: &str, contact: &str, account: &str, tax_rate: &str) -> Order {
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
            description: Some("Pens".into()),
            ..line("24.60", "0", tax_rate, account)
        }],
        notes: Some("For the office".into()),
        due_date: None,
        is_draft: false,
    }
}

/// A line that says nothing but its amounts.
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

/// Tracking by a category (rather than by a customer).
pub fn category(id: &str) -> Tracking {
    Tracking {
        id: id.into(),
        kind: TrackingKind::Category,
    }
}

/// The key of an expense, in its `revision`th form, at the platform with that key.
pub fn key(platform: &str, transaction: &str, revision: i64) -> Key {
    Key::of(&KeyParts {
        company: CompanyId(Uuid::from_u128(7)),
        platform,
        organisation: "org-1",
        transaction,
        leg: Leg::Expense,
        operation: "create",
        revision,
    })
}

/// An object that an order can name, in use: `standard` and `source` are JSON.
pub fn referenced(data_type: DataType, id: &str, standard: &str, source: &str) -> Referenced {
    Referenced {
        data_type,
        id: id.into(),
        standard: standard.into(),
        source: source.into(),
        is_archived: false,
    }
}
