use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::Timestamp;

/// Where identifiers and other random bytes come from, so that tests can repeat a run.
pub trait Ids: Send + Sync {
    /// Fill `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// A UUIDv7 (RFC 9562 §5.7) whose leading 48 bits are `at` in Unix milliseconds.
    fn uuid(&self, at: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn new(ids: &dyn Ids, at: Timestamp) -> Self {
                Self(ids.uuid(at))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the plain form, with or without hyphens.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )* };
}

ids! {
    AppId, ApiKeyId, CompanyId, ConnectionId, DeliveryId, EndpointId, EventId, FeedReadId, GrantId, IssueId, JobId,
    /// One step of what readers may see.
    PublicationId,
    PullId, RunId,
    /// A list of expenses that the app handed over.
    DatasetId,
    /// One attempt to write datasets.
    PushId,
    /// A file on a posted expense.
    AttachmentId,
    /// The browser session behind an opened link.
    LinkSessionId,
}
