//! A plausible company from a seed.

pub mod random;
