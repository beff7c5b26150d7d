use ledgerline_model::company::filter::{self, Comparison, ConnectionField, Field, Filter, Is, Test};
use ledgerline_model::connection::State;
use ledgerline_model::query::{Moment, fold};

use super::Fault;
use super::call::{Argument, Call, Value};
use crate::accend::views::{customer_id, link_status};

/// The filter that a call means.
pub(super) fn filter(call: &Call) -> Result<Filter, Fault> {
    let of_field = |is: fn(&Target, &[Argument]) -> Result<Filter, Fault>, values: usize| {
        arity(call, values + 1..=values + 1)?;
        let (field, values) = call.arguments.split_first().ok_or_else(|| unfit(call))?;
        is(target(field)?, values)
    };
    match call.name.as_str() {
        "and" => Ok(Filter::All(filters(call)?)),
        "or" => Ok(Filter::Any(filters(call)?)),
        "not" => {
            arity(call, 1..=1)?;
            let inner = filters(call)?.pop().ok_or_else(|| unfit(call))?;
            Ok(inner.negated())
        }
        "eq" => of_field(equal, 1),
        "ne" => of_field(|target, values| Ok(equal(target, values)?.negated()), 1),
        "gt" => of_field(|target, values| compared(target, Comparison::Greater, values), 1),
        "gte" => of_field(
            |target, values| compared(target, Comparison::GreaterOrEqual, values),
            1,
        ),
        "lt" => of_field(|target, values| compared(target, Comparison::Less, values), 1),
        "lte" => of_field(
            |target, values| compared(target, Comparison::LessOrEqual, values),
            1,
        ),
        "in" => of_field(among, 1),
        "between" => of_field(between, 2),
        "contains" => of_field(|target, values| text(target, values, Is::Containing), 1),
        "starts_with" => of_field(|target, values| text(target, values, Is::Beginning), 1),
        "contains_any" => of_field(|target, values| Ok(Filter::Any(each(target, values)?)), 1),
        "contains_all" => of_field(|target, values| Ok(Filter::All(each(target, values)?)), 1),
        "contains_none" => of_field(
            |target, values| Ok(Filter::Any(each(target, values)?).negated()),
            1,
        ),
        "is_null" => of_field(|target, _| Ok(present(target).negated()), 0),
        "is_not_null" => of_field(|target, _| Ok(present(target)), 0),
        name => Err(Fault::new(
            call.at,
            format!("there is no function `{name}`; there are {FUNCTIONS}"),
        )),
    }
}

const FUNCTIONS: &str = "and, or, not, eq, ne, gt, gte, lt, lte, in, between, contains, starts_with, contains_any, \
                         contains_all, contains_none, is_null, is_not_null";

/// What a filter can ask about.
struct Target {
    name: &'static str,
    of: Of,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Of {
    Company(Field),
    /// Of some connection of the company.
    Connection(ConnectionField),
    /// The connections themselves.
    Connections,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Instant,
    CustomerId,
    /// One of the words for the state of a connection.
    Status,
    Connections,
}

const TARGETS: [Target; 10] = [
    Target::of_company("customer_id", Field::Id, Kind::CustomerId),
    Target::of_company("external_customer_id", Field::ExternalId, Kind::Text),
    Target::of_company("legal_name", Field::Name, Kind::Text),
    Target::of_company("created_at", Field::CreatedAt, Kind::Instant),
    Target::of_company("updated_at", Field::UpdatedAt, Kind::Instant),
    Target::of_company("currency", Field::Currency, Kind::Text),
    Target {
        name: "link_connections",
        of: Of::Connections,
        kind: Kind::Connections,
    },
    Target::of_connection("link_connections.platform", ConnectionField::Platform, Kind::Text),
    Target::of_connection("link_connections.status", ConnectionField::State, Kind::Status),
    Target::of_connection(
        "link_connections.last_sync_at",
        ConnectionField::LastSyncAt,
        Kind::Instant,
    ),
];

impl Target {
    const fn of_company(name: &'static str, field: Field, kind: Kind) -> Self {
        Self {
            name,
            of: Of::Company(field),
            kind,
        }
    }

    const fn of_connection(name: &'static str, field: ConnectionField, kind: Kind) -> Self {
        Self {
            name,
            of: Of::Connection(field),
            kind,
        }
    }

    fn test(&self, is: Is) -> Filter {
        match self.of {
            Of::Company(field) => Filter::Company(Test::new(field, is)),
            Of::Connection(field) => Filter::Connection(vec![Test::new(field, is)]),
            Of::Connections => Filter::Connection(Vec::new()),
        }
    }

    /// Refuse the connections themselves, which equal and contain nothing but platforms.
    fn scalar(&self, at: usize) -> Result<&Self, Fault> {
        match self.kind {
            Kind::Connections => Err(Fault::new(
                at,
                "`link_connections` is asked about with `contains_any`, `contains_all`, `contains_none`, `is_null` or `is_not_null`",
            )),
            Kind::Text | Kind::Instant | Kind::CustomerId | Kind::Status => Ok(self),
        }
    }
}

fn target(argument: &Argument) -> Result<&'static Target, Fault> {
    let Value::Text(name) = &argument.value else {
        return Err(Fault::new(
            argument.at,
            "the name of a field in double quotes has to stand here",
        ));
    };
    TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        let name: String = name.chars().take(64).collect();
        Fault::new(
            argument.at,
            format!("there is no field `{name}`; there are {}", known.join(", ")),
        )
    })
}

fn filters(call: &Call) -> Result<Vec<Filter>, Fault> {
    arity(call, 1..=usize::MAX)?;
    let inner = call.arguments.iter().map(|argument| match &argument.value {
        Value::Call(call) => filter(call),
        Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Null | Value::List(_) => Err(Fault::new(
            argument.at,
            format!("`{}` joins calls, which this is not", call.name),
        )),
    });
    inner.collect()
}

fn arity(call: &Call, allowed: std::ops::RangeInclusive<usize>) -> Result<(), Fault> {
    if allowed.contains(&call.arguments.len()) {
        return Ok(());
    }
    let wanted = match *allowed.start() {
        1 if *allowed.end() > 1 => "at least 1 argument".to_owned(),
        1 => "1 argument".to_owned(),
        wanted => format!("{wanted} arguments"),
    };
    let given = call.arguments.len();
    Err(Fault::new(
        call.at,
        format!("`{}` takes {wanted}, not {given}", call.name),
    ))
}

fn unfit(call: &Call) -> Fault {
    Fault::new(call.at, format!("`{}` lacks an argument", call.name))
}

/// The one value, or the `index`th of several.
fn nth(values: &[Argument], index: usize) -> Result<&Argument, Fault> {
    values
        .get(index)
        .ok_or_else(|| Fault::new(1, "a value is missing"))
}

fn equal(target: &Target, values: &[Argument]) -> Result<Filter, Fault> {
    let value = nth(values, 0)?;
    if value.value == Value::Null {
        return Ok(present(target).negated());
    }
    Ok(target.test(Is::Among(vec![one(target.scalar(value.at)?, value)?])))
}

fn among(target: &Target, values: &[Argument]) -> Result<Filter, Fault> {
    let list = nth(values, 0)?;
    let Value::List(members) = &list.value else {
        return Err(Fault::new(list.at, "a list in `[` and `]` has to stand here"));
    };
    let target = target.scalar(list.at)?;
    let members = members.iter().map(|member| one(target, member));
    Ok(target.test(Is::Among(members.collect::<Result<_, _>>()?)))
}

fn compared(target: &Target, comparison: Comparison, values: &[Argument]) -> Result<Filter, Fault> {
    let value = nth(values, 0)?;
    let target = ordered(target, value.at)?;
    Ok(target.test(Is::Compared(comparison, one(target, value)?)))
}

/// Both ends belong to it; of connections one and the same lies between them.
fn between(target: &Target, values: &[Argument]) -> Result<Filter, Fault> {
    let (from, to) = (nth(values, 0)?, nth(values, 1)?);
    let target = ordered(target, from.at)?;
    let ends = [
        Is::Compared(Comparison::GreaterOrEqual, one(target, from)?),
        Is::Compared(Comparison::LessOrEqual, one(target, to)?),
    ];
    Ok(match target.of {
        Of::Connection(field) => Filter::Connection(ends.map(|is| Test::new(field, is)).into()),
        Of::Company(_) | Of::Connections => Filter::All(ends.map(|is| target.test(is)).into()),
    })
}

fn ordered(target: &Target, at: usize) -> Result<&Target, Fault> {
    match target.kind {
        Kind::Text | Kind::Instant => Ok(target),
        Kind::CustomerId | Kind::Status | Kind::Connections => Err(Fault::new(
            at,
            format!("the values of `{}` have no order", target.name),
        )),
    }
}

fn text(target: &Target, values: &[Argument], is: fn(String) -> Is) -> Result<Filter, Fault> {
    let value = nth(values, 0)?;
    match (target.kind, &value.value) {
        (Kind::Text, Value::Text(text)) => Ok(target.test(is(fold(text)))),
        (Kind::Text, _) => Err(wrong(value, "a text in double quotes")),
        (Kind::Instant | Kind::CustomerId | Kind::Status | Kind::Connections, _) => {
            Err(Fault::new(value.at, format!("`{}` holds no text", target.name)))
        }
    }
}

fn present(target: &Target) -> Filter {
    target.test(Is::Present)
}

/// For each of the values: that some connection has it.
fn each(target: &Target, values: &[Argument]) -> Result<Vec<Filter>, Fault> {
    let value = nth(values, 0)?;
    let members = match &value.value {
        Value::List(members) => members.as_slice(),
        Value::Call(_) | Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Null => {
            std::slice::from_ref(value)
        }
    };
    let each = members.iter().map(|member| match target.of {
        Of::Connections => active(member),
        Of::Connection(_) => Ok(target.test(Is::Among(vec![one(target, member)?]))),
        Of::Company(_) => Err(Fault::new(
            value.at,
            format!("`{}` is one value: use `eq` or `in`", target.name),
        )),
    });
    each.collect()
}

/// An active connection: any for `all`, else one to the platform of that key.
fn active(member: &Argument) -> Result<Filter, Fault> {
    let Value::Text(wanted) = &member.value else {
        return Err(wrong(
            member,
            "`\"all\"` or the key of a platform in double quotes",
        ));
    };
    let linked = Is::Among(vec![filter::Value::Text(State::Linked.key().to_owned())]);
    let mut tests = vec![Test::new(ConnectionField::State, linked)];
    if wanted != "all" {
        let platform = Is::Among(vec![filter::Value::Text(wanted.clone())]);
        tests.push(Test::new(ConnectionField::Platform, platform));
    }
    Ok(Filter::Connection(tests))
}

fn one(target: &Target, argument: &Argument) -> Result<filter::Value, Fault> {
    match (target.kind, &argument.value) {
        (Kind::Text, Value::Text(text)) => Ok(filter::Value::Text(text.clone())),
        (Kind::Text | Kind::Connections, _) => Err(wrong(argument, "a text in double quotes")),
        (Kind::Instant, Value::Text(text)) => Moment::parse(text)
            .map(|moment| filter::Value::At(moment.in_utc()))
            .ok_or_else(|| wrong(argument, "an instant, e.g. \"2026-11-20T23:10:00Z\"")),
        (Kind::Instant, _) => Err(wrong(argument, "an instant, e.g. \"2026-11-20T23:10:00Z\"")),
        (Kind::CustomerId, Value::Text(text)) => customer_id(text)
            .map(filter::Value::Id)
            .ok_or_else(|| wrong(argument, "the id of a customer, e.g. \"sp_cust_…\"")),
        (Kind::CustomerId, _) => Err(wrong(argument, "the id of a customer, e.g. \"sp_cust_…\"")),
        (Kind::Status, Value::Text(text)) => State::ALL
            .into_iter()
            .find(|state| link_status(*state) == text)
            .map(|state| filter::Value::Text(state.key().to_owned()))
            .ok_or_else(|| wrong(argument, STATUSES)),
        (Kind::Status, _) => Err(wrong(argument, STATUSES)),
    }
}

const STATUSES: &str = "one of \"active\", \"pending\", \"needs_reauth\", \"disconnected\", \"error\"";

fn wrong(argument: &Argument, wanted: &str) -> Fault {
    Fault::new(argument.at, format!("{wanted} has to stand here"))
}
