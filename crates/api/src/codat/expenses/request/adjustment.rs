use ledgerline_model::Decimal;
use ledgerline_model::push::{Expense, ExpenseKind, Line};

use super::expense::{id, invoice_to, tracking};
use super::fields::Object;

const MAX_LINES: usize = 100;

/// A journal of lines that sum to nothing, debits above 0 and credits below: one account against the others.
///
/// The one account is the side of which money is taken (its line is a credit: `AdjustmentOut`) or to which it comes.
pub fn read(item: &Object<'_>) -> Option<Expense> {
    let id = item.required("id", id);
    let date = item.required("date", Object::date);
    let currency = item.required("currency", Object::currency);
    let currency_rate = item.rate("currencyRate");
    let notes = item.text("reference");
    let lines = item.required("lines", |item, name| Some(item.objects(name, 1, MAX_LINES)))?;
    let lines: Vec<_> = lines.iter().filter_map(line).collect();
    let (kind, account, lines) = against_one(item, lines)?;
    Some(Expense {
        id: id?,
        kind,
        issue_date: date?,
        currency: currency?,
        currency_rate,
        contact: None,
        bank_account: Some(account),
        merchant_name: None,
        lines,
        notes,
        due_date: None,
        post_as_draft: false,
    })
}

/// Its `net` has the sign of the request.
fn line(line: &Object<'_>) -> Option<Line> {
    let amount = line.required("amount", Object::signed_amount);
    Some(Line {
        account: Some(line.required("accountRef", Object::reference)?),
        tax: Decimal::ZERO,
        tax_rate: None,
        description: line.text("description"),
        tracking: tracking(line),
        invoice_to: invoice_to(line),
        net: amount?,
    })
}

/// The account that stands alone on its side, and what stands against it, without signs.
fn against_one(item: &Object<'_>, lines: Vec<Line>) -> Option<(ExpenseKind, String, Vec<Line>)> {
    if lines.iter().map(|line| line.net).sum::<Decimal>() != Decimal::ZERO {
        item.refuse("lines", "must sum to 0: debits are above 0, credits below");
        return None;
    }
    let (debits, credits): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| !line.net.is_negative());
    let (kind, mut one, mut others) = match (debits.len(), credits.len()) {
        (_, 1) => (ExpenseKind::AdjustmentOut, credits, debits),
        (1, _) => (ExpenseKind::AdjustmentIn, debits, credits),
        _ => {
            item.refuse(
                "lines",
                "must hold one account against the others: one debit or one credit",
            );
            return None;
        }
    };
    for line in &mut others {
        line.net = line.net.abs();
    }
    Some((kind, one.pop()?.account?, others))
}
