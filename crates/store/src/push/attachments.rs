use ledgerline_model::{AppId, AttachmentId, CompanyId, Timestamp};

use crate::db::sql;
use crate::{Result, Tx};

/// A file that was put on an expense, or may have been.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attachment {
    pub app: AppId,
    pub id: AttachmentId,
    pub company: CompanyId,
    pub transaction: String,
    /// Of the content.
    pub sha256: [u8; 32],
    /// Made by us.
    pub name: String,
    pub content_type: String,
    /// The platform has said that it has it.
    pub is_attached: bool,
    pub created_at: Timestamp,
}

/// Keep that it will be sent; of the same content on the same expense there is one, and that is given back.
pub async fn insert(tx: &mut Tx, attachment: &Attachment) -> Result<Attachment> {
    sql(
        "insert into attachment (app_id, company_id, transaction_id, sha256, attachment_id, name, content_type,
                                 state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'sending', $8)
         on conflict (app_id, company_id, transaction_id, sha256) do nothing",
    )
    .bind(attachment.app)
    .bind(attachment.company)
    .bind(attachment.transaction.as_str())
    .bind(attachment.sha256.as_slice())
    .bind(attachment.id)
    .bind(attachment.name.as_str())
    .bind(attachment.content_type.as_str())
    .bind(attachment.created_at)
    .run(tx)
    .await?;
    let row = sql(
        "select attachment_id, name, content_type, state, created_at from attachment
         where app_id = $1 and company_id = $2 and transaction_id = $3 and sha256 = $4",
    )
    .bind(attachment.app)
    .bind(attachment.company)
    .bind(attachment.transaction.as_str())
    .bind(attachment.sha256.as_slice())
    .first(tx)
    .await?;
    let Some(row) = row else {
        return Ok(attachment.clone());
    };
    Ok(Attachment {
        id: AttachmentId(row.uuid("attachment_id")?),
        name: row.text("name")?,
        content_type: row.text("content_type")?,
        is_attached: row.text("state")? == "attached",
        created_at: row.at("created_at")?,
        ..attachment.clone()
    })
}

/// The platform has it; whether that is news.
pub async fn attached(tx: &mut Tx, app: AppId, id: AttachmentId) -> Result<bool> {
    let changed = sql("update attachment set state = 'attached'
         where app_id = $1 and attachment_id = $2 and state <> 'attached'")
    .bind(app)
    .bind(id)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// How many files of an expense the platform may have.
pub async fn count(tx: &mut Tx, app: AppId, company: CompanyId, transaction: &str) -> Result<i64> {
    let row = sql("select count(*) as files from attachment
         where app_id = $1 and company_id = $2 and transaction_id = $3")
    .bind(app)
    .bind(company)
    .bind(transaction)
    .first(tx)
    .await?;
    row.map_or(Ok(0), |row| row.int("files"))
}
