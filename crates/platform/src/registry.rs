use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline_model::Secret;
use ledgerline_model::app::Environment;
use url::Url;

use crate::{About, Platform};

/// The platforms that this server knows; filled once at the start.
#[derive(Clone, Default)]
pub struct Registry {
    entries: BTreeMap<&'static str, Entry>,
}

/// A platform with the addresses it has in each environment; `None` where it is not configured.
#[derive(Clone)]
pub struct Entry {
    pub platform: Arc<dyn Platform>,
    pub test: Option<Arc<Endpoints>>,
    pub live: Option<Arc<Endpoints>>,
}

/// The addresses of a platform and who we are there.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// By [`crate::Host::name`].
    pub urls: BTreeMap<String, Url>,
    pub client_id: String,
    pub client_secret: Secret,
    pub scopes: String,
}

impl Registry {
    pub fn add(&mut self, entry: Entry) {
        self.entries.insert(entry.platform.about().key, entry);
    }

    pub fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// In alphabetical order of their keys.
    pub fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

impl Entry {
    pub fn about(&self) -> &'static About {
        self.platform.about()
    }

    pub fn endpoints(&self, environment: Environment) -> Option<&Arc<Endpoints>> {
        match environment {
            Environment::Test => self.test.as_ref(),
            Environment::Live => self.live.as_ref(),
        }
    }

    /// Whether customers are asked for a consent that covers writing.
    pub fn asks_to_write(&self, environment: Environment) -> bool {
        let writing = self.about().writing_scopes;
        self.endpoints(environment).is_some_and(|endpoints| {
            let mut asked = endpoints.scopes.split_whitespace();
            asked.any(|scope| writing.contains(&scope))
        })
    }
}

impl Endpoints {
    /// The simulator's addresses under the sandbox's own, with its fixed client pair.
    pub fn of_sandbox(about: &About, sandbox: &Url) -> Result<Self, url::ParseError> {
        let base = sandbox.as_str().trim_end_matches('/');
        let mut urls = BTreeMap::new();
        for host in about.hosts {
            urls.insert(
                host.name.to_owned(),
                Url::parse(&format!("{base}{}", host.sandbox))?,
            );
        }
        Ok(Self {
            urls,
            client_id: "sandbox-client".into(),
            client_secret: Secret::new("sandbox-secret"),
            scopes: format!("{} {}", about.scopes, about.partner_scopes)
                .trim_end()
                .to_owned(),
        })
    }

    /// The address of that name with `path` appended; every connector names only hosts of its `about()`.
    pub fn url(&self, host: &str, path: &str) -> Result<Url, url::ParseError> {
        let base = self.urls.get(host).map_or("", Url::as_str).trim_end_matches('/');
        Url::parse(&format!("{base}{path}"))
    }
}
