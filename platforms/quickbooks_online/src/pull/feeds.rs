use ledgerline_model::DataType::{self, *};
use ledgerline_platform::{Feed, Strategy};

use super::rows::{Flaw, Rows};
use super::{
    Facts, accounts, bill_payments, bills, company, credit_memos, items, journal_entries, names, payments,
    purchase_orders, purchases, sales_receipts, tax_codes, tracking, transfers, vendor_credits,
};
use super::{deposits, invoices};

/// One entity of the API, or one report.
pub(super) struct Entity {
    /// Name of the feed, of the entity and of the list in the answer.
    pub name: &'static str,
    pub data_types: &'static [DataType],
    pub kind: Kind,
    pub needs: Needs,
    has_changes: bool,
    /// How one object becomes rows.
    pub rows: fn(&str, &Facts, &mut Rows<'_>) -> Result<(), Flaw>,
}

impl Entity {
    /// Whether it is asked for what changed. The platform tells no changes of the company and of tax codes; an
    /// account's balance moves without a change of the account; classes and locations are few.
    pub(super) const fn tells_changes(&self) -> bool {
        self.has_changes
    }

    const fn changing(mut self) -> Self {
        self.has_changes = true;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// What is taken off it is hidden unless asked for.
    List,
    Transactions,
    BalanceSheet,
    ProfitAndLoss,
    CashFlow,
}

/// What the mapping has to know besides the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Needs {
    Nothing,
    /// Which accounts are bank or card accounts.
    Accounts,
    /// The rates behind the tax codes.
    TaxRates,
    Preferences,
}

pub(super) fn find(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|entity| entity.name == name)
}

/// What `about()` says of the feeds: the names and data types of [`ENTITIES`], in the same order.
pub(crate) static FEEDS: [Feed; ENTITIES.len()] = {
    const NONE: Feed = Feed {
        name: "",
        data_types: &[],
        strategy: Strategy::RELIST,
        exceptions: &[],
    };
    let mut feeds = [NONE; ENTITIES.len()];
    let mut index = 0;
    while index < ENTITIES.len() {
        feeds[index] = Feed {
            name: ENTITIES[index].name,
            data_types: ENTITIES[index].data_types,
            strategy: if ENTITIES[index].tells_changes() {
                Strategy::MODIFIED_SINCE
            } else {
                Strategy::RELIST
            },
            exceptions: &[],
        };
        index += 1;
    }
    feeds
};

const fn list(
    name: &'static str,
    data_types: &'static [DataType],
    needs: Needs,
    rows: fn(&str, &Facts, &mut Rows<'_>) -> Result<(), Flaw>,
) -> Entity {
    Entity {
        name,
        data_types,
        kind: Kind::List,
        needs,
        has_changes: false,
        rows,
    }
}

const fn transactions(
    name: &'static str,
    data_types: &'static [DataType],
    needs: Needs,
    rows: fn(&str, &Facts, &mut Rows<'_>) -> Result<(), Flaw>,
) -> Entity {
    Entity {
        name,
        data_types,
        kind: Kind::Transactions,
        needs,
        has_changes: true,
        rows,
    }
}

/// Transactions by its kind of list, but for the changes.
const fn whole(
    name: &'static str,
    data_types: &'static [DataType],
    needs: Needs,
    rows: fn(&str, &Facts, &mut Rows<'_>) -> Result<(), Flaw>,
) -> Entity {
    Entity {
        has_changes: false,
        ..transactions(name, data_types, needs, rows)
    }
}

const fn report(name: &'static str, data_types: &'static [DataType], kind: Kind) -> Entity {
    Entity {
        name,
        data_types,
        kind,
        needs: Needs::Nothing,
        has_changes: false,
        rows: |_, _, _| Ok(()),
    }
}

pub(super) static ENTITIES: [Entity; 24] = [
    whole("CompanyInfo", &[Company], Needs::Preferences, company::rows),
    list(
        "Account",
        &[ChartOfAccounts, BankAccounts],
        Needs::Nothing,
        accounts::rows,
    ),
    list("Customer", &[Customers], Needs::Nothing, names::customer_rows).changing(),
    list("Vendor", &[Suppliers], Needs::Nothing, names::vendor_rows).changing(),
    list("Item", &[Items], Needs::Nothing, items::rows).changing(),
    list("TaxCode", &[TaxRates], Needs::TaxRates, tax_codes::rows),
    list(
        "Class",
        &[TrackingCategories],
        Needs::Nothing,
        tracking::class_rows,
    ),
    list(
        "Department",
        &[TrackingCategories],
        Needs::Nothing,
        tracking::department_rows,
    ),
    transactions("Invoice", &[Invoices], Needs::Nothing, invoices::rows),
    transactions("Bill", &[Bills], Needs::Nothing, bills::rows),
    transactions("CreditMemo", &[CreditNotes], Needs::Nothing, credit_memos::rows),
    transactions(
        "VendorCredit",
        &[BillCreditNotes],
        Needs::Nothing,
        vendor_credits::rows,
    ),
    transactions(
        "Payment",
        &[Payments, AccountTransactions],
        Needs::Accounts,
        payments::rows,
    ),
    transactions(
        "BillPayment",
        &[BillPayments, AccountTransactions],
        Needs::Accounts,
        bill_payments::rows,
    ),
    transactions(
        "Purchase",
        &[DirectCosts, AccountTransactions],
        Needs::Accounts,
        purchases::rows,
    ),
    transactions(
        "Deposit",
        &[DirectIncomes, AccountTransactions],
        Needs::Accounts,
        deposits::rows,
    ),
    transactions(
        "SalesReceipt",
        &[DirectIncomes, AccountTransactions],
        Needs::Accounts,
        sales_receipts::rows,
    ),
    transactions(
        "RefundReceipt",
        &[DirectIncomes, AccountTransactions],
        Needs::Accounts,
        sales_receipts::refund_rows,
    ),
    transactions(
        "Transfer",
        &[Transfers, AccountTransactions],
        Needs::Accounts,
        transfers::rows,
    ),
    transactions(
        "JournalEntry",
        &[JournalEntries],
        Needs::Nothing,
        journal_entries::rows,
    ),
    transactions(
        "PurchaseOrder",
        &[PurchaseOrders],
        Needs::Nothing,
        purchase_orders::rows,
    ),
    report("Reports/BalanceSheet", &[BalanceSheet], Kind::BalanceSheet),
    report("Reports/ProfitAndLoss", &[ProfitAndLoss], Kind::ProfitAndLoss),
    report("Reports/CashFlow", &[CashFlowStatement], Kind::CashFlow),
];
