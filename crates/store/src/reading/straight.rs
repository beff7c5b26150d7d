use ledgerline_model::query::ListRequest;

use super::conditions::Conditions;
use super::{Of, Page, rows};
use crate::db::{Value, sql};
use crate::{Result, Tx};

/// A page by remote id, whose filter the database answers.
pub(super) async fn page(tx: &mut Tx, of: Of, conditions: Conditions, request: &ListRequest) -> Result<Page> {
    let total = count(tx, of, &conditions).await?;
    let offset = request.offset();
    if offset >= total {
        return Ok(Page {
            records: Vec::new(),
            total,
        });
    }
    let Conditions {
        sql: filter,
        mut values,
        ..
    } = conditions;
    let keys = rows::keys(of);
    let limit = keys.len() + values.len() + 1;
    values.push(i64::from(request.page_size).into());
    values.push(Value::Int(i64::try_from(offset).ok()));
    let text = format!(
        "select {} {} {filter}
        order by record.remote_id
        limit ${limit} offset ${}",
        rows::WHOLE,
        rows::from(tx.dialect(), of),
        limit + 1
    );
    let mut records = Vec::new();
    sql(text)
        .bind_all(keys)
        .bind_all(values)
        .each(tx, |row| {
            records.push(rows::record(&row, of.data_type)?);
            Ok(true)
        })
        .await?;
    Ok(Page { records, total })
}

async fn count(tx: &mut Tx, of: Of, conditions: &Conditions) -> Result<u64> {
    // Publications are looked up only where the filter asks about them.
    let from = if of.as_of.is_some() || conditions.sql.contains("publication.") {
        rows::from(tx.dialect(), of)
    } else {
        rows::FROM_RECORDS.to_owned()
    };
    let row = sql(format!("select count(*) as total {from} {}", conditions.sql))
        .bind_all(rows::keys(of))
        .bind_all(conditions.values.iter().cloned())
        .first(tx)
        .await?;
    let total = row.map_or(Ok(0), |row| row.int("total"))?;
    Ok(u64::try_from(total).unwrap_or_default())
}
