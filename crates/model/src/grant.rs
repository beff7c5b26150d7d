use crate::app::Environment;
use crate::{AppId, GrantId, Secret, Timestamp};

/// What one person consented to at one platform; serves one or more connections.
#[derive(Clone, Debug)]
pub struct Grant {
    pub app: AppId,
    pub id: GrantId,
    pub environment: Environment,
    pub platform: String,
    /// Who consented, in the platform's words.
    pub subject: String,
    pub tokens: Option<Tokens>,
    /// Raised with each renewal of the tokens.
    pub generation: i64,
    pub state: State,
    pub refreshed_at: Timestamp,
}

/// The tokens of a grant, unsealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tokens {
    pub access: Secret,
    pub refresh: Secret,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Active,
    NeedsReauth,
    /// Being cut at the platform; good for nothing else.
    Revoking,
    /// Cut; its tokens are destroyed.
    Revoked,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Active, Self::NeedsReauth, Self::Revoking, Self::Revoked];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NeedsReauth => "needs_reauth",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}
