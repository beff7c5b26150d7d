use ledgerline_model::DataType::{self, *};
use ledgerline_platform::{Feed, Strategy};

use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::{
    accounts, bank_transactions, bank_transfers, contacts, credit_notes, invoices, items, manual_journals,
    organisation, payments, prepayments, purchase_orders, tax_rates, tracking_categories,
};

/// What `about()` says of the feeds: the names and data types of [`ENDPOINTS`], in the same order.
pub(crate) static FEEDS: [Feed; ENDPOINTS.len()] = {
    const NONE: Feed = Feed {
        name: "",
        data_types: &[],
        strategy: Strategy::RELIST,
        exceptions: &[],
    };
    let mut feeds = [NONE; ENDPOINTS.len()];
    let mut index = 0;
    while index < ENDPOINTS.len() {
        feeds[index] = Feed {
            name: ENDPOINTS[index].key,
            data_types: ENDPOINTS[index].data_types,
            strategy: ENDPOINTS[index].since.strategy(),
            exceptions: &[],
        };
        index += 1;
    }
    feeds
};

/// Unit amounts with all their digits; without it Xero rounds them to two.
pub(super) const FOUR_PLACES: (&str, &str) = ("unitdp", "4");

/// One endpoint of the Accounting API.
pub(super) struct Endpoint {
    /// Name of the feed, and of the list in the envelope.
    pub key: &'static str,
    pub path: &'static str,
    pub data_types: &'static [DataType],
    pub paging: Paging,
    pub since: Since,
    /// Lists are ordered by the id: it never changes, so that no record moves across a page's edge while the
    /// pages are read.
    pub query: &'static [(&'static str, &'static str)],
    /// The member with the id of an object.
    pub id: &'static str,
    /// The member that tells its objects apart, and which data types each value is of.
    pub kinds: Option<Kinds>,
    pub needs: Needs,
    /// Reads one object into its wire struct, and no further.
    pub parse: fn(&str) -> Result<(), Flaw>,
    /// How one object becomes rows.
    pub rows: fn(&str, &Facts, &mut Rows<'_>) -> Result<(), Flaw>,
}

pub(super) struct Kinds {
    pub field: &'static str,
    pub of: &'static [Kind],
}

pub(super) struct Kind {
    pub value: &'static str,
    pub data_types: &'static [DataType],
    /// Asks the platform for this kind only.
    pub filter: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Paging {
    /// All in one answer.
    Whole,
    /// All in one answer that other feeds look facts up in: asked for once a Run, without a query.
    Shared,
    Pages,
    /// A report with a column per month.
    Months(Report),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Report {
    BalanceSheet,
    ProfitAndLoss,
}

/// How the endpoint is asked for what changed; see the table in `NOTES.md`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Since {
    /// Not at all: it cannot tell, or not what vanished, and is small.
    Never,
    /// `If-Modified-Since`.
    Header,
    /// `where=UpdatedDateUTC>=…`: with an order asked for, the endpoint forgets the header.
    Where,
}

impl Since {
    const fn strategy(self) -> Strategy {
        match self {
            Self::Never => Strategy::RELIST,
            Self::Header | Self::Where => Strategy::MODIFIED_SINCE,
        }
    }
}

/// What the mapping has to know besides the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Needs {
    Nothing,
    /// Base currency and the balance of every account.
    Balances,
    /// Ids of accounts by their code.
    Accounts,
    /// Which accounts are bank accounts, and their currencies.
    BankAccounts,
}

pub(super) fn find(key: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.key == key)
}

impl Endpoint {
    /// The filter that leaves out what nobody wants, if only one kind is wanted.
    pub(super) fn filter_for(&self, wanted: &[DataType]) -> Option<&'static str> {
        let mut kinds = self
            .kinds
            .iter()
            .flat_map(|kinds| kinds.of)
            .filter(|kind| kind.data_types.iter().any(|data_type| wanted.contains(data_type)));
        let kind = kinds.next()?;
        (kinds.next().is_none() && !kind.filter.is_empty()).then_some(kind.filter)
    }

    /// The data types that an object of this kind is of; all of the feed's where the kind is unknown.
    pub(super) fn data_types_of(&self, kind: Option<&str>) -> &'static [DataType] {
        self.kinds
            .iter()
            .flat_map(|kinds| kinds.of)
            .find(|known| Some(known.value) == kind)
            .map_or(self.data_types, |known| known.data_types)
    }
}

macro_rules! kinds {
    ($field:literal: $($value:literal => [$($data_type:ident),*] $filter:literal),* $(,)?) => {
        Some(Kinds {
            field: $field,
            of: &[$(Kind { value: $value, data_types: &[$($data_type),*], filter: $filter }),*],
        })
    };
}

pub(super) static ENDPOINTS: [Endpoint; 17] = [
    Endpoint {
        key: "Organisations",
        path: "/Organisation",
        data_types: &[Company],
        paging: Paging::Shared,
        since: Since::Never,
        query: &[],
        id: "OrganisationID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<organisation::Wire<'_>>(text).map(drop),
        rows: organisation::rows,
    },
    Endpoint {
        key: "Accounts",
        path: "/Accounts",
        data_types: &[ChartOfAccounts, BankAccounts],
        paging: Paging::Shared,
        since: Since::Never,
        query: &[],
        id: "AccountID",
        kinds: kinds!("Type": "BANK" => [ChartOfAccounts, BankAccounts] ""),
        needs: Needs::Balances,
        parse: |text| parse::<accounts::Wire<'_>>(text).map(drop),
        rows: accounts::rows,
    },
    Endpoint {
        key: "Contacts",
        path: "/Contacts",
        data_types: &[Customers, Suppliers],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("includeArchived", "true"), ("order", "ContactID ASC")],
        id: "ContactID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<contacts::Wire<'_>>(text).map(drop),
        rows: contacts::rows,
    },
    Endpoint {
        key: "Invoices",
        path: "/Invoices",
        data_types: &[Invoices, Bills],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[
            ("includeArchived", "true"),
            ("order", "InvoiceID ASC"),
            FOUR_PLACES,
        ],
        id: "InvoiceID",
        kinds: kinds!("Type":
            "ACCREC" => [Invoices] "Type==\"ACCREC\"",
            "ACCPAY" => [Bills] "Type==\"ACCPAY\"",
        ),
        needs: Needs::Nothing,
        parse: |text| parse::<invoices::Wire<'_>>(text).map(drop),
        rows: invoices::rows,
    },
    Endpoint {
        key: "CreditNotes",
        path: "/CreditNotes",
        data_types: &[CreditNotes, BillCreditNotes],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "CreditNoteID ASC"), FOUR_PLACES],
        id: "CreditNoteID",
        kinds: kinds!("Type":
            "ACCRECCREDIT" => [CreditNotes] "Type==\"ACCRECCREDIT\"",
            "ACCPAYCREDIT" => [BillCreditNotes] "Type==\"ACCPAYCREDIT\"",
        ),
        needs: Needs::Nothing,
        parse: |text| parse::<credit_notes::Wire<'_>>(text).map(drop),
        rows: credit_notes::rows,
    },
    Endpoint {
        key: "PurchaseOrders",
        path: "/PurchaseOrders",
        data_types: &[PurchaseOrders],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "PurchaseOrderID ASC")],
        id: "PurchaseOrderID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<purchase_orders::Wire<'_>>(text).map(drop),
        rows: purchase_orders::rows,
    },
    Endpoint {
        key: "Payments",
        path: "/Payments",
        data_types: &[Payments, BillPayments, AccountTransactions],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "PaymentID ASC")],
        id: "PaymentID",
        kinds: kinds!("PaymentType":
            "ACCRECPAYMENT" => [Payments, AccountTransactions] "",
            "ARCREDITPAYMENT" => [Payments, AccountTransactions] "",
            "AROVERPAYMENTPAYMENT" => [Payments, AccountTransactions] "",
            "ARPREPAYMENTPAYMENT" => [Payments, AccountTransactions] "",
            "ACCPAYPAYMENT" => [BillPayments, AccountTransactions] "",
            "APCREDITPAYMENT" => [BillPayments, AccountTransactions] "",
            "APOVERPAYMENTPAYMENT" => [BillPayments, AccountTransactions] "",
            "APPREPAYMENTPAYMENT" => [BillPayments, AccountTransactions] "",
        ),
        needs: Needs::BankAccounts,
        parse: |text| parse::<payments::Wire<'_>>(text).map(drop),
        rows: payments::rows,
    },
    Endpoint {
        key: "Prepayments",
        path: "/Prepayments",
        data_types: &[Payments, BillPayments],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "PrepaymentID ASC"), FOUR_PLACES],
        id: "PrepaymentID",
        kinds: kinds!("Type":
            "RECEIVE-PREPAYMENT" => [Payments] "Type==\"RECEIVE-PREPAYMENT\"",
            "SPEND-PREPAYMENT" => [BillPayments] "Type==\"SPEND-PREPAYMENT\"",
        ),
        needs: Needs::Nothing,
        parse: |text| parse::<prepayments::Wire<'_>>(text).map(drop),
        rows: prepayments::prepayment_rows,
    },
    Endpoint {
        key: "Overpayments",
        path: "/Overpayments",
        data_types: &[Payments, BillPayments],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "OverpaymentID ASC"), FOUR_PLACES],
        id: "OverpaymentID",
        kinds: kinds!("Type":
            "RECEIVE-OVERPAYMENT" => [Payments] "Type==\"RECEIVE-OVERPAYMENT\"",
            "SPEND-OVERPAYMENT" => [BillPayments] "Type==\"SPEND-OVERPAYMENT\"",
        ),
        needs: Needs::Nothing,
        parse: |text| parse::<prepayments::Wire<'_>>(text).map(drop),
        rows: prepayments::overpayment_rows,
    },
    Endpoint {
        key: "BankTransactions",
        path: "/BankTransactions",
        data_types: &[AccountTransactions, DirectCosts, DirectIncomes],
        paging: Paging::Pages,
        since: Since::Header,
        query: &[("order", "BankTransactionID ASC"), FOUR_PLACES],
        id: "BankTransactionID",
        kinds: kinds!("Type":
            "SPEND" => [AccountTransactions, DirectCosts] "Type==\"SPEND\"",
            "RECEIVE" => [AccountTransactions, DirectIncomes] "Type==\"RECEIVE\"",
            "SPEND-PREPAYMENT" => [AccountTransactions] "",
            "SPEND-OVERPAYMENT" => [AccountTransactions] "",
            "RECEIVE-PREPAYMENT" => [AccountTransactions] "",
            "RECEIVE-OVERPAYMENT" => [AccountTransactions] "",
            "SPEND-TRANSFER" => [] "",
            "RECEIVE-TRANSFER" => [] "",
        ),
        needs: Needs::Nothing,
        parse: |text| parse::<bank_transactions::Wire<'_>>(text).map(drop),
        rows: bank_transactions::rows,
    },
    Endpoint {
        key: "BankTransfers",
        path: "/BankTransfers",
        data_types: &[Transfers, AccountTransactions],
        paging: Paging::Whole,
        since: Since::Never,
        query: &[("includeDeleted", "true")],
        id: "BankTransferID",
        kinds: None,
        needs: Needs::BankAccounts,
        parse: |text| parse::<bank_transfers::Wire<'_>>(text).map(drop),
        rows: bank_transfers::rows,
    },
    Endpoint {
        key: "Items",
        path: "/Items",
        data_types: &[Items],
        paging: Paging::Whole,
        since: Since::Never,
        query: &[FOUR_PLACES],
        id: "ItemID",
        kinds: None,
        needs: Needs::Accounts,
        parse: |text| parse::<items::Wire<'_>>(text).map(drop),
        rows: items::rows,
    },
    Endpoint {
        key: "TaxRates",
        path: "/TaxRates",
        data_types: &[TaxRates],
        paging: Paging::Whole,
        since: Since::Never,
        query: &[],
        id: "TaxType",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<tax_rates::Wire<'_>>(text).map(drop),
        rows: tax_rates::rows,
    },
    Endpoint {
        key: "TrackingCategories",
        path: "/TrackingCategories",
        data_types: &[TrackingCategories],
        paging: Paging::Whole,
        since: Since::Never,
        query: &[("includeArchived", "true")],
        id: "TrackingCategoryID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<tracking_categories::Wire<'_>>(text).map(drop),
        rows: tracking_categories::rows,
    },
    Endpoint {
        key: "ManualJournals",
        path: "/ManualJournals",
        data_types: &[JournalEntries],
        paging: Paging::Pages,
        since: Since::Where,
        query: &[("order", "ManualJournalID ASC")],
        id: "ManualJournalID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |text| parse::<manual_journals::Wire<'_>>(text).map(drop),
        rows: manual_journals::rows,
    },
    Endpoint {
        key: "Reports/BalanceSheet",
        path: "/Reports/BalanceSheet",
        data_types: &[BalanceSheet],
        paging: Paging::Months(Report::BalanceSheet),
        since: Since::Never,
        query: &[],
        id: "ReportID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |_| Ok(()),
        rows: Rows::none,
    },
    Endpoint {
        key: "Reports/ProfitAndLoss",
        path: "/Reports/ProfitAndLoss",
        data_types: &[ProfitAndLoss],
        paging: Paging::Months(Report::ProfitAndLoss),
        since: Since::Never,
        query: &[],
        id: "ReportID",
        kinds: None,
        needs: Needs::Nothing,
        parse: |_| Ok(()),
        rows: Rows::none,
    },
];

#[cfg(test)]
mod tests {
    use super::{ENDPOINTS, FEEDS, FOUR_PLACES, find};
    use ledgerline_model::DataType::{self, *};

    fn filter(feed: &str, wanted: &[DataType]) -> Option<&'static str> {
        find(feed)?.filter_for(wanted)
    }

    #[test]
    fn a_feed_wanted_for_one_type_is_filtered_at_the_platform() {
        assert_eq!(filter("Invoices", &[Bills]), Some("Type==\"ACCPAY\""));
        assert_eq!(filter("Invoices", &[Invoices, Bills]), None);
        assert_eq!(
            filter("BankTransactions", &[DirectCosts]),
            Some("Type==\"SPEND\"")
        );
        assert_eq!(filter("BankTransactions", &[AccountTransactions]), None);
        // Contacts that are neither yet belong to both lists, and those that left one have to be seen.
        assert_eq!(filter("Contacts", &[Customers]), None);
    }

    #[test]
    fn unit_amounts_are_asked_for_with_all_their_digits() {
        for feed in [
            "Invoices",
            "CreditNotes",
            "BankTransactions",
            "Prepayments",
            "Overpayments",
            "Items",
        ] {
            assert!(
                find(feed).is_some_and(|endpoint| endpoint.query.contains(&FOUR_PLACES)),
                "{feed}"
            );
        }
    }

    #[test]
    fn the_feeds_are_the_endpoints() {
        let names = FEEDS.iter().map(|feed| feed.name).collect::<Vec<_>>();
        assert_eq!(
            names,
            ENDPOINTS.iter().map(|endpoint| endpoint.key).collect::<Vec<_>>()
        );
        assert!(
            !FEEDS
                .iter()
                .any(|feed| feed.data_types.contains(&CashFlowStatement))
        );
    }
}
