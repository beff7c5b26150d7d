use std::collections::{BTreeMap, HashMap};

use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::run::Pull;
use ledgerline_model::validation::named;
use ledgerline_model::{DataType, IssueId, PublicationId};
use ledgerline_store::Tx;
use ledgerline_store::issues::{Finding, Found, Origin};
use ledgerline_store::references::{self, Changed, Missing, Standing};
use ledgerline_store::status::{self, Pace};
use serde_json::Value;

use super::Closing;
use crate::{Engine, jobs};

const RULE: &str = "reference-not-found";

/// Of one type and Run; a list that is missing as a whole is told by the first of them.
const MOST: usize = 10_000;

/// Rows of one transaction.
const BATCH: usize = 1000;

/// Hold what the Run has changed against what is there: a record that names another one which the store does not have
/// gets an issue, and loses it when the other one arrives or is named no more. Where nothing has changed that is two
/// questions.
pub(super) async fn check(engine: &Engine, job: &jobs::Job, closing: &Closing) -> Result<(), jobs::Error> {
    let run = &closing.run;
    let mut tx = engine.store.read().await?;
    let whole = whole(&status::paces(&mut tx, run.app, run.connection).await?);
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
    let missing = references::missing(&mut tx, run.app, run.connection, run.id, &whole, limit).await?;
    let with_issues = references::types_with_issues(&mut tx, run.app, run.connection).await?;
    let mut found = Vec::new();
    for pull in closing.complete() {
        let missing = missing
            .iter()
            .filter(|missing| missing.data_type == pull.data_type);
        let missing: Vec<&Missing> = missing.collect();
        if !missing.is_empty() {
            found.push((pull, who_names(&mut tx, pull, &missing).await?));
        }
    }
    let mut outdated = Vec::new();
    for data_type in with_issues {
        let standing =
            references::standing_of_changed(&mut tx, run.app, run.connection, run.id, data_type).await?;
        let is_outdated = |standing: &Standing| !still_names(standing);
        let ids = standing
            .into_iter()
            .filter(is_outdated)
            .map(|standing| standing.id);
        outdated.push((data_type, ids.collect::<Vec<_>>()));
    }
    drop(tx);
    for (data_type, ids) in outdated {
        if let Some(until) = publication_of(closing, data_type) {
            let mut tx = engine.store.write().await?;
            ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
            references::end_arrived(&mut tx, run.app, run.connection, data_type, until).await?;
            references::end(&mut tx, run.app, &ids, until).await?;
            tx.commit().await?;
        }
    }
    for (pull, of_feed) in found {
        for (feed, found) in of_feed {
            tell(engine, job, pull, &feed, found).await?;
        }
    }
    Ok(())
}

/// The types that have been read whole: what is not among their records is not there. Of a type that was read in part
/// only, what is missing may lie outside.
fn whole(paces: &[Pace]) -> Vec<DataType> {
    let is_whole = |pace: &&Pace| {
        let covered = pace.covered.as_ref();
        pace.success_at.is_some()
            && covered.is_some_and(|window| {
                window.modified_from.is_none()
                    && (window.documents_from.is_none() || !pace.data_type.is_dated())
            })
    };
    paces.iter().filter(is_whole).map(|pace| pace.data_type).collect()
}

/// A record that names another one, and how.
struct Naming {
    record: String,
    missing: Missing,
}

/// The records of the Pull's type that the Run has changed and that name what is missing, by their feeds.
async fn who_names(
    tx: &mut Tx,
    pull: &Pull,
    missing: &[&Missing],
) -> Result<BTreeMap<String, Vec<Naming>>, jobs::Error> {
    let mut at: HashMap<(&str, DataType), HashMap<&str, &Missing>> = HashMap::new();
    for &missing in missing {
        let ids = at.entry((&missing.field, missing.target)).or_default();
        ids.insert(&missing.id, missing);
    }
    let mut found: BTreeMap<String, Vec<Naming>> = BTreeMap::new();
    let mut count = 0;
    references::each_changed(tx, pull.app, pull.run, pull.data_type, |changed| {
        let Changed {
            remote_id,
            feed,
            standard,
        } = changed;
        let record: Value = serde_json::from_str(&standard).unwrap_or_default();
        for ((field, target), ids) in &at {
            let mut named = named(&record, field, *target);
            named.sort_unstable();
            named.dedup();
            for missing in named.into_iter().filter_map(|id| ids.get(id)) {
                count += 1;
                found.entry(feed.clone()).or_default().push(Naming {
                    record: remote_id.clone(),
                    missing: (*missing).clone(),
                });
            }
        }
        count < MOST
    })
    .await?;
    Ok(found)
}

fn still_names(standing: &Standing) -> bool {
    let record: Value = serde_json::from_str(&standing.standard).unwrap_or_default();
    let Missing {
        field, target, id, ..
    } = &standing.missing;
    named(&record, field, *target).contains(&id.as_str())
}

/// The step with which something changed for readers of the type: its own, or any other of the Run.
fn publication_of(closing: &Closing, data_type: DataType) -> Option<PublicationId> {
    let own = closing.complete().find(|pull| pull.data_type == data_type);
    own.or_else(|| closing.complete().last())
        .map(|pull| pull.publication)
}

async fn tell(
    engine: &Engine,
    job: &jobs::Job,
    pull: &Pull,
    feed: &str,
    namings: Vec<Naming>,
) -> Result<(), jobs::Error> {
    let finding = Finding {
        pull,
        feed,
        origin: Origin::Set,
    };
    for batch in namings.chunks(BATCH) {
        let found = batch.iter().map(|naming| issue(engine, naming)).collect();
        let mut tx = engine.store.write_page().await?;
        ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
        references::add(&mut tx, finding, found).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn issue(engine: &Engine, naming: &Naming) -> Found {
    let Missing {
        field, target, id, ..
    } = &naming.missing;
    Found {
        id: IssueId(engine.uuid()),
        issue: Issue {
            severity: Severity::Warning,
            rule: RULE.to_owned(),
            record: naming.record.clone(),
            field: field.clone(),
            message: format!("`{id}` is not among the {target} that were read."),
        },
        source: None,
        about: Some((*target, id.clone())),
    }
}
