use anyhow::{Context, bail};
use serde_json::json;

use crate::database::{Look, text};

/// Publications are numbered without a hole, later ones later; those that close one Run are of one instant.
pub async fn check(look: &mut Look, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let statement = format!(
        "select {}, {}, {} from publication p where seq is not null order by p.seq",
        text("seq"),
        text("at"),
        look.id("run_id"),
    );
    let mut before = (0, None);
    for (index, row) in look.rows(&statement).await?.into_iter().enumerate() {
        let [Some(seq), Some(at), run] = row.as_slice() else {
            bail!("a publication has no number");
        };
        let at = at.parse::<i64>()?;
        if seq.parse::<i64>()? != i64::try_from(index)? + 1 {
            wrong.push(format!("publication {} has the number {seq}", index + 1));
            break;
        }
        let (last, of) = before;
        if at < last || (at == last && (run.is_none() || *run != of)) {
            wrong.push(format!("publication {seq} is not later than the one before it"));
        }
        before = (at, run.clone());
    }
    Ok(())
}

/// A reader of the sequence never sees a number before the ones below it: to be asked all the while.
pub async fn hole(look: &mut Look) -> anyhow::Result<Option<String>> {
    let statement = "select cast(count(seq) as text), cast(coalesce(max(seq), 0) as text) from publication";
    let rows = look.rows(statement).await?;
    let row = rows.first().context("no count")?;
    Ok((row[0] != row[1]).then(|| {
        json!({ "publications": row[0], "highest": row[1], "what": "a number was seen before one below it" })
            .to_string()
    }))
}
