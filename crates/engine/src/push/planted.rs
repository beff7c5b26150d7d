//! Where bugs can be planted: see [`ledgerline_model::planted`].

use ledgerline_model::planted::{self, Bug};
use ledgerline_model::push::{ItemLeg, Key, LegState};

/// The key that a request is sent with: the stored one.
pub(super) fn key(leg: &ItemLeg, stored: &Key) -> Key {
    if planted::is(Bug::KeyPerAttempt) {
        other_key(leg.sends, stored)
    } else {
        stored.clone()
    }
}

/// Whether it may be stored before it is sent: always.
pub(super) fn is_stored_first(leg: &ItemLeg) -> bool {
    !(planted::is(Bug::StatusBeforeIntent) && leg.state == LegState::Intent)
}

pub(super) fn other_key(number: i64, key: &Key) -> Key {
    Key::stored(format!("{number}{key}").chars().take(20).collect())
}
