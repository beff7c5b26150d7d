use std::cmp::Ordering;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{Comparison, Condition, Literal, Order, Query, Test, What};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::json::decimal;
use crate::quickbooks_online::records::{Cx, Head, heads};
use crate::quickbooks_online::times;

/// What can be asked and ordered by, besides what every record has.
const FIELDS: [&str; 41] = [
    "AccountRef",
    "AccountSubType",
    "AccountType",
    "AcctNum",
    "AttachableRef.EntityRef.Type",
    "AttachableRef.EntityRef.Value",
    "Balance",
    "Classification",
    "CompanyName",
    "Country",
    "CurrencyRef",
    "CurrentBalance",
    "CustomerRef",
    "DepartmentRef",
    "DepositToAccountRef",
    "DisplayName",
    "DocNumber",
    "DueDate",
    "EmailStatus",
    "EntityRef",
    "FamilyName",
    "FileName",
    "FullyQualifiedName",
    "GivenName",
    "IncomeAccountRef",
    "Job",
    "Name",
    "PayType",
    "PaymentRefNum",
    "PaymentType",
    "PrimaryEmailAddr",
    "PrintStatus",
    "RateValue",
    "Sku",
    "SubAccount",
    "TotalAmt",
    "TxnDate",
    "Type",
    "UnitPrice",
    "VendorRef",
    "Amount",
];

/// What stands under `QueryResponse`.
///
/// `hidden` are records that are not found for some reason of their own; `short` leaves some of a page out.
pub(in crate::quickbooks_online) fn run(
    cx: &Cx<'_>,
    query: &Query,
    hidden: impl Fn(&Head) -> bool,
    short: bool,
) -> Result<Value, Fault> {
    let asked: Vec<Asked> = query
        .conditions
        .iter()
        .map(|condition| Asked::of(cx, query, condition))
        .collect::<Result<_, _>>()?;
    let about_active = query
        .conditions
        .iter()
        .any(|condition| condition.field.eq_ignore_ascii_case("Active"));
    let mut found: Vec<Head> = heads(cx.ledger, query.entity)
        .into_iter()
        .filter(|head| !head.deleted && !hidden(head))
        .filter(|head| head.active || about_active || !query.entity.is_list())
        .filter(|head| asked.iter().all(|asked| asked.holds(cx, query, head)))
        .collect();
    if query.what == What::Count {
        return Ok(json!({ "totalCount": found.len() }));
    }
    sort(cx, query, &mut found)?;
    let start = (query.start - 1).min(found.len());
    let end = start.saturating_add(query.most).min(found.len());
    let mut page = &found[start..end];
    if short {
        page = &page[..page.len() - page.len().div_ceil(10).min(page.len())];
    }
    if page.is_empty() {
        return Ok(json!({}));
    }
    let rows: Vec<Value> = page
        .iter()
        .map(|head| project(cx.write(query.entity, head), &query.what))
        .collect();
    let mut response = Map::new();
    response.insert("startPosition".to_owned(), query.start.into());
    response.insert("maxResults".to_owned(), rows.len().into());
    response.insert(query.entity.name().to_owned(), Value::Array(rows));
    Ok(Value::Object(response))
}

fn project(record: Value, what: &What) -> Value {
    let What::Fields(fields) = what else {
        return record;
    };
    let mut kept = Map::new();
    kept.insert("domain".to_owned(), "QBO".into());
    kept.insert("sparse".to_owned(), true.into());
    for field in fields {
        let first = field.split('.').next().unwrap_or(field);
        if let Some((name, value)) = member(&record, first) {
            kept.insert(name.clone(), value.clone());
        }
    }
    Value::Object(kept)
}

/// The default is newest first.
fn sort(cx: &Cx<'_>, query: &Query, found: &mut [Head]) -> Result<(), Fault> {
    if query.order.is_empty() {
        found.sort_by_key(|head| std::cmp::Reverse(head.number));
        return Ok(());
    }
    for (field, order) in query.order.iter().rev() {
        let by = Field::of(query, field)?;
        let directed = |ordering: Ordering| match order {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        };
        match by {
            Field::Id => found.sort_by(|a, b| directed(a.number.cmp(&b.number))),
            Field::Created => found.sort_by(|a, b| {
                directed(times::whole_second(a.created_at).cmp(&times::whole_second(b.created_at)))
            }),
            Field::Updated => found.sort_by(|a, b| {
                directed(times::whole_second(a.updated_at).cmp(&times::whole_second(b.updated_at)))
            }),
            Field::Active => found.sort_by(|a, b| directed(a.active.cmp(&b.active))),
            Field::Of(path) => found.sort_by_cached_key(|head| {
                let record = cx.write(query.entity, head);
                Directed(key(&record, &path), *order)
            }),
        }
    }
    Ok(())
}

/// A text or a number to order by, upwards or downwards.
#[derive(PartialEq, Eq)]
struct Directed((Option<Decimal>, String), Order);

impl PartialOrd for Directed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Directed {
    fn cmp(&self, other: &Self) -> Ordering {
        let ordering = self.0.cmp(&other.0);
        match self.1 {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        }
    }
}

fn key(record: &Value, path: &str) -> (Option<Decimal>, String) {
    match value(record, path) {
        Some(Value::Number(number)) => (decimal(&Value::Number(number.clone())), String::new()),
        Some(Value::String(text)) => (None, text.to_lowercase()),
        Some(other) => (None, other.to_string()),
        None => (None, String::new()),
    }
}

/// What a condition is about.
enum Field {
    Id,
    Created,
    Updated,
    Active,
    Of(String),
}

impl Field {
    fn of(query: &Query, name: &str) -> Result<Self, Fault> {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        Ok(match () {
            () if is("Id") => Self::Id,
            () if is("MetaData.CreateTime") => Self::Created,
            () if is("MetaData.LastUpdatedTime") => Self::Updated,
            () if is("Active") => Self::Active,
            () if FIELDS.iter().any(|field| is(field)) => Self::Of(name.to_owned()),
            () => {
                return Err(Fault::query(format!(
                    "Property {name} not found for Entity {}",
                    query.entity.name()
                )));
            }
        })
    }
}

/// A condition whose field is known to be one, and whose value to fit it.
struct Asked<'a> {
    field: Field,
    test: Wanted<'a>,
}

enum Wanted<'a> {
    Test(&'a Test),
    Instant(Comparison, Timestamp),
}

impl<'a> Asked<'a> {
    fn of(cx: &Cx<'_>, query: &Query, condition: &'a Condition) -> Result<Self, Fault> {
        let field = Field::of(query, &condition.field)?;
        let test = match (&field, &condition.test) {
            (Field::Created | Field::Updated, Test::Is(comparison, Literal::Text(text))) => {
                let at = times::parse(text, &cx.zone).ok_or_else(|| {
                    Fault::query(format!(
                        "Property {}: value '{text}' is no date and time",
                        condition.field
                    ))
                })?;
                Wanted::Instant(*comparison, at)
            }
            (Field::Id, Test::Is(Comparison::Equal | Comparison::NotEqual, _) | Test::In(_)) => {
                Wanted::Test(&condition.test)
            }
            (Field::Created | Field::Updated | Field::Id, _) => {
                return Err(Fault::query(format!(
                    "Operator not allowed for property {}",
                    condition.field
                )));
            }
            (Field::Active | Field::Of(_), test) => Wanted::Test(test),
        };
        Ok(Self { field, test })
    }

    fn holds(&self, cx: &Cx<'_>, query: &Query, head: &Head) -> bool {
        match (&self.field, &self.test) {
            (Field::Created, Wanted::Instant(comparison, at)) => {
                comparison.holds(times::whole_second(head.created_at).cmp(at))
            }
            (Field::Updated, Wanted::Instant(comparison, at)) => {
                comparison.holds(times::whole_second(head.updated_at).cmp(at))
            }
            (Field::Id, Wanted::Test(test)) => matches(test, &Value::String(head.id())),
            (Field::Active, Wanted::Test(test)) => matches(test, &Value::Bool(head.active)),
            (Field::Of(path), Wanted::Test(test)) => {
                let record = cx.write(query.entity, head);
                values(&record, path)
                    .into_iter()
                    .any(|value| matches(test, value))
            }
            (Field::Created | Field::Updated, Wanted::Test(_))
            | (Field::Id | Field::Active | Field::Of(_), Wanted::Instant(..)) => false,
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

fn matches(test: &Test, value: &Value) -> bool {
    match test {
        Test::Is(comparison, literal) => {
            compare(value, literal).is_some_and(|ordering| comparison.holds(ordering))
        }
        Test::In(literals) => literals
            .iter()
            .any(|literal| compare(value, literal) == Some(Ordering::Equal)),
        Test::Like(pattern) => match value {
            Value::String(text) => like(&text.to_lowercase(), &pattern.to_lowercase()),
            _ => false,
        },
    }
}

fn compare(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::Bool(value), Literal::Bool(wanted)) => Some(value.cmp(wanted)),
        (Value::Bool(value), Literal::Text(wanted)) => Some(value.to_string().cmp(&wanted.to_lowercase())),
        (Value::Number(_), Literal::Number(wanted)) => Some(decimal(value)?.cmp(wanted)),
        (Value::Number(_), Literal::Text(wanted)) => Some(decimal(value)?.cmp(&wanted.parse().ok()?)),
        (Value::String(text), Literal::Text(wanted)) => Some(text.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::String(text), Literal::Number(wanted)) => Some(text.parse::<Decimal>().ok()?.cmp(wanted)),
        _ => None,
    }
}

/// Whether `text` is like `pattern`, in which `%` stands for anything.
fn like(text: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('%');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The value that a path leads to; a reference is what it refers to.
fn value<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    values(record, path).into_iter().next()
}

fn values<'a>(record: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![record];
    for step in path.split('.') {
        let mut next = Vec::new();
        for value in found {
            match value {
                Value::Array(entries) => {
                    next.extend(entries.iter().filter_map(|entry| Some(member(entry, step)?.1)))
                }
                other => next.extend(member(other, step).map(|(_, value)| value)),
            }
        }
        found = next;
    }
    found
        .into_iter()
        .map(|value| {
            let inner = member(value, "value").or_else(|| member(value, "Address"));
            inner.map_or(value, |(_, inner)| inner)
        })
        .collect()
}

fn member<'a>(record: &'a Value, name: &str) -> Option<(&'a String, &'a Value)> {
    let object = record.as_object()?;
    object.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))
}
