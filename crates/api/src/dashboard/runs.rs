use ledgerline_model::run::{Pull, PullState, Run};
use ledgerline_model::{BadAnswer, RunId, Timestamp};
use ledgerline_store::{Tx, companies, feed_reads, issues, pulls, runs};
use maud::{Markup, html};

use super::errors::Error;
use super::room::{Door, Room};
use super::{progress, states};
use crate::pages::{Page, words};

/// How many Runs the room shows.
const SHOWN: i64 = 50;
/// How many issues of one Pull are shown.
const ISSUES: i64 = 20;

/// The newest Runs of all companies.
pub(super) async fn list(room: Room) -> Result<Page, Error> {
    let mut tx = room.engine.store.read().await?;
    let latest = runs::latest(&mut tx, room.app.id, room.environment, SHOWN).await?;
    let is_running = latest.iter().any(|run| run.finished_at.is_none());
    let rows = rows(&room, &mut tx, latest).await?;
    drop(tx);
    let body = html! {
        div.heading { div { h1 { "Runs" } p.muted { "Why and when data was read, newest first." } } }
        section.panel aria-label="Runs" { (rows) }
    };
    let mut page = room.page(Door::Runs, "Runs", body);
    if is_running {
        page.head = html! { meta http-equiv="refresh" content="10"; };
    }
    Ok(page)
}

/// One Run: each data type, and what went wrong with its records.
pub(super) async fn show(room: Room) -> Result<Page, Error> {
    let mut tx = room.engine.store.read().await?;
    let run = find(&room, &mut tx).await?;
    let company = companies::find(&mut tx, room.app.id, room.environment, run.company)
        .await?
        .ok_or_else(|| room.not_found())?;
    let data = pulls_of(&room, &mut tx, &run).await?;
    let bad_answers = feed_reads::bad_answers(&mut tx, room.app.id, run.id).await?;
    drop(tx);

    let body = html! {
        div.heading {
            div {
                p.crumb {
                    a href=(room.path(&format!("companies/{}", company.id))) { (company.name) }
                }
                h1 { (states::reason(run.reason)) }
                p.muted.small {
                    code { (run.id) } " · began " (words::ago(run.created_at, room.now))
                    @if let Some(at) = run.finished_at { " · took " (words::duration(run.created_at, at)) }
                }
            }
            (states::run(&run))
        }
        section.panel aria-label="Data types" {
            div data-live=(room.path(&format!("runs/{}/progress", run.id))) { (data) }
        }
        @if !bad_answers.is_empty() {
            section.panel aria-labelledby="answers" {
                header { h2 #answers { "Answers that could not be read" } }
                @for (feed, at, answer) in &bad_answers { (bad_answer(feed, *at, answer, room.now)) }
            }
        }
    };
    let mut page = room.page(Door::Runs, "Run", body);
    page.policy.live = true;
    if run.finished_at.is_none() {
        page.head = progress::reload();
    }
    Ok(page)
}

/// The last one of a feed: its beginning, without what looks like a secret.
fn bad_answer(feed: &str, at: Timestamp, answer: &BadAnswer, now: Timestamp) -> Markup {
    html! {
        div.body {
            p {
                strong { (feed) } " · " (words::ago(at, now)) " · status " (answer.status) " · "
                (answer.content_type.as_deref().unwrap_or("no content type")) " · " (words::count(i64::try_from(answer.length).unwrap_or(i64::MAX)))
                " bytes"
            }
            details { summary { "How it begins" } pre.once { (answer.body) } }
        }
    }
}

/// The Pulls of the Run alone, for the script that keeps the page fresh.
pub(super) async fn progress(room: Room) -> Result<Markup, Error> {
    let mut tx = room.engine.store.read().await?;
    let run = find(&room, &mut tx).await?;
    pulls_of(&room, &mut tx, &run).await
}

/// Runs as a table, each with how its Pulls ended.
pub(super) async fn rows(room: &Room, tx: &mut Tx, runs: Vec<Run>) -> Result<Markup, Error> {
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        let company = companies::find(tx, room.app.id, room.environment, run.company).await?;
        let pulls = pulls::of_run(tx, room.app.id, run.id).await?;
        rows.push((
            run,
            company.map_or_else(String::new, |company| company.name),
            pulls,
        ));
    }
    Ok(html! {
        @if rows.is_empty() {
            p.empty { "None yet. The first begins when a company connects its books." }
        } @else {
            table.rows {
                thead { tr {
                    th scope="col" { "Run" } th scope="col" { "Began" } th scope="col" { "State" }
                    th.number scope="col" { "Changed" } th scope="col" { "Problems" }
                } }
                tbody {
                    @for (run, company, pulls) in &rows {
                        tr {
                            td.name {
                                a href=(room.path(&format!("runs/{}", run.id))) { (states::reason(run.reason)) }
                                span.sub { (company) }
                            }
                            td data-label="Began" {
                                span {
                                    (words::ago(run.created_at, room.now))
                                    @if let Some(at) = run.finished_at {
                                        span.sub { "took " (words::duration(run.created_at, at)) }
                                    }
                                }
                            }
                            td data-label="State" { (states::run(run)) }
                            td.number data-label="Changed" {
                                (words::count(pulls.iter().map(|pull| pull.changed + pull.deleted).sum()))
                            }
                            td data-label="Problems" { (problems(pulls)) }
                        }
                    }
                }
            }
        }
    })
}

fn problems(pulls: &[Pull]) -> Markup {
    let failed = pulls
        .iter()
        .filter(|pull| matches!(pull.state, PullState::Failed { .. }))
        .count();
    let quarantined: i64 = pulls.iter().map(|pull| pull.quarantined).sum();
    html! {
        @if failed == 0 && quarantined == 0 {
            span.muted { "None" }
        } @else {
            span {
                @if failed > 0 { (states::chip("bad", &format!("{failed} of {} failed", pulls.len()))) }
                @if quarantined > 0 { span.sub { (words::count(quarantined)) " records set aside" } }
            }
        }
    }
}

async fn find(room: &Room, tx: &mut Tx) -> Result<Run, Error> {
    let id: RunId = room.id("run")?;
    let run = runs::find(tx, room.app.id, id)
        .await?
        .ok_or_else(|| room.not_found())?;
    // The other environment's Runs are not in this room.
    companies::find(tx, room.app.id, room.environment, run.company)
        .await?
        .ok_or_else(|| room.not_found())?;
    Ok(run)
}

async fn pulls_of(room: &Room, tx: &mut Tx, run: &Run) -> Result<Markup, Error> {
    let mut rows = Vec::new();
    let pulls = pulls::of_run(tx, room.app.id, run.id).await?;
    let overall = progress::overall(room.now, run, &pulls);
    for pull in pulls {
        let count = issues::count(tx, &pull).await?;
        let found = issues::of_pull(tx, &pull, 0, ISSUES).await?;
        rows.push((pull, count, found));
    }
    Ok(html! {
        @if run.finished_at.is_none() { span data-running hidden {} }
        (overall)
        table.rows {
            thead { tr {
                th scope="col" { "Data type" } th scope="col" { "State" } th scope="col" { "Progress" }
                th.number scope="col" { "Read" } th.number scope="col" { "Changed" } th.number scope="col" { "Deleted" }
                th scope="col" { "Issues" }
            } }
            tbody {
                @for (pull, count, found) in &rows {
                    tr {
                        td.name { (words::data_type(pull.data_type)) }
                        td data-label="State" {
                            span { (states::pull(pull.state, pull.paused_until.is_some())) (progress::why(room.now, pull)) }
                        }
                        td data-label="Progress" { (progress::bar(pull.data_type, pull.state, Some(pull))) }
                        td.number data-label="Read" { (words::count(pull.read)) }
                        td.number data-label="Changed" { (words::count(pull.changed)) }
                        td.number data-label="Deleted" { (words::count(pull.deleted)) }
                        td data-label="Issues" {
                            @if *count == 0 {
                                span.muted { "None" }
                            } @else {
                                details {
                                    summary { (words::count(*count)) " found" }
                                    ul {
                                        @for issue in found {
                                            li.small {
                                                strong { (issue.field) } " of " code { (issue.record) } ": " (issue.message)
                                            }
                                        }
                                        @if *count > ISSUES { li.small.muted { "and " (words::count(count - ISSUES)) " more" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
