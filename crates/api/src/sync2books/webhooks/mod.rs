//! Events, in the dialect's words and shape.

/// Connections change their status.
mod connections;
/// Batches, their expenses, and the files on them.
mod expenses;

use std::sync::Arc;

use ledgerline_engine::{Manner, Shape};
use ledgerline_model::event::{Body, CompanySnapshot, Endpoint, Event};
use ledgerline_platform::Registry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use connections::ConnectionEvent;
pub use expenses::{AttachmentEvent, BatchEvent, ExpenseEvent};

/// The dialect's name at the endpoints that its route makes.
pub const DIALECT: &str = "sync2books";

/// All that there are.
pub const TYPES: [&str; 10] = [
    connections::CREATED,
    connections::CONNECTED,
    connections::DISCONNECTED,
    connections::ERROR,
    expenses::BATCH_STARTED,
    expenses::BATCH_COMPLETED,
    expenses::BATCH_FAILED,
    expenses::SYNCED,
    expenses::FAILED,
    expenses::UPLOADED,
];

/// How this dialect tells events.
pub fn shape(registry: Registry) -> Shape {
    Shape {
        wants: Arc::new(wants),
        body: Arc::new(move |telling| body(telling.event, &registry)),
        manner: Manner::Signed,
    }
}

fn wants(endpoint: &Endpoint, event: &Event) -> bool {
    name(&event.body).is_some_and(|name| {
        let types = &endpoint.event_types;
        types.is_empty() || types.iter().any(|wanted| wanted == name)
    })
}

/// The event's type; `None`: the dialect does not tell it.
fn name(body: &Body) -> Option<&'static str> {
    match connections::told(body) {
        Some(told) => Some(told.name),
        None => expenses::name(body),
    }
}

fn body(event: &Event, registry: &Registry) -> Option<String> {
    match connections::told(&event.body) {
        Some(told) => connections::body(event, &told, registry),
        None => expenses::body(event),
    }
}

#[derive(Serialize, ToSchema)]
pub struct CompanyReference {
    id: Uuid,
    name: String,
}

impl From<&CompanySnapshot> for CompanyReference {
    fn from(company: &CompanySnapshot) -> Self {
        Self {
            id: company.id,
            name: company.name.clone(),
        }
    }
}
