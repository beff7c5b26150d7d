use ledgerline_model::app::Environment;
use ledgerline_model::company::Company;
use ledgerline_model::connection::State as ConnectionState;
use ledgerline_model::grant::{Grant, State};
use ledgerline_model::{AppId, CompanyId, GrantId};
use ledgerline_platform::Linked;
use ledgerline_store::{Tx, grants};

use super::cut::{self, TO_CHOOSE};
use super::lost::lose;
use super::wait_for_lease;
use crate::{Engine, connections, jobs, link, pull, schedule};

/// Keep what a customer consented to, before anything else is done with it. A known subject's grant is
/// renewed, and its other connections follow: those that the consent reaches again are linked again, those
/// that it does not reach any more need the customer. The connections of `company` are left to the caller.
pub(crate) async fn receive(
    engine: &Engine,
    company: &Company,
    platform: &str,
    linked: &Linked,
) -> Result<GrantId, pull::Error> {
    loop {
        let mut tx = engine.store.write().await?;
        let (app, environment) = (company.app, company.environment);
        let known = grants::find_by_subject(&mut tx, app, environment, platform, &linked.subject).await?;
        let received = match known {
            None => insert(engine, &mut tx, app, environment, platform, linked).await,
            Some(grant) => renew(engine, &mut tx, &grant, company.id, linked).await,
        };
        match received {
            Ok(Some(id)) => {
                // Whoever consents and then goes away leaves tokens that serve nobody.
                let now = engine.now();
                schedule::watch(&mut tx, app, id, now).await?;
                cut::enqueue(&mut tx, app, id, None, now, now + TO_CHOOSE).await?;
                tx.commit().await?;
                return Ok(id);
            }
            // Somebody refreshes it, or the same person consents in another window.
            Ok(None) => {}
            Err(error) if is_taken(&error) => {}
            Err(error) => return Err(error),
        }
        drop(tx);
        wait_for_lease().await;
    }
}

fn is_taken(error: &pull::Error) -> bool {
    matches!(error, pull::Error::Job(jobs::Error::Store(error))
        if error.is_constraint("grant_one_per_subject", "consent_grant.subject"))
}

async fn insert(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    environment: Environment,
    platform: &str,
    linked: &Linked,
) -> Result<Option<GrantId>, pull::Error> {
    let grant = Grant {
        app,
        id: GrantId::new(&*engine.ids, engine.now()),
        environment,
        platform: platform.to_owned(),
        subject: linked.subject.clone(),
        tokens: Some(linked.tokens.clone()),
        generation: 1,
        state: State::Active,
        refreshed_at: engine.now(),
    };
    grants::insert(tx, &grant).await?;
    Ok(Some(grant.id))
}

/// Under the lease, so that no refresh with the tokens of before is under way.
async fn renew(
    engine: &Engine,
    tx: &mut Tx,
    grant: &Grant,
    except: CompanyId,
    linked: &Linked,
) -> Result<Option<GrantId>, pull::Error> {
    let (app, id, now) = (grant.app, grant.id, engine.real_now());
    let Some(fence) = grants::lease(tx, app, id, now, now).await? else {
        return Ok(None);
    };
    grants::renew(tx, app, id, &linked.tokens, engine.now()).await?;
    grants::clear_attempt(tx, app, id).await?;
    grants::release(tx, app, id, fence).await?;
    let mut users = ledgerline_store::connections::of_grant(tx, app, id).await?;
    users.retain(|user| user.company != except);
    users.sort_by_key(|user| user.company);
    for user in users {
        let own = user.organisation.as_ref();
        let reached = linked
            .organisations
            .iter()
            .find(|reached| own.is_some_and(|own| own.id == reached.id));
        match (user.state, reached) {
            (ConnectionState::NeedsReauth, Some(organisation)) => {
                if let Some((company, connection)) = connections::lock(tx, &user).await?
                    && connections::is_free(tx, &company).await?
                {
                    link::reconnect(engine, tx, &company, connection, organisation, id).await?;
                }
            }
            (ConnectionState::Linked | ConnectionState::Faulty, None) => {
                lose(
                    engine,
                    tx,
                    &user,
                    "the customer's new consent leaves the organisation out",
                )
                .await?;
            }
            (ConnectionState::Linked | ConnectionState::Faulty, Some(_))
            | (ConnectionState::NeedsReauth, None)
            | (ConnectionState::PendingAuth | ConnectionState::Unlinked, _) => {}
        }
    }
    Ok(Some(id))
}
