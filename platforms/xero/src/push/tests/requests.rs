use insta::assert_snapshot;
use ledgerline_model::push::{ExpenseKind, Leg, Order};
use ledgerline_platform::push::{Posted, Push};
use ledgerline_platform_testing::{category, line, shown};

use super::fakes::{key, order, references};
use crate::push::XeroPush;

fn prepare(order: &Order) -> String {
    shown(XeroPush.prepare(order, &key("t-1", 0), &references()))
}

#[test]
fn a_payment_is_money_spent() {
    let mut payment = order(ExpenseKind::Payment, "card", "stationer", "pens");
    payment.lines.push(line("10", "2.00", "INPUT2", "ink"));
    payment.lines[1].tracking = vec![category("north")];
    assert_snapshot!(prepare(&payment));
}

#[test]
fn a_refund_is_money_received() {
    assert_snapshot!(prepare(&order(ExpenseKind::Refund, "card", "customer", "pens")));
}

#[test]
fn a_payment_from_a_foreign_account_has_xeros_rate() {
    let mut payment = order(ExpenseKind::Payment, "euro", "stationer", "pens");
    payment.currency = "EUR".into();
    payment.currency_rate = Some("0.86".parse().unwrap());
    assert_snapshot!(prepare(&payment));
}

#[test]
fn a_rate_of_an_account_in_the_base_currency_is_not_told() {
    let mut payment = order(ExpenseKind::Payment, "bank", "stationer", "pens");
    payment.currency_rate = Some("0.86".parse().unwrap());
    assert!(!prepare(&payment).contains("CurrencyRate"));
}

#[test]
fn money_leaves_and_arrives_by_transfers() {
    let out = order(ExpenseKind::TransferOut, "bank", "nobody", "card");
    let into = order(ExpenseKind::TransferIn, "bank", "nobody", "card");
    assert_snapshot!(format!("{}\n{}", prepare(&out), prepare(&into)));
}

#[test]
fn an_adjustment_of_a_bank_account_is_money_spent_or_received() {
    let out = prepare(&order(ExpenseKind::AdjustmentOut, "bank", "stationer", "pens"));
    let into = prepare(&order(ExpenseKind::AdjustmentIn, "bank", "stationer", "pens"));
    assert!(out.contains("\"Type\":\"SPEND\""), "{out}");
    assert!(into.contains("\"Type\":\"RECEIVE\""), "{into}");
}

#[test]
fn an_adjustment_of_another_account_is_a_manual_journal() {
    let mut into = order(ExpenseKind::AdjustmentIn, "clearing", "stationer", "pens");
    into.lines.push(line("0.4", "0", "NONE", "ink"));
    let mut out = order(ExpenseKind::AdjustmentOut, "clearing", "stationer", "pens");
    out.lines[0].tracking = vec![category("south")];
    out.is_draft = true;
    assert_snapshot!(format!("{}\n{}", prepare(&into), prepare(&out)));
}

#[test]
fn a_line_of_the_feed_follows_its_connection() {
    let mut payment = order(ExpenseKind::Payment, "card", "stationer", "pens");
    payment.leg = Leg::BankFeed;
    let mut refund = order(ExpenseKind::Refund, "bank", "stationer", "pens");
    refund.leg = Leg::BankFeed;
    refund.merchant_name = None;
    assert_snapshot!(format!("{}\n{}", prepare(&payment), prepare(&refund)));
}

#[test]
fn other_content_is_sent_to_the_same_document() {
    let posted = Posted {
        object: "BankTransaction".into(),
        id: "11111111-2222-3333-4444-555555555555".into(),
        version: None,
        data_type: Some("directCosts".into()),
    };
    let mut payment = order(ExpenseKind::Payment, "bank", "stationer", "ink");
    payment.lines.truncate(1);
    let key = key("t-1", 1);
    let changed = XeroPush.prepare_update(&payment, &posted, &key, &references());
    payment.kind = ExpenseKind::Refund;
    let turned = XeroPush.prepare_update(&payment, &posted, &key, &references());
    assert_snapshot!(format!("{}\n{}", shown(changed), shown(turned)));
}

#[test]
fn what_xero_would_book_otherwise_is_refused_by_its_field() {
    type Change = fn(&mut Order);
    let changes: &[(ExpenseKind, Change)] = &[
        (ExpenseKind::Reimbursement, |_| {}),
        (ExpenseKind::Payment, |order| order.is_draft = true),
        (ExpenseKind::Payment, |order| order.contact = None),
        (ExpenseKind::Payment, |order| {
            order.bank_account = "clearing".into()
        }),
        (ExpenseKind::Payment, |order| {
            order.bank_account = "nowhere".into()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].account = "nowhere".into()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].net = "1.005".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tax = "0.001".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tax = "2".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].net = "-1".parse().unwrap()
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].invoice_to = Some("c".into())
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tracking = vec![category("west")]
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tracking = vec![category("region")]
        }),
        (ExpenseKind::Payment, |order| {
            order.lines[0].tracking = vec![category("north"), category("south")];
        }),
        (ExpenseKind::Payment, |order| {
            let mut customer = category("c");
            customer.kind = ledgerline_model::push::TrackingKind::Customer;
            order.lines[0].tracking = vec![customer];
        }),
        (ExpenseKind::TransferOut, |order| order.is_draft = true),
        (ExpenseKind::TransferOut, |order| order.lines.clear()),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].account = "pens".into()
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].account = "bank".into()
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].tax = "1".parse().unwrap()
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines[0].tracking = vec![category("north")]
        }),
        (ExpenseKind::TransferOut, |order| {
            order.lines.push(line("1", "0", "NONE", "euro"))
        }),
        (ExpenseKind::AdjustmentIn, |order| {
            order.bank_account = "clearing".into();
            order.lines[0].tax = "1".parse().unwrap();
        }),
    ];
    let refusals = changes.iter().map(|(kind, change)| {
        let account = if kind.is_transfer() { "card" } else { "pens" };
        let mut order = order(*kind, "bank", "stationer", account);
        change(&mut order);
        prepare(&order)
    });
    assert_snapshot!(refusals.collect::<Vec<_>>().join("\n"));
}

#[test]
fn each_line_says_something() {
    let mut payment = order(ExpenseKind::Payment, "bank", "stationer", "pens");
    payment.merchant_name = Some(" ".into());
    payment.notes = None;
    payment.lines[0].description = None;
    assert!(prepare(&payment).contains(r#""Description":"Payment""#));
    payment.notes = Some("é".repeat(9_000));
    let XeroBody { description } = body_of(&prepare(&payment));
    assert_eq!(description.chars().count(), 4_000);
}

struct XeroBody {
    description: String,
}

fn body_of(shown: &str) -> XeroBody {
    let (_, rest) = shown.split_once(r#""Description":""#).expect("a description");
    let (description, _) = rest.split_once('"').expect("its end");
    XeroBody {
        description: description.to_owned(),
    }
}
