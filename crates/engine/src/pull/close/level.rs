use ledgerline_model::consistency::{self, ControlCheck};

use super::MOST_PASSES;

/// How the closing pass ended.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// The Run is no set: there was none.
    NotAsked,
    /// A pass found nothing, between two reports that are the same.
    Quiet,
    /// The same, but the platform tells no totals.
    Untold,
    /// A type has been read again by another Run: the records are not this Run's any more.
    Overtaken,
    /// Every pass found something.
    Restless,
    /// It could not be ended, for this reason.
    Unfinished(String),
}

/// All that is known when a Run is closed.
pub(super) struct Standing<'a> {
    pub is_set: bool,
    /// Pulls that ended well, and badly.
    pub complete: usize,
    pub failed: usize,
    /// Types that were being read already.
    pub left_out: i64,
    pub outcome: &'a Outcome,
    pub checks: &'a [ControlCheck],
}

#[derive(PartialEq, Eq, Debug)]
pub(super) struct Level {
    pub status: consistency::Level,
    /// Why it is no better.
    pub reason: Option<String>,
}

/// Totals that differ prove that something is wrong, whatever else is known; a set that lacks a type proves nothing.
pub(super) fn of(standing: &Standing<'_>) -> Level {
    use consistency::Level::{Bounded, Consistent, Inconsistent, PerType};
    let level = |status, reason: Option<String>| Level { status, reason };
    if !standing.is_set || standing.complete < 2 {
        return level(PerType, None);
    }
    let differing: Vec<&str> = standing
        .checks
        .iter()
        .filter(|check| !check.agrees())
        .map(|check| check.name.as_str())
        .collect();
    if !differing.is_empty() {
        let reason = format!("Control totals differ: {}.", differing.join(", "));
        return level(Inconsistent, Some(reason));
    }
    let unfinished = match standing.outcome {
        Outcome::Quiet => None,
        Outcome::NotAsked => Some("The Run was not closed.".to_owned()),
        Outcome::Untold => Some("The platform tells no control totals.".to_owned()),
        Outcome::Overtaken => Some("A data type was read again before the Run was closed.".to_owned()),
        Outcome::Restless => Some(format!("The books changed during each of {MOST_PASSES} passes.")),
        Outcome::Unfinished(reason) => Some(reason.clone()),
    };
    if unfinished.is_some() {
        return level(Bounded, unfinished);
    }
    if standing.left_out > 0 {
        let reason = format!(
            "{} data types were being read already and are no part of it.",
            standing.left_out
        );
        return level(Bounded, Some(reason));
    }
    if standing.failed > 0 {
        let reason = format!("{} data types could not be read.", standing.failed);
        return level(Bounded, Some(reason));
    }
    level(Consistent, None)
}

#[cfg(test)]
mod tests {
    use consistency::Level::{self, *};

    use super::*;

    #[test]
    fn a_set_is_as_consistent_as_all_that_is_known_of_it() {
        let same = ControlCheck::new("ar_control", 5.into(), 5.into());
        let other = ControlCheck::new("ap_control", 5.into(), 4.into());
        let rounded = ControlCheck {
            tolerance: 1.into(),
            ..other.clone()
        };
        let quiet = Outcome::Quiet;
        let cut = Outcome::Unfinished("cut".into());
        for (is_set, complete, failed, left_out, outcome, checks, expected) in [
            (true, 20, 0, 0, &quiet, vec![same.clone()], Consistent),
            (
                true,
                20,
                0,
                0,
                &quiet,
                vec![same.clone(), other.clone()],
                Inconsistent,
            ),
            (true, 20, 0, 0, &quiet, vec![rounded], Consistent),
            (true, 20, 1, 0, &quiet, vec![same.clone()], Bounded),
            (true, 20, 0, 1, &quiet, vec![same.clone()], Bounded),
            (true, 20, 0, 1, &quiet, vec![other], Inconsistent),
            (true, 20, 0, 0, &cut, vec![], Bounded),
            (true, 20, 0, 0, &Outcome::Restless, vec![], Bounded),
            (true, 20, 0, 0, &Outcome::Untold, vec![], Bounded),
            (true, 20, 0, 0, &Outcome::Overtaken, vec![], Bounded),
            (true, 1, 19, 0, &quiet, vec![], PerType),
            (false, 1, 0, 0, &Outcome::NotAsked, vec![], PerType),
        ] {
            let level: super::Level = of(&Standing {
                is_set,
                complete,
                failed,
                left_out,
                outcome,
                checks: &checks,
            });
            let status: Level = level.status;
            assert_eq!(status, expected, "{outcome:?}");
            assert_eq!(level.reason.is_none(), matches!(status, Consistent | PerType));
        }
    }
}
