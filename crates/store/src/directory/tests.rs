use ledgerline_model::AppId;
use ledgerline_model::app::Environment;
use ledgerline_model::company::filter::{Comparison, ConnectionField, Field, Filter, Is, Test, Value};
use ledgerline_model::company::{Company, Details};
use ledgerline_model::connection::{Connection, State};
use ledgerline_model::query::fold;

use super::{Entry, Order, Wanted, count, list};
use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};
use crate::{companies, company_details, connections};

/// Both databases find what an evaluator in memory finds, for a thousand made-up filters.
#[tokio::test]
async fn the_database_finds_what_an_evaluator_finds() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await;
        let names = [
            "Kern", "kern", "Straße", "STRASSE", "50%_x", "a\\b", "日本", "İ", "'; --",
        ];
        for (index, name) in names.into_iter().enumerate() {
            let mut company = a_company(&mut tx, app.id).await;
            company.name = name.to_owned();
            let seconds = i64::try_from(index).unwrap();
            companies::update(&mut tx, &company, at(seconds)).await.unwrap();
            let details = Details {
                external_id: (index % 3 != 0).then(|| format!("Cust-{index}")),
                currency: (index % 2 == 0).then(|| "EUR".to_owned()),
                ..Details::default()
            };
            company_details::save(&mut tx, &company, &details).await.unwrap();
            for other in 0..index % 3 {
                let mut connection = a_connection(&mut tx, &company, ["xero", "sage"][other]).await;
                connection.state = [State::Linked, State::NeedsReauth][other];
                connection.last_sync_at = (index % 2 == 1).then(|| at(seconds));
                connections::update(&mut tx, &connection).await.unwrap();
            }
        }
        // Another app's and another environment's are never seen.
        let stranger = an_app(&mut tx, "Two").await;
        a_company(&mut tx, stranger.id).await;
        let all = list(&mut tx, &wanted(app.id, None)).await.unwrap();
        assert_eq!(all.len(), names.len());
        let mut dice = Dice(7);
        for _ in 0..1000 {
            let filter = dice.filter(3);
            let found = list(&mut tx, &wanted(app.id, Some(&filter))).await.unwrap();
            let found: Vec<_> = found.iter().map(|entry| entry.company.id).collect();
            let expected: Vec<_> = all
                .iter()
                .filter(|entry| holds(&filter, entry))
                .map(|entry| entry.company.id)
                .collect();
            assert_eq!(found, expected, "{filter:?}");
            let counted = count(&mut tx, app.id, Environment::Test, Some(&filter))
                .await
                .unwrap();
            assert_eq!(usize::try_from(counted).unwrap(), expected.len());
        }
    })
    .await;
}

fn wanted(app: AppId, filter: Option<&Filter>) -> Wanted<'_> {
    Wanted {
        app,
        environment: Environment::Test,
        filter,
        order: Order::Oldest,
        after: None,
        limit: 100,
    }
}

fn holds(filter: &Filter, entry: &Entry) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| holds(part, entry)),
        Filter::Any(parts) => parts.iter().any(|part| holds(part, entry)),
        Filter::Not(part) => !holds(part, entry),
        Filter::Company(test) => meets(own(&entry.company, entry, test.field), &test.is),
        Filter::Connection(tests) => entry.connections.iter().any(|connection| {
            tests
                .iter()
                .all(|test| meets(of(connection, test.field), &test.is))
        }),
    }
}

fn own(company: &Company, entry: &Entry, field: Field) -> Option<Value> {
    match field {
        Field::Id => Some(Value::Id(company.id)),
        Field::ExternalId => entry.details.external_id.clone().map(Value::Text),
        Field::Name => Some(Value::Text(company.name.clone())),
        Field::Currency => entry.details.currency.clone().map(Value::Text),
        Field::CreatedAt => Some(Value::At(company.created_at)),
        Field::UpdatedAt => Some(Value::At(entry.updated_at)),
    }
}

fn of(connection: &Connection, field: ConnectionField) -> Option<Value> {
    match field {
        ConnectionField::Platform => Some(Value::Text(connection.platform.clone())),
        ConnectionField::State => Some(Value::Text(connection.state.key().to_owned())),
        ConnectionField::LastSyncAt => connection.last_sync_at.map(Value::At),
    }
}

fn meets(found: Option<Value>, is: &Is) -> bool {
    let Some(found) = found else { return false };
    match (is, &found) {
        (Is::Present, _) => true,
        (Is::Among(values), found) => values.contains(found),
        (Is::Compared(comparison, Value::Text(other)), Value::Text(found)) => {
            ordered(*comparison, found.as_bytes().cmp(other.as_bytes()))
        }
        (Is::Compared(comparison, Value::At(other)), Value::At(found)) => {
            ordered(*comparison, found.cmp(other))
        }
        (Is::Containing(part), Value::Text(found)) => fold(found).contains(part.as_str()),
        (Is::Beginning(part), Value::Text(found)) => fold(found).starts_with(part.as_str()),
        (Is::Compared(..) | Is::Containing(_) | Is::Beginning(_), _) => panic!("{is:?} of {found:?}"),
    }
}

fn ordered(comparison: Comparison, ordering: std::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
    }
}

/// A linear congruential generator: enough for choices that can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % sides
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()].clone()
    }

    fn filter(&mut self, depth: u32) -> Filter {
        let parts = |dice: &mut Self| (0..dice.roll(3)).map(|_| dice.filter(depth - 1)).collect();
        match self.roll(if depth == 0 { 2 } else { 5 }) {
            0 => {
                let field = self.pick(&[Field::ExternalId, Field::Name, Field::Currency]);
                let texts = [
                    "Kern", "kern", "EUR", "Cust-1", "cust", "strasse", "%", "_", "\\", "", "İ", "日",
                ];
                Filter::Company(Test::new(field, self.text(&texts)))
            }
            1 => match self.roll(3) {
                0 => {
                    let field = self.pick(&[Field::CreatedAt, Field::UpdatedAt]);
                    Filter::Company(Test::new(field, self.instant()))
                }
                1 => Filter::Connection(vec![Test::new(ConnectionField::LastSyncAt, self.instant())]),
                _ => {
                    let mut tests = Vec::new();
                    for _ in 0..self.roll(3) {
                        let field = self.pick(&[ConnectionField::Platform, ConnectionField::State]);
                        tests.push(Test::new(field, self.text(&["xero", "sage", "linked", "s", ""])));
                    }
                    Filter::Connection(tests)
                }
            },
            2 => Filter::All(parts(self)),
            3 => Filter::Any(parts(self)),
            _ => self.filter(depth - 1).negated(),
        }
    }

    fn text(&mut self, texts: &[&str]) -> Is {
        let text = self.pick(texts).to_owned();
        match self.roll(5) {
            0 => Is::Present,
            1 => Is::Among(vec![Value::Text(text), Value::Text(self.pick(texts).to_owned())]),
            2 => Is::Compared(self.comparison(), Value::Text(text)),
            3 => Is::Containing(fold(&text)),
            _ => Is::Beginning(fold(&text)),
        }
    }

    fn instant(&mut self) -> Is {
        let moment = Value::At(at(i64::try_from(self.roll(9)).unwrap()));
        match self.roll(3) {
            0 => Is::Present,
            1 => Is::Among(vec![moment]),
            _ => Is::Compared(self.comparison(), moment),
        }
    }

    fn comparison(&mut self) -> Comparison {
        self.pick(&[
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
        ])
    }
}
