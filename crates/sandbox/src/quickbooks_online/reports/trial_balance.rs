use rust_decimal::Decimal;
use serde_json::json;

use super::Report;
use super::columns::Columns;
use super::rows::Row;
use crate::ledger::Ledger;
use crate::quickbooks_online::records::full_name;

/// What each account holds at the end, in two columns; income and expenses since the first day of the year.
pub(super) fn report(ledger: &Ledger, columns: &Columns) -> Report {
    let balances = ledger.trial_balance(columns.end);
    let sides = |amount: Decimal| -> Vec<Decimal> {
        if amount.is_sign_negative() {
            vec![Decimal::ZERO, -amount]
        } else {
            vec![amount, Decimal::ZERO]
        }
    };
    let mut rows = Vec::new();
    for account in &ledger.accounts {
        let amount = balances.get(&account.meta.id).copied().unwrap_or_default();
        if amount.is_zero() {
            continue;
        }
        rows.push(Row::Data {
            account: Some(account.meta.id),
            title: full_name(ledger, account),
            amounts: sides(amount),
            group: None,
        });
    }
    let mut total = vec![Decimal::ZERO; 2];
    rows.iter()
        .for_each(|row| super::rows::add(&mut total, row.amounts()));
    rows.push(Row::Total {
        title: "TOTAL",
        amounts: total,
        group: "GrandTotal",
    });
    let column = |title: &str, kind: &str, key: &str| {
        json!({
            "ColTitle": title,
            "ColType": kind,
            "MetaData": [{ "Name": "ColKey", "Value": key }],
        })
    };
    Report {
        has_total: false,
        own_columns: Some(json!([
            column("", "Account", "account"),
            column("Debit", "Money", "debit"),
            column("Credit", "Money", "credit"),
        ])),
        rows,
    }
}
