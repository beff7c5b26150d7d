use ledgerline_model::push::{Contact, ContactKind, ExpenseKind, TrackingKind};
use serde_json::value::RawValue;

use super::*;

const ID: &str = "1f0e7f6a-4f3c-4d1e-9a51-0b7c5e2d9a11";

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

/// A legal transaction in which `from` stands as `to`.
fn with(from: &str, to: &str) -> String {
    let json = format!(
        r#"{{"id":"{ID}","type":"Payment","issueDate":"2027-03-05T00:00:00Z","currency":"GBP","currencyRate":null,"contactRef":{{"id":"sup-1"}},"merchantName":"Harbour Stationers","lines":[{{"netAmount":40.00,"taxAmount":8.00,"taxRateRef":{{"id":"T20"}},"accountRef":{{"id":"acc-7"}},"trackingRefs":[{{"id":"trk-1"}}]}}],"notes":"paper"}}"#
    );
    assert!(json.contains(from), "{from}");
    json.replacen(from, to, 1)
}

fn dataset(item: &str) -> Result<Expense, Vec<Problem>> {
    match created(&raw(&format!(r#"{{"items":[{item}]}}"#)))? {
        Created::Dataset(mut expenses) => Ok(expenses.remove(0)),
        Created::Sync(_) => panic!("taken for the second version"),
    }
}

#[test]
fn every_field_of_a_transaction_is_taken_over() {
    let expense = dataset(&with("", "")).unwrap();
    assert_eq!(
        serde_json::to_string(&expense).unwrap(),
        format!(
            r#"{{"id":"{ID}","kind":"payment","issue_date":"2027-03-05","currency":"GBP","contact":{{"id":"sup-1","kind":"supplier"}},"merchant_name":"Harbour Stationers","lines":[{{"net":40.00,"tax":8.00,"tax_rate":"T20","account":"acc-7","tracking":[{{"id":"trk-1","kind":"category"}}]}}],"notes":"paper"}}"#
        )
    );
}

#[test]
fn the_words_of_2023_and_of_today_mean_the_same() {
    for (from, to) in [
        ("\"Payment\"", "\"payment\""),
        ("\"type\"", "\"Type\""),
        (r#""id":"sup-1""#, r#""id":"sup-1","contactType":1"#),
        (r#""id":"sup-1""#, r#""id":"sup-1","contactType":"Supplier""#),
        (r#""id":"sup-1""#, r#""id":"sup-1","type":"supplier""#),
        ("\"GBP\"", "\"gbp\""),
        ("40.00", "\"40.00\""),
        (ID, &ID.to_uppercase()),
        (
            r#""id":"trk-1""#,
            r#""id":"trk-1","dataType":"trackingCategories""#,
        ),
        (
            ",\"notes\"",
            ",\"postAsDraft\":null,\"somethingNew\":{\"x\":[1]},\"notes\"",
        ),
    ] {
        assert_eq!(dataset(&with(from, to)), dataset(&with("", "")), "{to}");
    }
    for (name, kind) in TYPES {
        let expense = dataset(&with("Payment", &name.to_lowercase())).unwrap();
        assert_eq!(expense.kind, kind);
    }
}

#[test]
fn what_is_wrong_is_told_by_field() {
    let long = format!("\"{}\"", "x".repeat(4001));
    for (from, to, item, message) in [
        (
            "40.00",
            "-0.01",
            "Items[0].Lines[0].NetAmount",
            "The field NetAmount must be between 0 and 5000000.",
        ),
        (
            "8.00",
            "5000000.01",
            "Items[0].Lines[0].TaxAmount",
            "The field TaxAmount must be between 0 and 5000000.",
        ),
        (
            "40.00",
            "\"forty\"",
            "Items[0].Lines[0].NetAmount",
            "The field NetAmount must be a number of at most 28 digits.",
        ),
        (
            r#""taxAmount":8.00,"#,
            "",
            "Items[0].Lines[0].TaxAmount",
            "The field TaxAmount is required.",
        ),
        (
            r#""accountRef":{"id":"acc-7"},"#,
            "",
            "Items[0].Lines[0].AccountRef",
            "The field AccountRef is required.",
        ),
        (
            r#"{"id":"acc-7"}"#,
            "{}",
            "Items[0].Lines[0].AccountRef.Id",
            "The field Id is required.",
        ),
        (
            r#"{"id":"acc-7"}"#,
            "\"acc-7\"",
            "Items[0].Lines[0].AccountRef",
            "An object is expected here.",
        ),
        (ID, "expense-7", "Items[0].Id", "The field Id must be a UUID."),
        (ID, " ", "Items[0].Id", "The field Id is required."),
        (
            "\"Payment\"",
            "\"Purchase\"",
            "Items[0].Type",
            "The field Type must be one of Payment, Refund, Reward, Chargeback, TransferIn, TransferOut, AdjustmentIn, AdjustmentOut.",
        ),
        (
            "2027-03-05T00:00:00Z",
            "5 March",
            "Items[0].IssueDate",
            "The field IssueDate must be a date, e.g. 2027-03-05 or 2027-03-05T00:00:00Z.",
        ),
        (
            "\"GBP\"",
            "\"£\"",
            "Items[0].Currency",
            "The field Currency must be a currency by its three letters, e.g. GBP.",
        ),
        (
            r#""currencyRate":null"#,
            r#""currencyRate":0"#,
            "Items[0].CurrencyRate",
            "The field CurrencyRate must be greater than 0 and have at most 9 decimal places.",
        ),
        (
            r#""id":"sup-1""#,
            r#""id":"sup-1","contactType":"Customer""#,
            "Items[0].ContactRef.ContactType",
            "The field ContactType must be Supplier.",
        ),
        (
            r#""id":"trk-1""#,
            r#""id":"trk-1","dataType":"items""#,
            "Items[0].Lines[0].TrackingRefs[0].DataType",
            "The field DataType must be trackingCategories or customers.",
        ),
        (
            "\"paper\"",
            &long,
            "Items[0].Notes",
            "The field Notes must hold at most 4000 characters, and none that is no text.",
        ),
        (
            "\"Harbour Stationers\"",
            "\"a\\u0000b\"",
            "Items[0].MerchantName",
            "The field MerchantName must hold at most 4000 characters, and none that is no text.",
        ),
    ] {
        let expected = Problem {
            item: item.to_owned(),
            message: message.to_owned(),
        };
        assert_eq!(dataset(&with(from, to)), Err(vec![expected]), "{to}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let two = format!("{},{}", with("40.00", "-1"), with("\"GBP\"", "7"));
    let problems = dataset(&two).unwrap_err();
    let items: Vec<_> = problems.iter().map(|problem| problem.item.as_str()).collect();
    assert_eq!(items, ["Items[0].Lines[0].NetAmount", "Items[1].Currency"]);
}

#[test]
fn lists_have_their_bounds() {
    let of = |count: usize, thing: &str| vec![thing; count].join(",");
    let line = r#"{"netAmount":1,"taxAmount":0,"accountRef":{"id":"a"}}"#;
    let lines = |count| {
        let json = with("", "");
        let start = json.find("\"lines\":[").unwrap() + "\"lines\":[".len();
        let end = json.find("],\"notes\"").unwrap();
        format!("{}{}{}", &json[..start], of(count, line), &json[end..])
    };
    assert_eq!(dataset(&lines(100)).unwrap().lines.len(), 100);
    for count in [0, 101] {
        let problem = dataset(&lines(count)).unwrap_err().remove(0);
        assert_eq!(problem.item, "Items[0].Lines");
        assert_eq!(
            problem.message,
            "The field Lines must hold between 1 and 100 items."
        );
    }
    for body in [r#"{"items":[]}"#, &format!(r#"{{"items":[{}]}}"#, of(51, "{}"))] {
        let problem = created(&raw(body)).unwrap_err().remove(0);
        assert_eq!(
            problem.message,
            "The field Items must hold between 1 and 50 items."
        );
    }
    assert_eq!(
        created(&raw("{}")).unwrap_err()[0].message,
        "The field Items is required."
    );
    assert_eq!(
        created(&raw("[]")).unwrap_err()[0].message,
        "The list must hold between 1 and 50 items."
    );
    assert_eq!(
        created(&raw("7")).unwrap_err()[0].message,
        "An object is expected here."
    );
    let twice = format!("{},{}", with("", ""), with(ID, &ID.to_uppercase()));
    assert_eq!(dataset(&twice).unwrap_err()[0].item, "Items[1].Id");
}

#[test]
fn a_bare_list_is_of_the_second_version_where_less_is_required() {
    let item = with(
        r#""taxAmount":8.00,"taxRateRef":{"id":"T20"},"accountRef":{"id":"acc-7"},"trackingRefs":[{"id":"trk-1"}]"#,
        r#""trackingRefs":[{"id":"cus-2","dataType":"customers"}],"invoiceTo":{"id":"cus-2","type":"customer"}"#,
    );
    let item = item.replacen(
        "\"notes\"",
        r#""postAsDraft":true,"bankAccountRef":{"id":"bank-2"},"notes""#,
        1,
    );
    let Created::Sync(expenses) = created(&raw(&format!("[{item}]"))).unwrap() else {
        panic!("taken for a dataset");
    };
    let expense = &expenses[0];
    assert_eq!(expense.lines[0].account, None);
    assert_eq!(expense.lines[0].tracking[0].kind, TrackingKind::Customer);
    assert_eq!(expense.lines[0].invoice_to.as_deref(), Some("cus-2"));
    assert_eq!(expense.bank_account.as_deref(), Some("bank-2"));
    assert!(expense.post_as_draft);
    assert_eq!(created(&raw("[7]")).unwrap_err()[0].item, "[0]");
}

#[test]
fn an_update_needs_no_currency_and_has_the_id_of_its_path() {
    let body = with("\"currency\":\"GBP\",", "");
    let update = updated(&raw(&body), ID).unwrap();
    assert_eq!((update.currency, update.expense.id.as_str()), (None, ID));
    assert_eq!(
        update.expense.merchant_name.as_deref(),
        Some("Harbour Stationers")
    );
    let update = updated(&raw(&with("", "")), ID).unwrap();
    assert_eq!(update.currency.as_deref(), Some("GBP"));
}

#[test]
fn an_adjustment_is_one_account_against_the_others() {
    let adjustment = |amounts: &[&str]| {
        let lines: Vec<_> = amounts
            .iter()
            .enumerate()
            .map(|(index, amount)| format!(r#"{{"amount":{amount},"accountRef":{{"id":"a{index}"}}}}"#))
            .collect();
        let lines = lines.join(",");
        adjustments(&raw(&format!(
            r#"[{{"id":"{ID}","date":"2027-03-05","currency":"GBP","reference":"odd pence","lines":[{lines}]}}]"#
        )))
    };
    let made = adjustment(&["30", "20.00", "-50"]).unwrap().remove(0);
    assert_eq!(made.kind, ExpenseKind::AdjustmentOut);
    assert_eq!(made.bank_account.as_deref(), Some("a2"));
    assert_eq!(made.total().to_string(), "50.00");
    let made = adjustment(&["-30", "50", "-20"]).unwrap().remove(0);
    assert_eq!(made.kind, ExpenseKind::AdjustmentIn);
    assert_eq!(made.bank_account.as_deref(), Some("a1"));
    assert_eq!(made.lines[1].net.to_string(), "20");
    for amounts in [&["30", "-20"][..], &["1", "2", "-1", "-2"], &["1"], &["0", "0"]] {
        let problems = adjustment(amounts).unwrap_err();
        assert_eq!(problems[0].item, "[0].Lines", "{amounts:?}");
    }
}

#[test]
fn a_transfer_goes_from_one_account_to_another() {
    let body = |amount: &str, to: &str| {
        raw(&format!(
            r#"{{"description":"top up","date":"2027-03-05T00:00:00+00:00","from":{{"accountRef":{{"id":"bank-1"}},"amount":100}},"to":{{"accountRef":{{"id":"{to}"}},"amount":{amount}}}}}"#
        ))
    };
    let made = transfer(&body("100.00", "bank-2"), ID).unwrap();
    assert_eq!(made.from, "bank-1");
    assert_eq!(made.expense.kind, ExpenseKind::TransferOut);
    assert_eq!(made.expense.bank_account.as_deref(), Some("bank-1"));
    assert_eq!(made.expense.lines[0].account.as_deref(), Some("bank-2"));
    assert_eq!(transfer(&body("99", "bank-2"), ID).unwrap_err()[0].item, "To");
    assert_eq!(transfer(&body("100", "bank-1"), ID).unwrap_err()[0].item, "To");
    assert_eq!(transfer(&raw("{}"), ID).unwrap_err().len(), 3);
}

#[test]
fn a_reimbursement_is_owed_to_an_employee() {
    let body = format!(
        r#"{{"id":"{ID}","contactRef":{{"id":"emp-1"}},"apAccountRef":{{"id":"ap"}},"issueDate":"2027-03-05","dueDate":"2027-04-05","currency":"GBP","reference":"trip 7","notes":"train","lines":[{{"netAmount":12.5,"description":"to York"}}]}}"#
    );
    let made = reimbursements(&raw(&format!("[{body}]"))).unwrap().remove(0);
    assert_eq!(made.kind, ExpenseKind::Reimbursement);
    assert_eq!(made.bank_account.as_deref(), Some("ap"));
    let employee = Contact {
        id: "emp-1".to_owned(),
        kind: ContactKind::Supplier,
    };
    assert_eq!(made.contact, Some(employee));
    assert_eq!(made.lines[0].description.as_deref(), Some("to York"));
    assert_eq!(made.due_date, Some("2027-04-05".parse().unwrap()));
    assert_eq!(made.notes.as_deref(), Some("trip 7 - train"));
    let other = "2f0e7f6a-4f3c-4d1e-9a51-0b7c5e2d9a11";
    assert_eq!(reimbursement(&raw(&body), other).unwrap().id, other);
}
