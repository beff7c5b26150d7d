use ledgerline_torture::{Length, Options, Store, push};

/// Changes, faults, clock jumps, disconnects and kills by a seed, while readers check every answer; then a
/// quiet sync, after which the store equals the ledger. `script/torture` does the same for as long as one likes.
/// Expenses pushed to both platforms in all kinds of trouble, then counted in their ledgers. `script/torture push`
/// does the same with thousands.
#[tokio::test]
async fn whatever_happens_each_expense_is_in_the_books_once() {
    let (store, nodes) = store();
    let options = push::Options {
        ledgerline: env!("CARGO_BIN_EXE_ledgerline").into(),
        store,
        seed: 3,
        expenses: 40,
        companies: 2,
        nodes,
        calm: false,
        talk: false,
    };
    let report = push::run(&options)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((report.lost, report.doubled), (0, 0), "{report}");
    assert!(report.posted > 30, "too little was posted: {report}");
}

#[tokio::test]
async fn whatever_happens_in_the_end_the_store_equals_the_ledger() {
    let (store, nodes) = store();
    let options = Options {
        ledgerline: env!("CARGO_BIN_EXE_ledgerline").into(),
        nodes,
        store,
        seed: 2,
        length: Length::Rounds(1),
        steps: 25,
        companies: 2,
        invoices: 60,
        planted: None,
        talk: false,
    };
    let report = ledgerline_torture::run(&options)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(
        report.observations > 20,
        "the readers have seen too little: {report}"
    );
}

/// The store that the tests are for, and how many servers share it.
fn store() -> (Store, usize) {
    let on_postgres = std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres");
    if !on_postgres {
        return (Store::Sqlite, 1);
    }
    let server = std::env::var("LEDGERLINE_TEST_POSTGRES").expect("LEDGERLINE_TEST_POSTGRES names a server");
    (Store::Postgres(server.parse().unwrap()), 2)
}
