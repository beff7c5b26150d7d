use url::Url;

use crate::torture::Options;

/// stub
pub async fn run(_options: &Options, _postgres: Option<Url>, _bug: Option<&str>) -> anyhow::Result<bool> {
    Ok(true)
}
