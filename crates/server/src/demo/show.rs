use ledgerline_model::Decimal;
use serde::Deserialize;

/// A heading of the tour.
pub fn step(text: &str) {
    println!("\n\x1b[1m{text}\x1b[0m");
}

/// One line of `dataStatus`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataStatus {
    pub data_type: String,
    pub current_status: String,
    pub last_successful_sync: Option<String>,
}

/// The data status as a table, with the number of records of each type.
pub fn data_status(rows: &[(DataStatus, Option<u64>)]) {
    println!(
        "  {:<22} {:<14} {:>8}  last successful sync",
        "data type", "status", "records"
    );
    for (status, records) in rows {
        let records = records.map(|count| count.to_string()).unwrap_or_default();
        let at = status
            .last_successful_sync
            .as_deref()
            .map_or("", |at| at.get(..19).unwrap_or(at));
        println!(
            "  {:<22} {:<14} {records:>8}  {at}",
            status.data_type, status.current_status
        );
    }
}

#[derive(Deserialize)]
pub struct BalanceSheet {
    pub currency: String,
    pub reports: Vec<BalanceSheetReport>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceSheetReport {
    pub date: String,
    pub assets: Line,
    pub liabilities: Line,
    pub equity: Line,
    pub net_assets: Decimal,
}

#[derive(Deserialize)]
pub struct Line {
    #[serde(default)]
    pub name: Option<String>,
    pub value: Decimal,
    #[serde(default)]
    pub items: Vec<Line>,
}

/// The latest month of a balance sheet.
pub fn balance_sheet(sheet: &BalanceSheet) {
    let Some(report) = sheet.reports.last() else {
        return;
    };
    println!(
        "  as of {} in {}",
        report.date.get(..10).unwrap_or(&report.date),
        sheet.currency
    );
    for (name, line) in [
        ("Assets", &report.assets),
        ("Liabilities", &report.liabilities),
        ("Equity", &report.equity),
    ] {
        lines(line.name.as_deref().unwrap_or(name), line, 1);
    }
    println!("  {:<46} {:>16}", "Net assets", report.net_assets.to_string());
}

fn lines(name: &str, line: &Line, depth: usize) {
    let indent = "  ".repeat(depth);
    println!("{:<48} {:>16}", format!("{indent}{name}"), line.value.to_string());
    for item in &line.items {
        lines(item.name.as_deref().unwrap_or("–"), item, depth + 1);
    }
}
