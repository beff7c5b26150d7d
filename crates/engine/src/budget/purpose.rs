/// What a request is for: the more pressing, the larger the share of a budget that it may use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// Reading feeds: 80 %.
    Pull,
    /// The app asks the platform itself: with pulls 90 %.
    PassThrough,
    /// Writing into the books, and whatever else a customer waits for: all of it.
    Push,
}

impl Purpose {
    pub(super) const ALL: [Self; 3] = [Self::Pull, Self::PassThrough, Self::Push];

    /// In percent; holds for the purpose and all that are less pressing, together.
    pub(super) const fn share(self) -> u64 {
        match self {
            Self::Pull => 80,
            Self::PassThrough => 90,
            Self::Push => 100,
        }
    }
}
