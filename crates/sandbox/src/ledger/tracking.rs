//! The dimensions that lines are tracked by.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ActiveStatus, Meta};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingCategory {
    pub meta: Meta,
    pub name: String,
    pub status: ActiveStatus,
    pub options: Vec<TrackingOption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingOption {
    pub id: Uuid,
    pub name: String,
    pub status: ActiveStatus,
    /// Removed from its category; the category itself is [`Meta::deleted`] when it goes.
    pub deleted: bool,
}
