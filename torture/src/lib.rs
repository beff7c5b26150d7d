//! What Ledgerline promises, tried against real processes: seeded random changes of the books, faults, clock
//! jumps, disconnects, kills and stops, while readers check every answer; then a quiet sync, after which the
//! store has to equal the simulator's ledger. `docs/torture.md` says what is done and what is checked;
//! `script/torture` starts it.

/// Many connections due at once on several nodes.
pub mod nodes;
/// Bugs planted on purpose, each of which has to be caught.
pub mod planted;
/// Expenses that are pushed, each exactly once.
pub mod push;
/// One torture, from its seed to its report.
mod torture;

/// The trouble in which each planted bug shows.
mod scenario;
/// A world for one scenario.
mod stage;

/// Doing it.
mod act;
/// What can be done to the world, and the choice of what is done next.
mod step;

/// What the platform says of how it was asked.
mod asked;
/// What was deleted at the platform, ever.
mod graves;
/// The store against the simulator's ledger.
pub mod ledger;
/// Whether answers are published states.
mod published;
/// What has to be true whenever all is quiet.
mod quiet;
/// Those who read all the while.
mod readers;
/// The numbers of the publications.
mod sequence;
/// The events, and who heard them.
mod told;
/// Somebody who looks at the database all the while.
mod watch;

/// A database of our own on either store, and what can be asked of it.
mod database;
/// How long to wait for servers.
mod patience;
/// Processes that come and go.
mod process;
/// Who hears the webhooks.
mod receiver;
/// JSON over HTTP.
mod web;
/// The simulators, the servers, the companies.
mod world;

pub use database::Store;
pub use torture::{Failure, Length, Options, Report, run};
