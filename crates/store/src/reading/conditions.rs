use ledgerline_model::query::{Filter, Moment, Operand, Operator, Test};

use super::{Of, rows};
use crate::db::Value;

/// What of a filter the database can answer itself, as ` and …` after the conditions of [`super::Of`].
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
    /// The database answers the whole filter: nothing is left to evaluate.
    pub(super) exact: bool,
    /// How many placeholders come before those of `values`.
    keys: usize,
}

impl Conditions {
    pub(super) fn of(of: Of, filter: Option<&Filter>) -> Self {
        let mut conditions = Self {
            sql: String::new(),
            values: Vec::new(),
            exact: true,
            keys: rows::keys(of).len(),
        };
        if let Some(filter) = filter {
            let required = filter.required();
            conditions.exact = required.len() == filter.tests().len();
            for test in required {
                let is_answered = conditions.push(test);
                conditions.exact &= is_answered;
            }
        }
        conditions
    }

    /// Whether the test is answered in full.
    fn push(&mut self, test: &Test) -> bool {
        match (test.property.as_str(), &test.operand) {
            ("metadata.isDeleted", Operand::Flag(flag)) => {
                self.compare(
                    "record.is_deleted",
                    test.operator.symbol(),
                    Value::Bool(Some(*flag)),
                );
                true
            }
            ("modifiedDate", Operand::Date(moment)) => {
                self.push_instant("publication.at", test.operator, *moment);
                true
            }
            ("sourceModifiedDate", Operand::Date(moment)) => {
                self.push_instant("record.source_modified_at", test.operator, *moment);
                true
            }
            ("id", Operand::Text(id)) if test.operator == Operator::Equal && id.is_ascii() => {
                self.push_id(id);
                false
            }
            _ => false,
        }
    }

    /// Stored instants are whole microseconds; one of a query may lie between two of them.
    fn push_instant(&mut self, column: &str, operator: Operator, moment: Moment) {
        let nanos = moment.in_utc().as_nanosecond();
        let is_whole = nanos.rem_euclid(1000) == 0;
        let floor = Value::Int(i64::try_from(nanos.div_euclid(1000)).ok());
        match (operator, is_whole) {
            (Operator::Equal, false) => self.sql.push_str(" and 1 = 0"),
            (Operator::NotEqual, false) => {}
            (Operator::NotEqual, true) => {
                self.values.push(floor);
                let place = self.place();
                self.sql
                    .push_str(&format!(" and ({column} is null or {column} <> {place})"));
            }
            (Operator::GreaterOrEqual, false) => self.compare(column, ">", floor),
            (Operator::Less, false) => self.compare(column, "<=", floor),
            (operator, _) => self.compare(column, operator.symbol(), floor),
        }
    }

    /// Ids are compared by their case fold. Folding of ASCII is the same everywhere; ids with other
    /// characters, some of which fold to ASCII, stay candidates.
    fn push_id(&mut self, folded: &str) {
        self.values.push(folded.into());
        let place = self.place();
        self.sql.push_str(&format!(
            " and (lower(record.remote_id) = {place} or length(record.remote_id) <> {OCTETS})"
        ));
    }

    fn compare(&mut self, column: &str, symbol: &str, value: Value) {
        self.values.push(value);
        let place = self.place();
        self.sql.push_str(&format!(" and {column} {symbol} {place}"));
    }

    /// The placeholder of the value pushed last.
    fn place(&self) -> String {
        format!("${}", self.keys + self.values.len())
    }
}

/// How many bytes the id takes: more than it has characters if not all are ASCII.
const OCTETS: &str = "octet_length(record.remote_id)";
