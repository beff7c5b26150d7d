//! The face asked in-process, as an app would ask it.

mod accounting;
mod bank_feeds;
mod faults;
mod oauth;
mod reports;
/// A sandbox, an organisation, and a client.
mod world;
mod writes;
