//! A fixture, a line, a snapshot. The facts are made up; recordings are checked by hand with `ledgerline map`.

use ledgerline_model::DataType;
use ledgerline_platform::Error;

use super::map_recording;

ledgerline_platform_testing::snapshots! {
    crate::platform();
    accounts: ChartOfAccounts, BankAccounts;
    balance_sheet: BalanceSheet;
    bank_transactions: AccountTransactions, DirectCosts, DirectIncomes;
    bank_transfers: Transfers, AccountTransactions;
    contacts: Customers, Suppliers;
    credit_notes: CreditNotes, BillCreditNotes;
    invoices: Invoices, Bills;
    invoices_odd: Invoices;
    items: Items;
    manual_journals: JournalEntries;
    organisation: Company;
    overpayments: Payments, BillPayments;
    payments: Payments, BillPayments, AccountTransactions;
    prepayments: Payments, BillPayments;
    profit_and_loss: ProfitAndLoss;
    purchase_orders: PurchaseOrders;
    tax_rates: TaxRates;
    tracking_categories: TrackingCategories;
}

#[test]
fn what_is_no_answer_of_xero_is_malformed() {
    for answer in [
        "",
        "<html><body>Service unavailable</body></html>",
        r#"{"Status":"OK","Invoices":[{"InvoiceID":"#,
        r#"{"Status":"ERROR","Invoices":[]}"#,
        r#"{"Status":"OK"}"#,
        r#"{"Status":"OK","Invoices":{}}"#,
        r#"{"Status":"OK","Invoices":[],"pagination":7}"#,
        r#"{"Status":"OK","Invoices":[],"Invoices":[]}"#,
        r#"{"Status":"OK","Invoices":[{"InvoiceID":"1","Total":NaN}]}"#,
        r#"{"Status":"OK","Invoices":[],"pagination":{"page":1,"pageSize":100,"pageCount":1,"itemCount":1e400}}"#,
        "\u{feff}{\"Status\":\"OK\",\"Invoices\":[]}",
        "[]",
        "null",
    ] {
        let refused = super::Envelope::parse(answer.as_bytes(), "Invoices");
        assert!(matches!(refused, Err(Error::Malformed { .. })), "{answer}");
    }
}

#[test]
fn a_list_that_is_too_short_is_malformed() {
    let answer = |held: usize, count: u64| {
        let objects = vec!["{}"; held].join(",");
        let pages = count.div_ceil(2);
        format!(
            r#"{{"pagination":{{"page":2,"pageSize":2,"pageCount":{pages},"itemCount":{count}}},"Invoices":[{objects}]}}"#
        )
    };
    let is_last = |held, count| {
        let answer = answer(held, count);
        let envelope = super::Envelope::parse(answer.as_bytes(), "Invoices").expect("an envelope");
        envelope.is_last(2, 2)
    };
    assert!(is_last(2, 4).expect("the last page"));
    assert!(!is_last(2, 5).expect("one page before the last"));
    assert!(is_last(0, 2).expect("a page beyond the end"));
    assert!(matches!(is_last(1, 4), Err(Error::Malformed { .. })));
    assert!(matches!(is_last(0, 3), Err(Error::Malformed { .. })));
}

#[test]
fn an_object_without_an_id_makes_the_page_malformed() {
    let refused = map_recording(DataType::Invoices, br#"{"Invoices":[{"Type":"ACCREC"}]}"#);
    assert!(matches!(refused, Err(Error::Malformed { .. })));
}
