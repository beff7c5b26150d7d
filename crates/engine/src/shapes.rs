use std::collections::BTreeMap;

use ledgerline_model::event::{Endpoint, Event};

/// How one dialect tells events.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Whether this endpoint is to hear of this event.
    pub wants: fn(&Endpoint, &Event) -> bool,
    /// The JSON body; `None` where the dialect has no word for the event.
    pub body: fn(&Event) -> Option<String>,
}

/// The dialects by name, as `endpoint.dialect` has it.
#[derive(Clone, Default)]
pub struct Shapes(pub BTreeMap<&'static str, Shape>);

impl Shapes {
    pub fn find(&self, dialect: &str) -> Option<&Shape> {
        self.0.get(dialect)
    }
}
