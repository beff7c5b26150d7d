use super::*;

struct Row;

impl Fields for Row {
    fn field(&self, path: &str) -> Option<Value<'_>> {
        Some(match path {
            "Type" => Value::Text("ACCREC"),
            "Contact.ContactID" => Value::Id(Uuid::from_u128(0x0f5c2a1e_0000_4000_8000_00000000abcd)),
            "Contact.Name" => Value::Text("Harbour & Sons \"Ltd\""),
            "Total" => Value::Number(Decimal::new(12050, 2)),
            "Date" => Value::Instant("2026-03-01T00:00:00Z".parse().unwrap()),
            "IsCustomer" => Value::Bool(true),
            "Reference" => Value::Null,
            _ => return None,
        })
    }
}

fn holds(text: &str) -> Result<bool, Invalid> {
    parse(text)?.holds(&Row, "Invoice")
}

#[test]
fn filters_that_clients_send_hold() {
    for text in [
        r#"Type=="ACCREC""#,
        r#"Type = "accrec""#,
        r#"Type!="ACCPAY" AND Total>=120.5"#,
        r#"Date >= DateTime(2026, 02, 28) && Date < DateTime(2026,3,2)"#,
        r#"Date == DateTime.Parse("2026-03-01")"#,
        r#"Contact.ContactID==Guid("0F5C2A1E-0000-4000-8000-00000000ABCD")"#,
        r#"Contact.Name.StartsWith("Harbour") and Contact.Name.ToLower().Contains("sons")"#,
        r#"Contact.Name.EndsWith("\"Ltd\"")"#,
        "IsCustomer==true",
        "IsCustomer",
        "Reference==null",
        "!(Reference!=null) && (Total<0 || Total>100)",
        "Total.HasValue",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
    for text in [
        r#"Type=="ACCPAY""#,
        "Total<120.5",
        "Reference>\"a\"",
        r#"Reference.Contains("x")"#,
        "NOT IsCustomer",
    ] {
        assert_eq!(holds(text), Ok(false), "{text}");
    }
}

#[test]
fn filters_that_cannot_be_read_say_why() {
    for text in [
        "Type==",
        "Type==\"A",
        "Nope==1",
        "Type==1",
        "DateTime(2026,13,1)==Date",
        "Type.Frob(\"x\")",
        "#",
        "(Type==\"A\"",
        "Type==\"A\" Total",
    ] {
        assert!(holds(text).is_err(), "{text}");
    }
    assert!(parse(&"(".repeat(100_000)).is_err());
    assert!(parse(&"!".repeat(100_000)).is_err());
}

#[test]
fn order_names_fields_and_directions() {
    assert_eq!(
        Order::parse("UpdatedDateUTC ASC, InvoiceNumber desc, Date"),
        Ok(vec![
            Order {
                path: "UpdatedDateUTC".into(),
                direction: Direction::Ascending
            },
            Order {
                path: "InvoiceNumber".into(),
                direction: Direction::Descending
            },
            Order {
                path: "Date".into(),
                direction: Direction::Ascending
            },
        ])
    );
    assert!(Order::parse("Date SIDEWAYS").is_err());
    assert!(Order::parse("").is_err());
}
