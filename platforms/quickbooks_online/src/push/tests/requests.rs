use insta::assert_snapshot;
use ledgerline_model::push::{ContactKind, ExpenseKind, Leg, Order, TrackingKind};
use ledgerline_platform::push::{Posted, Push};
use ledgerline_platform_testing::{category, line, shown};

use super::fakes::{key, order, references};
use crate::push::QuickBooksPush;

fn prepare(order: &Order, country: &str) -> String {
    shown(QuickBooksPush.prepare(order, &key("t-1", 0), &references(country)))
}

#[test]
fn a_payment_is_a_purchase_by_the_type_of_its_account() {
    let mut by_card = order(ExpenseKind::Payment, "41", "56", "90");
    by_card.lines[0].tracking = vec![category("CLASS_7"), category("DEPARTMENT_2")];
    by_card.lines[0].invoice_to = Some("12".into());
    let mut from_bank = order(ExpenseKind::Payment, "35", "56", "90");
    from_bank.lines.push(line("1.00", "0.20", "NON", "91"));
    let mut customer = category("13");
    customer.kind = TrackingKind::Customer;
    from_bank.lines[1].tracking = vec![customer];
    assert_snapshot!(format!(
        "{}\n{}",
        prepare(&by_card, "US"),
        prepare(&from_bank, "US")
    ));
}

#[test]
fn what_comes_back_is_a_credit_of_a_card_or_a_deposit_to_a_bank_account() {
    let to_card = order(ExpenseKind::Refund, "41", "56", "90");
    let mut to_bank = order(ExpenseKind::Reward, "35", "56", "90");
    to_bank.lines[0].tracking = vec![category("CLASS_7")];
    assert_snapshot!(format!(
        "{}\n{}",
        prepare(&to_card, "US"),
        prepare(&to_bank, "US")
    ));
}

#[test]
fn outside_the_united_states_tax_is_told_by_its_code() {
    let mut payment = order(ExpenseKind::Payment, "35", "56", "90");
    payment.lines = vec![line("10.00", "2.00", "6", "90")];
    let taxed = prepare(&payment, "GB");
    payment.lines = vec![line("10.00", "0", "NON", "90")];
    let untaxed = prepare(&payment, "GB");
    payment.lines[0].tax = "2".parse().unwrap();
    let codeless = prepare(&payment, "GB");
    payment.lines.push(line("10.00", "2.00", "6", "90"));
    assert_snapshot!(format!(
        "{taxed}\n{untaxed}\n{codeless}\n{}",
        prepare(&payment, "GB")
    ));
}

#[test]
fn a_deposit_says_its_tax_as_quickbooks_adds_it() {
    let mut refund = order(ExpenseKind::Refund, "35", "56", "90");
    refund.lines = vec![line("10.02", "2.00", "6", "90")];
    let added = prepare(&refund, "GB");
    refund.lines[0].tax = "2.01".parse().unwrap();
    let other = prepare(&refund, "GB");
    refund.lines[0].tax_rate = Some("7".into());
    assert_snapshot!(format!("{added}\n{other}\n{}", prepare(&refund, "GB")));
}

#[test]
fn another_currency_comes_with_its_rate() {
    let mut payment = order(ExpenseKind::Payment, "41", "56", "90");
    payment.currency = "USD".into();
    payment.currency_rate = Some("0.79".parse().unwrap());
    assert_snapshot!(prepare(&payment, "GB"));
    payment.currency = "GBP".into();
    assert!(!prepare(&payment, "GB").contains("ExchangeRate"));
}

#[test]
fn transfers_adjustments_and_reimbursements() {
    let transfers = [ExpenseKind::TransferIn, ExpenseKind::TransferOut]
        .map(|kind| prepare(&order(kind, "35", "56", "41"), "US"));
    let adjustments = [ExpenseKind::AdjustmentIn, ExpenseKind::AdjustmentOut].map(|kind| {
        let mut order = order(kind, "35", "12", "90");
        order.contact.as_mut().unwrap().kind = ContactKind::Customer;
        order.lines.push(line("-4.60", "0", "NON", "91"));
        order.lines[1].tracking = vec![category("DEPARTMENT_2")];
        prepare(&order, "US")
    });
    let bills = [("33", Some("2026-04-04")), ("35", None)].map(|(account, due)| {
        let mut order = order(ExpenseKind::Reimbursement, account, "56", "90");
        order.due_date = due.map(|due| due.parse().unwrap());
        prepare(&order, "US")
    });
    assert_snapshot!([transfers, adjustments, bills].concat().join("\n"));
}

#[test]
fn other_content_is_sent_to_the_same_transaction_in_the_version_that_we_know() {
    let posted = Posted {
        object: "Purchase".into(),
        id: "144".into(),
        version: Some("3".into()),
        data_type: Some("directCosts".into()),
    };
    let mut payment = order(ExpenseKind::Payment, "35", "56", "91");
    let key = key("t-1", 1);
    let changed = QuickBooksPush.prepare_update(&payment, &posted, &key, &references("US"));
    payment.kind = ExpenseKind::Refund;
    let turned = QuickBooksPush.prepare_update(&payment, &posted, &key, &references("US"));
    assert_snapshot!(format!("{}\n{}", shown(changed), shown(turned)));
}

#[test]
fn what_quickbooks_would_book_otherwise_is_refused_by_its_field() {
    type Change = fn(&mut Order);
    let changes: &[(ExpenseKind, Change)] = &[
        (ExpenseKind::Payment, |order| order.leg = Leg::BankFeed),
        (ExpenseKind::Payment, |order| order.is_draft = true),
        (ExpenseKind::Payment, |order| order.bank_account = "90".into()),
        (ExpenseKind::Payment, |order| order.bank_account = "1".into()),
        (ExpenseKind::Payment, |order| order.lines[0].account = "1".into()),
        (ExpenseKind::Payment, |order| {
            order.lines[0].net = "1.005".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].net = "-1".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tracking = vec![category("7")]
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tracking = vec![category("CLASS_7"), category("CLASS_8")];
        }),
        (ExpenseKind::Payment, |order| {
            order.lines.push(line("1", "0", "NON", "91"));
            order.lines[0].tracking = vec![category("DEPARTMENT_2")];
            order.lines[1].tracking = vec![category("DEPARTMENT_3")];
        }),
        (ExpenseKind::Refund, |order| order.bank_account = "90".into()),
        (ExpenseKind::Refund, |order| {
            order.lines[0].invoice_to = Some("12".into())
        }),
        (ExpenseKind::TransferOut, |order| order.bank_account = "90".into()),
        (ExpenseKind::TransferOut, |order| order.lines.clear()),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].account = "35".into()
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].tax = "1".parse().unwrap()
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].tracking = vec![category("CLASS_7")]
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines.push(line("1", "0", "NON", "90"))
        }),
        (ExpenseKind::AdjustmentIn, |order| {
            order.lines[0].tax = "1".parse().unwrap()
        }),
        (ExpenseKind::AdjustmentIn, |order| {
            order.lines[0].invoice_to = Some("12".into())
        }),
        (ExpenseKind::Reimbursement, |order| order.contact = None),
    ];
    let refusals = changes.iter().map(|(kind, change)| {
        let account = if kind.is_transfer() { "41" } else { "90" };
        let mut order = order(*kind, "35", "56", account);
        change(&mut order);
        prepare(&order, "GB")
    });
    assert_snapshot!(refusals.collect::<Vec<_>>().join("\n"));
}
