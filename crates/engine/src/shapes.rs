use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline_model::event::{Endpoint, Event};

/// How one dialect tells events. Pure; closures, since a dialect prints what the registry says of a platform.
#[derive(Clone)]
pub struct Shape {
    /// Whether this endpoint is to hear of this event.
    pub wants: Wants,
    /// The JSON body; `None` where the dialect has no word for the event.
    pub body: Body,
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
pub type Body = Arc<dyn Fn(&Event) -> Option<String> + Send + Sync>;
