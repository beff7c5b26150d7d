//! What fails here and passes by itself.

use std::error::Error;
use std::iter::successors;

/// Seconds after which the caller may ask again.
pub const RETRY_AFTER: u32 = 5;

/// Whether the store has failed in a way that passes, at the bottom of whatever went wrong.
pub fn will_pass(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<ledgerline_store::Error>())
        .any(ledgerline_store::Error::will_pass)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http::StatusCode;
    use ledgerline_engine::{connections, jobs, push};

    use crate::testing::World;
    use crate::{accend, codat, sync2books};

    #[tokio::test]
    async fn an_outage_of_the_store_is_told_as_one_and_nothing_else_is() {
        let world = World::new().await;
        world.engine.store.close().await;
        let outage = async || world.engine.store.read().await.err().unwrap();
        let failed = || jobs::Error::Failed("it broke".to_owned());
        let told = [
            codat::errors::Error::from(outage().await).status,
            codat::errors::Error::from(connections::Error::Store(outage().await)).status,
            codat::errors::Error::from(push::Error::Job(outage().await.into())).status,
            accend::errors::Error::from(outage().await).status,
            accend::errors::Error::from(connections::Error::Store(outage().await)).status,
            sync2books::errors::Error::from(outage().await).status,
            sync2books::errors::Error::from(push::Error::Job(outage().await.into())).status,
        ];
        assert_eq!(told, [StatusCode::SERVICE_UNAVAILABLE; 7]);
        let told = codat::errors::Error::from(push::Error::Job(failed())).into_response();
        assert_eq!(told.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
