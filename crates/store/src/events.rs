use ledgerline_model::app::Environment;
use ledgerline_model::event::{Body, Event};
use ledgerline_model::{AppId, CompanyId, EventId, Timestamp};

use crate::db::{Row, json, sql};
use crate::{Result, Tx};

const COLUMNS: &str = "app_id, event_id, environment, company_id, sequence, at, body";

/// Say what happened, in the transaction in which it does.
pub async fn append(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    at: Timestamp,
    id: EventId,
    body: Body,
) -> Result<Event> {
    let sequence = next_sequence(tx, app, company, 1).await?;
    let event = Event {
        app,
        id,
        environment,
        company,
        sequence,
        at,
        body,
    };
    insert(tx, &event).await?;
    Ok(event)
}

/// The same of several things that happened at once, in this order.
pub async fn append_all(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    at: Timestamp,
    bodies: Vec<(EventId, Body)>,
) -> Result<()> {
    let many = i64::try_from(bodies.len()).unwrap_or(i64::MAX);
    let last = next_sequence(tx, app, company, many).await?;
    for (sequence, (id, body)) in (last - many + 1..).zip(bodies) {
        let event = Event {
            app,
            id,
            environment,
            company,
            sequence,
            at,
            body,
        };
        insert(tx, &event).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    sql(
        "insert into event (app_id, event_id, environment, company_id, sequence, at, name, body)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(event.app)
    .bind(event.id)
    .bind(event.environment.key())
    .bind(event.company)
    .bind(event.sequence)
    .bind(event.at)
    .bind(event.body.name())
    .bind(json(&event.body, "body")?)
    .run(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, app: AppId, environment: Environment, id: EventId) -> Result<Option<Event>> {
    sql(format!(
        "select {COLUMNS} from event where app_id = $1 and event_id = $2 and environment = $3"
    ))
    .bind(app)
    .bind(id)
    .bind(environment.key())
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// The company's events with a higher sequence than `after`, in order.
pub async fn list_after(
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    sql(format!(
        "select {COLUMNS} from event
         where app_id = $1 and environment = $2 and company_id = $3 and sequence > $4
         order by sequence limit $5"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(company)
    .bind(after)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// The newest of all the app's companies, newest first.
pub async fn recent(tx: &mut Tx, app: AppId, environment: Environment, limit: i64) -> Result<Vec<Event>> {
    sql(format!(
        "select {COLUMNS} from event where app_id = $1 and environment = $2 order by event_id desc limit $3"
    ))
    .bind(app)
    .bind(environment.key())
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Those of the app whose deliveries have not been made, oldest first.
pub async fn unfanned(tx: &mut Tx, app: AppId, limit: i64) -> Result<Vec<Event>> {
    sql(format!(
        "select {COLUMNS} from event
         where app_id = $1 and not fanned_out
         order by at, company_id, sequence limit $2"
    ))
    .bind(app)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub async fn mark_fanned(tx: &mut Tx, app: AppId, id: EventId) -> Result<()> {
    sql("update event set fanned_out = true where app_id = $1 and event_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// The last number of so many more. Counted in the company's row, whose lock orders its events; after its end by the
/// events themselves.
async fn next_sequence(tx: &mut Tx, app: AppId, company: CompanyId, many: i64) -> Result<i64> {
    let counted = sql(
        "update company set event_sequence = event_sequence + $3 where app_id = $1 and company_id = $2
         returning event_sequence",
    )
    .bind(app)
    .bind(company)
    .bind(many)
    .first(tx)
    .await?;
    if let Some(row) = counted {
        return row.int("event_sequence");
    }
    let last =
        sql("select coalesce(max(sequence), 0) as last from event where app_id = $1 and company_id = $2")
            .bind(app)
            .bind(company)
            .first(tx)
            .await?;
    last.map_or(Ok(many), |row| Ok(row.int("last")? + many))
}

fn read(row: &Row) -> Result<Event> {
    Ok(Event {
        app: AppId(row.uuid("app_id")?),
        id: EventId(row.uuid("event_id")?),
        environment: row.key("environment", Environment::from_key)?,
        company: CompanyId(row.uuid("company_id")?),
        sequence: row.int("sequence")?,
        at: row.at("at")?,
        body: row.json("body")?,
    })
}

#[cfg(test)]
mod tests {
    use ledgerline_model::company::Company;
    use ledgerline_model::event::CompanySnapshot;

    use super::*;
    use crate::companies;
    use crate::testing::{a_company, an_app, at, ids, on_both_stores};

    async fn tell(tx: &mut Tx, company: &Company, seconds: i64, deleted: bool) -> Event {
        let snapshot = CompanySnapshot {
            id: company.id.0,
            name: company.name.clone(),
            description: None,
            tags: company.tags.clone(),
            created_at: company.created_at,
            external_id: None,
        };
        let body = if deleted {
            Body::CompanyDeleted { company: snapshot }
        } else {
            Body::CompanyCreated { company: snapshot }
        };
        let id = EventId::new(&*ids(), at(seconds));
        append(
            tx,
            company.app,
            company.environment,
            company.id,
            at(seconds),
            id,
            body,
        )
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn events_are_counted_by_company_and_outlive_it() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let (one, two) = (a_company(&mut tx, app.id).await, a_company(&mut tx, app.id).await);
            assert_eq!(tell(&mut tx, &one, 1, false).await.sequence, 1);
            assert_eq!(tell(&mut tx, &two, 2, false).await.sequence, 1);
            companies::delete(&mut tx, app.id, one.id, at(3)).await.unwrap();
            let last = tell(&mut tx, &one, 3, true).await;
            assert_eq!(last.sequence, 2);
            let after = list_after(&mut tx, app.id, Environment::Test, one.id, 1, 10)
                .await
                .unwrap();
            assert_eq!(after[0].body, last.body);
            assert_eq!(after.len(), 1);
            assert!(
                find(&mut tx, app.id, Environment::Live, last.id)
                    .await
                    .unwrap()
                    .is_none()
            );
            assert_eq!(
                recent(&mut tx, app.id, Environment::Test, 1).await.unwrap()[0].id,
                last.id
            );
        })
        .await;
    }

    #[tokio::test]
    async fn what_happens_at_once_is_counted_in_its_order() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let company = a_company(&mut tx, app.id).await;
            let first = tell(&mut tx, &company, 1, false).await;
            let later = [2, 3].map(|seconds| (EventId::new(&*ids(), at(seconds)), first.body.clone()));
            let wanted = later.each_ref().map(|(id, _)| *id);
            append_all(
                &mut tx,
                app.id,
                Environment::Test,
                company.id,
                at(2),
                later.to_vec(),
            )
            .await
            .unwrap();
            let all = list_after(&mut tx, app.id, Environment::Test, company.id, 0, 10)
                .await
                .unwrap();
            let found: Vec<(i64, EventId)> = all.iter().map(|event| (event.sequence, event.id)).collect();
            assert_eq!(found, [(1, first.id), (2, wanted[0]), (3, wanted[1])]);
            assert_eq!(tell(&mut tx, &company, 4, false).await.sequence, 4);
        })
        .await;
    }

    #[tokio::test]
    async fn what_was_fanned_out_is_not_shown_again() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await;
            let company = a_company(&mut tx, app.id).await;
            let first = tell(&mut tx, &company, 1, false).await;
            let second = tell(&mut tx, &company, 1, false).await;
            let waiting = unfanned(&mut tx, app.id, 10).await.unwrap();
            assert_eq!(
                waiting.iter().map(|event| event.id).collect::<Vec<_>>(),
                [first.id, second.id]
            );
            mark_fanned(&mut tx, app.id, first.id).await.unwrap();
            let waiting = unfanned(&mut tx, app.id, 10).await.unwrap();
            assert_eq!(
                waiting.iter().map(|event| event.id).collect::<Vec<_>>(),
                [second.id]
            );
        })
        .await;
    }
}
