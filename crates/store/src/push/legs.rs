use ledgerline_model::push::{BooksOf, ItemLeg, Key, Leg, LegState, Operation};
use ledgerline_model::{AppId, CompanyId, PushId, micros};
use serde::Serialize;

use crate::db::{Row, json, sql};
use crate::{Result, Tx};

/// Write how far each got: one statement for all of them, each once.
pub async fn save(tx: &mut Tx, app: AppId, company: CompanyId, legs: &[ItemLeg]) -> Result<()> {
    if legs.is_empty() {
        return Ok(());
    }
    let listed: Vec<Listed<'_>> = legs.iter().map(Listed::of).collect();
    sql(format!(
        "insert into item_leg (app_id, company_id, transaction_id, leg, state, operation, revision, idempotency_key,
                               fence, platform, organisation_id, prepared, posted, pending_ref, hold_until,
                               searches, sends, message, is_read_back)
         select $1, $2, listed.value ->> 'transaction', listed.value ->> 'leg', listed.value ->> 'state',
                listed.value ->> 'operation', cast(listed.value ->> 'revision' as bigint), listed.value ->> 'key',
                cast(listed.value ->> 'fence' as bigint), listed.value ->> 'platform',
                listed.value ->> 'organisation', listed.value ->> 'prepared', listed.value ->> 'posted',
                listed.value ->> 'pending', cast(listed.value ->> 'hold_until' as bigint),
                cast(listed.value ->> 'searches' as bigint), cast(listed.value ->> 'sends' as bigint),
                listed.value ->> 'message', cast(listed.value ->> 'is_read_back' as boolean)
         from {} where true
         on conflict (app_id, company_id, transaction_id, leg) do update
         set state = excluded.state, operation = excluded.operation, revision = excluded.revision,
             idempotency_key = excluded.idempotency_key, fence = excluded.fence, platform = excluded.platform,
             organisation_id = excluded.organisation_id, prepared = excluded.prepared, posted = excluded.posted,
             pending_ref = excluded.pending_ref, hold_until = excluded.hold_until, searches = excluded.searches,
             sends = excluded.sends, message = excluded.message, is_read_back = excluded.is_read_back",
        tx.dialect().objects_of(3)
    ))
    .bind(app)
    .bind(company)
    .bind(json(&listed, "item_leg")?)
    .run(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Listed<'a> {
    transaction: &'a str,
    leg: &'a str,
    state: &'a str,
    operation: &'a str,
    revision: i64,
    key: Option<&'a str>,
    fence: Option<i64>,
    platform: Option<&'a str>,
    organisation: Option<&'a str>,
    prepared: Option<&'a str>,
    posted: Option<&'a str>,
    pending: Option<&'a str>,
    hold_until: Option<i64>,
    searches: i64,
    sends: i64,
    message: Option<String>,
    is_read_back: bool,
}

impl<'a> Listed<'a> {
    fn of(leg: &'a ItemLeg) -> Self {
        Self {
            transaction: &leg.transaction,
            leg: leg.leg.key(),
            state: leg.state.key(),
            operation: leg.operation.key(),
            revision: leg.revision,
            key: leg.key.as_ref().map(Key::as_str),
            fence: leg.fence,
            platform: leg.books.as_ref().map(|books| books.platform.as_str()),
            organisation: leg.books.as_ref().map(|books| books.organisation.as_str()),
            prepared: leg.prepared.as_deref(),
            posted: leg.posted.as_deref(),
            pending: leg.pending.as_deref(),
            hold_until: leg.hold_until.map(micros),
            searches: leg.searches,
            sends: leg.sends,
            message: leg.message.as_deref().map(super::rows::storable),
            is_read_back: leg.is_read_back,
        }
    }
}

/// Those of these transactions.
pub async fn find(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    transactions: Vec<String>,
) -> Result<Vec<ItemLeg>> {
    let any_of = tx.dialect().any_of(3);
    let transactions = tx.dialect().texts(transactions);
    sql(format!(
        "select * from item_leg where app_id = $1 and company_id = $2 and transaction_id {any_of}
         order by transaction_id, leg"
    ))
    .bind(app)
    .bind(company)
    .bind(transactions)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Those that a push has still to settle, in its order.
pub async fn open_of_push(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    push: PushId,
    limit: i64,
) -> Result<Vec<ItemLeg>> {
    sql("select item_leg.* from push_item
         join item_leg on item_leg.app_id = push_item.app_id and item_leg.company_id = $2
             and item_leg.transaction_id = push_item.transaction_id and item_leg.leg = push_item.leg
         where push_item.app_id = $1 and push_item.push_id = $3 and push_item.status in ('pending', 'unknown')
         order by push_item.position limit $4")
    .bind(app)
    .bind(company)
    .bind(push)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// All of the company whose outcome is not known.
pub async fn unsettled(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Vec<ItemLeg>> {
    sql("select * from item_leg
         where app_id = $1 and company_id = $2 and state in ('intent', 'pending', 'unknown')
         order by transaction_id, leg")
    .bind(app)
    .bind(company)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Posted ones of the company that are not among the records yet.
pub async fn unread(tx: &mut Tx, app: AppId, company: CompanyId, limit: i64) -> Result<Vec<ItemLeg>> {
    sql("select * from item_leg
         where app_id = $1 and company_id = $2 and state = 'posted' and not is_read_back
         order by transaction_id, leg limit $3")
    .bind(app)
    .bind(company)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// These documents are among the records, or will not be read back any more.
pub async fn mark_read(tx: &mut Tx, app: AppId, company: CompanyId, read: &[ItemLeg]) -> Result<()> {
    let listed: Vec<Listed<'_>> = read.iter().map(Listed::of).collect();
    sql(format!(
        "update item_leg set is_read_back = true
         from (
             select listed.value ->> 'transaction' as transaction_id, listed.value ->> 'leg' as leg from {}
         ) as done
         where item_leg.app_id = $1 and item_leg.company_id = $2
             and item_leg.transaction_id = done.transaction_id and item_leg.leg = done.leg",
        tx.dialect().objects_of(3)
    ))
    .bind(app)
    .bind(company)
    .bind(json(&listed, "item_leg")?)
    .run(tx)
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<ItemLeg> {
    let platform = row.opt_text("platform")?;
    let organisation = row.opt_text("organisation_id")?;
    Ok(ItemLeg {
        transaction: row.text("transaction_id")?,
        leg: row.key("leg", Leg::from_key)?,
        state: row.key("state", LegState::from_key)?,
        operation: row.key("operation", Operation::from_key)?,
        revision: row.int("revision")?,
        key: row.opt_text("idempotency_key")?.map(Key::stored),
        fence: row.opt_int("fence")?,
        books: platform
            .zip(organisation)
            .map(|(platform, organisation)| BooksOf {
                platform,
                organisation,
            }),
        prepared: row.opt_text("prepared")?,
        posted: row.opt_text("posted")?,
        pending: row.opt_text("pending_ref")?,
        hold_until: row.opt_at("hold_until")?,
        searches: row.int("searches")?,
        sends: row.int("sends")?,
        message: row.opt_text("message")?,
        is_read_back: row.bool("is_read_back")?,
    })
}
