use ledgerline_model::push::{Contact, ContactKind, Expense, ExpenseKind};

use super::expense::{Form, id, line, notes};
use super::fields::Object;

const MAX_LINES: usize = 100;

/// What an employee, kept as a supplier, laid out. `known` is the id where the path names it.
pub fn read(item: &Object<'_>, known: Option<&str>) -> Option<Expense> {
    let id = match known {
        Some(id) => Some(id.to_owned()),
        None => item.required("id", id),
    };
    let contact = item.required("contactRef", Object::reference);
    let date = item.required("issueDate", Object::date);
    let due_date = item.required("dueDate", Object::date);
    let currency = item.required("currency", Object::currency);
    let lines = item.required("lines", |item, name| Some(item.objects(name, 1, MAX_LINES)))?;
    Some(Expense {
        kind: ExpenseKind::Reimbursement,
        currency_rate: item.rate("currencyRate"),
        bank_account: item.reference("apAccountRef"),
        merchant_name: None,
        lines: lines
            .iter()
            .filter_map(|found| line(found, Form::Second))
            .collect(),
        notes: notes(item),
        post_as_draft: false,
        id: id?,
        issue_date: date?,
        due_date: Some(due_date?),
        currency: currency?,
        contact: Some(Contact {
            id: contact?,
            kind: ContactKind::Supplier,
        }),
    })
}
