use ledgerline_torture::{Length, Options, Store};

/// Changes, faults, clock jumps, disconnects and kills by a seed, while readers check every answer; then a
/// quiet sync, after which the store equals the ledger. `script/torture` does the same for as long as one likes.
#[tokio::test]
async fn whatever_happens_in_the_end_the_store_equals_the_ledger() {
    let on_postgres = std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres");
    let store = if on_postgres {
        let server =
            std::env::var("LEDGERLINE_TEST_POSTGRES").expect("LEDGERLINE_TEST_POSTGRES names a server");
        Store::Postgres(server.parse().unwrap())
    } else {
        Store::Sqlite
    };
    let options = Options {
        ledgerline: env!("CARGO_BIN_EXE_ledgerline").into(),
        nodes: if on_postgres { 2 } else { 1 },
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
