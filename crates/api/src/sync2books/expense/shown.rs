use ledgerline_model::push::{ContactKind, Expense, ExpenseKind, Line, TrackingKind};

use super::body::{ExpenseBody, IdRef, LineBody, TrackingRef, TypedRef};

impl From<Expense> for ExpenseBody {
    fn from(expense: Expense) -> Self {
        let kind = match expense.kind {
            ExpenseKind::Payment => "Payment",
            ExpenseKind::Refund => "Refund",
            ExpenseKind::Reward => "Reward",
            ExpenseKind::Chargeback => "Chargeback",
            ExpenseKind::TransferIn => "TransferIn",
            ExpenseKind::TransferOut => "TransferOut",
            ExpenseKind::AdjustmentIn => "AdjustmentIn",
            ExpenseKind::AdjustmentOut => "AdjustmentOut",
            ExpenseKind::Reimbursement => "Reimbursement",
        };
        Self {
            id: expense.id,
            kind: kind.to_owned(),
            issue_date: expense.issue_date.to_string(),
            currency: expense.currency,
            currency_rate: expense.currency_rate,
            merchant_name: expense.merchant_name.unwrap_or_default(),
            contact_ref: expense.contact.map(|contact| TypedRef {
                id: contact.id,
                kind: match contact.kind {
                    ContactKind::Supplier => "Supplier".to_owned(),
                    ContactKind::Customer => "Customer".to_owned(),
                },
            }),
            bank_account_ref: expense.bank_account.map(|id| IdRef { id }),
            lines: expense.lines.into_iter().map(Into::into).collect(),
            notes: expense.notes,
            post_as_draft: Some(expense.post_as_draft),
        }
    }
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        let tracking = line.tracking.into_iter().map(|tracking| TrackingRef {
            id: tracking.id,
            data_type: match tracking.kind {
                TrackingKind::Category => "trackingCategories".to_owned(),
                TrackingKind::Customer => "customers".to_owned(),
            },
        });
        Self {
            net_amount: line.net,
            tax_amount: line.tax,
            tax_rate_ref: line.tax_rate.map(|id| IdRef { id }),
            account_ref: line.account.map(|id| IdRef { id }),
            tracking_refs: Some(tracking.collect()),
            invoice_to: line.invoice_to.map(|id| TypedRef {
                id,
                kind: "Customer".to_owned(),
            }),
        }
    }
}
