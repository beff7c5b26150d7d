use crate::records::{
    Account, AccountTransaction, BalanceSheetMonth, BankAccount, Bill, BillCreditNote, BillPayment,
    BillPaymentLinkType, BillStatus, CashFlowMonth, CompanyInfo, ContactRef, CreditNote, CreditNoteStatus,
    Customer, DirectCost, DirectIncome, Invoice, InvoiceStatus, Item, JournalEntry, Payment, PaymentLinkType,
    ProfitAndLossMonth, PurchaseOrder, PurchaseOrderStatus, Supplier, TaxRate, TrackingCategory, Transfer,
    WithholdingTax,
};
use crate::{DataType, Decimal};

use super::amounts::{self, Amounts};
use super::lines::{self, Negative};
use super::settlement::{self, Settlement, State};
use super::{Check, Validate, currencies, dates, journals, payments, transfers};

impl Validate for Invoice<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        let withheld = withheld(&self.withholding_tax);
        let amounts = Amounts {
            sub_total: ("subTotal", self.sub_total),
            tax: ("totalTaxAmount", Some(self.total_tax_amount)),
            total: ("totalAmount", Some(self.total_amount)),
            withheld,
        };
        amounts::check(check, &amounts, &self.line_items);
        let settlement = Settlement {
            field: "amountDue",
            total: self.total_amount,
            left: Some(self.amount_due),
            allocations: &self.payment_allocations,
            withheld,
            state: match self.status {
                InvoiceStatus::Submitted | InvoiceStatus::PartiallyPaid => State::Open,
                InvoiceStatus::Paid => State::Settled,
                InvoiceStatus::Unknown | InvoiceStatus::Draft | InvoiceStatus::Void => State::Other,
            },
        };
        settlement::check(check, &settlement, true);
        lines::check(check, &self.line_items, Negative::Legal);
        currencies::check(check, self.currency.as_deref(), self.currency_rate);
        dates::due(check, "dueDate", Some(self.issue_date), self.due_date);
        if let Some(customer) = &self.customer_ref {
            check.refers(DataType::Customers, &customer.id, "customerRef.id");
        }
    }
}

impl Validate for Bill<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        let withheld = withheld(&self.withholding_tax);
        let amounts = Amounts {
            sub_total: ("subTotal", Some(self.sub_total)),
            tax: ("taxAmount", Some(self.tax_amount)),
            total: ("totalAmount", Some(self.total_amount)),
            withheld,
        };
        amounts::check(check, &amounts, &self.line_items);
        let settlement = Settlement {
            field: "amountDue",
            total: self.total_amount,
            left: self.amount_due,
            allocations: &self.payment_allocations,
            withheld,
            state: match self.status {
                BillStatus::Open | BillStatus::PartiallyPaid => State::Open,
                BillStatus::Paid => State::Settled,
                BillStatus::Unknown | BillStatus::Draft | BillStatus::Void => State::Other,
            },
        };
        settlement::check(check, &settlement, true);
        lines::check(check, &self.line_items, Negative::Legal);
        currencies::check(check, self.currency.as_deref(), self.currency_rate);
        dates::due(check, "dueDate", Some(self.issue_date), self.due_date);
        if let Some(supplier) = &self.supplier_ref {
            check.refers(DataType::Suppliers, &supplier.id, "supplierRef.id");
        }
    }
}

macro_rules! credit_note {
    ($record:ident, $contact:ident, $data_type:ident, $field:literal) => {
        impl Validate for $record<'_> {
            fn validate(&self, check: &mut Check<'_>) {
                let withheld = withheld(&self.withholding_tax);
                let amounts = Amounts {
                    sub_total: ("subTotal", Some(self.sub_total)),
                    tax: ("totalTaxAmount", Some(self.total_tax_amount)),
                    total: ("totalAmount", Some(self.total_amount)),
                    withheld,
                };
                amounts::check(check, &amounts, &self.line_items);
                let settlement = Settlement {
                    field: "remainingCredit",
                    total: self.total_amount,
                    left: Some(self.remaining_credit),
                    allocations: &self.payment_allocations,
                    withheld,
                    state: match self.status {
                        CreditNoteStatus::Submitted | CreditNoteStatus::PartiallyPaid => State::Open,
                        CreditNoteStatus::Paid => State::Settled,
                        CreditNoteStatus::Unknown | CreditNoteStatus::Draft | CreditNoteStatus::Void => {
                            State::Other
                        }
                    },
                };
                settlement::check(check, &settlement, false);
                lines::check(check, &self.line_items, Negative::Legal);
                currencies::check(check, self.currency.as_deref(), self.currency_rate);
                if let Some(contact) = &self.$contact {
                    check.refers(DataType::$data_type, &contact.id, $field);
                }
            }
        }
    };
}

credit_note!(CreditNote, customer_ref, Customers, "customerRef.id");
credit_note!(BillCreditNote, supplier_ref, Suppliers, "supplierRef.id");

impl Validate for PurchaseOrder<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        let amounts = Amounts {
            sub_total: ("subTotal", self.sub_total),
            tax: ("totalTaxAmount", self.total_tax_amount),
            total: ("totalAmount", self.total_amount),
            withheld: Decimal::ZERO,
        };
        if self.status != PurchaseOrderStatus::Void {
            amounts::check(check, &amounts, &self.line_items);
        }
        lines::check(check, &self.line_items, Negative::Illegal);
        currencies::check(check, self.currency.as_deref(), self.currency_rate);
        dates::due(check, "paymentDueDate", self.issue_date, self.payment_due_date);
        if let Some(supplier) = &self.supplier_ref {
            check.refers(DataType::Suppliers, &supplier.id, "supplierRef.id");
        }
    }
}

macro_rules! direct {
    ($record:ident) => {
        impl Validate for $record<'_> {
            fn validate(&self, check: &mut Check<'_>) {
                let amounts = Amounts {
                    sub_total: ("subTotal", Some(self.sub_total)),
                    tax: ("taxAmount", Some(self.tax_amount)),
                    total: ("totalAmount", Some(self.total_amount)),
                    withheld: Decimal::ZERO,
                };
                amounts::check(check, &amounts, &self.line_items);
                lines::check(check, &self.line_items, Negative::Legal);
                currencies::check(check, Some(&self.currency), self.currency_rate);
                contact(check, self.contact_ref.as_ref(), "contactRef.id");
            }
        }
    };
}

direct!(DirectCost);
direct!(DirectIncome);

macro_rules! payment {
    ($record:ident, $contact:ident, $contacts:ident, $contact_field:literal, $links:ident, $document:ident, $documents:ident, $notes:ident) => {
        impl Validate for $record<'_> {
            fn validate(&self, check: &mut Check<'_>) {
                payments::check(check, self.total_amount, &self.lines);
                currencies::check(check, self.currency.as_deref(), self.currency_rate);
                if let Some(contact) = &self.$contact {
                    check.refers(DataType::$contacts, &contact.id, $contact_field);
                }
                if let Some(id) = self
                    .account_ref
                    .as_ref()
                    .and_then(|account| account.id.as_ref())
                {
                    check.refers(DataType::ChartOfAccounts, id, "accountRef.id");
                }
                for link in self.lines.iter().flat_map(|line| &line.links) {
                    let target = match link.kind {
                        $links::$document => DataType::$documents,
                        $links::CreditNote => DataType::$notes,
                        _ => continue,
                    };
                    if let Some(id) = &link.id {
                        check.refers(target, id, "lines.links.id");
                    }
                }
            }
        }
    };
}

payment!(
    Payment,
    customer_ref,
    Customers,
    "customerRef.id",
    PaymentLinkType,
    Invoice,
    Invoices,
    CreditNotes
);
payment!(
    BillPayment,
    supplier_ref,
    Suppliers,
    "supplierRef.id",
    BillPaymentLinkType,
    Bill,
    Bills,
    BillCreditNotes
);

impl Validate for JournalEntry<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        journals::balance(check, &self.journal_lines, self.tax_beside_lines);
        for line in &self.journal_lines {
            if let Some(id) = line.account_ref.as_ref().and_then(|account| account.id.as_ref()) {
                check.refers(DataType::ChartOfAccounts, id, "journalLines.accountRef.id");
            }
            for tracked in line.tracking.iter().flat_map(|tracking| &tracking.record_refs) {
                check.refers(
                    tracked.data_type,
                    &tracked.id,
                    "journalLines.tracking.recordRefs.id",
                );
            }
            contact(check, line.contact_ref.as_ref(), "journalLines.contactRef.id");
        }
    }
}

impl Validate for AccountTransaction<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        let summed: Option<Decimal> = self.lines.iter().map(|line| line.amount).sum();
        if let (Some(total), Some(summed)) = (self.total_amount, summed)
            && !self.lines.is_empty()
            && total != summed
        {
            check.error(
                "lines-do-not-make-transaction",
                "lines",
                format!("The lines summed ({summed}) are not the transaction ({total})."),
            );
        }
        currencies::one(check, "currency", self.currency.as_deref());
        let bank = self.bank_account_ref.as_ref();
        if let Some(id) = bank.and_then(|account| account.id.as_ref()) {
            check.refers(DataType::BankAccounts, id, "bankAccountRef.id");
        }
        for record in self.lines.iter().filter_map(|line| line.record_ref.as_ref()) {
            check.refers(record.data_type, &record.id, "lines.recordRef.id");
        }
    }
}

impl Validate for Transfer<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        transfers::check(check, self);
        for (side, account_field, currency_field) in [
            (&self.from, "from.accountRef.id", "from.currency"),
            (&self.to, "to.accountRef.id", "to.currency"),
        ] {
            let Some(side) = side else { continue };
            currencies::one(check, currency_field, side.currency.as_deref());
            if let Some(account) = &side.account_ref {
                check.refers(account.data_type, &account.id, account_field);
            }
        }
        for category in &self.tracking_category_refs {
            check.refers(
                DataType::TrackingCategories,
                &category.id,
                "trackingCategoryRefs.id",
            );
        }
        contact(check, self.contact_ref.as_ref(), "contactRef.id");
    }
}

impl Validate for Item<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        for (side, account_field, tax_field) in [
            (
                &self.bill_item,
                "billItem.accountRef.id",
                "billItem.taxRateRef.id",
            ),
            (
                &self.invoice_item,
                "invoiceItem.accountRef.id",
                "invoiceItem.taxRateRef.id",
            ),
        ] {
            let Some(side) = side else { continue };
            if let Some(id) = side.account_ref.as_ref().and_then(|account| account.id.as_ref()) {
                check.refers(DataType::ChartOfAccounts, id, account_field);
            }
            if let Some(rate) = &side.tax_rate_ref {
                check.refers(DataType::TaxRates, &rate.id, tax_field);
            }
        }
    }
}

impl Validate for BankAccount<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        currencies::one(check, "currency", self.currency.as_deref());
    }
}

impl Validate for TrackingCategory<'_> {
    fn validate(&self, check: &mut Check<'_>) {
        if let Some(parent) = &self.parent_id {
            check.refers(DataType::TrackingCategories, parent, "parentId");
        }
    }
}

/// Records that no rule can hold against anything in themselves.
macro_rules! nothing_to_check {
    ($($record:ty),* $(,)?) => { $(
        impl Validate for $record {
            fn validate(&self, _: &mut Check<'_>) {}
        }
    )* };
}

nothing_to_check! {
    Account<'_>, CompanyInfo<'_>, Customer<'_>, Supplier<'_>, TaxRate<'_>, BalanceSheetMonth, CashFlowMonth,
    ProfitAndLossMonth,
}

fn contact(check: &mut Check<'_>, contact: Option<&ContactRef<'_>>, field: &'static str) {
    if let Some(contact) = contact
        && let Some(data_type) = contact.data_type
    {
        check.refers(data_type, &contact.id, field);
    }
}

fn withheld(taxes: &[WithholdingTax<'_>]) -> Decimal {
    taxes.iter().map(|tax| tax.amount).sum()
}
