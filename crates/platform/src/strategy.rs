use jiff::SignedDuration;

/// How a feed is read again once its data types have been read in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strategy {
    pub cursor: Changes,
    pub tombstones: Tombstones,
    /// A full read is due so long after the last one, whatever else was read since: the safety net under a
    /// feed of changes. `None`: never; right only where every read is full anyway.
    pub reconcile_every: Option<SignedDuration>,
}

/// What a feed can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changes {
    /// Only for everything it has.
    Unknown,
    /// For what changed at or after an instant. A read starts `overlap` before the mark of the read before: the
    /// platform's clock may be coarse, and a change may become visible later than it says.
    ModifiedSince { overlap: SignedDuration },
}

/// How a feed tells that a record is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tombstones {
    /// By the record's own status: a read of the changes shows it.
    InFeed,
    /// By leaving it out: only a complete enumeration shows it.
    Enumeration,
}

impl Strategy {
    /// Everything, each time: right for lists that are small or cannot say what changed.
    pub const RELIST: Self = Self {
        cursor: Changes::Unknown,
        tombstones: Tombstones::Enumeration,
        reconcile_every: None,
    };

    /// Changes with tombstones among them, five minutes of overlap, and everything once a week.
    pub const MODIFIED_SINCE: Self = Self {
        cursor: Changes::ModifiedSince {
            overlap: SignedDuration::from_mins(5),
        },
        tombstones: Tombstones::InFeed,
        reconcile_every: Some(SignedDuration::from_hours(7 * 24)),
    };
}
