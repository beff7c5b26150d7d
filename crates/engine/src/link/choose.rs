use ledgerline_model::connection::Organisation;
use ledgerline_model::{GrantId, LinkSessionId, Secret};
use serde::{Deserialize, Serialize};

use super::{Error, Outcome, finish, session};
use crate::Engine;

/// What a customer has to choose from; kept sealed with the session. The tokens are the grant's.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub platform: String,
    grant: uuid::Uuid,
    pub organisations: Vec<Organisation>,
}

impl Pending {
    pub fn new(platform: &str, grant: GrantId, organisations: Vec<Organisation>) -> Self {
        Self {
            platform: platform.to_owned(),
            grant: grant.0,
            organisations,
        }
    }

    pub fn read(secret: &Secret) -> Result<Self, Error> {
        serde_json::from_str(secret.expose()).map_err(|_| corrupt())
    }

    pub fn write(&self) -> Result<Secret, Error> {
        serde_json::to_string(self)
            .map(Secret::new)
            .map_err(|_| corrupt())
    }
}

fn corrupt() -> Error {
    Error::Store(ledgerline_store::Error::Corrupt { column: "pending" })
}

/// Link the organisation that the customer chose. After a refusal another one can be chosen.
pub async fn choose(
    engine: &Engine,
    id: LinkSessionId,
    cookie: &Secret,
    organisation: &str,
) -> Result<Outcome, Error> {
    let mut tx = engine.store.read().await?;
    let session = session::find(engine, &mut tx, id, cookie).await?;
    drop(tx);
    let Some(pending) = &session.pending else {
        return Err(Error::Expired);
    };
    let pending = Pending::read(pending)?;
    let chosen = pending
        .organisations
        .iter()
        .find(|offered| offered.id == organisation)
        .ok_or(Error::UnknownOrganisation)?;
    let (platform, grant) = (pending.platform.as_str(), GrantId(pending.grant));
    let outcome = finish::link(engine, &session, platform, grant, chosen).await?;
    finish::note(engine, &session, platform, outcome).await
}
