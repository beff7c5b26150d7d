use proptest::prelude::*;

use super::*;
use crate::DataType;

const INVOICE: &str = r#"{"id":"a1","customerRef":{"id":"c9","companyName":"Straße & Söhne"},"issueDate":"2027-03-31T00:00:00",
    "totalAmount":42.40,"amountDue":0.00,"status":"PartiallyPaid","note":null,"lineItems":[{"description":"x"}],
    "sourceModifiedDate":"2027-03-31T22:15:00.1234560Z"}"#;

#[track_caller]
fn invoice_meets(query: &str) -> bool {
    let filter = Filter::parse(query, Schema::of(DataType::Invoices)).expect(query);
    filter.matches(&Json::of(INVOICE).expect("JSON"))
}

fn refusal(query: &str) -> String {
    match Filter::parse(query, Schema::of(DataType::Invoices)) {
        Ok(filter) => format!("{filter:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn and_binds_tighter_than_or_and_braces_group() {
    assert!(invoice_meets("id=zz && id=zz || id=a1"));
    assert!(invoice_meets("id=a1 || id=zz && id=zz"));
    assert!(!invoice_meets("{id=a1 || id=zz} && id=zz"));
    assert!(invoice_meets(
        "{ {status = partiallypaid} && {totalAmount>42||id=zz} }"
    ));
}

#[test]
fn numbers_compare_as_decimals() {
    assert!(invoice_meets("totalAmount=42.4"));
    assert!(invoice_meets("totalAmount>42.3999999999999999999"));
    assert!(!invoice_meets("totalAmount>42.4"));
    assert!(invoice_meets("amountDue=0"));
    assert!(invoice_meets("amountDue>=-0.00 && amountDue<=0"));
}

#[test]
fn text_compares_whatever_its_case() {
    assert!(invoice_meets("customerRef.companyName = STRASSE & SÖHNE"));
    assert!(invoice_meets("customerRef.companyName ~ sse & s"));
    assert!(invoice_meets("Status != paid && CUSTOMERREF.ID = C9"));
}

#[test]
fn dates_without_a_zone_stay_dates() {
    assert!(invoice_meets("issueDate=2027-03-31"));
    assert!(invoice_meets("issueDate<=2027-03-31T00:00:00-11:00"));
    assert!(!invoice_meets("issueDate>2027-03-31"));
}

#[test]
fn instants_compare_as_instants() {
    assert!(invoice_meets("sourceModifiedDate=2027-03-31T22:15:00.1234560Z"));
    assert!(invoice_meets("sourceModifiedDate>=2027-04-01T00:15:00+02:00"));
    assert!(!invoice_meets("sourceModifiedDate>2027-03-31T22:15:00.123456Z"));
    assert!(invoice_meets("sourceModifiedDate>2027-03-31"));
}

#[test]
fn a_missing_property_equals_nothing() {
    assert!(invoice_meets("metadata.isDeleted!=true"));
    assert!(!invoice_meets("metadata.isDeleted=true"));
    assert!(!invoice_meets("metadata.isDeleted=false"));
    assert!(invoice_meets("note!=x") && !invoice_meets("note=x") && !invoice_meets("dueDate<2099-01-01"));
}

#[test]
fn lists_hold_if_one_member_does_and_not_equal_if_all_do() {
    struct Company(Vec<&'static str>);
    impl Properties for Company {
        fn property(&self, _path: &str) -> Found<'_> {
            Found::Many(self.0.iter().map(|state| Value::Text((*state).into())).collect())
        }
    }
    let schema = Schema {
        noun: "Company",
        text: "dataConnections.status",
        number: "",
        date: "",
        flag: "",
    };
    let meets = |query, states: &[&'static str]| {
        Filter::parse(query, &schema)
            .expect(query)
            .matches(&Company(states.to_vec()))
    };
    let none = "dataConnections.status!=Linked && dataConnections.status!=PendingAuth";
    assert!(meets(none, &[]) && !meets(none, &["Unlinked", "Linked"]));
    assert!(meets("dataConnections.status=linked", &["Unlinked", "Linked"]));
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_reason() {
    for malformed in [
        "",
        "x",
        "status",
        "status=",
        "=paid",
        "status==paid",
        "{status=paid",
        "status=paid}",
        "status=a{b}",
        "a=1 &&",
        "|| a=1",
        "status paid = 1",
        "!status=1",
        "{}",
        "a=1 b=2 && ",
    ] {
        assert_eq!(
            refusal(malformed),
            "Error parsing query - Malformed query.",
            "{malformed}"
        );
    }
    assert_eq!(
        refusal("isCompleted=true"),
        "Error parsing query - Could not resolve property isCompleted on Dataset"
    );
    assert_eq!(
        refusal("lineItems.description=x"),
        "Error parsing query - Could not resolve property lineItems.description on Dataset"
    );
    assert_eq!(
        refusal("totalAmount=cheap"),
        "Error parsing query - totalAmount is a number, which cheap is not"
    );
    assert_eq!(
        refusal("status>Paid"),
        "Error parsing query - status is a text: the operator > does not apply to it"
    );
    assert_eq!(
        refusal("issueDate~2027"),
        "Error parsing query - issueDate is a date: the operator ~ does not apply to it"
    );
    assert_eq!(
        refusal("issueDate>31/03/2027"),
        "Error parsing query - issueDate is a date, which 31/03/2027 is not"
    );
}

#[test]
fn queries_have_limits() {
    let filled = |length: usize| format!("note={}", "x".repeat(length - 5));
    assert!(parse(&filled(2047)).is_ok());
    assert_eq!(parse(&filled(2048)), Err(Error::TooLong));

    let nested = |depth: usize| format!("{}a=1{}", "{".repeat(depth), "}".repeat(depth));
    assert!(parse(&nested(16)).is_ok());
    assert_eq!(parse(&nested(17)), Err(Error::TooDeep));

    let many = |count: usize| vec!["a=1"; count].join("||");
    assert!(parse(&many(64)).is_ok());
    assert_eq!(parse(&many(65)), Err(Error::TooManyClauses));
}

#[test]
fn things_in_memory_are_filtered_ordered_and_paged() {
    struct Named(&'static str);
    impl Properties for Named {
        fn property(&self, _path: &str) -> Found<'_> {
            Found::text(self.0)
        }
    }
    let schema = Schema {
        noun: "Company",
        text: "name",
        number: "",
        date: "",
        flag: "",
    };
    let request = ListRequest::parse(&schema, Some("name!=b"), Some("-name"), 1, 2).expect("a request");
    let (page, total) = request.apply(["a", "B", "c", "D"].map(Named));
    assert_eq!(total, 3);
    assert_eq!(page.iter().map(|named| named.0).collect::<Vec<_>>(), ["D", "c"]);
}

#[test]
fn every_data_type_but_statements_can_be_polled() {
    for data_type in DataType::ALL {
        let polled = Filter::parse("modifiedDate>=2027-01-01", Schema::of(data_type)).is_ok();
        let is_polled = !data_type.is_statement() && data_type != DataType::Company;
        assert_eq!(polled, is_polled, "{data_type}");
    }
}

fn clause() -> impl Strategy<Value = Expr> {
    let operator = prop::sample::select(Operator::ALL.to_vec());
    (
        "[a-zA-Z.]{1,12}",
        operator,
        "[a-zA-Z0-9:.+-]([ a-zA-Z0-9:.=~<>!&|+-]{0,10}[a-zA-Z0-9])?",
    )
        .prop_filter("`&&` and `||` end a value", |(_, _, value)| {
            !value.contains("&&") && !value.contains("||")
        })
        .prop_map(|(property, operator, value)| {
            Expr::Clause(Clause {
                property,
                operator,
                value,
            })
        })
}

fn expr() -> impl Strategy<Value = Expr> {
    clause().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::All),
            prop::collection::vec(inner, 2..4).prop_map(Expr::Any),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(expr in expr()) {
        let text = expr.to_string();
        match parse(&text) {
            Ok(parsed) => prop_assert_eq!(parsed, expr),
            Err(error) => prop_assert!(matches!(error, Error::TooLong | Error::TooManyClauses), "{}: {}", text, error),
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-z{}&|=!<>~ .0-9ß]{0,80}") {
        let _ = Filter::parse(&text, Schema::of(DataType::Invoices));
    }

    #[test]
    fn not_equal_is_the_opposite_of_equal(number in -1000i64..1000, other in -1000i64..1000) {
        let json = format!(r#"{{"totalAmount":{number}.50}}"#);
        let meets = |operator| {
            let query = format!("totalAmount{operator}{other}.5");
            let filter = Filter::parse(&query, Schema::of(DataType::Invoices)).expect("a query");
            filter.matches(&Json::of(&json).expect("JSON"))
        };
        prop_assert_eq!(meets("="), !meets("!="));
        prop_assert_eq!(meets(">"), !meets("<="));
        prop_assert_eq!(meets("<"), !meets(">="));
    }
}
