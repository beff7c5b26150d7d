use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A data type, where its list is, and which of its fields are compared with which of the ledger's.
pub struct DataType {
    pub key: &'static str,
    /// Below the company.
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

impl DataType {
    /// The path of its list for one company and connection.
    pub fn list(&self, company: &str, connection: &str) -> String {
        match self.path.strip_prefix("CONNECTION/") {
            Some(rest) => format!("/companies/{company}/connections/{connection}/{rest}"),
            None => format!("/companies/{company}/{}", self.path),
        }
    }
}

/// Every data type that has a list.
pub const TYPES: &[DataType] = &[
    DataType {
        key: "chartOfAccounts",
        path: "data/accounts",
        fields: &[("name", "name"), ("nominalCode", "code")],
    },
    DataType {
        key: "bankAccounts",
        path: "CONNECTION/data/bankAccounts",
        fields: &[("accountName", "name")],
    },
    DataType {
        key: "customers",
        path: "data/customers",
        fields: &[("customerName", "name"), ("status", "status")],
    },
    DataType {
        key: "suppliers",
        path: "data/suppliers",
        fields: &[("supplierName", "name"), ("status", "status")],
    },
    DataType {
        key: "invoices",
        path: "data/invoices",
        fields: &[
            ("invoiceNumber", "number"),
            ("customerRef.id", "contact.id"),
            ("issueDate", "date"),
            ("dueDate", "dueDate"),
            ("currency", "currency"),
            ("subTotal", "subTotal"),
            ("totalTaxAmount", "totalTax"),
            ("totalAmount", "totalAmount"),
            ("amountDue", "amountDue"),
            ("lineItems.#", "lines.#"),
        ],
    },
    DataType {
        key: "bills",
        path: "data/bills",
        fields: &[
            ("supplierRef.id", "contact.id"),
            ("issueDate", "date"),
            ("currency", "currency"),
            ("subTotal", "subTotal"),
            ("taxAmount", "totalTax"),
            ("totalAmount", "totalAmount"),
            ("amountDue", "amountDue"),
            ("lineItems.#", "lines.#"),
        ],
    },
    DataType {
        key: "creditNotes",
        path: "data/creditNotes",
        fields: &[
            ("creditNoteNumber", "number"),
            ("customerRef.id", "contact.id"),
            ("totalAmount", "totalAmount"),
            ("remainingCredit", "amountDue"),
        ],
    },
    DataType {
        key: "billCreditNotes",
        path: "data/billCreditNotes",
        fields: &[
            ("supplierRef.id", "contact.id"),
            ("totalAmount", "totalAmount"),
            ("remainingCredit", "amountDue"),
        ],
    },
    DataType {
        key: "payments",
        path: "data/payments",
        fields: &[("date", "date"), ("totalAmount", "totalAmount")],
    },
    DataType {
        key: "billPayments",
        path: "data/billPayments",
        fields: &[("date", "date"), ("totalAmount", "totalAmount")],
    },
    DataType {
        key: "purchaseOrders",
        path: "data/purchaseOrders",
        fields: &[("issueDate", "date"), ("totalAmount", "totalAmount")],
    },
    DataType {
        key: "items",
        path: "data/items",
        fields: &[("name", "name"), ("code", "code")],
    },
    DataType {
        key: "taxRates",
        path: "data/taxRates",
        fields: &[("name", "name"), ("effectiveTaxRate", "rate")],
    },
    DataType {
        key: "trackingCategories",
        path: "data/trackingCategories",
        fields: &[("name", "name"), ("parentId", "parentId")],
    },
    DataType {
        key: "journalEntries",
        path: "data/journalEntries",
        fields: &[("journalLines.#", "lines.#")],
    },
    DataType {
        key: "accountTransactions",
        path: "CONNECTION/data/accountTransactions",
        fields: &[
            ("date", "date"),
            ("totalAmount", "totalAmount"),
            ("bankAccountRef.id", "account.id"),
        ],
    },
    DataType {
        key: "directCosts",
        path: "CONNECTION/data/directCosts",
        fields: &[
            ("issueDate", "date"),
            ("totalAmount", "totalAmount"),
            ("lineItems.#", "lines.#"),
        ],
    },
    DataType {
        key: "directIncomes",
        path: "CONNECTION/data/directIncomes",
        fields: &[
            ("issueDate", "date"),
            ("totalAmount", "totalAmount"),
            ("lineItems.#", "lines.#"),
        ],
    },
    DataType {
        key: "transfers",
        path: "CONNECTION/data/transfers",
        fields: &[
            ("date", "date"),
            ("from.accountRef.id", "account.id"),
            ("to.accountRef.id", "toAccount.id"),
        ],
    },
];

/// How our records differ from those of the ledger: ids, deletions, content.
pub fn differences(data_type: &DataType, ours: &[Value], theirs: &[Value]) -> Vec<String> {
    let key = data_type.key;
    let mut found = Vec::new();
    let (ours_by_id, theirs_by_id) = (by_id(ours), by_id(theirs));
    if ours_by_id.len() != ours.len() {
        found.push(format!("{key}: an id is listed twice"));
    }
    for (id, wanted) in &theirs_by_id {
        let record = ours_by_id.get(id);
        let is_deleted = record.map(|record| &record["metadata"]["isDeleted"]);
        if wanted["deleted"] == true {
            // Deleted before the first read: never seen. Since then: kept, and says so.
            if is_deleted == Some(&json!(false)) {
                found.push(format!("{key} {id} is deleted there, and not here"));
            }
            continue;
        }
        let Some(record) = record else {
            found.push(format!("{key} {id} is missing"));
            continue;
        };
        if is_deleted != Some(&json!(false)) {
            found.push(format!("{key} {id} is deleted here, and not there"));
        }
        let (our_lines, their_lines) = lines(key, record, wanted);
        if our_lines != their_lines {
            found.push(format!("{key} {id}: other lines: {record}\n{wanted}"));
        }
        for (our_field, their_field) in data_type.fields {
            if field(record, our_field) != field(wanted, their_field) {
                found.push(format!("{key} {id} `{our_field}`: {record}\n{wanted}"));
            }
        }
    }
    let strangers = ours_by_id.keys().filter(|id| !theirs_by_id.contains_key(*id));
    found.extend(strangers.map(|id| format!("{key} {id} is nowhere in the ledger")));
    found
}

/// What a line says: our field, and the ledger's.
const LINE: [(&str, &str); 6] = [
    ("description", "description"),
    ("accountRef.id", "account.id"),
    ("quantity", "quantity"),
    ("subTotal", "amount"),
    ("taxAmount", "tax"),
    ("unitAmount", "unitAmount"),
];

/// The lines of both sides, where our record has any; for purchase orders without the price of a unit, of
/// which Xero gives no more than two places there.
fn lines(key: &str, ours: &Value, theirs: &Value) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let (Some(our_lines), Some(their_lines)) = (ours["lineItems"].as_array(), theirs["lines"].as_array())
    else {
        return (Vec::new(), Vec::new());
    };
    let told = if key == "purchaseOrders" {
        &LINE[..5]
    } else {
        &LINE[..]
    };
    let ours = our_lines
        .iter()
        .map(|line| told.iter().map(|(path, _)| field(line, path)).collect());
    let theirs = their_lines
        .iter()
        .map(|line| told.iter().map(|(_, path)| field(line, path)).collect());
    (ours.collect(), theirs.collect())
}

fn by_id(records: &[Value]) -> BTreeMap<&str, &Value> {
    records
        .iter()
        .map(|record| (record["id"].as_str().unwrap_or_default(), record))
        .collect()
}

/// A field by its dotted path, `#` being the length of a list; dates without time, numbers as numbers,
/// states without case.
fn field(record: &Value, path: &str) -> String {
    let mut value = record;
    for step in path.split('.') {
        if step == "#" {
            return value.as_array().map_or(0, Vec::len).to_string();
        }
        value = &value[step];
    }
    let is_state = path == "status";
    match value {
        Value::Null => String::new(),
        Value::String(text) if path.to_lowercase().ends_with("date") => {
            text.get(..10).unwrap_or(text).to_owned()
        }
        Value::String(text) if is_state => text.to_lowercase().replace('_', ""),
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:.4}", number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}
