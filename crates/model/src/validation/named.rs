use serde_json::Value;

use crate::DataType;

/// The ids that a record in its standard form has at `field`, a dotted path through its lists, as those of `target`.
pub fn named<'v>(record: &'v Value, field: &str, target: DataType) -> Vec<&'v str> {
    let mut found = Vec::new();
    let path: Vec<&str> = field.split('.').collect();
    if let Some((last, path)) = path.split_last() {
        descend(record, path, &mut |value| {
            // Some references say what they lead to.
            let says = value.get("dataType").and_then(Value::as_str);
            if says.is_none_or(|says| says == target.key()) {
                found.extend(value.get(last).and_then(Value::as_str));
            }
        });
    }
    found
}

fn descend<'v>(value: &'v Value, path: &[&str], visit: &mut impl FnMut(&'v Value)) {
    if let Value::Array(elements) = value {
        elements.iter().for_each(|element| descend(element, path, visit));
        return;
    }
    match path.split_first() {
        None => visit(value),
        Some((first, rest)) => {
            if let Some(member) = value.get(first) {
                descend(member, rest, visit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_found_by_their_path_and_what_they_lead_to() {
        let record = json!({
            "id": "r1",
            "supplierRef": { "id": "s1" },
            "from": { "accountRef": { "id": "b1", "dataType": "bankAccounts" } },
            "lineItems": [
                { "accountRef": { "id": "a1" } },
                { "description": "none" },
                { "accountRef": { "id": "a2" }, "trackingCategoryRefs": [{ "id": "t1" }, { "id": "t2" }] },
            ],
        });
        for (field, target, expected) in [
            ("supplierRef.id", DataType::Suppliers, vec!["s1"]),
            (
                "lineItems.accountRef.id",
                DataType::ChartOfAccounts,
                vec!["a1", "a2"],
            ),
            (
                "lineItems.trackingCategoryRefs.id",
                DataType::TrackingCategories,
                vec!["t1", "t2"],
            ),
            ("from.accountRef.id", DataType::BankAccounts, vec!["b1"]),
            ("from.accountRef.id", DataType::ChartOfAccounts, vec![]),
            ("parentId", DataType::TrackingCategories, vec![]),
        ] {
            assert_eq!(named(&record, field, target), expected, "{field}");
        }
    }
}
