use ledgerline_model::connection::{Connection, State};
use ledgerline_model::{CompanyId, ConnectionId};

/// What a consent to one organisation comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    Link(ConnectionId),
    LinkNew,
    AlreadyLinked(ConnectionId),
    Elsewhere(CompanyId),
    OtherOrganisation { expected: String },
}

/// `own` are the company's connections, `target` is the link's own one; `holders` are the app's connections
/// with this organisation, and `shared` says that several companies may have it.
pub(super) fn decide(
    own: &[Connection],
    target: Option<ConnectionId>,
    platform: &str,
    organisation: &str,
    holders: &[Connection],
    shared: bool,
) -> Decision {
    if let Some(active) = own.iter().find(|connection| connection.state.is_active()) {
        return Decision::AlreadyLinked(active.id);
    }
    let target = own.iter().find(|connection| Some(connection.id) == target);
    if let Some(other) = target.and_then(|target| target.organisation.as_ref())
        && other.id != organisation
    {
        return Decision::OtherOrganisation {
            expected: other.name.clone(),
        };
    }
    let elsewhere = holders
        .iter()
        .find(|holder| holder.state.is_active() && !own.iter().any(|own| own.company == holder.company));
    if let Some(elsewhere) = elsewhere
        && !shared
    {
        return Decision::Elsewhere(elsewhere.company);
    }
    let of_organisation = own
        .iter()
        .filter(|own| own.platform == platform)
        .filter(|own| {
            own.organisation
                .as_ref()
                .is_some_and(|held| held.id == organisation)
        })
        .max_by_key(|own| own.linked_at);
    let waiting = own.iter().rfind(|own| {
        own.platform == platform && own.state == State::PendingAuth && own.organisation.is_none()
    });
    match target.or(of_organisation).or(waiting) {
        Some(connection) => Decision::Link(connection.id),
        None => Decision::LinkNew,
    }
}

/// The connection that an attempt without an organisation was for: the link's own, else one of the platform
/// that waits, else the newest one that was cut. `None`: the company has none yet.
pub(super) fn attempted<'a>(
    own: &'a [Connection],
    target: Option<ConnectionId>,
    platform: &str,
) -> Option<&'a Connection> {
    if let Some(target) = target {
        return own.iter().find(|connection| connection.id == target);
    }
    let mut of_platform = own
        .iter()
        .filter(|own| own.platform == platform && !own.state.is_active());
    let waiting = of_platform.clone().rfind(|own| own.state == State::PendingAuth);
    waiting.or_else(|| of_platform.next_back())
}

#[cfg(test)]
mod tests {
    use ledgerline_model::app::Environment;
    use ledgerline_model::connection::Organisation;
    use ledgerline_model::{AppId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn connection(id: u128, company: u128, state: State, organisation: Option<&str>) -> Connection {
        Connection {
            app: AppId(Uuid::nil()),
            id: ConnectionId(Uuid::from_u128(id)),
            company: CompanyId(Uuid::from_u128(company)),
            environment: Environment::Test,
            platform: "books".into(),
            state,
            organisation: organisation.map(|id| Organisation {
                id: id.into(),
                name: format!("Books {id}"),
                link: None,
            }),
            grant: None,
            zone: None,
            link_epoch: 0,
            created_at: Timestamp::UNIX_EPOCH,
            linked_at: organisation.map(|_| Timestamp::UNIX_EPOCH),
            last_sync_at: None,
            errors: Vec::new(),
        }
    }

    fn id(id: u128) -> ConnectionId {
        ConnectionId(Uuid::from_u128(id))
    }

    #[test]
    fn a_link_of_a_company_links_again_what_it_had() {
        let own = [
            connection(1, 1, State::Unlinked, Some("a")),
            connection(2, 1, State::PendingAuth, None),
        ];
        assert_eq!(
            decide(&own, None, "books", "a", &own[..1], false),
            Decision::Link(id(1))
        );
        assert_eq!(
            decide(&own, None, "books", "b", &[], false),
            Decision::Link(id(2))
        );
        assert_eq!(decide(&own, None, "ledgers", "a", &[], false), Decision::LinkNew);
        assert_eq!(
            decide(&own[..1], None, "books", "b", &[], false),
            Decision::LinkNew
        );
    }

    #[test]
    fn a_link_of_a_connection_takes_only_its_own_organisation() {
        let own = [
            connection(1, 1, State::NeedsReauth, Some("a")),
            connection(2, 1, State::PendingAuth, None),
        ];
        assert_eq!(
            decide(&own, Some(id(1)), "books", "a", &[], false),
            Decision::Link(id(1))
        );
        assert_eq!(
            decide(&own, Some(id(1)), "books", "b", &[], false),
            Decision::OtherOrganisation {
                expected: "Books a".into()
            }
        );
        assert_eq!(
            decide(&own, Some(id(2)), "books", "b", &[], false),
            Decision::Link(id(2))
        );
    }

    #[test]
    fn a_second_active_connection_is_not_made() {
        for state in [State::Linked, State::Faulty] {
            let own = [
                connection(1, 1, state, Some("a")),
                connection(2, 1, State::PendingAuth, None),
            ];
            for target in [None, Some(id(1)), Some(id(2))] {
                assert_eq!(
                    decide(&own, target, "books", "a", &own[..1], false),
                    Decision::AlreadyLinked(id(1))
                );
            }
        }
    }

    #[test]
    fn an_organisation_of_another_company_is_refused_unless_shared() {
        let own = [connection(1, 1, State::PendingAuth, None)];
        let holder = [connection(9, 2, State::Linked, Some("a"))];
        let elsewhere = Decision::Elsewhere(CompanyId(Uuid::from_u128(2)));
        assert_eq!(decide(&own, None, "books", "a", &holder, false), elsewhere);
        assert_eq!(decide(&[], None, "books", "a", &holder, false), elsewhere);
        assert_eq!(
            decide(&own, None, "books", "a", &holder, true),
            Decision::Link(id(1))
        );
        let cut = [connection(9, 2, State::Unlinked, Some("a"))];
        assert_eq!(
            decide(&own, None, "books", "a", &cut, false),
            Decision::Link(id(1))
        );
    }

    #[test]
    fn a_failed_attempt_is_noted_where_it_belongs() {
        let own = [
            connection(1, 1, State::PendingAuth, None),
            connection(2, 1, State::Unlinked, Some("a")),
        ];
        let found =
            |own, target, platform| attempted(own, target, platform).map(|found: &Connection| found.id);
        assert_eq!(found(&own, None, "books"), Some(id(1)));
        assert_eq!(found(&own[1..], None, "books"), Some(id(2)));
        assert_eq!(found(&own, Some(id(2)), "books"), Some(id(2)));
        assert_eq!(found(&own, None, "ledgers"), None);
    }
}
