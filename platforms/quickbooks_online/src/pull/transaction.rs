use jiff::civil::Date;
use ledgerline_model::records::{
    AccountRef, AllocatedPayment, Allocation, CategoryRef, CustomerRef, DirectLine, ItemRef, PayableLine,
    PaymentAllocation, ReceivableLine, SupplierRef, TaxRateRef,
};
use ledgerline_model::{Decimal, Instant, LocalDateTime, Timestamp};
use serde::Deserialize;

use super::rows::Flaw;

/// A transaction of any kind; each kind has some of the fields.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) meta_data: Option<MetaData>,
    pub(super) txn_date: Option<String>,
    pub(super) due_date: Option<String>,
    pub(super) doc_number: Option<String>,
    pub(super) private_note: Option<String>,
    pub(super) memo: Option<String>,
    pub(super) customer_memo: Option<Ref>,
    pub(super) currency_ref: Option<Ref>,
    pub(super) exchange_rate: Option<Decimal>,
    pub(super) customer_ref: Option<Ref>,
    pub(super) vendor_ref: Option<Ref>,
    pub(super) entity_ref: Option<Ref>,
    pub(super) account_ref: Option<Ref>,
    pub(super) deposit_to_account_ref: Option<Ref>,
    pub(super) from_account_ref: Option<Ref>,
    pub(super) to_account_ref: Option<Ref>,
    pub(super) department_ref: Option<Ref>,
    pub(super) payment_method_ref: Option<Ref>,
    pub(super) payment_ref_num: Option<String>,
    pub(super) check_payment: Option<CheckPayment>,
    pub(super) credit_card_payment: Option<CreditCardPayment>,
    pub(super) credit: Option<bool>,
    pub(super) amount: Option<Decimal>,
    pub(super) total_amt: Option<Decimal>,
    pub(super) balance: Option<Decimal>,
    pub(super) remaining_credit: Option<Decimal>,
    pub(super) unapplied_amt: Option<Decimal>,
    pub(super) txn_tax_detail: Option<TaxDetail>,
    #[serde(rename = "POStatus")]
    pub(super) po_status: Option<String>,
    pub(super) ship_addr: Option<PostalAddress>,
    #[serde(default)]
    pub(super) linked_txn: Vec<Linked>,
    #[serde(default)]
    pub(super) line: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetaData {
    create_time: Option<String>,
    last_updated_time: Option<String>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Ref {
    pub(super) value: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CheckPayment {
    pub(super) bank_account_ref: Option<Ref>,
}

#[derive(Deserialize)]
pub(super) struct CreditCardPayment {
    #[serde(rename = "CCAccountRef")]
    pub(super) account_ref: Option<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaxDetail {
    total_tax: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Linked {
    pub(super) txn_id: Option<String>,
    pub(super) txn_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PostalAddress {
    pub(super) line1: Option<String>,
    pub(super) line2: Option<String>,
    pub(super) line3: Option<String>,
    pub(super) line4: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country_sub_division_code: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Line {
    pub(super) description: Option<String>,
    pub(super) amount: Option<Decimal>,
    pub(super) detail_type: Option<String>,
    sales_item_line_detail: Option<Detail>,
    account_based_expense_line_detail: Option<Detail>,
    item_based_expense_line_detail: Option<Detail>,
    deposit_line_detail: Option<Detail>,
    pub(super) journal_entry_line_detail: Option<JournalDetail>,
    group_line_detail: Option<GroupDetail>,
    #[serde(default)]
    pub(super) linked_txn: Vec<Linked>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Detail {
    item_ref: Option<Ref>,
    item_account_ref: Option<Ref>,
    account_ref: Option<Ref>,
    class_ref: Option<Ref>,
    tax_code_ref: Option<Ref>,
    qty: Option<Decimal>,
    unit_price: Option<Decimal>,
    entity: Option<Ref>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JournalDetail {
    pub(super) posting_type: Option<String>,
    pub(super) account_ref: Option<Ref>,
    pub(super) class_ref: Option<Ref>,
    pub(super) department_ref: Option<Ref>,
}

/// A bundle: the lines within are lines of their own.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupDetail {
    #[serde(default)]
    line: Vec<Line>,
}

impl MetaData {
    pub(super) fn last_updated(&self) -> Option<&str> {
        self.last_updated_time.as_deref()
    }

    pub(super) fn made(&self) -> Option<&str> {
        self.create_time.as_deref()
    }
}

impl Transaction {
    pub(super) fn modified(&self) -> Option<Instant> {
        instant(self.meta_data.as_ref()?.last_updated())
    }

    pub(super) fn created(&self) -> Option<Instant> {
        instant(self.meta_data.as_ref()?.made())
    }

    pub(super) fn date(&self) -> Result<LocalDateTime, Flaw> {
        date("TxnDate", self.txn_date.as_deref())?.ok_or_else(|| Flaw::missing("TxnDate"))
    }

    pub(super) fn total(&self) -> Result<Decimal, Flaw> {
        self.total_amt.ok_or_else(|| Flaw::missing("TotalAmt"))
    }

    pub(super) fn tax(&self) -> Decimal {
        self.txn_tax_detail
            .as_ref()
            .and_then(|detail| detail.total_tax)
            .unwrap_or(Decimal::ZERO)
    }

    /// Base units per foreign unit, as the standard has it.
    pub(super) fn rate(&self) -> Option<Decimal> {
        Some(
            self.exchange_rate
                .filter(|rate| !rate.is_zero())
                .unwrap_or(Decimal::ONE),
        )
    }

    pub(super) fn currency(&self) -> Option<String> {
        filled(self.currency_ref.as_ref()?.value.clone())
    }

    /// A voided document comes to nothing, and its note begins so.
    pub(super) fn is_void(&self) -> bool {
        let says_so = self
            .private_note
            .as_deref()
            .is_some_and(|note| note.starts_with("Voided"));
        says_so && self.total_amt.is_none_or(Decimal::is_zero)
    }

    pub(super) fn note(&self) -> Option<String> {
        let memo = self.customer_memo.as_ref().and_then(|memo| memo.value.clone());
        filled(memo).or_else(|| filled(self.private_note.clone()))
    }

    /// Discounts of the whole document.
    pub(super) fn discount(&self) -> Decimal {
        let lines = self.line.iter();
        let discounts = lines.filter(|line| line.detail_type.as_deref() == Some("DiscountLineDetail"));
        discounts.filter_map(|line| line.amount).sum()
    }

    /// The payments that settled it; what each paid of it stands in the payment.
    pub(super) fn allocations(&self) -> Vec<PaymentAllocation<'static>> {
        let is_payment = |linked: &&Linked| {
            let kind = linked.txn_type.as_deref().unwrap_or_default();
            matches!(
                kind,
                "Payment" | "BillPayment" | "BillPaymentCheck" | "BillPaymentCreditCard" | "CreditMemo"
            )
        };
        let payments = self.linked_txn.iter().filter(is_payment);
        payments
            .filter_map(|linked| {
                Some(PaymentAllocation {
                    payment: AllocatedPayment {
                        id: Some(filled(linked.txn_id.clone())?.into()),
                        note: None,
                        reference: None,
                        account_ref: None,
                        currency: None,
                        currency_rate: None,
                        paid_on_date: None,
                        total_amount: None,
                    },
                    allocation: Allocation {
                        currency: None,
                        currency_rate: None,
                        allocated_on_date: None,
                        total_amount: None,
                    },
                })
            })
            .collect()
    }

    /// Lines that say what was sold or bought, those of bundles too.
    fn lines(&self) -> Vec<Mapped> {
        let department = category(self.department_ref.as_ref(), "DEPARTMENT");
        let mut mapped = Vec::new();
        for line in &self.line {
            line.map(department.as_ref(), &mut mapped);
        }
        mapped
    }

    pub(super) fn receivable_lines(&self) -> Vec<ReceivableLine<'static>> {
        let lines = self.lines().into_iter();
        lines
            .map(|line| ReceivableLine {
                description: line.description.map(Into::into),
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                discount_amount: None,
                sub_total: line.amount,
                tax_amount: None,
                total_amount: None,
                account_ref: line.account_ref,
                discount_percentage: None,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking_category_refs: line.categories,
                tracking: None,
                is_direct_income: None,
            })
            .collect()
    }

    pub(super) fn payable_lines(&self) -> Vec<PayableLine<'static>> {
        let lines = self.lines().into_iter();
        lines
            .map(|line| PayableLine {
                line_number: None,
                description: line.description.map(Into::into),
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                unit_of_measurement: None,
                discount_amount: None,
                sub_total: line.amount,
                tax_amount: None,
                total_amount: None,
                account_ref: line.account_ref,
                discount_percentage: None,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking_category_refs: line.categories,
                tracking: None,
                is_direct_cost: None,
            })
            .collect()
    }

    pub(super) fn direct_lines(&self) -> Vec<DirectLine<'static>> {
        let lines = self.lines().into_iter();
        lines
            .map(|line| DirectLine {
                description: line.description.map(Into::into),
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                discount_amount: None,
                discount_percentage: None,
                sub_total: line.amount,
                tax_amount: None,
                total_amount: None,
                account_ref: line.account_ref,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking_category_refs: line.categories,
            })
            .collect()
    }

    /// Whom a deposit came from: its lines say it.
    pub(super) fn depositor(&self) -> Option<Ref> {
        let mut details = self
            .line
            .iter()
            .filter_map(|line| line.deposit_line_detail.as_ref());
        details.find_map(|detail| detail.entity.clone())
    }
}

struct Mapped {
    description: Option<String>,
    quantity: Decimal,
    unit_amount: Decimal,
    amount: Option<Decimal>,
    account_ref: Option<AccountRef<'static>>,
    item_ref: Option<ItemRef<'static>>,
    tax_rate_ref: Option<TaxRateRef<'static>>,
    categories: Vec<CategoryRef<'static>>,
}

impl Line {
    fn map(&self, department: Option<&CategoryRef<'static>>, mapped: &mut Vec<Mapped>) {
        if let Some(group) = &self.group_line_detail {
            group.line.iter().for_each(|line| line.map(department, mapped));
            return;
        }
        let nothing = Detail::default();
        let detail = match self.detail_type.as_deref() {
            Some("SalesItemLineDetail") => self.sales_item_line_detail.as_ref(),
            Some("AccountBasedExpenseLineDetail") => self.account_based_expense_line_detail.as_ref(),
            Some("ItemBasedExpenseLineDetail") => self.item_based_expense_line_detail.as_ref(),
            // What a deposit only brings to the bank was told before.
            Some("DepositLineDetail") if self.linked_txn.is_empty() => self.deposit_line_detail.as_ref(),
            Some("DescriptionOnly") => Some(&nothing),
            // Sums and discounts are no lines.
            Some(_) | None => return,
        };
        let detail = detail.unwrap_or(&nothing);
        let amount = self.amount.unwrap_or(Decimal::ZERO);
        let is_remark = self.detail_type.as_deref() == Some("DescriptionOnly");
        let quantity = detail
            .qty
            .unwrap_or(if is_remark { Decimal::ZERO } else { Decimal::ONE });
        let account = detail.item_account_ref.as_ref().or(detail.account_ref.as_ref());
        let mut categories: Vec<_> = category(detail.class_ref.as_ref(), "CLASS").into_iter().collect();
        categories.extend(department.cloned());
        mapped.push(Mapped {
            description: filled(self.description.clone()),
            quantity,
            unit_amount: detail.unit_price.unwrap_or(amount),
            amount: Some(amount),
            account_ref: account.and_then(Ref::account),
            item_ref: detail.item_ref.as_ref().and_then(Ref::item),
            tax_rate_ref: detail.tax_code_ref.as_ref().and_then(Ref::tax_rate),
            categories,
        });
    }
}

impl Ref {
    fn id(&self) -> Option<String> {
        filled(self.value.clone())
    }

    pub(super) fn account(&self) -> Option<AccountRef<'static>> {
        Some(AccountRef {
            id: Some(self.id()?.into()),
            name: filled(self.name.clone()).map(Into::into),
        })
    }

    pub(super) fn customer(&self) -> Option<CustomerRef<'static>> {
        Some(CustomerRef {
            id: self.id()?.into(),
            company_name: filled(self.name.clone()).map(Into::into),
        })
    }

    pub(super) fn supplier(&self) -> Option<SupplierRef<'static>> {
        Some(SupplierRef {
            id: self.id()?.into(),
            supplier_name: filled(self.name.clone()).map(Into::into),
        })
    }

    fn item(&self) -> Option<ItemRef<'static>> {
        Some(ItemRef {
            id: self.id()?.into(),
            name: filled(self.name.clone()).map(Into::into),
        })
    }

    pub(super) fn tax_rate(&self) -> Option<TaxRateRef<'static>> {
        Some(TaxRateRef {
            id: self.id()?.into(),
            name: filled(self.name.clone()).map(Into::into),
            effective_tax_rate: None,
        })
    }
}

/// A class or a location; their ids say which, since both count from one.
pub(super) fn category(reference: Option<&Ref>, kind: &str) -> Option<CategoryRef<'static>> {
    let reference = reference?;
    Some(CategoryRef {
        id: format!("{kind}_{}", reference.id()?).into(),
        name: filled(reference.name.clone()).map(Into::into),
    })
}

pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn instant(text: Option<&str>) -> Option<Instant> {
    text?.parse::<Timestamp>().ok().map(Instant)
}

pub(super) fn date(field: &'static str, text: Option<&str>) -> Result<Option<LocalDateTime>, Flaw> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let date = text.get(..10).unwrap_or(text).parse::<Date>();
    date.map(|date| Some(date.into())).map_err(|_| Flaw {
        field: field.into(),
        message: format!("`{field}` is no date"),
    })
}
