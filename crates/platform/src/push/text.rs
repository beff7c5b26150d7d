//! Words that the accountant reads in a document of ours.

use ledgerline_model::push::{ExpenseKind, Order};

/// The longest description that a document of any platform takes, in characters.
const LONGEST: usize = 4_000;

/// What a line says: the merchant, what was bought, and with the first line the notes; never nothing, since some
/// platforms want text on every line.
pub fn of_line(order: &Order, index: usize) -> String {
    let description = order
        .lines
        .get(index)
        .and_then(|line| line.description.as_deref());
    let notes = (index == 0).then_some(order.notes.as_deref()).flatten();
    joined(order.kind, [order.merchant_name.as_deref(), description, notes])
}

/// What a document without lines of its own says.
pub fn of_order(order: &Order) -> String {
    let description = order.lines.first().and_then(|line| line.description.as_deref());
    joined(
        order.kind,
        [
            order.merchant_name.as_deref(),
            description,
            order.notes.as_deref(),
        ],
    )
}

/// A narration with the mark at its end, where it is searched for.
pub fn marked(order: &Order, key: &str) -> String {
    let text = of_order(order);
    let room = LONGEST - key.len() - 1;
    let text: String = text.chars().take(room).collect();
    format!("{text} {key}")
}

fn joined(kind: ExpenseKind, parts: [Option<&str>; 3]) -> String {
    let mut said: Vec<&str> = Vec::new();
    for part in parts.into_iter().flatten().map(str::trim) {
        if !part.is_empty() && !said.contains(&part) {
            said.push(part);
        }
    }
    if said.is_empty() {
        said.push(of_kind(kind));
    }
    said.join(" - ").chars().take(LONGEST).collect()
}

const fn of_kind(kind: ExpenseKind) -> &'static str {
    match kind {
        ExpenseKind::Payment => "Payment",
        ExpenseKind::Refund => "Refund",
        ExpenseKind::Reward => "Reward",
        ExpenseKind::Chargeback => "Chargeback",
        ExpenseKind::TransferIn | ExpenseKind::TransferOut => "Transfer",
        ExpenseKind::AdjustmentIn | ExpenseKind::AdjustmentOut => "Adjustment",
        ExpenseKind::Reimbursement => "Reimbursement",
    }
}
