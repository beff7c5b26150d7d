//! What customers consented to: codes, refresh tokens, connections.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Organisation;
use crate::xero::ids;

const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);
const REFRESH_TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);
/// How long the previous refresh token still works, in case the answer with the new one was lost.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// How long a refresh token is known at all.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Everything that a restart must keep.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Grants {
    /// Tells secrets apart; grows with each one made.
    made: u64,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    connections: Vec<Connection>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    consent: Consent,
    client_id: String,
    redirect_uri: String,
    challenge: Option<String>,
    made_at: Timestamp,
}

/// Who let whom see what, in which sitting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::xero) struct Consent {
    pub(in crate::xero) user: Uuid,
    pub(in crate::xero) auth_event: Uuid,
    pub(in crate::xero) scope: String,
    /// The app has no secret: its refreshes name it by id alone.
    public_client: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshToken {
    consent: Consent,
    made_at: Timestamp,
    /// Since when it has a successor.
    used_at: Option<Timestamp>,
    /// The one that it came after.
    #[serde(default)]
    predecessor: Option<String>,
    /// One that came after it has been used: whoever has that one has no reason to use this.
    #[serde(default)]
    superseded: bool,
    revoked: bool,
}

/// What a refresh gave.
pub(super) struct Refreshed {
    pub(super) consent: Consent,
    pub(super) successor: String,
    /// The token was used although one that came after it had been used.
    pub(super) is_superseded: bool,
}

/// One organisation that the app may read for one user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::xero) struct Connection {
    pub(in crate::xero) id: Uuid,
    pub(in crate::xero) user: Uuid,
    pub(in crate::xero) organisation: Uuid,
    pub(in crate::xero) auth_event: Uuid,
    /// Of the organisation, when it was consented to.
    access_epoch: u64,
    pub(in crate::xero) created_at: Timestamp,
    pub(in crate::xero) updated_at: Timestamp,
}

impl Connection {
    /// Whether it is for this organisation, and the customer has not cut access since.
    pub(in crate::xero) fn stands_for(&self, organisation: &Organisation) -> bool {
        self.organisation == organisation.id && self.access_epoch == organisation.access_epoch()
    }
}

/// A consent just given on the page.
pub(super) struct Consented {
    pub(super) client_id: String,
    /// As the app wrote it.
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) challenge: Option<String>,
    pub(super) user: Uuid,
    /// With the access epoch of each.
    pub(super) organisations: Vec<(Uuid, u64)>,
}

/// How the client showed who it is.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) has_secret: bool,
}

/// The code or token is not, or no longer, good.
pub(super) struct InvalidGrant;

impl Grants {
    /// Connect the chosen organisations and make the code that tells the app so.
    pub(super) fn consent(&mut self, consented: Consented, now: Timestamp) -> String {
        self.codes
            .retain(|_, code| now.duration_since(code.made_at) <= CODE_LIFE);
        let auth_event = ids::derived("authentication event", &self.serial());
        for (organisation, access_epoch) in consented.organisations {
            match self
                .connections
                .iter_mut()
                .find(|c| c.user == consented.user && c.organisation == organisation)
            {
                Some(connection) => {
                    connection.auth_event = auth_event;
                    connection.access_epoch = access_epoch;
                    connection.updated_at = now;
                }
                None => self.connections.push(Connection {
                    id: ids::derived("connection", &format!("{auth_event} {organisation}")),
                    user: consented.user,
                    organisation,
                    auth_event,
                    access_epoch,
                    created_at: now,
                    updated_at: now,
                }),
            }
        }
        let secret = ids::secret("code", &self.serial());
        let consent = Consent {
            user: consented.user,
            auth_event,
            scope: consented.scope,
            public_client: false,
        };
        let code = Code {
            consent,
            client_id: consented.client_id,
            redirect_uri: consented.redirect_uri,
            challenge: consented.challenge,
            made_at: now,
        };
        self.codes.insert(secret.clone(), code);
        secret
    }

    /// Trade a code, once, for a consent.
    ///
    /// The code is spent by the first try, whatever becomes of it.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        client: &Client,
        redirect_uri: &str,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<Consent, InvalidGrant> {
        let code = self.codes.remove(code).ok_or(InvalidGrant)?;
        let verified = match (&code.challenge, verifier) {
            (Some(challenge), Some(verifier)) => *challenge == s256(verifier),
            (Some(_), None) => false,
            (None, _) => client.has_secret,
        };
        let good = verified
            && code.client_id == client.id
            && code.redirect_uri == redirect_uri
            && now.duration_since(code.made_at) <= CODE_LIFE;
        if good {
            Ok(Consent {
                public_client: !client.has_secret,
                ..code.consent
            })
        } else {
            Err(InvalidGrant)
        }
    }

    /// Trade a refresh token for its successor.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Refreshed, InvalidGrant> {
        let row = self.refresh_tokens.get_mut(token).ok_or(InvalidGrant)?;
        let alive = match row.used_at {
            Some(used_at) => now.duration_since(used_at) <= GRACE,
            None => now.duration_since(row.made_at) <= REFRESH_TOKEN_LIFE,
        };
        if !alive || row.revoked || (!client.has_secret && !row.consent.public_client) {
            return Err(InvalidGrant);
        }
        row.used_at.get_or_insert(now);
        let consent = row.consent.clone();
        let (is_superseded, predecessor) = (row.superseded, row.predecessor.clone());
        if let Some(before) = predecessor.and_then(|before| self.refresh_tokens.get_mut(&before)) {
            before.superseded = true;
        }
        let successor = self.token_after(Some(token), &consent, now);
        Ok(Refreshed {
            consent,
            successor,
            is_superseded,
        })
    }

    pub(super) fn new_refresh_token(&mut self, consent: &Consent, now: Timestamp) -> String {
        self.token_after(None, consent, now)
    }

    fn token_after(&mut self, predecessor: Option<&str>, consent: &Consent, now: Timestamp) -> String {
        // Dead ones are kept for a while, so that their use can be told from nonsense.
        self.refresh_tokens
            .retain(|_, row| now.duration_since(row.made_at) <= REMEMBERED);
        let secret = ids::secret("refresh token", &self.serial());
        self.refresh_tokens.insert(
            secret.clone(),
            RefreshToken {
                consent: consent.clone(),
                made_at: now,
                used_at: None,
                predecessor: predecessor.map(str::to_owned),
                superseded: false,
                revoked: false,
            },
        );
        secret
    }

    /// End everything that the user of this refresh token consented to; an unknown token is none of ours.
    pub(super) fn revoke(&mut self, token: &str) {
        if let Some(user) = self.refresh_tokens.get(token).map(|row| row.consent.user) {
            for row in self
                .refresh_tokens
                .values_mut()
                .filter(|row| row.consent.user == user)
            {
                row.revoked = true;
            }
            self.connections.retain(|connection| connection.user != user);
        }
    }

    /// The app lets go of one organisation; whether there was such a connection of this user.
    pub(super) fn disconnect(&mut self, user: Uuid, connection: Uuid) -> bool {
        let before = self.connections.len();
        self.connections
            .retain(|found| !(found.user == user && found.id == connection));
        self.connections.len() < before
    }

    pub(super) fn connections_of(&self, user: Uuid) -> impl Iterator<Item = &Connection> {
        self.connections
            .iter()
            .filter(move |connection| connection.user == user)
    }

    /// The organisations that a refresh token, live or dead, is for.
    pub(in crate::xero) fn organisations_of_refresh_token(&self, token: &str) -> Vec<Uuid> {
        let Some(row) = self.refresh_tokens.get(token) else {
            return Vec::new();
        };
        self.connections_of(row.consent.user)
            .map(|connection| connection.organisation)
            .collect()
    }

    /// A number for the next access token.
    pub(super) fn serial(&mut self) -> String {
        self.made += 1;
        self.made.to_string()
    }
}

/// RFC 7636: the challenge that belongs to a verifier.
fn s256(verifier: &str) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
