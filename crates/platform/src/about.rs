use ledgerline_model::DataType;

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
    pub codat: Codat,
    pub sync2books_key: &'static str,
    /// What can be read, and which data types each feed serves.
    pub feeds: &'static [Feed],
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
