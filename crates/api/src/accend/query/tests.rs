use super::*;

fn fault(text: &str) -> String {
    parse_filter(text).unwrap_err().to_string()
}

#[test]
fn every_function_of_the_language_is_understood() {
    for text in [
        r#"contains_any("link_connections", "all")"#,
        r#"contains_any("link_connections", ["xero", "all"])"#,
        r#"contains_all("link_connections", ["xero"])"#,
        r#"contains_none("link_connections", "xero")"#,
        r#"contains_any("link_connections.status", ["active", "error"])"#,
        r#"eq("currency", "USD")"#,
        r#"eq("currency", null)"#,
        r#"ne("legal_name", "A \"quoted\" ü \u00fc name")"#,
        r#"eq("customer_id", "sp_cust_019b6a00000070008000000000000001")"#,
        r#"in("customer_id", ["019b6a00-0000-7000-8000-000000000001"])"#,
        r#"in("currency", [])"#,
        r#"gt("created_at", "2026-01-01")"#,
        r#"gte("updated_at", "2026-01-01T00:00:00Z")"#,
        r#"lt("legal_name", "m")"#,
        r#"lte("link_connections.last_sync_at", "2026-01-01T00:00:00+02:00")"#,
        r#"between("created_at", "2026-01-01", "2026-12-31")"#,
        r#"contains("legal_name", "bäck")"#,
        r#"starts_with("external_customer_id", "CUST-")"#,
        r#"is_null("external_customer_id")"#,
        r#"is_not_null("link_connections")"#,
        "  and ( eq ( \"currency\" , \"USD\" ) ,\n\tor(not(is_null(\"currency\"))) )  ",
    ] {
        assert!(parse_filter(text).is_ok(), "{text}: {:?}", parse_filter(text));
    }
}

#[test]
fn what_cannot_be_understood_is_named_with_its_position() {
    for (text, expected) in [
        ("", "position 1: a filter is a call"),
        ("contains_any", "position 13: `(` is missing"),
        ("contains_any(", "position 14: the filter breaks off"),
        (
            "frobnicate(\"currency\", 1)",
            "position 1: there is no function `frobnicate`",
        ),
        (
            "eq(\"colour\", \"red\")",
            "position 4: there is no field `colour`",
        ),
        (
            "eq(currency, \"USD\")",
            "position 12: `(` is missing after `currency`",
        ),
        ("eq(\"currency\")", "position 1: `eq` takes 2 arguments, not 1"),
        (
            "eq(\"currency\", \"USD\", \"EUR\")",
            "position 1: `eq` takes 2 arguments, not 3",
        ),
        ("and()", "position 1: `and` takes at least 1 argument, not 0"),
        ("and(\"x\")", "position 5: `and` joins calls"),
        (
            "not(eq(\"currency\",\"USD\"),eq(\"currency\",\"USD\"))",
            "position 1: `not` takes 1 argument",
        ),
        ("eq(\"currency\", 5)", "position 16: a text in double quotes"),
        ("eq(\"currency\", true)", "position 16: a text in double quotes"),
        (
            "eq(\"currency\", [\"USD\"])",
            "position 16: a text in double quotes",
        ),
        ("eq(\"created_at\", \"yesterday\")", "position 18: an instant"),
        (
            "gt(\"customer_id\", \"x\")",
            "position 19: the values of `customer_id` have no order",
        ),
        ("eq(\"customer_id\", \"x\")", "position 19: the id of a customer"),
        (
            "eq(\"link_connections.status\", \"linked\")",
            "position 31: one of \"active\"",
        ),
        (
            "eq(\"link_connections\", \"all\")",
            "position 24: `link_connections` is asked about with",
        ),
        (
            "contains_any(\"currency\", \"USD\")",
            "position 26: `currency` is one value",
        ),
        (
            "contains_any(\"link_connections\", 7)",
            "position 34: `\"all\"` or the key of a platform",
        ),
        (
            "contains(\"created_at\", \"2026\")",
            "position 24: `created_at` holds no text",
        ),
        ("in(\"currency\", \"USD\")", "position 16: a list"),
        ("eq(\"currency\", \"USD)", "position 16: the text has no closing"),
        (
            "eq(\"currency\", \"\\ud800\")",
            "position 16: the text is no valid JSON string",
        ),
        ("eq(\"currency\", \"\\u0000\")", "position 16: no text here holds"),
        ("eq(\"currency\", 1.2.3)", "position 16: `1.2.3` is no number"),
        ("eq(\"currency\" \"USD\")", "position 15: `,` or `)` is missing"),
        (
            "eq(\"currency\", \"USD\") or eq(1,2)",
            "position 23: the filter goes on after its end",
        ),
        (
            "eq(\"currency\", 'USD')",
            "position 16: a call, a text in double quotes",
        ),
        ("eq(\"ü\", 'USD')", "position 9: a call, a text in double quotes"),
    ] {
        let fault = fault(text);
        assert!(fault.starts_with(expected), "{text}: {fault}");
    }
}

#[test]
fn length_depth_and_number_are_limited() {
    let one = r#"eq("currency","USD")"#;
    let nested = |depth: usize| format!("{}{one}{}", "not(".repeat(depth), ")".repeat(depth));
    assert!(parse_filter(&nested(7)).is_ok());
    assert!(fault(&nested(8)).contains("nest at most 8 deep"));
    assert!(fault(&nested(400)).contains("nest at most 8 deep"));
    let many = |calls: usize| format!("or({})", vec![one; calls].join(","));
    assert!(parse_filter(&many(49)).is_ok());
    assert!(fault(&many(50)).contains("at most 50 calls"));
    let long = format!(r#"eq("currency","{}")"#, "x".repeat(2100));
    assert!(fault(&long).contains("at most 2048 bytes"));
}
