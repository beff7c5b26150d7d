//! The reports: balance sheet, profit and loss, cash flow, trial balance.

mod balance_sheet;
mod cash_flow;
/// Which days, and in which columns.
mod columns;
mod profit_and_loss;
/// Sections, rows and cells, and how they are written.
mod rows;
mod trial_balance;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::errors::Fault;
use super::times;
use columns::Columns;
use rows::Row;

/// Cells that a report has at most; with more it takes too long.
const MOST_CELLS: usize = 400_000;

/// A report by its name in the path, in small letters.
pub(super) fn answer(call: &Call, name: &str) -> Result<Value, Fault> {
    let ledger = call.organisation.ledger();
    let now = call.sandbox.clock.now();
    let today = times::today(now, &ledger);
    let basis = call.parameter("accounting_method").unwrap_or("Accrual");
    if !basis.eq_ignore_ascii_case("Accrual") {
        return Err(Fault::not_simulated("reports on a cash basis"));
    }
    let columns = Columns::read(call, &ledger, today)?;
    if columns.len() * ledger.accounts.len() > MOST_CELLS {
        return Err(Fault::system(StatusCode::GATEWAY_TIMEOUT));
    }
    let (name, report) = match name {
        "balancesheet" => ("BalanceSheet", balance_sheet::report(&ledger, &columns)),
        "profitandloss" => ("ProfitAndLoss", profit_and_loss::report(&ledger, &columns)),
        "cashflow" => ("CashFlow", cash_flow::report(&ledger, &columns)),
        "trialbalance" => ("TrialBalance", trial_balance::report(&ledger, &columns)),
        _ => return Err(Fault::not_simulated("this report").at(StatusCode::NOT_FOUND)),
    };
    let Report {
        has_total,
        own_columns,
        rows,
    } = report;
    let nothing = rows.iter().all(Row::is_empty);
    let mut options = vec![json!({ "Name": "NoReportData", "Value": nothing.to_string() })];
    if matches!(name, "BalanceSheet" | "ProfitAndLoss") {
        options.insert(0, json!({ "Name": "AccountingStandard", "Value": "GAAP" }));
    }
    let mut header = json!({
        "Time": times::stamp(now, &times::zone(&ledger)),
        "ReportName": name,
        "StartPeriod": columns.start.to_string(),
        "EndPeriod": columns.end.to_string(),
        "SummarizeColumnsBy": columns.by.name(),
        "Currency": ledger.facts.base_currency,
        "Option": options,
    });
    // Cash flow has no basis of its own.
    if name != "CashFlow" {
        header["ReportBasis"] = "Accrual".into();
    }
    Ok(json!({
        "Header": header,
        "Columns": { "Column": own_columns.unwrap_or_else(|| columns.write(has_total)) },
        "Rows": { "Row": rows.iter().map(|row| row.write(&ledger)).collect::<Vec<_>>() },
    }))
}

struct Report {
    /// Behind the columns of the periods there is one for all of them.
    has_total: bool,
    /// Columns that are no periods.
    own_columns: Option<Value>,
    rows: Vec<Row>,
}
