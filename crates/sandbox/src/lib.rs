//! Simulators of accounting platforms over one double-entry ledger: clock, faults, and an oracle to test against.
//!
//! It shares no type with the connectors: what they have in common would hide their common mistakes.

/// The time of the test world: real time and an offset, or a frozen instant.
pub mod clock;
/// The control API under `/_sandbox`.
pub mod control;
/// What goes wrong on demand, and how answers are spoiled.
pub mod faults;
/// A plausible company from a seed.
pub mod generate;
/// The books of an organisation, in neutral names.
pub mod ledger;
/// What people do in their books: create, edit, delete, void.
pub mod mutate;
/// One organisation on one platform: its books, its faults, what was asked of it.
pub mod organisation;
/// The QuickBooks Online face: OAuth 2, queries, writes, changes, reports.
pub mod quickbooks_online;
/// What was asked of an organisation, and which rules were broken.
pub mod requests;
/// The Xero face: identity, connections, accounting.
pub mod xero;

/// Follow a link page as a customer would.
pub mod approve;
/// What a restart keeps.
pub mod state;

/// Ids and secrets without chance.
mod ids;
mod sandbox;
mod serve;

pub use clock::SandboxClock;
pub use organisation::{Limits, Organisation};
pub use sandbox::Sandbox;
pub use serve::{router, serve};
