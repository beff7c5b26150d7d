use std::sync::Arc;

use anyhow::ensure;
use bytes::Bytes;
use ledgerline_engine::ids::SystemIds;
use ledgerline_model::{Clock, Ids};

use crate::config::Config;
use crate::{master_key, wiring};

/// How far our clock may be from another's.
const SKEW_SECONDS: i64 = 90;

/// Check what a server needs, and say of each thing how it is. Ends badly if one is not well.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut sound = true;
    let mut say = |what: &str, found: anyhow::Result<String>| {
        sound &= found.is_ok();
        match found {
            Ok(found) => println!("ok      {what}: {found}"),
            Err(error) => println!("broken  {what}: {error:#}"),
        }
    };
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let beside = if master_key::is_beside_the_data(config) {
        "beside the SQLite file"
    } else {
        "configured"
    };
    say(
        "master key",
        master_key::find(config, &*ids).map(|_| beside.to_owned()),
    );
    say("database", database(config, &ids).await);
    say("public address", config.public_url().map(|url| url.to_string()));
    match wiring::build(config).await {
        Ok(house) => {
            for entry in house.engine.registry.all() {
                let about = entry.about();
                for (environment, endpoints) in [("test", &entry.test), ("live", &entry.live)] {
                    if let Some(endpoints) = endpoints {
                        for (name, url) in &endpoints.urls {
                            let what = format!("{} {environment} `{name}`", about.name);
                            say(&what, reach(&house, url.as_str()).await);
                        }
                    }
                }
            }
        }
        Err(error) => say("server", Err(error)),
    }
    ensure!(sound, "not everything is well");
    Ok(())
}

async fn database(config: &Config, ids: &Arc<dyn Ids>) -> anyhow::Result<String> {
    let store = wiring::open_store(config, ids).await?;
    // Sealing and unsealing needs the right master key.
    let mut tx = store.write().await?;
    ledgerline_store::seal::data_key(&mut tx, ledgerline_store::seal::SERVER, "link").await?;
    tx.commit().await?;
    Ok(format!("{:?}, this version's schema", store.dialect()))
}

async fn reach(house: &wiring::House, url: &str) -> anyhow::Result<String> {
    let answer = house
        .engine
        .http
        .send(http::Request::get(url).body(Bytes::new())?)
        .await?;
    let skew = answer
        .date()
        .map(|date| date.as_second() - house.clock.now().as_second());
    if let Some(skew) = skew.filter(|_| house.clock.offset_micros() == 0) {
        ensure!(
            skew.abs() <= SKEW_SECONDS,
            "its clock and ours differ by {skew} s"
        );
    }
    Ok(format!("{url} answers"))
}
