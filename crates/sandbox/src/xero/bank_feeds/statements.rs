use std::time::Duration;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::errors::Problem;
use super::{Items, read, write};
use crate::ledger::{FeedStatement, Ledger, Rejection, StatementLine};
use crate::xero::accounting::today;
use crate::xero::amount::Amount;
use crate::xero::call::Call;
use crate::xero::errors::Error;
use crate::xero::ids;
use crate::xero::keys::Said;

/// How long a statement is pending.
const JUDGED_AFTER: Duration = Duration::from_secs(1);

/// A statement as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    feed_connection_id: Uuid,
    start_date: Date,
    end_date: Date,
    start_balance: Balance,
    end_balance: Balance,
    statement_lines: Vec<SentLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Balance {
    amount: Amount,
    credit_debit_indicator: Side,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentLine {
    posted_date: Date,
    #[serde(default)]
    description: String,
    amount: Amount,
    credit_debit_indicator: Side,
    transaction_id: Option<String>,
    #[serde(default)]
    payee_name: String,
    #[serde(default)]
    reference: String,
}

/// From the customer's point of view: a credit is money of theirs.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Side {
    Credit,
    Debit,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    id: Uuid,
    feed_connection_id: Uuid,
    status: &'static str,
    start_date: Date,
    end_date: Date,
    statement_line_count: usize,
    errors: Vec<&'a Rejection>,
}

impl Side {
    fn sign(self, amount: Amount) -> Decimal {
        match self {
            Self::Credit => amount.0,
            Self::Debit => -amount.0,
        }
    }
}

pub(super) fn list(call: &Call<'_>) -> Result<Vec<u8>, Error> {
    let ledger = call.organisation.ledger();
    let items = ledger
        .feeds
        .statements
        .iter()
        .map(|kept| shown(kept, call))
        .collect();
    Ok(write(&Items { items }))
}

pub(super) fn find(call: &Call<'_>, id: &str) -> Result<Vec<u8>, Error> {
    let ledger = call.organisation.ledger();
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let kept = ledger.feeds.statements.iter().find(|kept| kept.id == id);
    Ok(write(&shown(kept.ok_or(Error::NotFound)?, call)))
}

/// Take statements; whether they are delivered is told later.
pub(super) fn take(call: &Call<'_>, body: &[u8]) -> Said {
    let sent: Vec<Sent> = read(body)?;
    call.organisation.change(|ledger| {
        let mut items = Vec::with_capacity(sent.len());
        for sent in &sent {
            if ledger.feeds.connection(sent.feed_connection_id).is_none() {
                items.push(json!({
                    "feedConnectionId": sent.feed_connection_id,
                    "status": "REJECTED",
                    "errors": [Problem::unknown_connection()],
                }));
                continue;
            }
            let statement = judge(ledger, sent, call);
            items.push(json!({
                "id": statement.id,
                "feedConnectionId": statement.connection,
                "status": "PENDING",
            }));
            ledger.feeds.statements.push(statement);
        }
        Ok(write(&Items { items }))
    })
}

/// The statement as it is kept, with its rejection if it has one.
fn judge(ledger: &Ledger, sent: &Sent, call: &Call<'_>) -> FeedStatement {
    let lines: Vec<StatementLine> = sent.statement_lines.iter().map(line).collect();
    let moved: Decimal = lines.iter().map(|line| line.amount).sum();
    let balance = |balance: &Balance| balance.credit_debit_indicator.sign(balance.amount);
    let today = today(ledger, call.now);
    let oldest = today.saturating_sub(jiff::Span::new().years(1));
    let problem = if sent.start_date > sent.end_date || sent.start_date < oldest || sent.start_date > today {
        Some(Problem::invalid_dates())
    } else if lines.is_empty() {
        Some(Problem::invalid_request("A statement has at least one line."))
    } else if balance(&sent.start_balance) + moved != balance(&sent.end_balance) {
        Some(Problem::invalid_end_balance())
    } else if lines
        .iter()
        .all(|line| ledger.feeds.has_line(sent.feed_connection_id, line))
    {
        Some(Problem::duplicate_statement())
    } else {
        None
    };
    let count = ledger.feeds.statements.len();
    FeedStatement {
        id: ids::derived("statement", &format!("{}/{count}", ledger.facts.id)),
        connection: sent.feed_connection_id,
        start_date: sent.start_date,
        end_date: sent.end_date,
        lines,
        taken_at: call.now,
        rejection: problem.map(Problem::kept),
    }
}

fn line(sent: &SentLine) -> StatementLine {
    StatementLine {
        date: sent.posted_date,
        description: sent.description.clone(),
        payee: sent.payee_name.clone(),
        reference: sent.reference.clone(),
        transaction_id: sent.transaction_id.clone(),
        amount: sent.credit_debit_indicator.sign(sent.amount),
    }
}

fn shown<'a>(kept: &'a FeedStatement, call: &Call<'_>) -> Wire<'a> {
    let judged = call.now >= kept.taken_at + JUDGED_AFTER;
    let (status, errors) = match &kept.rejection {
        _ if !judged => ("PENDING", Vec::new()),
        Some(rejection) => ("REJECTED", vec![rejection]),
        None => ("DELIVERED", Vec::new()),
    };
    Wire {
        id: kept.id,
        feed_connection_id: kept.connection,
        status,
        start_date: kept.start_date,
        end_date: kept.end_date,
        statement_line_count: kept.lines.len(),
        errors,
    }
}
