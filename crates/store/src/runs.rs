use ledgerline_model::app::Environment;
use ledgerline_model::run::{Reason, Run};
use ledgerline_model::{AppId, CompanyId, ConnectionId, DataPeriod, Date, RunId, Timestamp};

use crate::db::{Row, sql};
use crate::{Error, Result, Tx};

/// Insert a Run; `false` if the connection has one for its period already.
pub async fn insert(tx: &mut Tx, run: &Run) -> Result<bool> {
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    let inserted = sql(
        "insert into run (app_id, run_id, company_id, connection_id, reason, created_at, finished_at, pulls_left,
                          period_key, data_from, data_to)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict do nothing",
    )
    .bind(run.app)
    .bind(run.id)
    .bind(run.company)
    .bind(run.connection)
    .bind(run.reason.key())
    .bind(run.created_at)
    .bind(run.finished_at)
    .bind(run.pulls_left)
    .bind(run.period.as_deref())
    .bind(date(run.data_period.and_then(|period| period.start)))
    .bind(date(run.data_period.map(|period| period.end)))
    .run(tx)
    .await?;
    Ok(inserted == 1)
}

pub async fn find(tx: &mut Tx, app: AppId, id: RunId) -> Result<Option<Run>> {
    sql("select * from run where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?
        .map(|row| of_row(&row))
        .transpose()
}

/// The Runs of a company that were asked for last, newest first.
pub async fn latest_of_company(tx: &mut Tx, app: AppId, company: CompanyId, limit: i64) -> Result<Vec<Run>> {
    sql("select * from run
         where app_id = $1 and company_id = $2
         order by created_at desc, run_id desc
         limit $3")
    .bind(app)
    .bind(company)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// The Runs of a connection that were asked for last, newest first.
pub async fn latest_of_connection(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    limit: i64,
) -> Result<Vec<Run>> {
    sql("select * from run
         where app_id = $1 and connection_id = $2
         order by created_at desc, run_id desc
         limit $3")
    .bind(app)
    .bind(connection)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// Note through which dialect somebody asked for the Run.
pub async fn asked_through(tx: &mut Tx, app: AppId, id: RunId, dialect: &str) -> Result<()> {
    sql("update run set dialect = $3 where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .bind(dialect)
        .run(tx)
        .await?;
    Ok(())
}

/// Through which dialect somebody asked for the Run, where it was noted.
pub async fn dialect(tx: &mut Tx, app: AppId, id: RunId) -> Result<Option<String>> {
    let row = sql("select dialect from run where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .first(tx)
        .await?;
    row.map_or(Ok(None), |row| row.opt_text("dialect"))
}

/// The newest Runs of all companies of the environment, newest first.
pub async fn latest(tx: &mut Tx, app: AppId, environment: Environment, limit: i64) -> Result<Vec<Run>> {
    sql("select run.* from run
         join company on company.app_id = run.app_id and company.company_id = run.company_id
         where run.app_id = $1 and company.environment = $2
         order by run.created_at desc, run.run_id desc
         limit $3")
    .bind(app)
    .bind(environment.key())
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(of_row)
    .collect()
}

/// Whether a Run of the connection has brought something, be it closed yet or not: until then Runs are initial.
pub async fn any_completed(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<bool> {
    let row = sql("select 1 as found from run
         where run.app_id = $1 and run.connection_id = $2 and run.pulls_left = 0
           and exists (
               select 1 from pull
               where pull.app_id = run.app_id and pull.run_id = run.run_id and pull.state = 'Complete'
           )
         limit 1")
    .bind(app)
    .bind(connection)
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// Whether a Run of the connection has brought all that it was to bring. What the customer may not see is nothing
/// that a Run could bring.
pub async fn any_whole(tx: &mut Tx, app: AppId, connection: ConnectionId) -> Result<bool> {
    let row = sql("select 1 as found from run
         where run.app_id = $1 and run.connection_id = $2 and run.finished_at is not null
           and not exists (
               select 1 from pull
               where pull.app_id = run.app_id and pull.run_id = run.run_id
                 and pull.state not in ('Complete', 'PermissionsError')
           )
           and exists (
               select 1 from pull
               where pull.app_id = run.app_id and pull.run_id = run.run_id and pull.state = 'Complete'
           )
         limit 1")
    .bind(app)
    .bind(connection)
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// So many Pulls were started for it.
pub async fn begin(tx: &mut Tx, app: AppId, id: RunId, pulls: i64) -> Result<()> {
    sql("update run set pulls_left = $3 where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .bind(pulls)
        .run(tx)
        .await?;
    Ok(())
}

/// It came to nothing.
pub async fn delete(tx: &mut Tx, app: AppId, id: RunId) -> Result<()> {
    sql("delete from run where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// So many Pulls of the Run have ended; how many have not. The row stays locked until the commit.
pub async fn end_pulls(tx: &mut Tx, app: AppId, id: RunId, ended: i64) -> Result<i64> {
    sql("update run set pulls_left = pulls_left - $3 where app_id = $1 and run_id = $2 returning pulls_left")
        .bind(app)
        .bind(id)
        .bind(ended)
        .first(tx)
        .await?
        .ok_or(Error::Corrupt { column: "run_id" })?
        .int("pulls_left")
}

pub async fn finish(tx: &mut Tx, app: AppId, id: RunId, at: Timestamp) -> Result<()> {
    sql("update run set finished_at = $3 where app_id = $1 and run_id = $2")
        .bind(app)
        .bind(id)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}

fn of_row(row: &Row) -> Result<Run> {
    Ok(Run {
        app: AppId(row.uuid("app_id")?),
        id: RunId(row.uuid("run_id")?),
        company: CompanyId(row.uuid("company_id")?),
        connection: ConnectionId(row.uuid("connection_id")?),
        reason: Reason::from_key(&row.text("reason")?).ok_or(Error::Corrupt { column: "reason" })?,
        period: row.opt_text("period_key")?,
        data_period: data_period(row)?,
        created_at: row.at("created_at")?,
        finished_at: row.opt_at("finished_at")?,
        pulls_left: row.int("pulls_left")?,
    })
}

fn data_period(row: &Row) -> Result<Option<DataPeriod>> {
    let date = |column: &'static str| {
        let text = row.opt_text(column)?;
        text.map(|text| text.parse::<Date>().map_err(|_| Error::Corrupt { column }))
            .transpose()
    };
    let start = date("data_from")?;
    Ok(date("data_to")?.map(|end| DataPeriod { start, end }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_company, a_connection, an_app, at, ids, on_both_stores};

    #[tokio::test]
    async fn a_period_has_one_run() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let company = a_company(&mut tx, app).await;
            let (one, two) = (
                a_connection(&mut tx, &company, "books").await,
                a_connection(&mut tx, &company, "books").await,
            );
            let run = |connection: ConnectionId, period: Option<&str>| Run {
                app,
                id: RunId::new(&*ids(), at(1)),
                company: company.id,
                connection,
                reason: Reason::Recurring,
                period: period.map(str::to_owned),
                data_period: Some(DataPeriod {
                    start: None,
                    end: "2027-01-31".parse().unwrap(),
                }),
                created_at: at(1),
                finished_at: None,
                pulls_left: 1,
            };
            let first = run(one.id, Some("2027-02-01T00:00:00Z"));
            assert!(insert(&mut tx, &first).await.unwrap());
            assert!(
                !insert(&mut tx, &run(one.id, Some("2027-02-01T00:00:00Z")))
                    .await
                    .unwrap()
            );
            assert!(
                insert(&mut tx, &run(one.id, Some("2027-03-01T00:00:00Z")))
                    .await
                    .unwrap()
            );
            assert!(
                insert(&mut tx, &run(two.id, Some("2027-02-01T00:00:00Z")))
                    .await
                    .unwrap()
            );
            for _ in 0..2 {
                assert!(insert(&mut tx, &run(one.id, None)).await.unwrap());
            }
            let found = find(&mut tx, app, first.id).await.unwrap().unwrap();
            assert_eq!(
                (found.period, found.data_period),
                (first.period, first.data_period)
            );
        })
        .await;
    }
}
