use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use ledgerline_engine::link;
use ledgerline_model::app::Environment;
use serde::Deserialize;

use super::visitor::Visitor;
use super::{Ending, choose, views};

/// The page of a session: what the app asks for, and the way to the platform.
pub(super) async fn show(visitor: Visitor) -> Response {
    if let Some(active) = &visitor.visit.active {
        let own = visitor.visit.connection.as_ref();
        let ending = if own.is_none_or(|own| own.id == active.id) {
            let organisation = active.organisation.as_ref();
            Ending::AlreadyLinked {
                organisation: organisation.map(|organisation| organisation.name.clone()),
            }
        } else {
            Ending::CompanyBusy
        };
        return visitor
            .ended(&ending, Some(&active.platform), None)
            .into_response();
    }
    if !visitor.visit.choice.is_empty() {
        return choose::page(&visitor, false).into_response();
    }
    let environment = visitor.visit.company.environment;
    let platforms = visitor.platforms();
    if platforms.is_empty() {
        let own = visitor.visit.connection.as_ref();
        let ending = Ending::Unavailable {
            reason: (environment == Environment::Test)
                .then(|| format!("For whoever runs this server: {}.", link::Error::NoSandbox)),
        };
        let platform = own.map(|connection| connection.platform.as_str());
        return visitor.ended(&ending, platform, None).into_response();
    }
    // The form's answer leads to the platform: browsers want to know where to beforehand.
    let registry = &visitor.engine.registry;
    let consents = platforms
        .iter()
        .filter_map(|about| registry.find(about.key)?.endpoints(environment))
        .flat_map(|endpoints| endpoints.urls.values().cloned())
        .collect();
    let writes = platforms
        .iter()
        .filter_map(|about| registry.find(about.key))
        .any(|entry| entry.asks_to_write(environment));
    let asked = views::Asked {
        platforms: &platforms,
        writes,
    };
    views::begin(&visitor.scene(), &visitor.path("/begin"), &asked, consents).into_response()
}

#[derive(Deserialize)]
pub(super) struct Begin {
    platform: String,
}

/// To the consent page of the platform.
pub(super) async fn begin(visitor: Visitor, Form(form): Form<Begin>) -> Response {
    match link::begin(&visitor.engine, visitor.id, &visitor.cookie, &form.platform).await {
        Ok(consent) => Redirect::to(consent.as_str()).into_response(),
        // The session's own page says how it is.
        Err(link::Error::AlreadyLinked) => Redirect::to(&visitor.path("")).into_response(),
        Err(error) => visitor.refuse(error, Some(&form.platform)),
    }
}
