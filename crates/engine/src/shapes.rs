use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline_model::DeliveryId;
use ledgerline_model::app::App;
use ledgerline_model::event::{Endpoint, Event};

/// How one dialect tells events. Pure; closures, since a dialect prints what the registry says of a platform.
#[derive(Clone)]
pub struct Shape {
    /// Whether this endpoint is to hear of this event.
    pub wants: Wants,
    /// The JSON body; `None` where the dialect has no word for the event.
    pub body: Body,
    pub manner: Manner,
}

/// What is told to whom.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    pub app: &'a App,
    pub endpoint: &'a Endpoint,
    pub event: &'a Event,
    /// Of all attempts the same.
    pub delivery: DeliveryId,
}

/// By what a receiver knows that it is us, and how long it may be away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Signed as Standard Webhooks says, and repeated for days.
    Signed,
    /// With the `Authorization` that the app has chosen and its id in a header of this name; repeated for two minutes.
    Authorized { app_header: &'static str },
}

/// The dialects by name, as `endpoint.dialect` has it.
#[derive(Clone, Default)]
pub struct Shapes(pub BTreeMap<&'static str, Shape>);

impl Shapes {
    pub fn find(&self, dialect: &str) -> Option<&Shape> {
        self.0.get(dialect)
    }
}

pub type Wants = Arc<dyn Fn(&Endpoint, &Event) -> bool + Send + Sync>;
pub type Body = Arc<dyn Fn(&Telling<'_>) -> Option<String> + Send + Sync>;
