use super::Schema;
use crate::DataType;

impl Schema {
    /// What may be asked of the records of a data type: the fields of the standard schema that are no lists and
    /// not inside of one. Statements are composed at the read and cannot be queried.
    pub const fn of(data_type: DataType) -> &'static Self {
        match data_type {
            DataType::AccountTransactions => &ACCOUNT_TRANSACTIONS,
            DataType::BankAccounts => &BANK_ACCOUNTS,
            DataType::BankTransactions => &BANK_TRANSACTIONS,
            DataType::BillCreditNotes => &BILL_CREDIT_NOTES,
            DataType::BillPayments => &BILL_PAYMENTS,
            DataType::Bills => &BILLS,
            DataType::ChartOfAccounts => &CHART_OF_ACCOUNTS,
            DataType::Company => &COMPANY,
            DataType::CreditNotes => &CREDIT_NOTES,
            DataType::Customers => &CUSTOMERS,
            DataType::DirectCosts => &DIRECT_COSTS,
            DataType::DirectIncomes => &DIRECT_INCOMES,
            DataType::Invoices => &INVOICES,
            DataType::ItemReceipts => &ITEM_RECEIPTS,
            DataType::Items => &ITEMS,
            DataType::JournalEntries => &JOURNAL_ENTRIES,
            DataType::Journals => &JOURNALS,
            DataType::PaymentMethods => &PAYMENT_METHODS,
            DataType::Payments => &PAYMENTS,
            DataType::PurchaseOrders => &PURCHASE_ORDERS,
            DataType::SalesOrders => &SALES_ORDERS,
            DataType::Suppliers => &SUPPLIERS,
            DataType::TaxRates => &TAX_RATES,
            DataType::TrackingCategories => &TRACKING_CATEGORIES,
            DataType::Transfers => &TRANSFERS,
            DataType::BalanceSheet | DataType::CashFlowStatement | DataType::ProfitAndLoss => &NOTHING,
        }
    }
}

const NOUN: &str = "Dataset";

const ACCOUNT_TRANSACTIONS: Schema = Schema {
    noun: NOUN,
    text: "id transactionId note bankAccountRef.id bankAccountRef.name status currency",
    number: "currencyRate totalAmount",
    date: "date modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const BANK_ACCOUNTS: Schema = Schema {
    noun: NOUN,
    text: "id accountName accountType nominalCode sortCode accountNumber iBan currency institution \
           status",
    number: "balance availableBalance overdraftLimit",
    date: "modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const BANK_TRANSACTIONS: Schema = Schema {
    noun: NOUN,
    text: "id accountId description transactionType",
    number: "amount balance",
    date: "clearedOnDate modifiedDate sourceModifiedDate",
    flag: "reconciled metadata.isDeleted",
};

const BILL_CREDIT_NOTES: Schema = Schema {
    noun: NOUN,
    text: "id billCreditNoteNumber supplierRef.id supplierRef.supplierName status currency note",
    number: "totalAmount totalDiscount subTotal totalTaxAmount discountPercentage remainingCredit \
           currencyRate",
    date: "issueDate allocatedOnDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const BILL_PAYMENTS: Schema = Schema {
    noun: NOUN,
    text: "id supplierRef.id supplierRef.supplierName accountRef.id accountRef.name currency note \
           paymentMethodRef.id paymentMethodRef.name reference",
    number: "totalAmount currencyRate",
    date: "date modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const BILLS: Schema = Schema {
    noun: NOUN,
    text: "id reference supplierRef.id supplierRef.supplierName currency status note",
    number: "currencyRate subTotal taxAmount totalAmount amountDue",
    date: "issueDate dueDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const CHART_OF_ACCOUNTS: Schema = Schema {
    noun: NOUN,
    text: "id nominalCode name description fullyQualifiedCategory fullyQualifiedName currency type \
           status",
    number: "currentBalance",
    date: "modifiedDate sourceModifiedDate",
    flag: "isBankAccount metadata.isDeleted",
};

const COMPANY: Schema = Schema {
    noun: NOUN,
    text: "companyName accountingPlatformRef companyLegalName registrationNumber taxNumber baseCurrency",
    number: "",
    date: "ledgerLockDate financialYearStartDate createdDate",
    flag: "",
};

const CREDIT_NOTES: Schema = Schema {
    noun: NOUN,
    text: "id creditNoteNumber customerRef.id customerRef.companyName status currency note",
    number: "totalAmount totalDiscount subTotal additionalTaxAmount additionalTaxPercentage \
           totalTaxAmount discountPercentage remainingCredit currencyRate",
    date: "issueDate allocatedOnDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const CUSTOMERS: Schema = Schema {
    noun: NOUN,
    text: "id customerName contactName emailAddress defaultCurrency phone registrationNumber taxNumber \
           status",
    number: "",
    date: "modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const DIRECT_COSTS: Schema = Schema {
    noun: NOUN,
    text: "id reference note contactRef.id contactRef.dataType currency",
    number: "currencyRate subTotal taxAmount totalAmount",
    date: "issueDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const DIRECT_INCOMES: Schema = Schema {
    noun: NOUN,
    text: "id reference note contactRef.id contactRef.dataType currency",
    number: "currencyRate subTotal taxAmount totalAmount",
    date: "issueDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const INVOICES: Schema = Schema {
    noun: NOUN,
    text: "id invoiceNumber customerRef.id customerRef.companyName currency status note",
    number: "currencyRate totalDiscount subTotal additionalTaxAmount additionalTaxPercentage \
           totalTaxAmount totalAmount amountDue discountPercentage",
    date: "issueDate dueDate paidOnDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const ITEM_RECEIPTS: Schema = Schema {
    noun: NOUN,
    text: "id reference supplierRef.id supplierRef.supplierName currency note status",
    number: "currencyRate subTotal totalAmount",
    date: "receivedDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const ITEMS: Schema = Schema {
    noun: NOUN,
    text: "id name code type itemStatus billItem.description billItem.accountRef.id \
           billItem.accountRef.name billItem.taxRateRef.id billItem.taxRateRef.name \
           invoiceItem.description invoiceItem.accountRef.id invoiceItem.accountRef.name \
           invoiceItem.taxRateRef.id invoiceItem.taxRateRef.name",
    number: "billItem.unitPrice billItem.taxRateRef.effectiveTaxRate invoiceItem.unitPrice \
           invoiceItem.taxRateRef.effectiveTaxRate",
    date: "modifiedDate sourceModifiedDate",
    flag: "isBillItem isInvoiceItem metadata.isDeleted",
};

const JOURNAL_ENTRIES: Schema = Schema {
    noun: NOUN,
    text: "id description journalRef.id journalRef.name recordRef.id recordRef.dataType",
    number: "",
    date: "postedOn createdOn updatedOn modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const JOURNALS: Schema = Schema {
    noun: NOUN,
    text: "id journalCode name type parentId status",
    number: "",
    date: "createdOn modifiedDate sourceModifiedDate",
    flag: "hasChildren metadata.isDeleted",
};

const PAYMENT_METHODS: Schema = Schema {
    noun: NOUN,
    text: "id name type status",
    number: "",
    date: "modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const PAYMENTS: Schema = Schema {
    noun: NOUN,
    text: "id customerRef.id customerRef.companyName accountRef.id accountRef.name paymentMethodRef.id \
           paymentMethodRef.name currency note reference",
    number: "totalAmount currencyRate",
    date: "date modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const PURCHASE_ORDERS: Schema = Schema {
    noun: NOUN,
    text: "id purchaseOrderNumber supplierRef.id supplierRef.supplierName currency shipTo.contact.name \
           shipTo.contact.email shipTo.contact.phone createdBy.email createdBy.firstName \
           createdBy.lastName note status",
    number: "currencyRate totalDiscount subTotal totalTaxAmount totalAmount",
    date: "issueDate deliveryDate expectedDeliveryDate paymentDueDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const SALES_ORDERS: Schema = Schema {
    noun: NOUN,
    text: "id salesOrderNumber customerPurchaseOrderNumber customerRef.id customerRef.companyName \
           currency shipTo.contact.name shipTo.contact.email shipTo.contact.phone note status \
           invoicingStatus",
    number: "currencyRate totalDiscount subTotal totalTaxAmount totalAmount",
    date: "issueDate expectedDeliveryDate modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const SUPPLIERS: Schema = Schema {
    noun: NOUN,
    text: "id supplierName contactName emailAddress phone registrationNumber taxNumber status \
           defaultCurrency",
    number: "",
    date: "modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const TAX_RATES: Schema = Schema {
    noun: NOUN,
    text: "id name code status",
    number: "effectiveTaxRate totalTaxRate",
    date: "modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const TRACKING_CATEGORIES: Schema = Schema {
    noun: NOUN,
    text: "id name status parentId",
    number: "",
    date: "modifiedDate sourceModifiedDate",
    flag: "hasChildren metadata.isDeleted",
};

const TRANSFERS: Schema = Schema {
    noun: NOUN,
    text: "id description contactRef.id contactRef.dataType from.accountRef.id from.accountRef.dataType \
           from.currency to.accountRef.id to.accountRef.dataType to.currency status",
    number: "from.amount to.amount",
    date: "date modifiedDate sourceModifiedDate",
    flag: "metadata.isDeleted",
};

const NOTHING: Schema = Schema {
    noun: NOUN,
    text: "",
    number: "",
    date: "",
    flag: "",
};
