//! What the tests of the connectors share. A connector adds what is its own: the books it wishes for, made-up
//! references, ids. This crate names no connector, and only tests may name it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

/// Orders, and what they name.
mod orders;
/// What would be sent, and what came of it.
mod outcomes;
/// A fixture, a line, a snapshot.
mod snapshots;
/// What every connector has to make of a send that goes wrong.
pub mod troubles;
/// Simulated books, and our consent to them.
mod world;

pub use orders::{category, key, line, order, referenced};
pub use outcomes::{posted, shown};
pub use snapshots::mapped;
pub use world::World;
pub use world::doors::InProcess;
