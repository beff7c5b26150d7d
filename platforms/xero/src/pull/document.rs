use ledgerline_model::Decimal;
use ledgerline_model::records::{
    AccountRef, AllocatedPayment, Allocation, BilledTo, CategoryRef, CustomerRef, DirectLine, ItemRef,
    PayableLine, PaymentAllocation, ReceivableLine, SupplierRef, TaxRateRef, Text, Tracking,
};
use serde::Deserialize;

use super::dates;
use super::rows::{Flaw, Rows};
use super::text::{Str, filled};

/// A contact as documents name it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContactRef<'a> {
    #[serde(rename = "ContactID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Str<'a>>,
    pub(super) is_customer: Option<bool>,
    pub(super) is_supplier: Option<bool>,
}

impl<'a> ContactRef<'a> {
    pub(super) fn customer(self) -> Option<CustomerRef<'a>> {
        Some(CustomerRef {
            id: filled(self.id)?,
            company_name: filled(self.name),
        })
    }

    pub(super) fn supplier(self) -> Option<SupplierRef<'a>> {
        Some(SupplierRef {
            id: filled(self.id)?,
            supplier_name: filled(self.name),
        })
    }
}

/// An account as documents name it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountName<'a> {
    #[serde(rename = "AccountID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Str<'a>>,
}

impl<'a> AccountName<'a> {
    pub(super) fn account(self) -> Option<AccountRef<'a>> {
        Some(AccountRef {
            id: Some(filled(self.id)?),
            name: filled(self.name),
        })
    }
}

/// A line of any document.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) description: Option<Str<'a>>,
    pub(super) unit_amount: Option<Decimal>,
    pub(super) quantity: Option<Decimal>,
    pub(super) line_amount: Option<Decimal>,
    pub(super) tax_amount: Option<Decimal>,
    #[serde(borrow)]
    pub(super) tax_type: Option<Str<'a>>,
    #[serde(rename = "AccountID", borrow)]
    pub(super) account_id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) account_code: Option<Str<'a>>,
    #[serde(rename = "ItemID", borrow)]
    pub(super) item_id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) item_code: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) item: Option<ItemName<'a>>,
    pub(super) discount_rate: Option<Decimal>,
    pub(super) discount_amount: Option<Decimal>,
    #[serde(default, borrow)]
    pub(super) tracking: Vec<TrackingOption<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ItemName<'a> {
    #[serde(rename = "ItemID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Str<'a>>,
}

/// The option that was chosen in one tracking category.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TrackingOption<'a> {
    #[serde(rename = "TrackingOptionID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(rename = "Option", borrow)]
    pub(super) name: Option<Str<'a>>,
}

impl<'a> TrackingOption<'a> {
    pub(super) fn category(self) -> Option<CategoryRef<'a>> {
        Some(CategoryRef {
            id: filled(self.id)?,
            name: filled(self.name),
        })
    }
}

/// Whether the amounts of the lines hold the tax.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LineAmounts {
    Exclusive,
    Inclusive,
    NoTax,
}

/// A document whose lines are being mapped.
pub(super) struct Document<'d, 'r, 'w> {
    pub rows: &'r mut Rows<'w>,
    pub id: &'d str,
    pub line_amounts: Option<LineAmounts>,
}

impl<'d, 'r, 'w> Document<'d, 'r, 'w> {
    pub(super) fn new(rows: &'r mut Rows<'w>, id: &'d str, line_amounts: Option<&Str<'_>>) -> Self {
        let line_amounts = match line_amounts.map(Str::as_str) {
            Some("Exclusive") => Some(LineAmounts::Exclusive),
            Some("Inclusive") => Some(LineAmounts::Inclusive),
            Some("NoTax") => Some(LineAmounts::NoTax),
            Some(other) => {
                rows.unknown("xero-unknown-line-amount-types", id, "LineAmountTypes", other);
                None
            }
            None => None,
        };
        Self {
            rows,
            id,
            line_amounts,
        }
    }

    pub(super) fn receivable_lines<'a>(&mut self, lines: Vec<Line<'a>>) -> Vec<ReceivableLine<'a>> {
        let mapped = lines.into_iter().map(|line| {
            let line = self.line(line);
            ReceivableLine {
                description: line.description,
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                discount_amount: line.discount_amount,
                sub_total: line.sub_total,
                tax_amount: line.tax_amount,
                total_amount: line.total_amount,
                account_ref: line.account_ref,
                discount_percentage: line.discount_percentage,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking: tracking(&line.categories),
                tracking_category_refs: line.categories,
                is_direct_income: None,
            }
        });
        mapped.collect()
    }

    pub(super) fn payable_lines<'a>(&mut self, lines: Vec<Line<'a>>) -> Vec<PayableLine<'a>> {
        let mapped = lines.into_iter().map(|line| {
            let line = self.line(line);
            PayableLine {
                line_number: None,
                description: line.description,
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                unit_of_measurement: None,
                discount_amount: line.discount_amount,
                sub_total: line.sub_total,
                tax_amount: line.tax_amount,
                total_amount: line.total_amount,
                account_ref: line.account_ref,
                discount_percentage: line.discount_percentage,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking: tracking(&line.categories),
                tracking_category_refs: line.categories,
                is_direct_cost: None,
            }
        });
        mapped.collect()
    }

    pub(super) fn direct_lines<'a>(&mut self, lines: Vec<Line<'a>>) -> Vec<DirectLine<'a>> {
        let mapped = lines.into_iter().map(|line| {
            let line = self.line(line);
            DirectLine {
                description: line.description,
                unit_amount: line.unit_amount,
                quantity: line.quantity,
                discount_amount: line.discount_amount,
                discount_percentage: line.discount_percentage,
                sub_total: line.sub_total,
                tax_amount: line.tax_amount,
                total_amount: line.total_amount,
                account_ref: line.account_ref,
                tax_rate_ref: line.tax_rate_ref,
                item_ref: line.item_ref,
                tracking_category_refs: line.categories,
            }
        });
        mapped.collect()
    }

    fn line<'a>(&mut self, line: Line<'a>) -> MappedLine<'a> {
        let (sub_total, total_amount) = match (self.line_amounts, line.line_amount) {
            (_, None) | (None, _) => (None, None),
            (Some(LineAmounts::NoTax), Some(amount)) => (Some(amount), Some(amount)),
            (Some(LineAmounts::Exclusive), Some(amount)) => {
                (Some(amount), line.tax_amount.map(|tax| amount + tax))
            }
            (Some(LineAmounts::Inclusive), Some(amount)) => {
                (line.tax_amount.map(|tax| amount - tax), Some(amount))
            }
        };
        let is_description_only = line.line_amount.is_none_or(Decimal::is_zero);
        for (field, amount) in [
            ("LineItems.UnitAmount", line.unit_amount),
            ("LineItems.Quantity", line.quantity),
        ] {
            if amount.is_none() && !is_description_only {
                self.warn(
                    "xero-line-without-amount",
                    field,
                    "is missing on a line that has an amount",
                );
            }
        }
        let item_ref = line
            .item
            .and_then(|item| Some((filled(item.id)?, filled(item.name))))
            .or_else(|| Some((filled(line.item_id)?, None)))
            .map(|(id, name)| ItemRef { id, name });
        if item_ref.is_none() && filled(line.item_code).is_some() {
            self.warn(
                "xero-item-by-code-only",
                "LineItems.ItemCode",
                "names an item by its code only",
            );
        }
        let account_ref = filled(line.account_id).map(|id| AccountRef {
            id: Some(id),
            name: None,
        });
        if account_ref.is_none() && filled(line.account_code).is_some() {
            self.warn(
                "xero-account-by-code-only",
                "LineItems.AccountCode",
                "names an account by its code only",
            );
        }
        MappedLine {
            description: filled(line.description),
            // A line that is only a description has neither; the standard wants both.
            unit_amount: line.unit_amount.unwrap_or(Decimal::ZERO),
            quantity: line.quantity.unwrap_or(Decimal::ZERO),
            discount_amount: line.discount_amount,
            discount_percentage: line.discount_rate,
            sub_total,
            tax_amount: line.tax_amount,
            total_amount,
            account_ref,
            tax_rate_ref: tax_rate(line.tax_type),
            item_ref,
            categories: line
                .tracking
                .into_iter()
                .filter_map(TrackingOption::category)
                .collect(),
        }
    }

    fn warn(&mut self, rule: &'static str, field: &str, what: &str) {
        self.rows.warn(rule, self.id, field, format!("`{field}` {what}"));
    }
}

struct MappedLine<'a> {
    description: Option<Text<'a>>,
    unit_amount: Decimal,
    quantity: Decimal,
    discount_amount: Option<Decimal>,
    discount_percentage: Option<Decimal>,
    sub_total: Option<Decimal>,
    tax_amount: Option<Decimal>,
    total_amount: Option<Decimal>,
    account_ref: Option<AccountRef<'a>>,
    tax_rate_ref: Option<TaxRateRef<'a>>,
    item_ref: Option<ItemRef<'a>>,
    categories: Vec<CategoryRef<'a>>,
}

/// Tax rates are known by their `TaxType`.
pub(super) fn tax_rate(tax_type: Option<Str<'_>>) -> Option<TaxRateRef<'_>> {
    Some(TaxRateRef {
        id: filled(tax_type)?,
        name: None,
        effective_tax_rate: None,
    })
}

/// Whether a line is billed on stands in Xero's linked transactions, which are not read: it is unknown.
fn tracking<'a>(categories: &[CategoryRef<'a>]) -> Option<Tracking<'a>> {
    (!categories.is_empty()).then(|| Tracking {
        category_refs: categories.to_vec(),
        customer_ref: None,
        is_billed_to: BilledTo::Unknown,
        is_rebilled_to: BilledTo::Unknown,
    })
}

/// Xero: foreign units per unit of the base currency. The standard: base per foreign unit, at most nine
/// decimals. Documents in the base currency carry one, none, or zero.
pub(super) fn rate(xero: Option<Decimal>) -> Option<Decimal> {
    match xero {
        Some(rate) if !rate.is_zero() => Decimal::ONE.divided_by(rate, 9),
        _ => Some(Decimal::ONE),
    }
}

/// A payment inside the document that it settles.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NestedPayment<'a> {
    #[serde(rename = "PaymentID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) date: Option<Str<'a>>,
    pub(super) amount: Option<Decimal>,
    #[serde(borrow)]
    pub(super) reference: Option<Str<'a>>,
    pub(super) currency_rate: Option<Decimal>,
}

/// A credit note, prepayment or overpayment inside the document that it settles.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NestedCredit<'a> {
    #[serde(rename = "CreditNoteID", borrow)]
    pub(super) credit_note_id: Option<Str<'a>>,
    #[serde(rename = "PrepaymentID", borrow)]
    pub(super) prepayment_id: Option<Str<'a>>,
    #[serde(rename = "OverpaymentID", borrow)]
    pub(super) overpayment_id: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) credit_note_number: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) reference: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) date_string: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) date: Option<Str<'a>>,
    pub(super) applied_amount: Option<Decimal>,
    pub(super) total: Option<Decimal>,
}

/// What a credit note, prepayment or overpayment was used on.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreditAllocation<'a> {
    pub(super) amount: Option<Decimal>,
    #[serde(borrow)]
    pub(super) date: Option<Str<'a>>,
    pub(super) is_deleted: Option<bool>,
    #[serde(borrow)]
    pub(super) invoice: Option<AllocatedInvoice<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AllocatedInvoice<'a> {
    #[serde(rename = "InvoiceID", borrow)]
    pub(super) id: Option<Str<'a>>,
    #[serde(rename = "InvoiceNumber", borrow)]
    pub(super) number: Option<Str<'a>>,
}

/// All that settles a document, in the currency of the document.
pub(super) fn allocations<'a>(
    currency: Option<&Text<'a>>,
    payments: Vec<NestedPayment<'a>>,
    credits: impl Iterator<Item = NestedCredit<'a>>,
) -> Result<Vec<PaymentAllocation<'a>>, Flaw> {
    let mut allocations = Vec::new();
    for payment in payments {
        let date = dates::date(None, payment.date.as_ref(), "Payments.Date")?;
        // Zero stands for a rate that Xero does not tell here.
        let rate = payment.currency_rate.filter(|rate| !rate.is_zero());
        allocations.push(PaymentAllocation {
            payment: AllocatedPayment {
                id: filled(payment.id),
                note: None,
                reference: filled(payment.reference),
                account_ref: None,
                currency: currency.cloned(),
                currency_rate: rate.and_then(|rate| Decimal::ONE.divided_by(rate, 9)),
                paid_on_date: date,
                total_amount: payment.amount,
            },
            allocation: Allocation {
                currency: currency.cloned(),
                currency_rate: None,
                allocated_on_date: date,
                total_amount: payment.amount,
            },
        });
    }
    for credit in credits {
        let date = dates::date(
            credit.date_string.as_ref(),
            credit.date.as_ref(),
            "CreditNotes.Date",
        )?;
        let id = filled(credit.credit_note_id)
            .or_else(|| filled(credit.prepayment_id))
            .or_else(|| filled(credit.overpayment_id));
        allocations.push(PaymentAllocation {
            payment: AllocatedPayment {
                id,
                note: None,
                reference: filled(credit.credit_note_number).or_else(|| filled(credit.reference)),
                account_ref: None,
                currency: currency.cloned(),
                currency_rate: None,
                paid_on_date: date,
                total_amount: credit.total,
            },
            allocation: Allocation {
                currency: currency.cloned(),
                currency_rate: None,
                // Xero tells the date of the allocation only on the credit.
                allocated_on_date: None,
                total_amount: credit.applied_amount,
            },
        });
    }
    Ok(allocations)
}
