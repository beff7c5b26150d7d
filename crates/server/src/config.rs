use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use ledgerline_model::Secret;
use serde::Deserialize;
use url::Url;

use crate::cli::{Arguments, Role};

/// The defaults, commented: also what `docs/operations.md` prints.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub database_url: String,
    pub database_connections: u32,
    pub listen: SocketAddr,
    pub public_url: Option<Url>,
    pub role: Role,
    pub master_key: Option<Secret>,
    pub sandbox_url: Option<Url>,
    pub worker_concurrency: usize,
    pub job_lease_seconds: u64,
    pub webhooks: Webhooks,
    pub platforms: BTreeMap<String, Platform>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    pub allow_private: bool,
}

/// Who we are at a platform, and its addresses where they are not the usual ones.
#[derive(Clone, Deserialize, Default)]
pub struct Platform {
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub scopes: Option<String>,
    /// `api_url`, `identity_url` …: the hosts of the platform's `about()`.
    #[serde(flatten)]
    pub urls: BTreeMap<String, Url>,
}

/// Read the configuration: flags, environment, file, defaults, in this order of precedence.
pub fn read(arguments: &Arguments) -> anyhow::Result<Config> {
    let environment = Env::prefixed("LEDGERLINE_")
        .filter(|key| !key.starts_with("test_"))
        .split("__");
    let figment = Figment::from(Toml::string(DEFAULTS))
        .merge(file(&arguments.config))
        .merge(environment);
    let mut config: Config = figment.extract().context("the configuration is not valid")?;
    if let Some(database_url) = &arguments.database_url {
        config.database_url.clone_from(database_url);
    }
    Ok(config)
}

/// The defaults alone.
pub fn defaults() -> anyhow::Result<Config> {
    Figment::from(Toml::string(DEFAULTS))
        .extract()
        .context("the defaults are not valid")
}

fn file(path: &Path) -> figment::providers::Data<Toml> {
    Toml::file(path)
}

impl Config {
    /// Where customers and platforms reach this server.
    pub fn public_url(&self) -> anyhow::Result<Url> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None => Ok(format!("http://{}", self.listen).parse()?),
        }
    }
}
