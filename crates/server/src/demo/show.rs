use std::collections::BTreeSet;

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

/// How data types of one company stand, with the number of records of each.
pub struct Standing {
    pub name: String,
    pub types: Vec<(DataStatus, Option<u64>)>,
}

/// Data types one below the other, companies side by side.
pub fn data_status(standings: &[Standing]) {
    let mut heading = format!("  {:<22}", "");
    for standing in standings {
        heading.push_str(&format!(" {:<44}", standing.name));
    }
    println!("{}", heading.trim_end());
    let types = standings
        .iter()
        .flat_map(|standing| &standing.types)
        .map(|(status, _)| status.data_type.as_str());
    for data_type in types.collect::<BTreeSet<_>>() {
        let mut line = format!("  {data_type:<22}");
        for standing in standings {
            let mut types = standing.types.iter();
            let cell = types.find(|(status, _)| status.data_type == data_type);
            line.push_str(&format!(" {:<44}", cell.map(cell_of).unwrap_or_default()));
        }
        println!("{}", line.trim_end());
    }
}

fn cell_of((status, records): &(DataStatus, Option<u64>)) -> String {
    let records = records.map(|count| count.to_string()).unwrap_or_default();
    let at = status.last_successful_sync.as_deref();
    let at = at.map_or("", |at| at.get(..19).unwrap_or(at));
    format!("{:<13} {records:>6}  {at}", status.current_status)
}

/// One expense, and what is said of it.
pub fn expense(kind: &str, amount: Decimal, merchant: &str, what: &str) {
    println!("    {kind:<8} {:>8}  {merchant:<20} {what}", amount.to_string());
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
