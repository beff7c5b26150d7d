use ledgerline_model::DataType;

use crate::Strategy;

/// A platform as data: what differs by platform anywhere outside its connector stands here.
pub struct About {
    /// Our key of it, e.g. `xero`.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it calls the books of one business, e.g. `organisation`.
    pub organisation_word: &'static str,
    /// Addresses by name; each can be overridden in the configuration.
    pub hosts: &'static [Host],
    /// OAuth scopes that are asked for, unless the configuration names others.
    pub scopes: &'static str,
    /// Scopes that the platform gives to few apps and refuses to others: asked for of simulators, and elsewhere only
    /// where the configuration names them among its scopes.
    pub partner_scopes: &'static str,
    /// Scopes by each of which something can be written into the books.
    pub writing_scopes: &'static [&'static str],
    pub codat: Codat,
    pub sync2books_key: &'static str,
    /// Raised when the connector makes other records of the same objects: whatever was read by an earlier mapping
    /// is read in full once more.
    pub mapping: u32,
    /// A Run of all types ends with a closing pass, which collects what changed while it was reading: the platform
    /// tells control totals, and its feeds are cheap to ask for changes.
    pub closes_sets: bool,
    /// What can be read, and which data types each feed serves.
    pub feeds: &'static [Feed],
    /// How much may be asked of it.
    pub limits: Limits,
    /// A square logo as inline SVG, drawn by us.
    pub logo_svg: &'static str,
}

/// One address of a platform.
pub struct Host {
    /// Name in the configuration, e.g. `api_url`.
    pub name: &'static str,
    pub live: &'static str,
    /// Path under the sandbox's address.
    pub sandbox: &'static str,
}

/// How the Codat dialect names the platform.
pub struct Codat {
    /// Four letters, e.g. `gbol`.
    pub key: &'static str,
    /// Further keys that mean a simulated organisation of this platform, for test keys only.
    pub test_keys: &'static [&'static str],
    /// Stable UUIDs of ours for `integrationId` and `sourceId`.
    pub integration_id: &'static str,
    pub source_id: &'static str,
}

/// One endpoint of a platform, and the data types that it serves.
pub struct Feed {
    pub name: &'static str,
    pub data_types: &'static [DataType],
    /// How it is read again.
    pub strategy: Strategy,
    /// Data types of it that need another one.
    pub exceptions: &'static [(DataType, Strategy)],
}

impl Feed {
    /// How this type of the feed is read again.
    pub fn strategy_of(&self, data_type: DataType) -> Strategy {
        let exception = self.exceptions.iter().find(|(of, _)| *of == data_type);
        exception.map_or(self.strategy, |(_, strategy)| *strategy)
    }
}

/// How many requests a platform takes. [`Limits::NONE`]: no limits are known.
pub struct Limits {
    /// For one organisation.
    pub organisation: &'static [Quota],
    /// For our OAuth app, all organisations together.
    pub app: &'static [Quota],
    /// Requests for one organisation under way at once; 0: as many as there are.
    pub at_once: u32,
    /// A page takes so many requests at most: none is begun that could not be ended.
    pub calls_a_page: u32,
    /// Whether refreshes and the like count in the app's windows.
    pub counts_consent: bool,
    /// The header of a 429 that names the limit, and the word in it that means the app's.
    pub app_problem: Option<(&'static str, &'static str)>,
}

/// So many requests in any span of so many seconds.
pub struct Quota {
    pub calls: u32,
    pub seconds: u32,
    /// The header that says how many are left, where there is one.
    pub remaining: Option<&'static str>,
}

impl Limits {
    pub const NONE: Self = Self {
        organisation: &[],
        app: &[],
        at_once: 0,
        calls_a_page: 1,
        counts_consent: false,
        app_problem: None,
    };
}

impl About {
    /// Whether the platform can give records of this type.
    pub fn supports(&self, data_type: DataType) -> bool {
        self.feeds.iter().any(|feed| feed.data_types.contains(&data_type))
    }

    /// The feeds that a complete read of this type needs.
    pub fn feeds_of(&self, data_type: DataType) -> impl Iterator<Item = &'static Feed> {
        self.feeds
            .iter()
            .filter(move |feed| feed.data_types.contains(&data_type))
    }
}
