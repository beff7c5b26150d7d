use std::time::Duration;

/// How a platform can refuse.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The access token is no longer accepted: refresh it once and ask again.
    #[error("the access token has expired")]
    TokenExpired,
    /// Consent is gone: nothing works before the customer links again.
    #[error("the customer has to link again: {1}")]
    NeedsReauth(NeedsReauth, String),
    /// This one thing may not be read; other data types go on.
    #[error(
        "access to {what} is forbidden: whoever consented may not see it, or the plan at the platform lacks it"
    )]
    Forbidden { what: String },
    /// Too many requests; `None` where the platform does not say for how long.
    #[error("the platform limits the rate of requests")]
    RateLimited { retry_after: Option<Duration> },
    /// No usable answer came; `sent` says whether the request may have taken effect.
    #[error("the platform is not available: {reason}")]
    Unavailable { sent: Sent, reason: String },
    /// An answer came that cannot be what the platform meant: ask again, never sweep after it.
    #[error("the platform's answer cannot be read: {reason}")]
    Malformed { reason: String },
    /// The platform cannot go on from there any more, or its changes no longer reach back so far: everything has
    /// to be read.
    #[error("the platform no longer knows where the read was: {reason}")]
    CursorExpired { reason: String },
    /// The platform refused the content of a request.
    #[error("the platform refused the request ({code}): {message}")]
    Rejected {
        code: String,
        message: String,
        field: Option<String>,
    },
    #[error("the platform does not offer {what}")]
    Unsupported { what: String },
}

/// What the lost consent was for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeedsReauth {
    /// The whole grant, with all its connections.
    Grant,
    /// One organisation of it.
    Connection,
}

/// Whether a request whose answer is missing can have reached the platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    Never,
    Maybe,
}
