//! A fixture, a line, a snapshot. The facts are made up; recordings are checked by hand with `ledgerline map`.

use std::fmt::Write as _;

use ledgerline_model::DataType;
use ledgerline_platform::Content;

use super::map_recording;

/// Every row that the fixture makes, one record a paragraph.
fn mapped(fixture: &str, data_types: &[DataType]) -> String {
    let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read(path).expect(fixture);
    let mut text = String::new();
    for &data_type in data_types {
        for row in map_recording(data_type, &json).expect(fixture) {
            write!(text, "{data_type} {} ", row.remote_id).expect("text");
            match row.content {
                Content::Present(present) => {
                    text.push_str(&present.standard.json);
                    for issue in &present.issues {
                        write!(text, "\n  {}: {}", issue.rule, issue.message).expect("text");
                    }
                }
                Content::Gone => text.push_str("gone"),
                Content::Quarantined { issue, .. } => {
                    write!(text, "quarantined, {}: {}", issue.field, issue.message).expect("text");
                }
            }
            text.push_str("\n\n");
        }
    }
    text
}

macro_rules! snapshot {
    ($($name:ident: $($data_type:ident),+;)+) => {
        $(#[test]
        fn $name() {
            insta::with_settings!({ snapshot_path => "../../fixtures/snapshots", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(mapped(stringify!($name), &[$(DataType::$data_type),+]));
            });
        })+
    };
}

snapshot! {
    balance_sheet: BalanceSheet;
    cash_flow: CashFlowStatement;
    invoices: Invoices;
    lists: ChartOfAccounts, BankAccounts, Items, TaxRates, TrackingCategories, Customers;
    money: DirectCosts, DirectIncomes, JournalEntries, BillPayments, AccountTransactions;
    payments: Payments, AccountTransactions;
    refund_receipts: DirectIncomes, AccountTransactions;
}
