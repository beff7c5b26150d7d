use crate::{ApiKeyId, AppId, Timestamp};

/// The tenant: a software company that owns keys, settings and endpoints.
#[derive(Clone, Debug)]
pub struct App {
    pub id: AppId,
    pub name: String,
    pub settings: Settings,
    pub created_at: Timestamp,
}

/// What an app may set about itself; kept as one JSON document.
#[derive(Clone, Default, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Shown on the link pages.
    pub logo_url: Option<String>,
    pub icon_url: Option<String>,
    /// Template of the address to which the customer returns after linking (see the link pages).
    pub redirect_url: Option<String>,
    /// Hosts that a parameter of the redirect template may name.
    pub white_list_urls: Vec<String>,
    /// Further `KEY=VALUE` settings, e.g. `compat.integrationType`.
    pub extra: std::collections::BTreeMap<String, String>,
}

/// Test and live are worlds apart: a test key sees only companies on the simulators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Environment {
    Test,
    Live,
}

impl Environment {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "test" => Some(Self::Test),
            "live" => Some(Self::Live),
            _ => None,
        }
    }
}

/// An API key: only its SHA-256 and its first characters are kept.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub app: AppId,
    pub id: ApiKeyId,
    pub environment: Environment,
    pub name: Option<String>,
    /// `sk_test_` or `sk_live_` and the four characters after it.
    pub prefix: String,
    pub sha256: [u8; 32],
    /// `None`: all that there are.
    pub scopes: Option<Vec<Scope>>,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }
}

/// What a key may do beyond the resources of the API, which every key reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Ask platforms themselves for what they have.
    PassThroughRead,
    /// Ask platforms themselves for anything else.
    PassThroughWrite,
}

impl Scope {
    pub const ALL: [Self; 2] = [Self::PassThroughRead, Self::PassThroughWrite];

    pub const fn key(self) -> &'static str {
        match self {
            Self::PassThroughRead => "link:pass_through:read",
            Self::PassThroughWrite => "link:pass_through:write",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}
