//! <https://developer.xero.com/documentation/api/accounting/reports>
//!
//! A report has a column per month, newest first, twelve at most; each becomes one record. Lines are sorted by
//! the class of their account, since titles vary with the organisation's layout and language. Rows of sections
//! without a title are totals: they are computed here and compared.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::records::{BalanceSheetMonth, ProfitAndLossMonth, ReportBasis, ReportLine};
use ledgerline_model::validation::Validate;
use ledgerline_model::{DataType, LocalDateTime};
use ledgerline_platform::{Content, Cursor, Cx, Error, Page, Present, Read, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::Envelope;
use super::facts::{self, Facts};
use super::feeds::Report;
use super::json_of;
use super::table::{Table, TableRow};

/// Columns that Xero gives in one call: the month asked for and eleven before it.
const COLUMNS: u32 = 12;

/// Where a read of months goes on.
#[derive(Serialize, Deserialize)]
struct Position {
    /// First day of the newest month that is still to be read.
    month: Date,
    months_left: u32,
}

pub(super) async fn page(
    cx: &Cx,
    read: &Read<'_>,
    report: Report,
    cursor: Option<&Cursor>,
) -> Result<Page, Error> {
    let position: Position = match cursor {
        Some(cursor) => serde_json::from_str(&cursor.0)
            .map_err(|_| malformed("the stored cursor is none of Xero's".into()))?,
        None => {
            let today = cx.clock.now().to_zoned(TimeZone::UTC).date();
            let (month, months_left) = read.window.months(read.statement_months, today);
            Position { month, months_left }
        }
    };
    let count = position.months_left.min(COLUMNS);
    let months = (0..count)
        .map(|back| months_before(position.month, back))
        .collect::<Result<Vec<_>, _>>()?;
    let (from, to) = (
        position.month.to_string(),
        position.month.last_of_month().to_string(),
    );
    let periods = (count - 1).to_string();
    let mut query = match report {
        Report::BalanceSheet => vec![("date", to.as_str())],
        Report::ProfitAndLoss => vec![("fromDate", from.as_str()), ("toDate", to.as_str())],
    };
    if count > 1 {
        query.extend([("periods", periods.as_str()), ("timeframe", "MONTH")]);
    }
    query.extend([("standardLayout", "true"), ("paymentsOnly", "false")]);
    let answer = crate::client::get(cx, read, path(report), &query).await?;
    let envelope = Envelope::parse(&answer.body, "Reports")?;
    let facts = Facts {
        accounts: Some(facts::accounts(cx, read).await?),
        base_currency: facts::base_currency(cx, read).await?,
        ..Facts::default()
    };
    let table = Table::of(&envelope)?;
    let columns = table.header.len().saturating_sub(1);
    if columns != months.len() {
        return Err(malformed(format!(
            "the report has {columns} month columns for {count} months"
        )));
    }
    for (title, month) in table.header.iter().skip(1).zip(&months) {
        if parse_month(title).is_some_and(|titled| titled != *month) {
            return Err(malformed(format!(
                "the column `{title}` came for {}",
                month_id(*month)
            )));
        }
    }
    let rows = rows(report, &table, &months, &facts)?;
    let left = position.months_left - count;
    let next = if left == 0 {
        None
    } else {
        Some(Cursor(json_of(&Position {
            month: months_before(position.month, count)?,
            months_left: left,
        })?))
    };
    Ok(Page {
        objects: rows.len() as u64,
        rows,
        next,
        platform_time: envelope.answered_at.or_else(|| answer.date()),
        expected: Some(u64::from(read.statement_months.max(1))),
    })
}

/// Without the chart of accounts the sections are told apart by their titles alone.
pub(super) fn map_recording(report: Report, data_type: DataType, json: &RawValue) -> Result<Vec<Row>, Error> {
    let envelope = Envelope::parse(json.get().as_bytes(), "Reports")?;
    let table = Table::of(&envelope)?;
    let months = table
        .header
        .iter()
        .skip(1)
        .map(|title| parse_month(title).ok_or_else(|| malformed(format!("`{title}` is no month"))))
        .collect::<Result<Vec<_>, _>>()?;
    let rows = rows(report, &table, &months, &Facts::default())?;
    Ok(rows
        .into_iter()
        .filter(|row| row.data_type == data_type)
        .collect())
}

fn path(report: Report) -> &'static str {
    match report {
        Report::BalanceSheet => "/Reports/BalanceSheet",
        Report::ProfitAndLoss => "/Reports/ProfitAndLoss",
    }
}

fn rows(report: Report, table: &Table, months: &[Date], facts: &Facts) -> Result<Vec<Row>, Error> {
    let build = match report {
        Report::BalanceSheet => balance_sheet,
        Report::ProfitAndLoss => profit_and_loss,
    };
    let months = months.iter().enumerate();
    months
        .map(|(index, month)| build(table, index + 1, *month, facts))
        .collect()
}

fn balance_sheet(table: &Table, column: usize, month: Date, facts: &Facts) -> Result<Row, Error> {
    let groups = Groups::of(table, column, facts)?;
    let assets = groups.line(Group::Assets, "Assets");
    let liabilities = groups.line(Group::Liabilities, "Liabilities");
    let equity = groups.line(Group::Equity, "Equity");
    let net_assets = assets.value - liabilities.value;
    let mut issues = Vec::new();
    let stated = table.total("Net Assets", column)?.unwrap_or(equity.value);
    if net_assets != equity.value || net_assets != stated {
        let equity = equity.value;
        let message = format!("net assets are {net_assets}, stated as {stated}, and equity is {equity}");
        issues.push(does_not_add_up(month, "netAssets", message));
    }
    let record = BalanceSheetMonth {
        currency: facts.base_currency.clone(),
        date: LocalDateTime::from(month.last_of_month()),
        assets: Some(assets),
        liabilities: Some(liabilities),
        net_assets,
        equity: Some(equity),
    };
    row(DataType::BalanceSheet, month, &record, table, issues)
}

fn profit_and_loss(table: &Table, column: usize, month: Date, facts: &Facts) -> Result<Row, Error> {
    let groups = Groups::of(table, column, facts)?;
    let income = groups.line(Group::Income, "Income");
    let cost_of_sales = groups.line(Group::CostOfSales, "Cost of Sales");
    let expenses = groups.line(Group::Expenses, "Expenses");
    let other_income = groups.line(Group::OtherIncome, "Other Income");
    // Xero has no class of accounts for other expenses.
    let other_expenses = groups.line(Group::OtherExpenses, "Other Expenses");
    let gross_profit = income.value - cost_of_sales.value;
    let net_operating_profit = gross_profit - expenses.value;
    let net_other_income = other_income.value - other_expenses.value;
    let net_profit = net_operating_profit + net_other_income;
    let mut issues = Vec::new();
    if let Some(stated) = table.total("Net Profit", column)?
        && stated != net_profit
    {
        let message = format!("the lines make a net profit of {net_profit}, the report says {stated}");
        issues.push(does_not_add_up(month, "netProfit", message));
    }
    let record = ProfitAndLossMonth {
        currency: facts.base_currency.clone(),
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
        net_profit,
    };
    row(DataType::ProfitAndLoss, month, &record, table, issues)
}

fn row(
    data_type: DataType,
    month: Date,
    record: &(impl Serialize + Validate),
    table: &Table,
    issues: Vec<Issue>,
) -> Result<Row, Error> {
    let id = month_id(month);
    let present = Present::of(record, &id, table.source.clone(), None, issues)
        .map_err(|error| malformed(error.to_string()))?;
    Ok(Row {
        data_type,
        remote_id: id,
        content: Content::Present(Box::new(present)),
    })
}

fn does_not_add_up(month: Date, field: &str, message: String) -> Issue {
    Issue {
        severity: Severity::Warning,
        rule: "xero-report-does-not-add-up".to_owned(),
        record: month_id(month),
        field: field.to_owned(),
        message,
    }
}

/// Where a line of a report belongs in the standard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Group {
    Assets,
    Liabilities,
    Equity,
    Income,
    CostOfSales,
    Expenses,
    OtherIncome,
    OtherExpenses,
}

impl Group {
    fn of_account(account: &facts::Account) -> Option<Self> {
        match (account.class.as_deref()?, account.kind.as_deref()) {
            ("ASSET", _) => Some(Self::Assets),
            ("LIABILITY", _) => Some(Self::Liabilities),
            ("EQUITY", _) => Some(Self::Equity),
            ("REVENUE", Some("OTHERINCOME")) => Some(Self::OtherIncome),
            ("REVENUE", _) => Some(Self::Income),
            ("EXPENSE", Some("DIRECTCOSTS")) => Some(Self::CostOfSales),
            ("EXPENSE", _) => Some(Self::Expenses),
            _ => None,
        }
    }

    /// The titles of the standard layout, for sections without an account that is known.
    fn of_title(title: &str) -> Option<Self> {
        match title.trim_start_matches("Less ").trim_start_matches("Plus ") {
            "Assets" | "Bank" | "Current Assets" | "Fixed Assets" | "Non-current Assets" => {
                Some(Self::Assets)
            }
            "Liabilities" | "Current Liabilities" | "Non-current Liabilities" | "Non-Current Liabilities" => {
                Some(Self::Liabilities)
            }
            "Equity" => Some(Self::Equity),
            "Income" | "Trading Income" | "Revenue" => Some(Self::Income),
            "Cost of Sales" | "Cost of Goods Sold" => Some(Self::CostOfSales),
            "Operating Expenses" | "Expenses" => Some(Self::Expenses),
            "Other Income" => Some(Self::OtherIncome),
            "Other Expenses" => Some(Self::OtherExpenses),
            _ => None,
        }
    }
}

/// The sections of one column, by group.
struct Groups(Vec<(Group, ReportLine)>);

impl Groups {
    fn of(table: &Table, column: usize, facts: &Facts) -> Result<Self, Error> {
        let mut groups = Vec::new();
        let mut heading = None;
        for section in &table.sections {
            let titled = Group::of_title(&section.title);
            heading = titled.or(heading);
            let known = |row: &TableRow| Group::of_account(facts.account_by_id(row.account.as_deref()?)?);
            let group_of_section = section.rows.iter().find_map(known).or(titled).or(heading);
            let mut lines: Vec<(Group, Vec<ReportLine>)> = Vec::new();
            for row in section.rows.iter().filter(|row| !section.is_total(row)) {
                let Some(value) = row.filled_value(column)? else {
                    continue;
                };
                let group = known(row).or(group_of_section).ok_or_else(|| {
                    malformed(format!("the section `{}` is of no known class", section.title))
                })?;
                let line = ReportLine {
                    account_id: row.account.clone(),
                    name: Some(row.name.clone()),
                    value,
                    items: Vec::new(),
                };
                match lines.iter_mut().find(|(known, _)| *known == group) {
                    Some((_, lines)) => lines.push(line),
                    None => lines.push((group, vec![line])),
                }
            }
            for (group, items) in lines {
                groups.push((group, sum_of(section.title.clone(), items)));
            }
        }
        Ok(Self(groups))
    }

    fn line(&self, group: Group, name: &str) -> ReportLine {
        let sections = self.0.iter().filter(|(of, _)| *of == group);
        sum_of(name.to_owned(), sections.map(|(_, line)| line.clone()).collect())
    }
}

fn sum_of(name: String, items: Vec<ReportLine>) -> ReportLine {
    ReportLine {
        account_id: None,
        name: Some(name),
        value: items.iter().map(|line| line.value).sum(),
        items,
    }
}

fn months_before(month: Date, months: u32) -> Result<Date, Error> {
    let span = jiff::Span::new().months(i64::from(months.min(12_000)));
    month
        .first_of_month()
        .checked_sub(span)
        .map_err(|_| malformed("the window of statements starts before the calendar".into()))
}

/// `2027-03`: the remote id of a month's statement.
fn month_id(month: Date) -> String {
    format!("{:04}-{:02}", month.year(), month.month())
}

/// The month that a column's title names, in the ways that Xero writes it in English. Years of two digits come
/// first: `%Y` would read `27` as the year 27.
fn parse_month(title: &str) -> Option<Date> {
    let with_day = format!("1 {title}");
    let date = [
        ("%d %b %y", title),
        ("%d %b %Y", title),
        ("%d %b-%y", with_day.as_str()),
        ("%d %b %y", with_day.as_str()),
        ("%d %b %Y", with_day.as_str()),
    ]
    .into_iter()
    .find_map(|(format, text)| Date::strptime(format, text).ok())?;
    Some(date.first_of_month())
}

fn malformed(reason: String) -> Error {
    Error::Malformed { reason }
}

#[cfg(test)]
mod tests {
    use super::{month_id, parse_month};

    #[test]
    fn a_column_names_its_month_in_several_ways() {
        for title in ["28 Feb 2027", "28 Feb 27", "Feb-27", "Feb 27", "Feb 2027"] {
            assert_eq!(
                parse_month(title).map(month_id).as_deref(),
                Some("2027-02"),
                "{title}"
            );
        }
        for title in ["", "YTD", "31 Feb 2027", "Février 2027"] {
            assert_eq!(parse_month(title), None, "{title}");
        }
    }
}
