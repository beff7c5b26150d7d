use std::collections::BTreeMap;
use std::time::Duration;

use ledgerline_model::run::{FeedRead, Pull, Run};
use ledgerline_model::{DataType, FeedReadId, PublicationId, Timestamp};
use ledgerline_platform::Error;
use ledgerline_store::{Tx, closings, publications};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::lease::later;
use crate::{Engine, jobs};

/// So long a Run waits for a platform that does not answer, before it is closed as it is.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Failures in a row, other than announced pauses.
pub(super) const MOST_ATTEMPTS: i64 = 5;

/// How far the closing pass of a Run has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    began_at: Timestamp,
    pub passes: u32,
    /// Since when changes of each read are asked for: the platform's clock when the feed was last begun.
    marks: BTreeMap<Uuid, Timestamp>,
    window_start: Timestamp,
    window_end: Timestamp,
    /// The publications that the pass under way will make, by data type; all become visible in one step.
    staging: BTreeMap<DataType, Uuid>,
    /// The last one of those that were made last.
    published: Option<Uuid>,
}

impl State {
    pub fn begin(now: Timestamp, run: &Run, reads: &[FeedRead]) -> Self {
        let times = || reads.iter().filter_map(|read| read.platform_time);
        Self {
            began_at: now,
            passes: 0,
            marks: reads
                .iter()
                .filter_map(|read| Some((read.id.0, read.platform_time?)))
                .collect(),
            window_start: times().min().unwrap_or(run.created_at),
            window_end: times().max().unwrap_or(now),
            staging: BTreeMap::new(),
            published: None,
        }
    }

    /// `None`: another version wrote it, and the pass begins anew.
    pub fn of_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Keep it, and begin the publications that the next pass will make.
    pub async fn save<'a>(
        &mut self,
        engine: &Engine,
        tx: &mut Tx,
        run: &Run,
        pulls: impl Iterator<Item = &'a Pull>,
    ) -> Result<(), jobs::Error> {
        let mut begun = Vec::new();
        for pull in pulls {
            if self.staging.contains_key(&pull.data_type) {
                continue;
            }
            let id = PublicationId(engine.uuid());
            begun.push((id, pull.data_type, pull.id));
            self.staging.insert(pull.data_type, id.0);
        }
        publications::insert_all(tx, run.app, run.connection, run.id, &begun).await?;
        self.keep(tx, run).await
    }

    pub async fn keep(&self, tx: &mut Tx, run: &Run) -> Result<(), jobs::Error> {
        let text = serde_json::to_string(self)
            .map_err(|_| jobs::Error::Failed("the state of the closing pass cannot be written".into()))?;
        Ok(closings::save_state(tx, run.app, run.id, &text).await?)
    }

    /// A pass has ended.
    pub fn passed(&mut self, marks: BTreeMap<Uuid, Timestamp>) {
        self.passes += 1;
        self.advance(marks);
    }

    /// Changes are asked for from here on.
    pub fn advance(&mut self, marks: BTreeMap<Uuid, Timestamp>) {
        self.marks.extend(marks);
    }

    /// What was staged of these types is visible.
    pub fn publish(&mut self, data_types: &[DataType]) {
        for data_type in data_types {
            self.published = self.staging.remove(data_type).or(self.published);
        }
    }

    pub fn mark(&self, read: FeedReadId) -> Option<Timestamp> {
        self.marks.get(&read.0).copied()
    }

    /// The Pull as one of the publication that the pass will make.
    pub fn staged(&self, pull: &Pull) -> Option<Pull> {
        let publication = self.staging.get(&pull.data_type).copied();
        publication.map(|publication| Pull {
            publication: PublicationId(publication),
            first_load: false,
            ..pull.clone()
        })
    }

    /// Publications that were begun and not made.
    pub fn unpublished(&self) -> impl Iterator<Item = PublicationId> {
        self.staging.values().copied().map(PublicationId)
    }

    pub fn published(&self) -> Option<PublicationId> {
        self.published.map(PublicationId)
    }

    pub const fn window_start(&self) -> Timestamp {
        self.window_start
    }

    pub const fn window_end(&self) -> Timestamp {
        self.window_end
    }

    /// Each pass remembers for itself what the platform told: it is there to see what changed since the last.
    pub fn memory(&self) -> i64 {
        100 + i64::from(self.passes)
    }

    pub fn patient_until(&self) -> Timestamp {
        later(self.began_at, PATIENCE)
    }
}

/// Whether to come again after this error, and the pause that the platform announced, if it did.
pub(super) fn wait(error: &Error, attempts: i64) -> Option<Option<Duration>> {
    match error {
        Error::RateLimited {
            retry_after: Some(wait),
        } => Some(Some(*wait)),
        Error::RateLimited { retry_after: None }
        | Error::Unavailable { .. }
        | Error::Malformed { .. }
        | Error::TokenExpired => (attempts <= MOST_ATTEMPTS).then_some(None),
        Error::NeedsReauth(..)
        | Error::Forbidden { .. }
        | Error::CursorExpired { .. }
        | Error::Rejected { .. }
        | Error::Unsupported { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_platform::Sent;

    use super::*;

    #[test]
    fn an_outage_is_waited_out_a_few_times_and_a_pause_as_announced() {
        let away = Error::Unavailable {
            sent: Sent::Maybe,
            reason: "503".into(),
        };
        let minute = Duration::from_secs(60);
        let limited = Error::RateLimited {
            retry_after: Some(minute),
        };
        let forbidden = Error::Forbidden {
            what: "reports".into(),
        };
        assert_eq!(wait(&away, 5), Some(None));
        assert_eq!(wait(&away, 6), None);
        assert_eq!(wait(&limited, 600), Some(Some(minute)));
        assert_eq!(wait(&forbidden, 1), None);
    }
}
