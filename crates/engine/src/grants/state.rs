use std::time::Duration;

use ledgerline_model::connection::{Connection, Organisation, State as ConnectionState};
use ledgerline_model::grant::{Grant, State, Tokens};
use ledgerline_model::{Secret, Timestamp};
use ledgerline_platform::{Error as PlatformError, Sent};

/// A token is renewed this long before it ends, so that it does not end on the way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Which access token is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need<'a> {
    Valid,
    /// The platform refused this one.
    Other(&'a Secret),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Use(Secret),
    Refresh(Tokens),
    NeedsReauth,
    Cut,
}

pub(super) fn next(grant: &Grant, need: Need<'_>, now: Timestamp) -> Step {
    let tokens = match (grant.state, &grant.tokens) {
        (State::Active, Some(tokens)) => tokens,
        (State::Active | State::NeedsReauth, _) => return Step::NeedsReauth,
        (State::Revoking | State::Revoked, _) => return Step::Cut,
    };
    let refused = matches!(need, Need::Other(refused) if *refused == tokens.access);
    if refused || tokens.expires_at < now + MARGIN {
        Step::Refresh(tokens.clone())
    } else {
        Step::Use(tokens.access.clone())
    }
}

/// What follows from the platform's answer to a refresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum After {
    Store,
    /// The answer was lost: the platform may have rotated the token, and repeats its answer for a while to
    /// whoever presents the old one again.
    Repeat,
    /// The platform does not honour the refresh token.
    Refused,
    /// Later; `attempted` says whether the platform may have rotated the token.
    Later {
        attempted: bool,
    },
}

/// Presentations of one refresh token within one lease.
const TRIES: u32 = 3;

pub(super) fn after(answer: &Result<Tokens, PlatformError>, tries: u32) -> After {
    match answer {
        Ok(_) => After::Store,
        Err(PlatformError::NeedsReauth(..)) => After::Refused,
        Err(
            PlatformError::Unavailable {
                sent: Sent::Maybe, ..
            }
            | PlatformError::Malformed { .. },
        ) => {
            if tries < TRIES {
                After::Repeat
            } else {
                After::Later { attempted: true }
            }
        }
        Err(
            PlatformError::Unavailable {
                sent: Sent::Never, ..
            }
            | PlatformError::RateLimited { .. }
            | PlatformError::TokenExpired
            | PlatformError::Forbidden { .. }
            | PlatformError::CursorExpired { .. }
            | PlatformError::Rejected { .. }
            | PlatformError::Unsupported { .. },
        ) => After::Later { attempted: false },
    }
}

/// What is to be cut at the platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    Nothing,
    /// Others still use the grant.
    RemoveOrganisation,
    /// Nobody uses it: revoke, then destroy the tokens.
    Revoke,
    /// Destroy the tokens without a word to the platform.
    Destroy,
    Wait(Timestamp),
}

/// The platform is asked for so long; then the tokens are destroyed all the same.
const CUT_FOR: Duration = Duration::from_secs(24 * 3600);
/// A customer who just consented has this long to choose an organisation.
pub(super) const TO_CHOOSE: Duration = Duration::from_secs(3600);

/// `users` are the grant's connections, `elsewhere` whether another app's grant has the same subject.
pub(super) fn cut(
    grant: &Grant,
    users: &[Connection],
    organisation: Option<&Organisation>,
    elsewhere: bool,
    asked_at: Timestamp,
    now: Timestamp,
) -> Cut {
    let late = now >= asked_at + CUT_FOR;
    let mut users = users
        .iter()
        .filter(|connection| connection.state != ConnectionState::Unlinked)
        .peekable();
    if grant.state == State::Revoked || grant.tokens.is_none() {
        return Cut::Nothing;
    }
    if users.peek().is_some() {
        let Some(organisation) = organisation else {
            return Cut::Nothing;
        };
        let used = users.any(|user| {
            user.organisation
                .as_ref()
                .is_some_and(|own| own.id == organisation.id)
        });
        let possible = grant.state == State::Active && !used && !elsewhere && !late;
        return if possible {
            Cut::RemoveOrganisation
        } else {
            Cut::Nothing
        };
    }
    let consented_since = grant.state == State::Active && grant.refreshed_at > asked_at;
    if consented_since && now < grant.refreshed_at + TO_CHOOSE {
        return Cut::Wait(grant.refreshed_at + TO_CHOOSE);
    }
    if elsewhere || late {
        Cut::Destroy
    } else {
        Cut::Revoke
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_model::app::Environment;
    use ledgerline_model::{AppId, CompanyId, ConnectionId, GrantId};
    use ledgerline_platform::NeedsReauth;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn grant(state: State) -> Grant {
        Grant {
            app: AppId(Uuid::nil()),
            id: GrantId(Uuid::nil()),
            environment: Environment::Test,
            platform: "books".into(),
            subject: "user-1".into(),
            tokens: Some(Tokens {
                access: Secret::new("access"),
                refresh: Secret::new("refresh"),
                expires_at: at(1800),
            }),
            generation: 1,
            state,
            refreshed_at: at(0),
        }
    }

    fn user(organisation: &str, state: ConnectionState) -> Connection {
        Connection {
            app: AppId(Uuid::nil()),
            id: ConnectionId(Uuid::nil()),
            company: CompanyId(Uuid::nil()),
            environment: Environment::Test,
            platform: "books".into(),
            state,
            organisation: Some(books(organisation)),
            grant: Some(GrantId(Uuid::nil())),
            zone: None,
            link_epoch: 0,
            created_at: at(0),
            linked_at: Some(at(0)),
            last_sync_at: None,
            errors: Vec::new(),
        }
    }

    fn books(id: &str) -> Organisation {
        Organisation {
            id: id.into(),
            name: id.into(),
            link: None,
        }
    }

    #[test]
    fn tokens_are_renewed_five_minutes_before_their_end() {
        let refresh = |now| {
            matches!(
                next(&grant(State::Active), Need::Valid, at(now)),
                Step::Refresh(_)
            )
        };
        assert!(!refresh(1500));
        assert!(refresh(1501));
        assert!(refresh(5000));
    }

    #[test]
    fn a_refused_token_is_renewed_once() {
        let refused = Secret::new("access");
        assert!(matches!(
            next(&grant(State::Active), Need::Other(&refused), at(0)),
            Step::Refresh(_)
        ));
        let older = Secret::new("older");
        assert_eq!(
            next(&grant(State::Active), Need::Other(&older), at(0)),
            Step::Use(refused)
        );
    }

    #[test]
    fn only_active_grants_give_tokens() {
        assert_eq!(
            next(&grant(State::NeedsReauth), Need::Valid, at(0)),
            Step::NeedsReauth
        );
        assert_eq!(next(&grant(State::Revoking), Need::Valid, at(0)), Step::Cut);
        assert_eq!(next(&grant(State::Revoked), Need::Valid, at(0)), Step::Cut);
    }

    #[test]
    fn only_a_refusal_of_the_grant_loses_it() {
        let lost = || PlatformError::Unavailable {
            sent: Sent::Maybe,
            reason: String::new(),
        };
        let refused = PlatformError::NeedsReauth(NeedsReauth::Grant, "invalid_grant".into());
        assert_eq!(after(&Err(refused), 1), After::Refused);
        assert_eq!(after(&Err(lost()), 1), After::Repeat);
        assert_eq!(after(&Err(lost()), 3), After::Later { attempted: true });
        let never = PlatformError::Unavailable {
            sent: Sent::Never,
            reason: String::new(),
        };
        assert_eq!(after(&Err(never), 1), After::Later { attempted: false });
        let limited = PlatformError::RateLimited { retry_after: None };
        assert_eq!(after(&Err(limited), 1), After::Later { attempted: false });
    }

    #[test]
    fn the_last_connection_takes_the_grant_with_it() {
        let (a, b) = (books("a"), ConnectionState::Linked);
        let active = grant(State::Active);
        let cut =
            |users: &[Connection], elsewhere, now| cut(&active, users, Some(&a), elsewhere, at(10), at(now));
        assert_eq!(cut(&[], false, 10), Cut::Revoke);
        assert_eq!(
            cut(&[user("a", ConnectionState::Unlinked)], false, 10),
            Cut::Revoke
        );
        assert_eq!(cut(&[], true, 10), Cut::Destroy);
        assert_eq!(cut(&[], false, 10 + 24 * 3600), Cut::Destroy);
        assert_eq!(cut(&[user("b", b)], false, 10), Cut::RemoveOrganisation);
        assert_eq!(cut(&[user("b", b)], true, 10), Cut::Nothing);
        assert_eq!(
            cut(&[user("a", b)], false, 10),
            Cut::Nothing,
            "linked again meanwhile"
        );
    }

    #[test]
    fn a_fresh_consent_is_not_cut_while_the_customer_chooses() {
        let mut fresh = grant(State::Active);
        fresh.refreshed_at = at(100);
        assert_eq!(
            cut(&fresh, &[], None, false, at(10), at(200)),
            Cut::Wait(at(3700))
        );
        assert_eq!(cut(&fresh, &[], None, false, at(10), at(3700)), Cut::Revoke);
        assert_eq!(cut(&fresh, &[], None, false, at(100), at(3700)), Cut::Revoke);
    }
}
