/// What is stored is what the platform's books hold, whatever went wrong on the way.
mod equals_the_ledger;
/// Deleted, voided and archived at the platform.
mod deletions;
/// Platforms that fail and lie.
mod faults;
