use jiff::tz::TimeZone;
use ledgerline_model::setting::Schedule;
use ledgerline_model::{DataType, Timestamp};

use super::rule::{self, Past};

/// One data type of a connection, as its schedule sees it.
#[derive(Clone, Debug)]
pub struct State {
    pub data_type: DataType,
    pub schedule: Schedule,
    /// What its calendar goes by.
    pub zone: TimeZone,
    /// It is being read.
    pub is_active: bool,
    pub past: Past,
}

/// What has to be done about a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Due {
    /// One Run for all of them. However many nodes see it, they name its period alike.
    Now {
        period: String,
        data_types: Vec<DataType>,
    },
    Later(Timestamp),
    /// Not while nothing else changes.
    Never,
}

/// All types that are due together share one Run; its period is the earliest due instant among them. A type that
/// is being read is left out, and due as soon as that ends.
pub fn due(states: &[State], now: Timestamp) -> Due {
    let waiting = states
        .iter()
        .filter_map(|state| Some((state.data_type, next_due(state)?)));
    let (mut earliest, mut data_types) = (None::<Timestamp>, Vec::new());
    for (data_type, at) in waiting {
        earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
        if at <= now {
            data_types.push(data_type);
        }
    }
    match earliest {
        Some(at) if at <= now => Due::Now {
            period: at.to_string(),
            data_types,
        },
        Some(at) => Due::Later(at),
        None => Due::Never,
    }
}

/// When the type is due; `None` while it is being read, and where it has no schedule.
pub fn next_due(state: &State) -> Option<Timestamp> {
    if state.is_active {
        return None;
    }
    rule::next(&state.schedule, &state.zone, &state.past)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn state(data_type: DataType, hours: u32, started: i64, is_active: bool) -> State {
        State {
            data_type,
            schedule: Schedule::Hours(hours),
            zone: TimeZone::UTC,
            is_active,
            past: Past {
                linked_at: at(0),
                set_at: at(0),
                started_at: Some(at(started)),
                scheduled_at: None,
                ended_at: None,
            },
        }
    }

    #[test]
    fn what_is_due_together_is_one_run_named_by_the_earliest() {
        let states = [
            state(DataType::Invoices, 1, 60, false),
            state(DataType::Bills, 1, 0, false),
            state(DataType::Items, 24, 0, false),
        ];
        assert_eq!(due(&states, at(3599)), Due::Later(at(3600)));
        let now = Due::Now {
            period: at(3600).to_string(),
            data_types: vec![DataType::Invoices, DataType::Bills],
        };
        assert_eq!(due(&states, at(4000)), now);
    }

    #[test]
    fn what_is_being_read_is_left_out() {
        let states = [
            state(DataType::Invoices, 1, 0, true),
            state(DataType::Bills, 1, 0, false),
        ];
        let now = Due::Now {
            period: at(3600).to_string(),
            data_types: vec![DataType::Bills],
        };
        assert_eq!(due(&states, at(3600)), now);
        assert_eq!(due(&states[..1], at(3600)), Due::Never);
    }
}
