use crate::records::*;
use crate::{DataType, Decimal, LocalDateTime};

use super::{Validate, validate};

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> LocalDateTime {
    format!("{text}T00:00:00").parse().unwrap()
}

/// `rule field: message` of everything that is found.
fn found(record: &impl Validate) -> Vec<String> {
    let found = validate(record, "r1");
    assert!(found.issues.iter().all(|issue| issue.record == "r1"));
    found
        .issues
        .into_iter()
        .map(|issue| format!("{} {}: {}", issue.rule, issue.field, issue.message))
        .collect()
}

fn line(sub_total: &str, tax: &str) -> PayableLine<'static> {
    PayableLine {
        line_number: None,
        description: None,
        unit_amount: money(sub_total),
        quantity: Decimal::ONE,
        unit_of_measurement: None,
        discount_amount: None,
        sub_total: Some(money(sub_total)),
        tax_amount: Some(money(tax)),
        total_amount: None,
        account_ref: Some(AccountRef {
            id: Some("a1".into()),
            name: None,
        }),
        discount_percentage: None,
        tax_rate_ref: None,
        item_ref: None,
        tracking_category_refs: Vec::new(),
        tracking: None,
        is_direct_cost: None,
    }
}

/// 70.00 and 14.00 of tax, of which 34 are paid.
fn bill() -> Bill<'static> {
    Bill {
        id: "r1".into(),
        reference: None,
        supplier_ref: Some(SupplierRef {
            id: "s1".into(),
            supplier_name: None,
        }),
        issue_date: day("2027-01-15"),
        due_date: Some(day("2027-01-15")),
        currency: Some("GBP".into()),
        currency_rate: Some(Decimal::ONE),
        line_items: vec![line("50.00", "10.00"), line("20.00", "4.00")],
        withholding_tax: Vec::new(),
        status: BillStatus::PartiallyPaid,
        sub_total: money("70.00"),
        tax_amount: money("14.00"),
        total_amount: money("84.00"),
        amount_due: Some(money("50")),
        note: None,
        payment_allocations: vec![allocation(Some("34.00"))],
        supplemental_data: None,
        source_modified_date: None,
    }
}

fn allocation(amount: Option<&str>) -> PaymentAllocation<'static> {
    PaymentAllocation {
        payment: AllocatedPayment {
            id: None,
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
            total_amount: amount.map(money),
        },
    }
}

#[test]
fn a_bill_that_adds_up_has_no_issue_and_names_each_record_once() {
    assert_eq!(found(&bill()), [""; 0]);
    let references = validate(&bill(), "r1").references;
    let named: Vec<_> = references
        .iter()
        .map(|reference| (reference.target, reference.id.as_str(), reference.field))
        .collect();
    assert_eq!(
        named,
        [
            (DataType::ChartOfAccounts, "a1", "lineItems.accountRef.id"),
            (DataType::Suppliers, "s1", "supplierRef.id"),
        ]
    );
}

#[test]
fn lines_are_held_against_the_sub_total_and_the_tax() {
    let mut odd = bill();
    odd.line_items[0].sub_total = Some(money("49.99"));
    assert_eq!(
        found(&odd),
        [
            "lines-do-not-make-sub-total subTotal: The sub-total of the lines summed (69.99) is not that of the \
          document (70.00)."
        ]
    );
    // A line with more digits than the document was rounded in the sum; half a cent for each is allowed.
    odd.line_items[0].sub_total = Some(money("50.0049"));
    assert_eq!(found(&odd), [""; 0]);
    odd.line_items[0].sub_total = Some(money("50.0051"));
    assert_eq!(found(&odd).len(), 1);
    // Tax may be rounded on each line, or once on the sum: half a cent for each taxed line.
    let mut odd = bill();
    odd.line_items[0].tax_amount = Some(money("10.01"));
    assert_eq!(found(&odd), [""; 0]);
    odd.line_items[0].tax_amount = Some(money("10.02"));
    assert_eq!(
        found(&odd),
        [
            "lines-do-not-make-tax taxAmount: The tax of the lines summed (14.02) is not that of the document (14.00)."
        ]
    );
    // Nothing is said where a line leaves its amount out, but for a mere description.
    odd.line_items[1].tax_amount = None;
    assert_eq!(found(&odd), [""; 0]);
    odd.line_items[1] = line("0", "0");
    odd.line_items[1].quantity = Decimal::ZERO;
    (odd.line_items[1].sub_total, odd.line_items[1].tax_amount) = (None, None);
    assert_eq!(found(&odd).len(), 2);
}

#[test]
fn sub_total_and_tax_make_the_total() {
    let mut odd = bill();
    odd.total_amount = money("84.01");
    odd.amount_due = Some(money("50.01"));
    assert_eq!(
        found(&odd),
        [
            "total-does-not-add-up totalAmount: The sub-total (70.00) and the tax (14.00) make 84.00, not the total \
          (84.01)."
        ]
    );
    // What is withheld may be taken off the total, or off what is due.
    let mut withheld = bill();
    withheld.withholding_tax = vec![WithholdingTax {
        name: "CIS".into(),
        amount: money("14"),
    }];
    withheld.total_amount = money("70");
    withheld.amount_due = Some(money("36"));
    assert_eq!(found(&withheld), [""; 0]);
    withheld.total_amount = money("84");
    assert_eq!(found(&withheld), [""; 0]);
}

#[test]
fn what_is_due_is_the_total_without_what_was_allocated() {
    let mut odd = bill();
    odd.amount_due = Some(money("49.99"));
    assert_eq!(
        found(&odd),
        [
            "amount-due-does-not-add-up amountDue: The total (84.00) less what was allocated (34.00) is 50.00; \
          `amountDue` is 49.99."
        ]
    );
    odd.payment_allocations.push(allocation(None));
    assert_eq!(
        found(&odd),
        [""; 0],
        "an allocation without an amount: it is not known"
    );
    odd.payment_allocations.clear();
    assert_eq!(found(&odd), [""; 0], "nothing is listed: it is not known");
    odd.payment_allocations.push(allocation(Some("34")));
    odd.status = BillStatus::Void;
    assert_eq!(found(&odd), [""; 0], "nothing is due of a void bill");
    odd.status = BillStatus::Paid;
    assert_eq!(found(&odd).len(), 2, "paid, and something is due");
    odd.amount_due = None;
    assert_eq!(found(&odd), [""; 0]);
}

#[test]
fn quantities_are_odd_only_where_they_cannot_be() {
    let mut odd = bill();
    odd.line_items[0].quantity = Decimal::ZERO;
    odd.line_items[1].quantity = money("-1");
    assert_eq!(
        found(&odd),
        ["quantity-zero lineItems[0].quantity: The quantity is 0, the amount 50.00."]
    );
    odd.line_items[0].sub_total = Some(Decimal::ZERO);
    odd.line_items[0].tax_amount = Some(Decimal::ZERO);
    (odd.sub_total, odd.tax_amount, odd.total_amount) = (money("20"), money("4"), money("24"));
    odd.amount_due = Some(money("-10"));
    assert_eq!(found(&odd), [""; 0], "a description");
    let order = PurchaseOrder {
        id: "r1".into(),
        purchase_order_number: None,
        supplier_ref: None,
        issue_date: None,
        delivery_date: None,
        expected_delivery_date: None,
        payment_due_date: None,
        currency: Some("GBP".into()),
        currency_rate: Some(Decimal::ONE),
        line_items: odd.line_items,
        ship_to: None,
        note: None,
        total_discount: None,
        sub_total: None,
        total_tax_amount: None,
        total_amount: None,
        status: PurchaseOrderStatus::Open,
        supplemental_data: None,
        source_modified_date: None,
    };
    assert_eq!(
        found(&order),
        ["quantity-negative lineItems[1].quantity: The quantity is -1."]
    );
}

#[test]
fn currencies_have_to_exist_and_rates_to_be_usable() {
    let of = |currency: Option<&'static str>, rate: Option<&str>| {
        let mut odd = bill();
        odd.currency = currency.map(Into::into);
        odd.currency_rate = rate.map(money);
        found(&odd)
    };
    for (currency, rate, expected) in [
        (Some("USD"), Some("0.8"), None),
        (
            None,
            None,
            Some("currency-missing currency: The currency is not known."),
        ),
        (
            Some("XXX"),
            Some("1"),
            Some("currency-missing currency: The currency is not known."),
        ),
        (
            Some("QQQ"),
            Some("1"),
            Some("currency-unknown currency: `QQQ` is no currency of ISO 4217."),
        ),
        (
            Some("GB"),
            Some("1"),
            Some("currency-unknown currency: `GB` is no currency of ISO 4217."),
        ),
        (
            Some("gbp"),
            Some("1"),
            Some("currency-unknown currency: `gbp` is no currency of ISO 4217."),
        ),
        (
            Some("USD"),
            Some("0"),
            Some("currency-rate-not-positive currencyRate: The rate is 0."),
        ),
        (
            Some("USD"),
            Some("-1.5"),
            Some("currency-rate-not-positive currencyRate: The rate is -1.5."),
        ),
        (
            Some("USD"),
            None,
            Some(
                "currency-rate-missing currencyRate: There is no rate for USD: what it is in the base currency cannot \
                 be told.",
            ),
        ),
    ] {
        assert_eq!(
            of(currency, rate),
            expected.into_iter().collect::<Vec<_>>(),
            "{currency:?}"
        );
    }
}

#[test]
fn nothing_is_due_before_it_was_issued() {
    let mut odd = bill();
    odd.due_date = Some(day("2027-01-14"));
    assert_eq!(
        found(&odd),
        ["due-before-issued dueDate: It is due on 2027-01-14, before it was issued on 2027-01-15."]
    );
}

#[test]
fn tracking_is_named_once_and_alike() {
    let category = |id: &'static str| CategoryRef {
        id: id.into(),
        name: None,
    };
    let mut odd = bill();
    odd.line_items[1].tracking_category_refs = vec![category("north"), category("north")];
    odd.line_items[1].tracking = Some(Tracking {
        category_refs: vec![category("south")],
        customer_ref: None,
        is_billed_to: BilledTo::Unknown,
        is_rebilled_to: BilledTo::Unknown,
    });
    assert_eq!(
        found(&odd),
        [
            "tracking-repeated lineItems[1].trackingCategoryRefs: The tracking category `north` is named twice.",
            "tracking-contradicts-itself lineItems[1].tracking.categoryRefs: They are not the line's \
             `trackingCategoryRefs`."
        ]
    );
}

#[test]
fn a_payment_is_its_lines_and_each_line_its_uses() {
    let part = |amount: &str, used: &str| PaymentLine {
        amount: money(amount),
        links: vec![PaymentLink {
            kind: PaymentLinkType::Invoice,
            id: Some("i1".into()),
            amount: Some(money(used)),
            currency_rate: None,
        }],
        allocated_on_date: None,
    };
    let mut payment = Payment {
        id: "r1".into(),
        customer_ref: None,
        account_ref: None,
        payment_method_ref: None,
        total_amount: Some(money("10.00")),
        currency: Some("GBP".into()),
        currency_rate: Some(Decimal::ONE),
        date: day("2027-01-15"),
        note: None,
        lines: vec![part("6", "-6"), part("4.00", "-4")],
        reference: None,
        supplemental_data: None,
        source_modified_date: None,
    };
    assert_eq!(found(&payment), [""; 0]);
    payment.lines[1] = part("5", "-4");
    assert_eq!(
        found(&payment),
        [
            "lines-do-not-make-payment lines: The lines summed (11) are not the payment (10.00).",
            "payment-line-does-not-cancel-out lines[1].links: The line's amount (5) and its links (-4) do not cancel \
             out."
        ]
    );
    let references = validate(&payment, "r1").references;
    assert_eq!((references.len(), references[0].target), (1, DataType::Invoices));
}

#[test]
fn debits_equal_credits() {
    let line = |amount: &str| JournalLine {
        description: None,
        net_amount: money(amount),
        transaction_amount: None,
        currency: None,
        transaction_currency: None,
        account_ref: None,
        tracking: None,
        contact_ref: None,
    };
    let mut journal = JournalEntry {
        id: "r1".into(),
        description: None,
        posted_on: None,
        created_on: None,
        updated_on: None,
        journal_ref: None,
        journal_lines: vec![line("100"), line("-60.00"), line("-60.00")],
        tax_beside_lines: money("20"),
        record_ref: None,
        supplemental_data: None,
        source_modified_date: None,
    };
    assert_eq!(found(&journal), [""; 0]);
    journal.tax_beside_lines = Decimal::ZERO;
    assert_eq!(
        found(&journal),
        ["journal-does-not-balance journalLines: Debits are 100 and credits 120.00: they differ by -20.00."]
    );
}

#[test]
fn what_leaves_one_account_reaches_the_other() {
    let side = |id: &'static str, amount: &str| {
        Some(TransferAccount {
            account_ref: Some(RecordRef {
                id: id.into(),
                data_type: DataType::BankAccounts,
            }),
            currency: Some("GBP".into()),
            amount: Some(money(amount)),
        })
    };
    let mut transfer = Transfer {
        id: "r1".into(),
        description: None,
        contact_ref: None,
        date: None,
        from: side("b1", "10"),
        to: side("b2", "10.00"),
        status: BankStatus::Unreconciled,
        tracking_category_refs: Vec::new(),
        deposited_record_refs: Vec::new(),
        supplemental_data: None,
        source_modified_date: None,
    };
    assert_eq!(found(&transfer), [""; 0]);
    transfer.to = side("b1", "11");
    assert_eq!(
        found(&transfer),
        [
            "transfer-to-itself to.accountRef.id: The money leaves and reaches the same account, `b1`.",
            "transfer-amounts-differ to.amount: 10 leaves one account and 11 reaches the other, in the same currency."
        ]
    );
}

#[test]
fn a_transaction_is_its_lines() {
    let mut transaction = AccountTransaction {
        id: "r1".into(),
        transaction_id: None,
        note: None,
        bank_account_ref: None,
        date: None,
        status: BankStatus::Reconciled,
        currency: Some("GBP".into()),
        currency_rate: None,
        lines: vec![AccountTransactionLine {
            description: None,
            record_ref: None,
            amount: Some(money("-5")),
        }],
        total_amount: Some(money("-5.00")),
        source_modified_date: None,
    };
    assert_eq!(found(&transaction), [""; 0]);
    transaction.total_amount = Some(money("5"));
    assert_eq!(
        found(&transaction),
        ["lines-do-not-make-transaction lines: The lines summed (-5) are not the transaction (5)."]
    );
}
