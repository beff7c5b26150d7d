//! The end-to-end suite: it speaks as the customer, through HTTP, on a store of either kind.
//!
//! `LEDGERLINE_TEST_STORE=postgres` with `LEDGERLINE_TEST_POSTGRES=postgres://…` runs it on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

/// A store, a clock that tests move, the simulators and the server, all within the process.
mod world;

/// The Accend dialect.
mod accend;
/// The pages in headless Chromium.
mod browser;
/// The Codat dialect.
mod codat;
/// The pages on which customers consent.
mod link;

/// The committed descriptions of the APIs.
mod openapi;
/// Real processes, and what survives their sudden end.
mod process;
/// What is stored, against the simulator's own ledger.
mod pull;
/// The Sync2Books dialect.
mod sync2books;
