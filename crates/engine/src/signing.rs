use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, Secret};
use ledgerline_store::{Result, Tx, seal};

/// The secret by which the app signs requests with keys of this environment: `cs_test_…` or `cs_live_…`, made at its
/// first use and the same from then on.
pub async fn client_secret(tx: &mut Tx, app: AppId, environment: Environment) -> Result<Secret> {
    let key = seal::data_key(tx, app, &purpose(environment)).await?;
    Ok(text(environment, &key))
}

/// The same, if the app was ever given one: for transactions that only read.
pub async fn find_client_secret(tx: &mut Tx, app: AppId, environment: Environment) -> Result<Option<Secret>> {
    let key = seal::find_data_key(tx, app, &purpose(environment)).await?;
    Ok(key.map(|key| text(environment, &key)))
}

fn purpose(environment: Environment) -> String {
    format!("signing.{}", environment.key())
}

fn text(environment: Environment, key: &[u8; 32]) -> Secret {
    Secret::new(format!(
        "cs_{}_{}",
        environment.key(),
        URL_SAFE_NO_PAD.encode(key)
    ))
}
