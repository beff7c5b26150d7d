//! <https://developer.xero.com/documentation/api/bankfeeds/overview>
//!
//! A line of a bank feed goes to a feed connection, which ties a bank account to us and is made with its first line.

use bytes::Bytes;
use ledgerline_model::push::{Key, Leg, Order};
use ledgerline_model::{Date, Decimal};
use ledgerline_platform::http::Answer;
use ledgerline_platform::push::{Books, Posted, Prepared, References, Request, Written, choice, text, total};
use ledgerline_platform::{Cx, Error, Sent};
use serde::{Deserialize, Serialize};

use super::call::{self, BANK_FEEDS, Call, JSON};
use super::{account, request};

/// Stands for the id of the feed connection, which is known when the statement is sent.
const CONNECTION: &str = "{feedConnectionId}";

/// The platform's name of what a delivered line is.
const OBJECT: &str = "Statement";

/// Statements that Xero has had before are refused by this name.
const DUPLICATE: &str = "duplicate-statement";

#[derive(Serialize, Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

/// A bank account and who feeds it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewConnection<'a> {
    /// Our name of the account: its own id, which no other account has.
    account_token: &'a str,
    account_id: &'a str,
    account_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a> {
    feed_connection_id: &'static str,
    start_date: Date,
    end_date: Date,
    start_balance: Balance,
    end_balance: Balance,
    statement_lines: [StatementLine<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Balance {
    amount: Decimal,
    credit_debit_indicator: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementLine<'a> {
    posted_date: Date,
    description: String,
    amount: Decimal,
    credit_debit_indicator: &'static str,
    /// Xero takes a line with the same one for the same line.
    transaction_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee_name: Option<&'a str>,
    reference: &'a str,
}

/// A statement of one line. What is in the account we do not know: the statement begins at nothing.
pub(super) fn prepare(order: &Order, key: &Key, references: &References) -> Result<Prepared, Error> {
    let bank = account::bank(references, &order.bank_account, "bankAccountRef")?;
    let total = total(order)?;
    // As the customer sees the account: a credit is money of theirs.
    let side = if order.kind.is_income() { "CREDIT" } else { "DEBIT" };
    let connection = NewConnection {
        account_token: &bank.id,
        account_id: &bank.id,
        account_type: match bank.bank_account_type.as_deref() {
            Some("CREDITCARD") => "CREDITCARD",
            _ => "BANK",
        },
        currency: bank.currency_code.as_deref(),
    };
    let statement = Statement {
        feed_connection_id: CONNECTION,
        start_date: order.date,
        end_date: order.date,
        start_balance: Balance {
            amount: Decimal::ZERO,
            credit_debit_indicator: "CREDIT",
        },
        end_balance: Balance {
            amount: total,
            credit_debit_indicator: side,
        },
        statement_lines: [StatementLine {
            posted_date: order.date,
            description: text::of_order(order),
            amount: total,
            credit_debit_indicator: side,
            transaction_id: key.as_str(),
            payee_name: order.merchant_name.as_deref(),
            reference: key.as_str(),
        }],
    };
    let connection = Items {
        items: vec![connection],
    };
    let statement = Items {
        items: vec![statement],
    };
    Ok(Prepared {
        leg: Leg::BankFeed,
        requests: vec![
            request("POST", "/FeedConnections".into(), &[], &connection)?,
            request("POST", "/Statements".into(), &[], &statement)?,
        ],
        choices: vec![choice(
            "feedConnectionId",
            CONNECTION,
            "the bank account's feed connection, made with its first line",
        )],
    })
}

/// The feed connection is found, or else made, and the statement handed over.
pub(super) async fn send(
    cx: &Cx,
    books: &Books<'_>,
    prepared: &Prepared,
    key: &Key,
) -> Result<Written, Error> {
    let [connection, statement] = prepared.requests.as_slice() else {
        return Err(Error::Unsupported {
            what: "a statement that is none of ours".into(),
        });
    };
    let connection = tied(cx, books, connection, key).await?;
    let request = Request {
        body: statement.body.replace(CONNECTION, &connection),
        ..statement.clone()
    };
    match post(cx, books, &request, key.as_str()).await {
        Ok(answer) => judge(first(&answer)?),
        // Told by the status of the answer, and not by the item's own.
        Err(Error::Rejected { code, .. }) if code == DUPLICATE => Ok(delivered(key.as_str())),
        Err(error) => Err(error),
    }
}

/// What became of a statement.
pub(super) async fn poll(cx: &Cx, books: &Books<'_>, reference: &str) -> Result<Written, Error> {
    match get(cx, books, &format!("/Statements/{reference}"), &[]).await {
        Ok(answer) => judge(parsed(&answer.body)?),
        // It was taken: that it cannot be read yet says nothing of it.
        Err(Error::Rejected { message, .. }) => Err(Error::Unavailable {
            sent: Sent::Never,
            reason: message,
        }),
        Err(error) => Err(error),
    }
}

/// A feed connection, or a statement, as Xero tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    id: Option<String>,
    account_id: Option<String>,
    account_token: Option<String>,
    status: Option<String>,
    error: Option<Problem>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    status: Option<u16>,
    detail: Option<String>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Rejected {
            code: problem.kind.unwrap_or_default(),
            message: format!(
                "{}({}): {}",
                problem.title.unwrap_or_default(),
                problem.status.unwrap_or_default(),
                problem.detail.unwrap_or_default()
            ),
            field: None,
        }
    }
}

fn judge(statement: Taken) -> Result<Written, Error> {
    let id = statement.id.unwrap_or_default();
    match statement.status.as_deref() {
        Some("DELIVERED") => Ok(delivered(&id)),
        Some("PENDING") if !id.is_empty() => Ok(Written::Pending(id)),
        Some("REJECTED") => match statement.errors.into_iter().chain(statement.error).next() {
            Some(problem) if problem.kind.as_deref() == Some(DUPLICATE) => Ok(delivered(&id)),
            Some(problem) => Err(problem.into()),
            None => Err(Error::Rejected {
                code: "REJECTED".to_owned(),
                message: "Xero rejected the statement without a reason".to_owned(),
                field: None,
            }),
        },
        _ => Err(Error::Malformed {
            reason: "the answer does not tell what became of the statement".into(),
        }),
    }
}

fn delivered(id: &str) -> Written {
    Written::Posted(Posted {
        object: OBJECT.to_owned(),
        id: id.to_owned(),
        version: None,
        data_type: None,
    })
}

/// The id of the feed connection of the account that the request names.
async fn tied(cx: &Cx, books: &Books<'_>, request: &Request, key: &Key) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wanted {
        account_token: String,
    }
    let wanted: Items<Wanted> = parsed(request.body.as_bytes())?;
    let token = wanted
        .items
        .into_iter()
        .next()
        .map(|item| item.account_token)
        .unwrap_or_default();
    if let Some(id) = connection_of(cx, books, &token).await? {
        return Ok(id);
    }
    let answer = post(cx, books, request, &format!("{key}-connection")).await;
    let made: Taken = match answer {
        Ok(answer) => first(&answer)?,
        // Nothing is in the books yet, whatever became of the connection: it is found, or made, the next time.
        Err(Error::Unavailable { reason, .. } | Error::Malformed { reason }) => {
            return Err(Error::Unavailable {
                sent: Sent::Never,
                reason,
            });
        }
        Err(error) => return Err(error),
    };
    match (made.error, made.id) {
        (None, Some(id)) => Ok(id),
        (Some(problem), _) => match connection_of(cx, books, &token).await? {
            // Another of our requests was faster.
            Some(id) => Ok(id),
            None => Err(problem.into()),
        },
        (None, None) => Err(Error::Unavailable {
            sent: Sent::Never,
            reason: "the answer does not name the feed connection".into(),
        }),
    }
}

/// Our feed connection of an account, if there is one.
async fn connection_of(cx: &Cx, books: &Books<'_>, token: &str) -> Result<Option<String>, Error> {
    for page in 1..=MOST_PAGES {
        let query = [
            ("page".to_owned(), page.to_string()),
            ("pageSize".to_owned(), PAGE_SIZE.to_string()),
        ];
        let answer = get(cx, books, "/FeedConnections", &query).await?;
        let listed: Items<Taken> = parsed(&answer.body).map_err(unsent)?;
        let count = listed.items.len();
        let is_ours = |connection: &Taken| {
            let id = connection
                .account_id
                .as_deref()
                .or(connection.account_token.as_deref());
            id == Some(token)
        };
        if let Some(found) = listed.items.into_iter().find(is_ours) {
            return Ok(found.id);
        }
        if count < PAGE_SIZE {
            return Ok(None);
        }
    }
    Ok(None)
}

const PAGE_SIZE: usize = 100;

/// An organisation has a bank account or two for each of its pages.
const MOST_PAGES: usize = 20;

/// What is only asked for puts nothing anywhere.
async fn get(cx: &Cx, books: &Books<'_>, path: &str, query: &[(String, String)]) -> Result<Answer, Error> {
    let call = Call {
        host: BANK_FEEDS,
        method: "GET",
        path,
        query,
        key: None,
        content_type: JSON,
        body: Bytes::new(),
    };
    let asked = async { taken(call::ask(cx, books, call).await?, path) };
    asked.await.map_err(unsent)
}

async fn post(cx: &Cx, books: &Books<'_>, request: &Request, key: &str) -> Result<Answer, Error> {
    let call = Call {
        host: BANK_FEEDS,
        method: &request.method,
        path: &request.path,
        query: &request.query,
        key: Some(key),
        content_type: JSON,
        body: Bytes::from(request.body.clone()),
    };
    taken(call::ask(cx, books, call).await?, &request.path)
}

/// The Bank Feeds API tells why it refuses in words of its own, whatever the status.
fn taken(answer: Answer, path: &str) -> Result<Answer, Error> {
    if answer.status.is_client_error()
        && !matches!(answer.status.as_u16(), 401 | 403 | 429)
        && let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body)
        && problem.title.is_some()
    {
        return Err(problem.into());
    }
    call::taken(answer, path.trim_start_matches('/'))
}

fn first<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<T, Error> {
    let items: Items<T> = parsed(&answer.body)?;
    items.items.into_iter().next().ok_or_else(|| Error::Malformed {
        reason: "the answer has no items".into(),
    })
}

fn parsed<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Malformed {
        reason: "the answer of the bank feeds cannot be read".into(),
    })
}

/// A question that failed has sent no statement.
fn unsent(error: Error) -> Error {
    match error {
        Error::Unavailable { reason, .. } | Error::Malformed { reason } => Error::Unavailable {
            sent: Sent::Never,
            reason,
        },
        other => other,
    }
}
