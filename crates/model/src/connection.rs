use crate::app::Environment;
use crate::{AppId, CompanyId, ConnectionId, GrantId, Timestamp};

/// A company's tie to one organisation on an accounting platform.
#[derive(Clone, Debug)]
pub struct Connection {
    pub app: AppId,
    pub id: ConnectionId,
    pub company: CompanyId,
    pub environment: Environment,
    /// Key of the platform, e.g. `xero`.
    pub platform: String,
    pub state: State,
    /// Once a customer has consented: which organisation it is, for good.
    pub organisation: Option<Organisation>,
    pub grant: Option<GrantId>,
    /// IANA name of the organisation's time zone, once the platform has said it.
    pub zone: Option<String>,
    pub link_epoch: i64,
    pub created_at: Timestamp,
    pub linked_at: Option<Timestamp>,
    /// When a Pull of it last ended well.
    pub last_sync_at: Option<Timestamp>,
    /// What went wrong with it, newest last.
    pub errors: Vec<ConnectionError>,
}

/// See DESIGN: pending_auth / linked / needs_reauth / faulty / unlinked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    PendingAuth,
    Linked,
    /// The platform no longer honours the consent; the customer has to link again.
    NeedsReauth,
    /// Consent stands, but the platform refuses the organisation.
    Faulty,
    /// Cut by the app or the customer.
    Unlinked,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::PendingAuth,
        Self::Linked,
        Self::NeedsReauth,
        Self::Faulty,
        Self::Unlinked,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::PendingAuth => "pending_auth",
            Self::Linked => "linked",
            Self::NeedsReauth => "needs_reauth",
            Self::Faulty => "faulty",
            Self::Unlinked => "unlinked",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether reads, status and refreshes of the company go to it.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Linked | Self::Faulty)
    }
}

/// An organisation (tenant, realm, business) at the platform.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Organisation {
    /// The platform's id of it.
    pub id: String,
    pub name: String,
    /// The platform's id of the tie between the grant and it, where there is one (Xero's connection id).
    pub link: Option<String>,
}

/// One entry of what went wrong while linking or using a connection.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ConnectionError {
    /// HTTP-like status, e.g. 403.
    pub status: u16,
    pub text: String,
    pub message: String,
    pub at: Timestamp,
    pub resolved_at: Option<Timestamp>,
}
