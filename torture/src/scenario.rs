use std::time::{Duration, Instant};

use anyhow::bail;
use ledgerline_model::planted::Bug;
use serde_json::json;

use crate::database::{Look, text};
use crate::nodes;
use crate::process::pause;
use crate::quiet::Extent;
use crate::stage::{Moment, Stage};

/// Whether the bug shows only where several servers work on one database.
pub const fn needs_several(bug: Bug) -> bool {
    match bug {
        Bug::NoFence | Bug::RefreshWithoutLease | Bug::NumberWithoutLock | Bug::ScheduleWithoutKey => true,
        Bug::SweepAfterPartialRead
        | Bug::CursorBeforeRows
        | Bug::ReadableBeforePublication
        | Bug::StagedOfFailedPull
        | Bug::EventOutsideTransaction
        | Bug::StrictCursor
        | Bug::MarkOfOurClock
        | Bug::MarkOfLastAnswer
        | Bug::HashIgnoresDeletion
        | Bug::KeyPerAttempt
        | Bug::ResendWithoutSearch
        | Bug::StatusBeforeIntent
        | Bug::RevisionWhileUnknown => false,
    }
}

/// Make the trouble in which this bug would show. What is wrong then is in the stage, or is told by
/// [`Stage::all_is_well`].
pub async fn provoke(bug: Bug, stage: &mut Stage) -> anyhow::Result<()> {
    match bug {
        Bug::SweepAfterPartialRead => a_page_fails_near_the_end(stage).await,
        Bug::CursorBeforeRows => kills_between_pages(stage).await,
        Bug::NoFence => a_sleeper_wakes_while_another_reads(stage, Moment::Between).await,
        Bug::RefreshWithoutLease => tokens_end_while_feeds_are_read(stage).await,
        Bug::NumberWithoutLock => many_publish_at_once(stage).await,
        Bug::ReadableBeforePublication => readers_of_a_slow_first_load(stage).await,
        Bug::StagedOfFailedPull => a_type_is_forbidden_near_the_end(stage).await,
        Bug::EventOutsideTransaction => kills_when_a_run_has_ended(stage).await,
        Bug::StrictCursor => changes_within_the_second_of_the_mark(stage).await,
        Bug::MarkOfOurClock | Bug::MarkOfLastAnswer => time_jumps_behind_a_change(stage).await,
        Bug::HashIgnoresDeletion => records_come_back_as_they_were(stage).await,
        Bug::ScheduleWithoutKey => a_sleeper_wakes_when_its_period_is_over(stage).await,
        Bug::KeyPerAttempt
        | Bug::ResendWithoutSearch
        | Bug::StatusBeforeIntent
        | Bug::RevisionWhileUnknown => bail!("{} shows only where something is pushed", bug.name()),
    }
}

async fn a_page_fails_near_the_end(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    let pages = stage.count("invoices").await?.div_ceil(10);
    stage
        .fault(&json!({ "kind": "5xx_before", "data_type": "invoices", "after": pages - 2, "count": 1 }))
        .await?;
    stage.read("invoices", Extent::Everything).await?;
    stage.equals_the_ledger(Some("invoices")).await
}

async fn kills_between_pages(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link_slow(60).await?;
    for _ in 0..8 {
        stage.calls(4).await?;
        stage.restart(0).await?;
    }
    stage.end_faults().await?;
    stage.until_read().await?;
    stage.equals_the_ledger(None).await
}

/// A worker is stopped while it reads, for so long that another takes over; when it wakes up, it has an answer of
/// its platform in hand, and knows nothing.
pub async fn a_sleeper_wakes_while_another_reads(stage: &mut Stage, moment: Moment) -> anyhow::Result<()> {
    stage.kill(1)?;
    stage.link_slow(300).await?;
    let mut look = stage.look().await?;
    let begun = "select cast(count(*) as text) from feed_read
         where feed = 'Invoices' and pages > 2 and finished_at is null";
    let is_begun = async |_: &_| look.number(begun).await.is_ok_and(|count| count > 0);
    stage.world.until("the invoices are being read", is_begun).await?;
    stage.freeze(0, moment).await?;
    let mut look = stage.look().await?;
    let before = pages(&mut look).await?;
    stage.world.start_node(1).await?;
    let taken = async |_: &_| pages(&mut look).await.is_ok_and(|now| now >= before + 3);
    stage.world.until("another worker has taken over", taken).await?;
    stage.wake(0).await?;
    stage.calls(3).await?;
    stage.end_faults().await?;
    stage.until_read().await?;
    stage.equals_the_ledger(None).await
}

/// How many pages of invoices have been stored.
async fn pages(look: &mut Look) -> anyhow::Result<i64> {
    let statement = format!(
        "select {} from feed_read where feed = 'Invoices'",
        text("sum(pages)")
    );
    look.number(&statement).await
}

async fn tokens_end_while_feeds_are_read(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    stage.world.advance_and_settle(45).await?;
    stage
        .fault(&json!({ "kind": "slow", "ms": 700, "data_type": "tokens", "count": 4 }))
        .await?;
    // Two of its feeds at a time.
    stage.read("all", Extent::Changes).await
}

async fn many_publish_at_once(stage: &mut Stage) -> anyhow::Result<()> {
    stage
        .link(6, &json!({ "invoices": 20, "page_size": 100 }))
        .await?;
    stage.until_read().await
}

async fn readers_of_a_slow_first_load(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link_slow(120).await?;
    stage.until_read().await
}

async fn a_type_is_forbidden_near_the_end(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    let pages = stage.count("invoices").await?.div_ceil(10);
    stage.change(60, 0).await?;
    stage
        .fault(&json!({ "kind": "forbidden", "data_type": "invoices", "after": pages - 2, "count": 1 }))
        .await?;
    stage.read("invoices", Extent::Everything).await
}

async fn kills_when_a_run_has_ended(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    let mut look = stage.look().await?;
    for _ in 0..4 {
        stage.ask_for(0, "items", Extent::Changes).await?;
        let open = "select cast(count(*) as text) from run where finished_at is null";
        let end = Instant::now() + Duration::from_secs(20);
        while look.number(open).await? > 0 && Instant::now() < end {
            pause(Duration::from_millis(2)).await;
        }
        stage.restart(0).await?;
    }
    Ok(())
}

/// The books change in the instant in which the platform has answered. Of each feed all types are read, since a
/// read begins at the oldest of their marks.
async fn changes_within_the_second_of_the_mark(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({ "page_size": 1000 })).await?;
    stage.until_read().await?;
    for (changed, other) in [
        ("purchaseOrders", None),
        ("journalEntries", None),
        ("customers", Some("suppliers")),
        ("invoices", Some("bills")),
    ] {
        stage.change(40, 1).await?;
        stage.read(changed, Extent::Changes).await?;
        if let Some(other) = other {
            stage.read(other, Extent::Changes).await?;
        }
    }
    // Whoever closes a Run looks back by the overlap.
    stage.world.advance_and_settle(10).await
}

/// While a list is read, what was read already changes; then time passes, longer than any overlap, before the
/// read ends.
async fn time_jumps_behind_a_change(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({ "invoices": 120 })).await?;
    stage.until_read().await?;
    stage
        .fault(&json!({ "kind": "slow", "ms": 600, "data_type": "invoices" }))
        .await?;
    stage.ask_for(0, "invoices", Extent::Everything).await?;
    stage.calls(4).await?;
    stage.change(150, 0).await?;
    stage.world.advance(14).await?;
    stage.end_faults().await?;
    stage.until_read().await?;
    stage.read("bills", Extent::Everything).await
}

async fn records_come_back_as_they_were(stage: &mut Stage) -> anyhow::Result<()> {
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    stage.mislead();
    stage
        .fault(&json!({ "kind": "short_list", "data_type": "items" }))
        .await?;
    stage.read("items", Extent::Changes).await?;
    stage.end_faults().await?;
    stage.read("items", Extent::Changes).await
}

/// A worker is stopped when it has seen that a period is due; another makes its Run and reads it to its end; then
/// the first goes on.
async fn a_sleeper_wakes_when_its_period_is_over(stage: &mut Stage) -> anyhow::Result<()> {
    stage.kill(1)?;
    nodes::set_schedules(&stage.world, |_| true, |data_type| data_type == "purchaseOrders").await?;
    stage.link(1, &json!({})).await?;
    stage.until_read().await?;
    let mut look = stage.look().await?;
    stage.world.advance(61).await?;
    let leased =
        "select cast(count(*) as text) from job where kind = 'connection.due' and lease_until is not null";
    let end = Instant::now() + Duration::from_secs(2);
    // Whoever is quick is done before it is seen, and stopped later.
    while look.number(leased).await? == 0 && Instant::now() < end {
        pause(Duration::from_millis(1)).await;
    }
    stage.freeze(0, Moment::Between).await?;
    stage.world.start_node(1).await?;
    let ended =
        "select cast(count(*) as text) from run where period_key is not null and finished_at is not null";
    let is_over = async |_: &_| look.number(ended).await.is_ok_and(|count| count > 0);
    stage.world.until("the period's Run is over", is_over).await?;
    stage.wake(0).await?;
    stage.until_read().await?;
    let mut look = stage.look().await?;
    stage.wrong.extend(nodes::twice_in_a_period(&mut look).await?);
    let runs = "select cast(count(*) as text) from run where period_key is not null";
    match look.number(runs).await? {
        0 => bail!("no period was due"),
        _ => Ok(()),
    }
}
