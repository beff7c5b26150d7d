//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/report-entities/balancesheet>, `…/profitandloss`
//! and `…/cashflow`
//!
//! A report has a column per month, oldest first; each becomes one record. Sections are told by their `group`. An account that has
//! parts has its own postings in the head of their section: they become a line beside the parts.

use jiff::ToSpan;
use jiff::civil::Date;
use ledgerline_model::records::{
    BalanceSheetMonth, CashFlowMonth, ProfitAndLossMonth, ReportBasis, ReportInput, ReportLine,
};
use ledgerline_model::validation::Validate;
use ledgerline_model::{DataType, Decimal, LocalDateTime, Timestamp};
use ledgerline_platform::{Content, Cursor, Cx, Error, Page, Present, Read, Row};
use serde::{Deserialize, Serialize};

use super::company;
use super::envelope::place;
use super::feeds::Kind;
use super::{json_of, malformed};

/// Months of one call: wide reports run into the platform's time limit.
const MONTHS: u32 = 6;

/// Where a read of months goes on.
#[derive(Serialize, Deserialize)]
struct Position {
    /// First day of the newest month that is still to be read.
    month: Date,
    months_left: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Report {
    header: Header,
    columns: Columns,
    #[serde(default)]
    rows: Rows,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    time: Option<String>,
    currency: Option<String>,
    report_basis: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Columns {
    #[serde(default)]
    column: Vec<Column>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Column {
    #[serde(default)]
    meta_data: Vec<NameValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameValue {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Rows {
    row: Vec<ReportRow>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ReportRow {
    header: Option<Cells>,
    rows: Option<Rows>,
    summary: Option<Cells>,
    col_data: Vec<Cell>,
    #[serde(rename = "group")]
    group: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cells {
    #[serde(default)]
    col_data: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    value: Option<String>,
    id: Option<String>,
}

pub(super) async fn page(
    cx: &Cx,
    read: &Read<'_>,
    kind: Kind,
    cursor: Option<&Cursor>,
) -> Result<Page, Error> {
    let position: Position = match cursor {
        Some(cursor) => serde_json::from_str(&cursor.0)
            .map_err(|_| malformed("the stored cursor is none of QuickBooks'".into()))?,
        None => {
            let today = company::today(cx, read).await?;
            let (month, months_left) = read.window.months(read.statement_months, today);
            Position { month, months_left }
        }
    };
    let count = position.months_left.min(MONTHS);
    let first = before(position.month, count - 1)?;
    let (start, end) = (first.to_string(), position.month.last_of_month().to_string());
    let mut query = vec![
        ("start_date", start.as_str()),
        ("end_date", end.as_str()),
        ("summarize_column_by", "Month"),
    ];
    // Cash flow is made in one way only.
    if kind != Kind::CashFlow {
        query.push(("accounting_method", "Accrual"));
    }
    let path = match kind {
        Kind::ProfitAndLoss => "/reports/ProfitAndLoss",
        Kind::CashFlow => "/reports/CashFlow",
        Kind::BalanceSheet | Kind::List | Kind::Transactions => "/reports/BalanceSheet",
    };
    let answer = crate::client::get(cx, read.access_token, &read.organisation.id, path, &query).await?;
    let (report, rows) = read_report(kind, &answer.body)?;
    if rows.len() != count as usize {
        return Err(malformed(format!(
            "the report has {} months of {count}",
            rows.len()
        )));
    }
    let left = position.months_left - count;
    let next = if left == 0 {
        None
    } else {
        Some(Cursor(json_of(&Position {
            month: before(position.month, count)?,
            months_left: left,
        })?))
    };
    Ok(Page {
        objects: rows.len() as u64,
        rows,
        next,
        platform_time: report.time().or_else(|| answer.date()),
        expected: Some(u64::from(read.statement_months.max(1))),
    })
}

/// The books at the end of a day: a report of one period that ends with it, and the platform's clock.
pub(super) async fn at(
    cx: &Cx,
    read: &Read<'_>,
    path: &str,
    day: Date,
) -> Result<(Report, Option<Timestamp>), Error> {
    let (start, end) = (day.first_of_month().to_string(), day.to_string());
    let query = [
        ("start_date", start.as_str()),
        ("end_date", end.as_str()),
        ("accounting_method", "Accrual"),
    ];
    let answer = crate::client::get(cx, read.access_token, &read.organisation.id, path, &query).await?;
    let report = Report::parse(&answer.body)?;
    let time = report.time().or_else(|| answer.date());
    Ok((report, time))
}

impl Report {
    fn parse(body: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(body)
            .map_err(|error| malformed(format!("the report cannot be read: {}", place(&error))))
    }

    /// When it was made.
    fn time(&self) -> Option<Timestamp> {
        self.header.time.as_deref()?.parse().ok()
    }

    /// The accounts of a group, wherever it is, or of the whole report, each with its own postings.
    pub(super) fn accounts(&self, group: Option<&str>, column: usize) -> Result<Vec<ReportLine>, Error> {
        let mut leaves = Vec::new();
        match group {
            None => self.rows.leaves(column, &mut leaves)?,
            Some(group) => {
                if let Some(row) = find(&self.rows, group) {
                    row.leaves(column, &mut leaves)?;
                }
            }
        }
        Ok(leaves)
    }

    /// What a group comes to, wherever it is; one that is not there comes to nothing.
    pub(super) fn value(&self, group: &str, column: usize) -> Result<Decimal, Error> {
        find(&self.rows, group).map_or(Ok(Decimal::ZERO), |row| Ok(row.line(None, column)?.value))
    }
}

/// A recorded report; it has a column for each month.
pub(super) fn map_recording(kind: Kind, recording: &[u8]) -> Result<Vec<Row>, Error> {
    Ok(read_report(kind, recording)?.1)
}

fn read_report(kind: Kind, body: &[u8]) -> Result<(Report, Vec<Row>), Error> {
    let report = Report::parse(body)?;
    let source = std::str::from_utf8(body).map_err(|_| malformed("the report is no text".into()))?;
    let mut rows = Vec::new();
    for (place, column) in report.columns.column.iter().enumerate() {
        let Some(month) = column.month() else {
            continue;
        };
        rows.push(match kind {
            Kind::ProfitAndLoss => profit_and_loss(&report, place, month, source)?,
            Kind::CashFlow => cash_flow(&report, place, month, source)?,
            Kind::BalanceSheet | Kind::List | Kind::Transactions => {
                balance_sheet(&report, place, month, source)?
            }
        });
    }
    Ok((report, rows))
}

impl Column {
    /// The month that the column is of; none for accounts and totals.
    fn month(&self) -> Option<Date> {
        let mut data = self.meta_data.iter();
        let start = data.find(|data| data.name.as_deref() == Some("StartDate"))?;
        Some(start.value.as_ref()?.parse::<Date>().ok()?.first_of_month())
    }
}

fn balance_sheet(report: &Report, column: usize, month: Date, source: &str) -> Result<Row, Error> {
    let section = |group: &str, title: &str| line_of(report, group, title, column);
    let assets = section("TotalAssets", "Assets")?;
    let liabilities = section("Liabilities", "Liabilities")?;
    let equity = section("Equity", "Equity")?;
    let record = BalanceSheetMonth {
        currency: report.header.currency.clone(),
        date: LocalDateTime::from(month.last_of_month()),
        net_assets: assets.value - liabilities.value,
        assets: Some(assets),
        liabilities: Some(liabilities),
        equity: Some(equity),
    };
    row(DataType::BalanceSheet, month, &record, source)
}

fn profit_and_loss(report: &Report, column: usize, month: Date, source: &str) -> Result<Row, Error> {
    let section = |group: &str, title: &str| line_of(report, group, title, column);
    let income = section("Income", "Income")?;
    let cost_of_sales = section("COGS", "Cost of Sales")?;
    let expenses = section("Expenses", "Expenses")?;
    let other_income = section("OtherIncome", "Other Income")?;
    let other_expenses = section("OtherExpenses", "Other Expenses")?;
    let gross_profit = income.value - cost_of_sales.value;
    let net_operating_profit = gross_profit - expenses.value;
    let net_other_income = other_income.value - other_expenses.value;
    let record = ProfitAndLossMonth {
        currency: report.header.currency.clone(),
        report_basis: ReportBasis::Accrual,
        from_date: LocalDateTime::from(month.first_of_month()),
        to_date: LocalDateTime::from(month.last_of_month()),
        income: Some(income),
        cost_of_sales: Some(cost_of_sales),
        gross_profit,
        expenses: Some(expenses),
        net_operating_profit,
        other_expenses: Some(other_expenses),
        other_income: Some(other_income),
        net_other_income,
        net_profit: net_operating_profit + net_other_income,
    };
    row(DataType::ProfitAndLoss, month, &record, source)
}

/// The standard statement is of operating activities alone, and has two sides: a line that brought cash is a receipt, one
/// that took it a payment. What was invested and lent is left to the kept source.
fn cash_flow(report: &Report, column: usize, month: Date, source: &str) -> Result<Row, Error> {
    let flows = report.accounts(Some("OperatingActivities"), column)?;
    let (receipts, payments) = CashFlowMonth::sides(flows);
    let record = CashFlowMonth {
        currency: report.header.currency.clone(),
        // QuickBooks does not say it of this report.
        report_basis: match report.header.report_basis.as_deref() {
            Some("Accrual") => ReportBasis::Accrual,
            Some("Cash") => ReportBasis::Cash,
            Some(_) | None => ReportBasis::Unknown,
        },
        // It begins with the profit.
        report_input: ReportInput::Indirect,
        from_date: LocalDateTime::from(month.first_of_month()),
        to_date: LocalDateTime::from(month.last_of_month()),
        cash_receipts: Some(receipts),
        cash_payments: Some(payments),
    };
    row(DataType::CashFlowStatement, month, &record, source)
}

fn row(
    data_type: DataType,
    month: Date,
    record: &(impl Serialize + Validate),
    source: &str,
) -> Result<Row, Error> {
    let id = month.strftime("%Y-%m").to_string();
    let present = Present::of(record, &id, source.into(), None, Vec::new())
        .map_err(|_| malformed("a statement cannot be written".into()))?;
    Ok(Row {
        data_type,
        remote_id: id,
        content: Content::Present(Box::new(present)),
    })
}

/// The section of a group, wherever it is; one that is not there comes to nothing.
fn line_of(report: &Report, group: &str, title: &str, column: usize) -> Result<ReportLine, Error> {
    match find(&report.rows, group) {
        Some(row) => row.line(Some(title), column),
        None => Ok(ReportLine::titled(title)),
    }
}

fn find<'r>(rows: &'r Rows, group: &str) -> Option<&'r ReportRow> {
    rows.row.iter().find_map(|row| {
        if row.group.as_deref() == Some(group) {
            return Some(row);
        }
        find(row.rows.as_ref()?, group)
    })
}

impl ReportRow {
    fn line(&self, title: Option<&str>, column: usize) -> Result<ReportLine, Error> {
        let head = self.header.as_ref().map(|header| header.col_data.as_slice());
        let Some(rows) = &self.rows else {
            let cells = self
                .summary
                .as_ref()
                .map_or(self.col_data.as_slice(), |summary| &summary.col_data);
            return leaf(cells, title, column);
        };
        let mut items = Vec::new();
        if let Some(own) = head {
            let own = leaf(own, None, column)?;
            if !own.value.is_zero() {
                items.push(own);
            }
        }
        for row in &rows.row {
            items.push(row.line(None, column)?);
        }
        let named = head.map(|cells| leaf(cells, None, column)).transpose()?;
        Ok(ReportLine {
            account_id: None,
            name: title
                .map(str::to_owned)
                .or_else(|| named.and_then(|named| named.name)),
            value: match &self.summary {
                Some(summary) => amount(&summary.col_data, column)?,
                None => items.iter().map(|item| item.value).sum(),
            },
            items,
        })
    }
}

impl ReportRow {
    /// The accounts below it, each with its own postings.
    fn leaves(&self, column: usize, leaves: &mut Vec<ReportLine>) -> Result<(), Error> {
        let Some(rows) = &self.rows else {
            leaves.push(leaf(&self.col_data, None, column)?);
            return Ok(());
        };
        if let Some(head) = &self.header {
            leaves.push(leaf(&head.col_data, None, column)?);
        }
        rows.leaves(column, leaves)
    }
}

impl Rows {
    fn leaves(&self, column: usize, leaves: &mut Vec<ReportLine>) -> Result<(), Error> {
        self.row.iter().try_for_each(|row| row.leaves(column, leaves))
    }
}

fn leaf(cells: &[Cell], title: Option<&str>, column: usize) -> Result<ReportLine, Error> {
    let first = cells.first();
    Ok(ReportLine {
        account_id: first.and_then(|cell| cell.id.clone()).filter(|id| !id.is_empty()),
        name: title
            .map(str::to_owned)
            .or_else(|| first.and_then(|cell| cell.value.clone())),
        value: amount(cells, column)?,
        items: Vec::new(),
    })
}

/// Blank is nothing.
fn amount(cells: &[Cell], column: usize) -> Result<Decimal, Error> {
    match cells.get(column).and_then(|cell| cell.value.as_deref()) {
        None | Some("") => Ok(Decimal::ZERO),
        Some(text) => text
            .parse()
            .map_err(|_| malformed("a cell of a report is no amount".into())),
    }
}

fn before(month: Date, months: u32) -> Result<Date, Error> {
    month
        .checked_sub(i64::from(months).months())
        .map_err(|_| malformed("the report begins before the calendar".into()))
}
