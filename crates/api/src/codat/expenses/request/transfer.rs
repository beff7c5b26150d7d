use ledgerline_model::Decimal;
use ledgerline_model::push::{Expense, ExpenseKind, Line};

use super::fields::Object;

/// Money from one account of the business to another. The request says no currency: it is that of the account.
#[derive(Clone, PartialEq, Debug)]
pub struct Transfer {
    /// The platform's id of the account that the money leaves.
    pub from: String,
    /// Its `currency` is empty.
    pub expense: Expense,
}

pub fn read(body: &Object<'_>, id: &str) -> Option<Transfer> {
    let date = body.required("date", Object::date);
    let notes = body.text("description");
    let from = body
        .required("from", Object::object)
        .and_then(|side| self::side(&side));
    let to = body
        .required("to", Object::object)
        .and_then(|side| self::side(&side));
    let ((from, amount), (to, arriving)) = (from?, to?);
    if amount != arriving {
        body.refuse(
            "to",
            "must have the amount of From: money is moved within one currency",
        );
    }
    if from == to {
        body.refuse("to", "must name another account than From");
    }
    let line = Line {
        net: amount,
        tax: Decimal::ZERO,
        tax_rate: None,
        account: Some(to),
        description: None,
        tracking: Vec::new(),
        invoice_to: None,
    };
    Some(Transfer {
        from: from.clone(),
        expense: Expense {
            id: id.to_owned(),
            kind: ExpenseKind::TransferOut,
            issue_date: date?,
            currency: String::new(),
            currency_rate: None,
            contact: None,
            bank_account: Some(from),
            merchant_name: None,
            lines: vec![line],
            notes,
            due_date: None,
            post_as_draft: false,
        },
    })
}

fn side(side: &Object<'_>) -> Option<(String, Decimal)> {
    let account = side.required("accountRef", Object::reference);
    let amount = side.required("amount", Object::amount);
    Some((account?, amount?))
}
