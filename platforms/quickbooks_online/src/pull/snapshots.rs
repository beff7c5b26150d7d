//! A fixture, a line, a snapshot. The facts are made up; recordings are checked by hand with `ledgerline map`.

ledgerline_platform_testing::snapshots! {
    crate::platform();
    balance_sheet: BalanceSheet;
    cash_flow: CashFlowStatement;
    invoices: Invoices;
    lists: ChartOfAccounts, BankAccounts, Items, TaxRates, TrackingCategories, Customers;
    money: DirectCosts, DirectIncomes, JournalEntries, BillPayments, AccountTransactions;
    payments: Payments, AccountTransactions;
    refund_receipts: DirectIncomes, AccountTransactions;
}
