use ledgerline_model::AppId;
use ledgerline_model::app::Environment;
use ledgerline_model::company::filter::{self, ConnectionField, Field, Filter, Is, Test};

use super::Value;
use crate::Dialect;

/// What follows `where`, over the tables `company` and `details`. All that comes from outside is bound; each test
/// is true or false, never null, so that its negation is what it says.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
    dialect: Dialect,
}

impl Conditions {
    pub(super) fn of(
        dialect: Dialect,
        app: AppId,
        environment: Environment,
        filter: Option<&Filter>,
    ) -> Self {
        let mut conditions = Self {
            sql: "company.app_id = $1 and company.environment = $2".to_owned(),
            values: vec![app.into(), environment.key().into()],
            dialect,
        };
        if let Some(filter) = filter {
            let condition = conditions.filter(filter);
            conditions.and(&condition);
        }
        conditions
    }

    pub(super) fn and(&mut self, condition: &str) {
        self.sql.push_str(" and ");
        self.sql.push_str(condition);
    }

    /// Bind a value; its placeholder.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn filter(&mut self, filter: &Filter) -> String {
        match filter {
            Filter::All(parts) => self.joined(parts, " and ", "1 = 1"),
            Filter::Any(parts) => self.joined(parts, " or ", "1 = 0"),
            Filter::Not(part) => format!("(not {})", self.filter(part)),
            Filter::Company(test) => self.test(own_column(test.field), &test.is),
            Filter::Connection(tests) => self.some_connection(tests),
        }
    }

    fn joined(&mut self, parts: &[Filter], between: &str, of_none: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.filter(part)).collect();
        if parts.is_empty() {
            return format!("({of_none})");
        }
        format!("({})", parts.join(between))
    }

    fn some_connection(&mut self, tests: &[Test<ConnectionField>]) -> String {
        let mut text = "(exists (select 1 from connection
            where connection.app_id = company.app_id and connection.company_id = company.company_id"
            .to_owned();
        for test in tests {
            text.push_str(" and ");
            text.push_str(&self.test(connection_column(test.field), &test.is));
        }
        text.push_str("))");
        text
    }

    fn test(&mut self, column: Column, is: &Is) -> String {
        let condition = match is {
            Is::Present => return format!("({} is not null)", column.name),
            Is::Among(values) if values.is_empty() => return "(1 = 0)".to_owned(),
            Is::Among(values) => {
                let places: Vec<String> = values.iter().map(|value| self.value(bound(value))).collect();
                format!("{} in ({})", column.name, places.join(", "))
            }
            Is::Compared(comparison, value) => {
                let place = self.value(bound(value));
                format!("{} {} {place}", column.name, comparison.symbol())
            }
            Is::Containing(text) => {
                let place = self.value(text.as_str());
                format!("{} > 0", self.dialect.position(column.folded, &place))
            }
            Is::Beginning(text) => {
                let place = self.value(text.as_str());
                format!("substr({}, 1, length({place})) = {place}", column.folded)
            }
        };
        format!("coalesce({condition}, false)")
    }
}

/// A column, and the one with its case fold; for what is in one case the two are the same.
struct Column {
    name: &'static str,
    folded: &'static str,
}

impl Column {
    const fn same(name: &'static str) -> Self {
        Self { name, folded: name }
    }
}

const fn own_column(field: Field) -> Column {
    match field {
        Field::Id => Column::same("company.company_id"),
        Field::ExternalId => Column {
            name: "details.external_id",
            folded: "details.external_id_folded",
        },
        Field::Name => Column {
            name: "company.name collate \"binary\"",
            folded: "company.name_folded",
        },
        Field::Currency => Column {
            name: "details.currency",
            folded: "lower(details.currency)",
        },
        Field::CreatedAt => Column::same("company.created_at"),
        Field::UpdatedAt => Column::same("company.updated_at"),
    }
}

const fn connection_column(field: ConnectionField) -> Column {
    match field {
        ConnectionField::Platform => Column::same("connection.platform collate \"binary\""),
        ConnectionField::State => Column::same("connection.state"),
        ConnectionField::LastSyncAt => Column::same("connection.last_sync_at"),
    }
}

fn bound(value: &filter::Value) -> Value {
    match value {
        filter::Value::Text(text) => text.as_str().into(),
        filter::Value::At(at) => (*at).into(),
        filter::Value::Id(id) => (*id).into(),
    }
}
