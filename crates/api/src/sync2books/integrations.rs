use super::errors::Error;
use crate::auth::App;

/// Our key of the platform that an integration key means, whatever its case; only one that this server can connect
/// to.
pub fn platform(app: &App, asked: &str) -> Result<&'static str, Error> {
    let connectable = || {
        let all = app.engine.registry.all();
        all.filter(|entry| entry.endpoints(app.environment).is_some())
            .map(|entry| entry.about())
    };
    let found = connectable().find(|about| about.sync2books_key.eq_ignore_ascii_case(asked));
    found.map(|about| about.key).ok_or_else(|| {
        let known: Vec<&str> = connectable().map(|about| about.sync2books_key).collect();
        let asked: String = asked.chars().take(64).collect();
        let is_given = !asked.is_empty();
        let reason = match (is_given, known.is_empty()) {
            (true, false) => format!("{asked} is not supported; supported are: {}", known.join(", ")),
            (false, false) => format!("must be one of: {}", known.join(", ")),
            (_, true) => "names no software: this server is configured for none".to_owned(),
        };
        Error::bad_field("integrationKey", reason)
    })
}
