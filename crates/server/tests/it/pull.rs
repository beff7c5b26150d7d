/// What came instead of an answer.
mod bad_answers;
/// Later Pulls read what changed.
mod changes;
/// Do the types that were read together show the same books?
mod consistency;
/// Cut in the middle.
mod cut_short;
/// Deleted, voided and archived at the platform.
mod deletions;
/// What is stored is what the platform's books hold, whatever went wrong on the way.
pub mod equals_the_ledger;
/// Platforms that fail and lie.
mod faults;
/// As many requests as the platform allows, and no more.
mod limits;
/// What is looked up in lists that come too short.
mod lookups;
/// References that lead nowhere.
mod references;
/// Consents and their tokens, while data is read.
mod tokens;
/// Answers that are none, and records that are none.
mod wrong_answers;
