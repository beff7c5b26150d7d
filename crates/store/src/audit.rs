use ledgerline_model::{AppId, Timestamp};

use crate::db::sql;
use crate::{Result, Tx};

/// Who did what to whom, and with what result; never with a secret in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub app: AppId,
    pub at: Timestamp,
    pub actor: String,
    /// `noun.verb`, e.g. `key.revoke`.
    pub action: String,
    pub subject: String,
    pub result: String,
}

pub async fn append(tx: &mut Tx, entry: &Entry) -> Result<()> {
    let id = tx.fresh_id(entry.at);
    sql(
        "insert into audit_entry (app_id, entry_id, at, actor, action, subject, result)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry.app)
    .bind(id)
    .bind(entry.at)
    .bind(entry.actor.as_str())
    .bind(entry.action.as_str())
    .bind(entry.subject.as_str())
    .bind(entry.result.as_str())
    .run(tx)
    .await?;
    Ok(())
}

/// The newest, newest first.
pub async fn recent(tx: &mut Tx, app: AppId, limit: i64) -> Result<Vec<Entry>> {
    sql(
        "select app_id, at, actor, action, subject, result from audit_entry
         where app_id = $1 order by entry_id desc limit $2",
    )
    .bind(app)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Entry {
            app: AppId(row.uuid("app_id")?),
            at: row.at("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            result: row.text("result")?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{an_app, at, on_both_stores};

    #[tokio::test]
    async fn entries_are_kept_by_app() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let (one, two) = (an_app(&mut tx, "One").await, an_app(&mut tx, "Two").await);
            let mut entry = Entry {
                app: one.id,
                at: at(1),
                actor: "dashboard".to_owned(),
                action: "key.revoke".to_owned(),
                subject: "sk_test_abcd".to_owned(),
                result: "done".to_owned(),
            };
            append(&mut tx, &entry).await.unwrap();
            entry.at = at(2);
            append(&mut tx, &entry).await.unwrap();
            assert_eq!(recent(&mut tx, one.id, 1).await.unwrap(), [entry]);
            assert_eq!(recent(&mut tx, two.id, 1).await.unwrap(), []);
        })
        .await;
    }
}
