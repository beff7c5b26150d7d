use std::collections::HashMap;

use ledgerline_model::run::Pull;
use ledgerline_store::issues::Gone;
use ledgerline_store::records::{self, Known, Place};
use ledgerline_store::{Tx, changes, issues, publications, versions};

use super::sort::{self, Different, Rows};
use crate::jobs;

/// How many records were changed.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Applied {
    pub present: i64,
    pub gone: i64,
    /// Those of `present` that were not live before.
    pub appearing: i64,
}

/// Rows of a page beside what the store has.
pub(super) struct Compared {
    known: HashMap<String, Known>,
    pub different: Different,
}

/// What of a page is not as it is stored.
pub(super) async fn compare(
    tx: &mut Tx,
    pull: &Pull,
    feed: &str,
    rows: Rows,
    may_be_staged: bool,
) -> Result<Compared, jobs::Error> {
    let ids = rows.ids().into_iter().map(str::to_owned).collect();
    let staged = may_be_staged.then_some(pull.id);
    let known = records::known(tx, &place_of(pull, feed), staged, ids).await?;
    let different = sort::differing(rows, &known);
    Ok(Compared { known, different })
}

/// Write what the only page of a Pull changes over the records, in the transaction that publishes it: nothing needs
/// to be staged. Where the type was published since the page was asked for, it is, since then it has to be seen for
/// each record which of the two is later.
pub(super) async fn at_once(
    tx: &mut Tx,
    pull: &Pull,
    feed: &str,
    asked_at_seq: i64,
    compared: Compared,
) -> Result<Applied, jobs::Error> {
    let Compared { known, different } = compared;
    if publications::any_since(tx, pull.app, pull.connection, pull.data_type, asked_at_seq).await? {
        stage(tx, pull, feed, asked_at_seq, different).await?;
        return staged(tx, pull).await;
    }
    let Different { present, gone, .. } = different;
    let is_new = |id: &String| !known.get(id).is_some_and(Known::is_live);
    let appearing = present.iter().filter(|(id, _)| is_new(id)).count();
    let applied = Applied {
        present: count(present.len()),
        gone: count(gone.len()),
        appearing: count(appearing),
    };
    let place = place_of(pull, feed);
    let changing = present.iter().map(|(id, _)| id).chain(&gone);
    let changing: Vec<String> = changing.filter(|id| known.contains_key(*id)).cloned().collect();
    if !changing.is_empty() {
        versions::supersede_some(tx, &place, pull.publication, changing).await?;
    }
    if !present.is_empty() {
        records::overwrite(tx, &place, pull.publication, &known, present).await?;
    }
    if !gone.is_empty() {
        records::mark_deleted(tx, &place, pull.publication, gone.clone()).await?;
    }
    issues::settle(tx, pull, Gone::Listed(gone)).await?;
    Ok(applied)
}

/// Keep until the Pull completes what is not as it is stored.
pub(super) async fn stage(
    tx: &mut Tx,
    pull: &Pull,
    feed: &str,
    asked_at_seq: i64,
    different: Different,
) -> Result<(), jobs::Error> {
    let Different {
        present,
        gone,
        reverted,
        ..
    } = different;
    if !present.is_empty() {
        changes::stage(tx, pull, feed, asked_at_seq, present).await?;
    }
    if !gone.is_empty() {
        changes::stage_gone(tx, pull, feed, asked_at_seq, gone).await?;
    }
    if !reverted.is_empty() {
        changes::unstage(tx, pull, reverted).await?;
    }
    Ok(())
}

/// Staged rows that are cleared away with their publication; more are left to the job that cleans up.
const CLEARED_AT_ONCE: i64 = 2000;

/// Write what was staged for the Pull over the records, keep what they were, and settle issues.
pub(super) async fn staged(tx: &mut Tx, pull: &Pull) -> Result<Applied, jobs::Error> {
    if !changes::any(tx, pull).await? {
        issues::settle(tx, pull, Gone::Listed(Vec::new())).await?;
        return Ok(Applied::default());
    }
    // Nothing that is staged is as it is stored, unless that has changed since.
    let first_asked = pull.first_asked_seq.unwrap_or_default();
    if publications::any_since(tx, pull.app, pull.connection, pull.data_type, first_asked).await? {
        changes::prune(tx, pull).await?;
    }
    let live = versions::supersede(tx, pull).await?;
    issues::settle(tx, pull, Gone::Staged).await?;
    let present = i64::try_from(changes::apply_present(tx, pull).await?).unwrap_or(i64::MAX);
    let gone = i64::try_from(changes::apply_gone(tx, pull).await?).unwrap_or(i64::MAX);
    changes::clear(tx, pull.app, pull.id, CLEARED_AT_ONCE).await?;
    Ok(Applied {
        present,
        gone,
        appearing: present - (live - gone),
    })
}

const fn place_of<'a>(pull: &Pull, feed: &'a str) -> Place<'a> {
    Place {
        app: pull.app,
        connection: pull.connection,
        data_type: pull.data_type,
        feed,
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
