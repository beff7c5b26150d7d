use std::collections::BTreeSet;
use std::sync::Arc;

use ledgerline_engine::ids::SystemIds;
use ledgerline_store::{Keyring, Options, Store};
use regex_lite::Regex;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

/// The dashboard counts the connections of an app.
const COUNTED: &str = "select count(*) as connections from connection";

/// Tables that stay small whatever the store holds, and an index over what waits alone.
const SMALL: [&str; 5] = ["app", "budget_call", "endpoint", "job_turn", "event_unfanned"];

/// The statements in logs of JSON lines, each once.
pub fn statements(logs: &str) -> BTreeSet<String> {
    let lines = logs
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["target"] == "sqlx::query")
        .filter_map(|line| {
            let fields = &line["fields"];
            let long = fields["db.statement"].as_str().unwrap_or_default();
            let short = fields["summary"].as_str().unwrap_or_default();
            let text = if long.trim().is_empty() { short } else { long };
            Some(text.trim().to_owned()).filter(|text| !text.contains("_sqlx_migrations"))
        })
        .filter(|text| {
            let verb = text.split_whitespace().next().unwrap_or_default();
            ["select", "insert", "update", "delete", "with"].contains(&verb)
        })
        .collect()
}

/// Those that SQLite answers by going through a whole table, or through all rows of an app: they cost more with every
/// company and every Run there has been. Nothing is known of what the tables hold, as in a store that is never analyzed.
pub async fn unbounded(statements: &BTreeSet<String>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("plans.db").display());
    let options = Options {
        url: url.clone(),
        connections: 1,
    };
    let keyring = Keyring::new([7; 32], Arc::new(SystemIds));
    Store::open(&options, keyring).await.unwrap().close().await;
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    let mut unbounded = Vec::new();
    for text in statements.iter().filter(|text| !text.starts_with(COUNTED)) {
        let explain = AssertSqlSafe(format!("explain query plan {text}"));
        let plan: Vec<String> = sqlx::query(explain)
            .map(|row: SqliteRow| row.get("detail"))
            .fetch_all(&mut db)
            .await
            .unwrap();
        let steps: Vec<&String> = plan.iter().filter(|step| grows(step, text)).collect();
        if !steps.is_empty() {
            unbounded.push(format!("{text}\n    {steps:?}"));
        }
    }
    unbounded
}

fn grows(step: &str, text: &str) -> bool {
    let scanned = Regex::new(r"^SCAN ([a-z]\w*)").unwrap();
    let of_app = Regex::new(r"^SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \(app_id=\?\)$").unwrap();
    if let Some(found) = scanned.captures(step) {
        let is_made_here = step.contains("VIRTUAL TABLE") || text.contains(&format!(") as {}", &found[1]));
        return !is_made_here && !SMALL.contains(&&found[1]);
    }
    let found = of_app.captures(step);
    found.is_some_and(|found| !SMALL.contains(&&found[1]) && !SMALL.contains(&&found[2]))
}
