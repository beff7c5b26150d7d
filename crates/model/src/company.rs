/// What an app says of a company beyond its name.
mod details;
/// Which companies a list shows.
pub mod filter;

use std::collections::BTreeMap;

use crate::app::Environment;
use crate::{AppId, CompanyId, Timestamp};

pub use details::Details;

/// The app's customer: a small business whose books are connected.
#[derive(Clone, Debug)]
pub struct Company {
    pub app: AppId,
    pub id: CompanyId,
    pub environment: Environment,
    pub name: String,
    pub description: Option<String>,
    /// At most 10, each value at most 100 characters.
    pub tags: BTreeMap<String, String>,
    pub profile: Profile,
    /// Whether its grants are refreshed when nothing else does.
    pub keep_alive: bool,
    /// IANA name of the time zone that its calendar goes by; `None`: the platform's, else UTC.
    pub zone: Option<String>,
    /// Raised to make every link URL that was handed out for it worthless.
    pub link_epoch: i64,
    pub created_at: Timestamp,
    pub created_by: Option<String>,
}

/// The rules by which a company's data is refreshed; set by the dialect that made the company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    Codat,
    Accend,
}

impl Profile {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Codat => "codat",
            Self::Accend => "accend",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "codat" => Some(Self::Codat),
            "accend" => Some(Self::Accend),
            _ => None,
        }
    }
}
