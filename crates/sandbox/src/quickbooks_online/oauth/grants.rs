//! What customers consented to: one grant a company, its tokens, and codes on their way.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids;
use crate::quickbooks_online::errors::Denied;

const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Seconds that an access token lives.
pub(super) const ACCESS_LIFE_S: i64 = 3_600;
/// Seconds that a refresh token lives after its last use.
pub(super) const REFRESH_LIFE_S: i64 = 8_726_400;
/// Seconds from the consent after which nothing can be refreshed any more: five years.
pub(super) const HARD_LIFE_S: i64 = 5 * 365 * 86_400;
/// How long the value of a refresh token stays the same.
const SAME_VALUE: SignedDuration = SignedDuration::from_hours(24);
/// How long an expired access token is told from nonsense.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(48);

/// Everything that a restart must keep.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::quickbooks_online) struct Grants {
    /// Tells secrets apart; grows with each one made.
    made: u64,
    codes: HashMap<String, Code>,
    /// By organisation.
    grants: HashMap<Uuid, Grant>,
    access_tokens: HashMap<String, AccessToken>,
    /// Values of refresh tokens that have a successor or were revoked, and the organisation.
    dead: HashMap<String, Uuid>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    consented: Consented,
    made_at: Timestamp,
}

/// A consent just given on the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Consented {
    pub(super) organisation: Uuid,
    pub(super) access_epoch: u64,
    /// As the app wrote it.
    pub(super) redirect_uri: String,
    pub(super) scope: String,
}

/// What the app may see of one company.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::quickbooks_online) struct Grant {
    pub(in crate::quickbooks_online) organisation: Uuid,
    /// Of the organisation, when it was consented to.
    pub(in crate::quickbooks_online) access_epoch: u64,
    pub(in crate::quickbooks_online) scope: String,
    pub(super) consented_at: Timestamp,
    refresh_token: String,
    /// Since when the refresh token has its value.
    value_since: Timestamp,
    last_used_at: Timestamp,
    /// Tells the access tokens of this consent from those of an earlier one.
    serial: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct AccessToken {
    organisation: Uuid,
    serial: u64,
    expires_at: Timestamp,
}

/// What the token endpoint gives.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) consented_at: Timestamp,
    /// The refresh token has got another value.
    pub(super) rotated: bool,
}

/// The code or token is not, or no longer, good.
pub(super) struct InvalidGrant;

impl Grants {
    pub(super) fn consent(&mut self, consented: Consented, now: Timestamp) -> String {
        self.codes
            .retain(|_, code| now.duration_since(code.made_at) <= CODE_LIFE);
        let secret = self.secret("code");
        let code = Code {
            consented,
            made_at: now,
        };
        self.codes.insert(secret.clone(), code);
        secret
    }

    /// Trade a code, once, for a grant; it takes the place of the company's earlier one.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Result<Tokens, InvalidGrant> {
        let code = self.codes.remove(code).ok_or(InvalidGrant)?;
        if code.consented.redirect_uri != redirect_uri || now.duration_since(code.made_at) > CODE_LIFE {
            return Err(InvalidGrant);
        }
        let refresh_token = self.secret("refresh token");
        let organisation = code.consented.organisation;
        if let Some(former) = self.grants.remove(&organisation) {
            self.dead.insert(former.refresh_token, organisation);
        }
        let grant = Grant {
            organisation,
            access_epoch: code.consented.access_epoch,
            scope: code.consented.scope,
            consented_at: now,
            refresh_token,
            value_since: now,
            last_used_at: now,
            serial: self.made,
        };
        self.grants.insert(organisation, grant);
        self.tokens(organisation, false, now)
    }

    /// Another access token. The refresh token lives on, and gets another value a day after it got the last.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        epoch_of: impl Fn(Uuid) -> Option<u64>,
        now: Timestamp,
    ) -> Result<Tokens, InvalidGrant> {
        let organisation = self
            .grants
            .values()
            .find(|grant| grant.refresh_token == token)
            .map(|grant| grant.organisation)
            .ok_or(InvalidGrant)?;
        let next = self.secret("refresh token");
        let grant = self.grants.get_mut(&organisation).ok_or(InvalidGrant)?;
        let unused = now.duration_since(grant.last_used_at).as_secs();
        let since_consent = now.duration_since(grant.consented_at).as_secs();
        let cut = epoch_of(organisation) != Some(grant.access_epoch);
        if cut || unused > REFRESH_LIFE_S || since_consent > HARD_LIFE_S {
            return Err(InvalidGrant);
        }
        grant.last_used_at = now;
        let rotated = now.duration_since(grant.value_since) >= SAME_VALUE;
        if rotated {
            let former = std::mem::replace(&mut grant.refresh_token, next);
            grant.value_since = now;
            self.dead.insert(former, organisation);
        }
        self.tokens(organisation, rotated, now)
    }

    /// End the whole grant that the token, of either kind, is of; whether there was one.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        let by_refresh = self.grants.values().find(|grant| grant.refresh_token == token);
        let organisation = by_refresh
            .map(|grant| grant.organisation)
            .or_else(|| self.access_tokens.get(token).map(|access| access.organisation));
        let Some(grant) = organisation.and_then(|organisation| self.grants.remove(&organisation)) else {
            return false;
        };
        self.dead.insert(grant.refresh_token, grant.organisation);
        true
    }

    pub(in crate::quickbooks_online) fn of_access_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<&Grant, Denied> {
        let access = self.access_tokens.get(token).ok_or(Denied::BadToken)?;
        let grant = self.grants.get(&access.organisation).ok_or(Denied::BadToken)?;
        if grant.serial != access.serial {
            return Err(Denied::BadToken);
        }
        if now >= access.expires_at {
            return Err(Denied::ExpiredToken);
        }
        Ok(grant)
    }

    /// The organisation that a refresh token, live or dead, is for.
    pub(super) fn organisation_of_refresh_token(&self, token: &str) -> Option<Uuid> {
        let live = self.grants.values().find(|grant| grant.refresh_token == token);
        live.map(|grant| grant.organisation)
            .or_else(|| self.dead.get(token).copied())
    }

    fn tokens(&mut self, organisation: Uuid, rotated: bool, now: Timestamp) -> Result<Tokens, InvalidGrant> {
        self.access_tokens
            .retain(|_, access| now.duration_since(access.expires_at) <= REMEMBERED);
        let access = self.secret("access token");
        let grant = self.grants.get(&organisation).ok_or(InvalidGrant)?;
        let expires_at = now
            .checked_add(SignedDuration::from_secs(ACCESS_LIFE_S))
            .unwrap_or(Timestamp::MAX);
        self.access_tokens.insert(
            access.clone(),
            AccessToken {
                organisation,
                serial: grant.serial,
                expires_at,
            },
        );
        Ok(Tokens {
            access,
            refresh: grant.refresh_token.clone(),
            consented_at: grant.consented_at,
            rotated,
        })
    }

    fn secret(&mut self, kind: &str) -> String {
        self.made += 1;
        ids::secret(kind, &format!("quickbooks_online {}", self.made))
    }
}
