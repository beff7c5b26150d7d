use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::Value;

use super::books::Books;
use crate::database::Look;

/// How the servers' own store says that an expense ended.
pub struct End {
    /// As the column says.
    pub state: String,
    /// The platform's id of the document.
    pub posted: Option<String>,
}

/// Of each expense of the company that was ever taken.
pub async fn of(look: &mut Look, books: &Books) -> anyhow::Result<BTreeMap<String, End>> {
    let statement = format!(
        "select transaction_id, state, posted from item_leg where leg = 'expense' and {} = '{}'",
        look.id("company_id"),
        books.company.id.replace('-', "")
    );
    let mut ends = BTreeMap::new();
    for row in look.rows(&statement).await? {
        let [Some(id), Some(state), posted] = row.as_slice() else {
            bail!("a leg has no state");
        };
        let posted: Option<Value> = posted.as_deref().map(serde_json::from_str).transpose()?;
        let end = End {
            state: state.clone(),
            posted: posted.and_then(|posted| Some(posted["id"].as_str()?.to_owned())),
        };
        ends.insert(id.clone(), end);
    }
    Ok(ends)
}
