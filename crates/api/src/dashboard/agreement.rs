use std::collections::HashMap;

use ledgerline_model::connection::Connection;
use ledgerline_model::consistency::{Consistency, ControlCheck, Level};
use ledgerline_model::query::ListRequest;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_store::{Tx, closings, reading};
use maud::{Markup, html};
use serde::Deserialize;

use super::errors::Error;
use super::room::Room;
use super::states::chip;
use crate::pages::words;

/// How far the data types of the connection agree with each other: the set that was read last, its control totals,
/// and what has been read by itself since.
pub(super) async fn of_connection(
    room: &Room,
    tx: &mut Tx,
    connection: &Connection,
) -> Result<Markup, Error> {
    let all = closings::of_connection(tx, room.app.id, connection.id).await?;
    let Some(set) = latest_set(&all) else {
        return Ok(html! {});
    };
    let (within, apart): (Vec<_>, Vec<_>) = all.iter().partition(|(_, of)| of.run_id == set.run_id);
    let accounts = match set.checks.iter().any(|check| account_of(check).is_some()) {
        true => account_names(room, tx, connection).await?,
        false => HashMap::new(),
    };
    Ok(html! {
        div.overall.agreement {
            div.line {
                span { (level(set.status)) " " (meaning(set, within.len(), room.now)) }
                span.muted { "Run " code { (set.run_id) } }
            }
            @if let Some(reason) = &set.reason { p.small { (reason) } }
            @if !apart.is_empty() {
                p.small.muted {
                    "Read by themselves, so that they may not agree with the others: "
                    @for (index, (data_type, _)) in apart.iter().enumerate() {
                        @if index > 0 { ", " }
                        (words::data_type(*data_type))
                    }
                    "."
                }
            }
            @if !set.checks.is_empty() {
                details open[differing(&set.checks) > 0] {
                    summary { (said_of(&set.checks)) }
                    (checks(&set.checks, &accounts))
                }
            }
        }
    })
}

/// While a Run whose data types have been read is not closed yet.
pub(super) fn under_way() -> Markup {
    html! {
        div.overall.agreement {
            div.line {
                span { (chip("wait busy", "Comparing")) " What changed while the data types were read is collected." }
            }
        }
    }
}

/// What was found when the newest set was closed; of types that were read one by one there is nothing to say.
fn latest_set(all: &[(DataType, Consistency)]) -> Option<&Consistency> {
    let sets = all.iter().map(|(_, of)| of);
    sets.filter(|of| of.status != Level::PerType)
        .max_by_key(|of| of.window_end.0)
}

pub(super) fn level(level: Level) -> Markup {
    let (tone, words) = match level {
        Level::PerType => ("", "Each by itself"),
        Level::Bounded => ("wait", "Bounded"),
        Level::Consistent => ("good", "Consistent"),
        Level::Inconsistent => ("bad", "Inconsistent"),
    };
    chip(tone, words)
}

fn meaning(set: &Consistency, types: usize, now: Timestamp) -> Markup {
    let end = words::ago(set.window_end.0, now);
    html! {
        @match set.status {
            Level::PerType => "Each data type is complete as of its own read.",
            Level::Bounded => {
                (types) " data types were read within " (words::duration(set.window_start.0, set.window_end.0))
                ", until " (end) "; what changed meanwhile may be seen in one and not in another."
            },
            Level::Consistent if types == 1 => { "1 data type shows the books of " (end) "." },
            Level::Consistent => { (types) " data types show the books of one instant, " (end) "." },
            Level::Inconsistent => { "What the platform states and what the records make is not the same, " (end) "." },
        }
    }
}

fn differing(checks: &[ControlCheck]) -> usize {
    checks.iter().filter(|check| !check.agrees()).count()
}

fn said_of(checks: &[ControlCheck]) -> String {
    let s = if checks.len() == 1 { "" } else { "s" };
    match differing(checks) {
        0 => format!("{} control total{s}, no difference", checks.len()),
        differing => format!("{differing} of {} control total{s} differ", checks.len()),
    }
}

fn checks(checks: &[ControlCheck], accounts: &HashMap<String, String>) -> Markup {
    html! {
        table.rows {
            thead { tr {
                th scope="col" { "Control total" } th.number scope="col" { "Platform states" }
                th.number scope="col" { "Records make" } th.number scope="col" { "Difference" } th scope="col" { "Result" }
            } }
            tbody {
                @for check in checks {
                    tr {
                        td.name { (name(check, accounts)) }
                        td.number data-label="Platform states" { (check.expected) }
                        td.number data-label="Records make" { (check.actual) }
                        td.number data-label="Difference" { (check.difference) }
                        td data-label="Result" {
                            @if check.agrees() { (chip("good", "Agrees")) } @else { (chip("bad", "Differs")) }
                        }
                    }
                }
            }
        }
    }
}

fn name(check: &ControlCheck, accounts: &HashMap<String, String>) -> Markup {
    let (name, what) = match check.name.as_str() {
        "trial_balance" => ("Trial balance", "debits against credits"),
        "ar_control" => (
            "Receivables",
            "their account against open invoices and credit notes",
        ),
        "ap_control" => ("Payables", "their account against open bills and credit notes"),
        "current_year_earnings" => ("Earnings of the year", "balance sheet against trial balance"),
        other => match account_of(check) {
            Some(id) => {
                let account = accounts.get(id).map_or(id, String::as_str);
                return html! { bdi { (account) } span.sub { "bank account: statement against trial balance" } };
            }
            None => (other, ""),
        },
    };
    html! { (name) span.sub { (what) } }
}

/// The bank account that it is about.
fn account_of(check: &ControlCheck) -> Option<&str> {
    check.name.strip_prefix("bank_balance:")
}

/// At most so many bank accounts are called by their names.
const NAMED: u32 = 200;

async fn account_names(
    room: &Room,
    tx: &mut Tx,
    connection: &Connection,
) -> Result<HashMap<String, String>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Account {
        account_name: Option<String>,
    }

    let of = reading::Of {
        app: room.app.id,
        connection: connection.id,
        data_type: DataType::BankAccounts,
        as_of: None,
    };
    let request = ListRequest {
        filter: None,
        order: None,
        page: 1,
        page_size: NAMED,
    };
    let page = reading::list(tx, of, &request).await?;
    let named = page.records.into_iter().filter_map(|record| {
        let account: Account = serde_json::from_str(&record.standard).ok()?;
        Some((record.remote_id, account.account_name?))
    });
    Ok(named.collect())
}
