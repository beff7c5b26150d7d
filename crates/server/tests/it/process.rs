/// Killed at any moment, the server loses nothing and shows nothing half.
mod kill;
/// How the database answers statements.
mod plans;
/// Ending on request, and what the next process finds.
mod restart;
/// Servers that are stopped, and wake up when others have their work.
mod sleepers;
/// Random trouble of every kind, from a seed.
mod torture;
/// What newcomers are shown.
mod tour;
/// Several nodes on one PostgreSQL.
mod two_nodes;
/// The binary as server and as sandbox.
pub mod world;
