use super::lease::Lease;
use super::{COMPANY_PURGE, Error, FEED_READ, Job, PULL_COMPLETE, PUSH_RUN, RUN_CLOSE, STAGED_CLEAN};
use crate::{Engine, deliver, events, grants, pull, purge, push, schedule};

/// Run a job to its end; it is gone from the queue with the last transaction of the work itself.
pub(super) async fn dispatch(engine: &Engine, job: &Job, lease: &Lease) -> Result<(), Error> {
    match job.kind.as_str() {
        FEED_READ => pull::read_feed(engine, job).await,
        PULL_COMPLETE => pull::complete(engine, job).await,
        RUN_CLOSE => pull::close(engine, job).await,
        STAGED_CLEAN => pull::clean(engine, job).await,
        PUSH_RUN => push::run(engine, job, lease).await,
        COMPANY_PURGE => purge::run(engine, job).await,
        events::FAN_OUT => Ok(events::fan_out(engine, job).await?),
        deliver::ATTEMPT => Ok(deliver::attempt(engine, job).await?),
        schedule::DUE => schedule::tick(engine, job).await,
        schedule::REPLAN => schedule::replan(engine, job).await,
        schedule::KEEP_ALIVE => schedule::keep_alive(engine, job).await,
        grants::CUT => Ok(grants::cut(engine, job).await?),
        kind => Err(Error::UnknownKind(kind.to_owned())),
    }
}
