use ledgerline_model::planted::Bug;
use ledgerline_torture::{Length, Options, Store, planted};

/// Whoever reads is stopped for longer than its lease; another server reads on; the first wakes up with a page in
/// its hands, and knows nothing.
#[tokio::test]
async fn a_worker_that_slept_past_its_lease_commits_nothing() {
    if let Some((options, postgres)) = on_postgres() {
        let held = planted::hold(&options, &postgres, Bug::NoFence, options.seed).await;
        assert!(held.is_ok(), "{}", held.unwrap_err());
    }
}

/// The same, but stopped in the middle of a transaction: its locks end with the patience of the database.
#[tokio::test]
async fn a_worker_that_sleeps_in_a_transaction_keeps_nobody_waiting_for_ever() {
    if let Some((options, postgres)) = on_postgres() {
        let held = planted::hold_in_transaction(&options, &postgres).await;
        assert!(held.is_ok(), "{}", held.unwrap_err());
    }
}

/// Whoever saw that a period is due is stopped before it has made its Run; another makes it and reads it to its end.
#[tokio::test]
async fn a_scheduler_that_slept_past_its_lease_makes_no_second_run() {
    if let Some((options, postgres)) = on_postgres() {
        let held = planted::hold(&options, &postgres, Bug::ScheduleWithoutKey, options.seed).await;
        assert!(held.is_ok(), "{}", held.unwrap_err());
    }
}

fn on_postgres() -> Option<(Options, Store)> {
    if !std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres") {
        return None;
    }
    let server = std::env::var("LEDGERLINE_TEST_POSTGRES").expect("LEDGERLINE_TEST_POSTGRES names a server");
    let store = Store::Postgres(server.parse().unwrap());
    let options = Options {
        ledgerline: env!("CARGO_BIN_EXE_ledgerline").into(),
        store: store.clone(),
        seed: 3,
        length: Length::Rounds(1),
        steps: 0,
        companies: 0,
        invoices: 0,
        nodes: 2,
        planted: None,
        talk: false,
    };
    Some((options, store))
}
