use super::{Comparison, Literal, Order, Test, What, parse};
use crate::quickbooks_online::records::Entity;

#[test]
fn everything_that_a_query_can_say_is_read() {
    let query = parse(
        r"select Id, MetaData.CreateTime from vendor where Active in (true, false) and DisplayName like 'O\'Neill%' and Balance > 10.5 AND MetaData.LastUpdatedTime >= '2026-01-01T00:00:00-08:00' orderby Id desc, DisplayName STARTPOSITION 11 MAXRESULTS 1000",
    )
    .unwrap();
    assert_eq!(query.entity, Entity::Vendor);
    assert_eq!(
        query.what,
        What::Fields(vec!["Id".to_owned(), "MetaData.CreateTime".to_owned()])
    );
    assert_eq!((query.start, query.most), (11, 1_000));
    assert_eq!(
        query.conditions[0].test,
        Test::In(vec![Literal::Bool(true), Literal::Bool(false)])
    );
    assert_eq!(query.conditions[1].test, Test::Like("O'Neill%".to_owned()));
    assert_eq!(
        query.conditions[2].test,
        Test::Is(Comparison::Greater, Literal::Number("10.5".parse().unwrap()))
    );
    assert_eq!(
        query.order,
        [
            ("Id".to_owned(), Order::Descending),
            ("DisplayName".to_owned(), Order::Ascending)
        ]
    );
    assert_eq!(parse("select count(*) from Bill").unwrap().what, What::Count);
    assert_eq!(parse("SELECT *, Sku FROM Item").unwrap().what, What::Everything);
    assert_eq!(parse("select * from Bill").unwrap().most, 100);
}

#[test]
fn what_is_wrong_has_its_code() {
    for (text, code, named) in [
        ("", "4000", "SELECT"),
        ("select * from Bill where", "4000", "EOF"),
        ("select * from Bill where Id = '1' or Id = '2'", "4000", "or"),
        ("select * from Bill where DocNumber = 'x", "4000", "closing quote"),
        ("select * from Cheese", "4001", "Cheese"),
        (
            "select * from Bill startposition 0",
            "4001",
            "value 0 is too small. Min allowed value is 1",
        ),
        ("select * from Bill maxresults 1001", "4001", "1001 is too large"),
        ("select * from Bill maxresults many", "4000", "many"),
    ] {
        let fault = parse(text).unwrap_err().json();
        assert_eq!(fault["Error"][0]["code"], code, "{text}");
        let detail = fault["Error"][0]["Detail"].as_str().unwrap();
        assert!(detail.contains(named), "{text}: {detail}");
    }
}
