use rust_decimal::Decimal;

use super::Asked;
use super::columns::long;
use super::rows::{Report, Row, add};
use crate::ledger::Ledger;
use crate::xero::errors::Error;

/// What each bank account held, got, spent and holds.
pub(super) fn report(ledger: &Ledger, asked: &Asked<'_>) -> Result<Report, Error> {
    let from = asked
        .date("fromDate")?
        .unwrap_or_else(|| asked.today.first_of_month());
    let to = asked.date("toDate")?.unwrap_or(asked.today);
    if from > to {
        return Err(Error::parameter("`fromDate` is after `toDate`"));
    }
    let titles = [
        "Bank Accounts",
        "Opening Balance",
        "Cash Received",
        "Cash Spent",
        "Closing Balance",
    ];
    let mut total = vec![Decimal::ZERO; 4];
    let mut lines = Vec::new();
    for movement in ledger.bank_movements(from..=to) {
        let amounts = [
            movement.opening,
            movement.received,
            movement.spent,
            movement.closing,
        ];
        add(&mut total, &amounts);
        let name = ledger
            .accounts
            .get(movement.account)
            .map(|account| account.name.clone())
            .unwrap_or_default();
        lines.push(Row::account(
            "accountID",
            movement.account,
            name,
            &amounts.map(Some),
        ));
    }
    lines.push(Row::summary("Total", &total));
    let rows = vec![Row::header(titles.map(str::to_owned)), Row::section("", lines)];
    let period = format!("From {} to {}", long(from), long(to));
    Ok(Report {
        id: "BankSummary",
        name: "Bank Summary",
        period,
        rows,
    })
}
