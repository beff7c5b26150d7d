use ledgerline_model::DataType::{self, Bills, Customers, Invoices};
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::run::PullState;
use ledgerline_model::setting::{Schedule, Setting};
use ledgerline_store::settings;

use super::fill;
use super::world::{World, on_both_stores};
use crate::schedule;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

async fn set(world: &World, schedules: &[(DataType, Schedule)]) {
    set_of(world, &world.company, schedules).await;
}

pub(super) async fn set_of(world: &World, company: &Company, schedules: &[(DataType, Schedule)]) {
    let wanted: Vec<_> = schedules
        .iter()
        .map(|(data_type, schedule)| Setting {
            schedule: schedule.clone(),
            ..Setting::default_of(Profile::Codat, *data_type)
        })
        .collect();
    let mut tx = world.engine.store.write().await.unwrap();
    ledgerline_store::companies::lock(&mut tx, company.app, company.id)
        .await
        .unwrap();
    settings::replace(
        &mut tx,
        company.app,
        Some(company.id),
        &wanted,
        world.engine.now(),
    )
    .await
    .unwrap();
    schedule::settings_changed(&world.engine, &mut tx, company.app, Some(company))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Types, reason and period of each Run that has ended.
async fn runs(world: &World) -> Vec<(Vec<DataType>, String, Option<String>)> {
    let runs = world.completed_runs().await.into_iter();
    runs.map(|run| {
        let data_types = run.pulls.iter().map(|pull| pull.data_type).collect();
        (data_types, run.reason, run.period)
    })
    .collect()
}

#[tokio::test]
async fn types_that_are_due_together_share_one_run_and_downtime_is_caught_up_once() {
    on_both_stores(10, async |world| {
        fill(&world);
        world.sync().await;
        set(
            &world,
            &[
                (Invoices, Schedule::Hours(24)),
                (Bills, Schedule::Hours(24)),
                (Customers, Schedule::Hours(168)),
            ],
        )
        .await;
        assert_eq!(world.run_jobs().await, 0, "nothing is due yet");
        world.advance(DAY - 1);
        assert_eq!(world.run_jobs().await, 0, "nor a second before");
        world.advance(1);
        world.run_jobs().await;
        let told = runs(&world).await;
        assert_eq!(told.len(), 2);
        assert_eq!(told[1].0, [Bills, Invoices]);
        assert_eq!(told[1].1, "recurring");
        // Nobody looks for a month: one Run for all that fell due.
        world.advance(30 * DAY);
        world.run_jobs().await;
        let told = runs(&world).await;
        assert_eq!(told.len(), 3);
        assert_eq!(told[2].0, [Bills, Customers, Invoices]);
        world.run_jobs().await;
        assert_eq!(runs(&world).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_type_that_is_being_read_when_it_is_due_is_left_out_and_due_when_that_ends() {
    on_both_stores(10, async |world| {
        fill(&world);
        world.sync().await;
        set(
            &world,
            &[(Invoices, Schedule::Hours(1)), (Customers, Schedule::Hours(1))],
        )
        .await;
        world.advance(HOUR - 1);
        world.ask(Invoices).await.unwrap();
        // It takes more than an hour to begin.
        let due = world.engine.now() + jiff::SignedDuration::from_secs(1);
        let waits = world.latest(Invoices).await;
        world.advance(2 * HOUR);
        world.run_jobs().await;
        let told = runs(&world).await;
        assert!(matches!(
            world.pull(&waits).await.state,
            PullState::Complete { .. }
        ));
        // The refresh that somebody asked for, that of the customers, and the one that was held up.
        let recurring: Vec<_> = told
            .iter()
            .filter(|(_, reason, _)| reason == "recurring")
            .collect();
        assert_eq!(recurring.len(), 2, "{told:?}");
        assert_eq!(recurring.iter().filter(|run| run.0 == [Customers]).count(), 1);
        assert_eq!(recurring.iter().filter(|run| run.0 == [Invoices]).count(), 1);
        let customers = recurring.iter().find(|run| run.0 == [Customers]).unwrap();
        assert_eq!(customers.2, Some(due.to_string()));
    })
    .await;
}

#[tokio::test]
async fn two_days_of_hours_have_one_run_an_hour() {
    on_both_stores(10, async |world| {
        fill(&world);
        world.sync().await;
        set(
            &world,
            &[(Invoices, Schedule::Hours(1)), (Bills, Schedule::Monthly)],
        )
        .await;
        for _ in 0..48 {
            world.advance(HOUR);
            world.run_jobs().await;
        }
        let told = runs(&world).await;
        let periods: std::collections::BTreeSet<_> = told.iter().filter_map(|run| run.2.clone()).collect();
        assert_eq!(told.len(), 49);
        assert_eq!(periods.len(), 48);
        // No schedule, no timer.
        set(&world, &[]).await;
        assert!(!world.has_jobs().await);
    })
    .await;
}
