use ledgerline_model::push::{ExpenseKind, TrackingKind};
use serde_json::{Value, json};

use super::check::Problems;
use super::{ExpenseBody, OneOrMany};

fn body() -> Value {
    json!({
        "id": "exp-001", "type": "Payment", "issueDate": "2026-03-05T23:30:00+01:00", "currency": "gbp",
        "currencyRate": 1, "merchantName": "Stationery Hut",
        "contactRef": { "id": "v1", "type": "Supplier" }, "bankAccountRef": { "id": "b1" },
        "lines": [{
            "netAmount": 100.00, "taxAmount": 10.00, "taxRateRef": { "id": "T2" }, "accountRef": { "id": "a1" },
            "trackingRefs": [{ "id": "c1", "dataType": "trackingCategories" }],
            "invoiceTo": { "id": "k1", "type": "Customer" },
        }],
        "notes": "Pens", "postAsDraft": true,
    })
}

fn messages(body: &str) -> Vec<String> {
    let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(body).unwrap();
    let mut problems = Problems::default();
    match &parsed {
        OneOrMany::One(one) => drop(one.checked("", &mut problems)),
        OneOrMany::Many(many) => {
            for (index, one) in many.iter().enumerate() {
                drop(one.checked(&format!("[{index}]."), &mut problems));
            }
        }
    }
    problems.0
}

#[test]
fn an_expense_is_one_or_a_list_and_keeps_its_digits() {
    let text = body().to_string().replace("100.0", "100.10");
    for text in [text.clone(), format!("[{text}]")] {
        let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(&text).unwrap();
        let expenses = parsed.checked().unwrap();
        let [expense] = &expenses[..] else {
            panic!("{expenses:?}");
        };
        assert_eq!(expense.id, "exp-001");
        assert_eq!(expense.kind, ExpenseKind::Payment);
        // The date as it is written, not that of the instant in another zone.
        assert_eq!(expense.issue_date.to_string(), "2026-03-05");
        assert_eq!(expense.currency, "GBP");
        assert_eq!(expense.lines[0].net.to_string(), "100.10");
        assert_eq!(expense.lines[0].tracking[0].kind, TrackingKind::Category);
        assert_eq!(expense.lines[0].invoice_to.as_deref(), Some("k1"));
        assert!(expense.post_as_draft);
        let shown: ExpenseBody = expense.clone().into();
        let shown = serde_json::to_string(&shown).unwrap();
        assert!(
            shown.contains(r#""netAmount":100.10,"taxAmount":10.0,"#),
            "{shown}"
        );
    }
    assert!(serde_json::from_str::<OneOrMany<ExpenseBody>>("5").is_err());
}

#[test]
fn what_is_wrong_is_told_with_the_path_of_its_field() {
    for (pointer, value, expected) in [
        ("/id", json!(""), "id must have 1 to 1000 bytes"),
        ("/type", json!("payment"), "type must be one of: Payment"),
        (
            "/issueDate",
            json!("2026-02-30"),
            "issueDate must be a valid ISO 8601 date",
        ),
        (
            "/issueDate",
            json!("2026-03-05 or so"),
            "issueDate must be a valid ISO 8601 date",
        ),
        (
            "/issueDate",
            json!("5 March"),
            "issueDate must be a valid ISO 8601 date",
        ),
        (
            "/currency",
            json!("EURO"),
            "currency must be a valid ISO 4217 code",
        ),
        (
            "/currencyRate",
            json!(0),
            "currencyRate must be a positive number",
        ),
        ("/merchantName", json!(" "), "merchantName must have"),
        (
            "/contactRef/type",
            json!("Vendor"),
            "contactRef.type must be one of: Supplier, Customer",
        ),
        (
            "/bankAccountRef/id",
            json!(""),
            "bankAccountRef.id should not be empty",
        ),
        ("/lines", json!([]), "lines should not be empty"),
        (
            "/lines/0/accountRef/id",
            json!(""),
            "lines[0].accountRef.id should not be empty",
        ),
        (
            "/lines/0/trackingRefs/0/dataType",
            json!("departments"),
            "lines[0].trackingRefs[0].dataType must be one of: trackingCategories",
        ),
        (
            "/lines/0/invoiceTo/type",
            json!("Supplier"),
            "lines[0].invoiceTo.type must be one of: Customer",
        ),
    ] {
        let mut body = body();
        *body.pointer_mut(pointer).unwrap() = value;
        let found = messages(&body.to_string());
        assert!(
            found.len() == 1 && found[0].starts_with(expected),
            "{pointer}: {found:?}"
        );
        let found = messages(&format!("[{},{body}]", self::body()));
        assert!(found[0].starts_with(&format!("[1].{expected}")), "{found:?}");
    }
    let twice = format!("[{},{}]", body(), body());
    let parsed: OneOrMany<ExpenseBody> = serde_json::from_str(&twice).unwrap();
    assert!(parsed.checked().is_err(), "the same id twice");
}
