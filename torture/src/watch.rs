use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;

use crate::database::{Database, Look, text};
use crate::process::pause;
use crate::sequence;

/// Somebody who looks all the while at the numbers of the publications, and at how far the reads have come.
pub struct Watch {
    wrong: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    pub async fn start(database: &Database) -> anyhow::Result<Self> {
        let wrong = Arc::new(Mutex::new(Vec::new()));
        let (found, mut look) = (wrong.clone(), database.look().await?);
        let task = tokio::spawn(async move {
            let mut progress = Progress::default();
            loop {
                let hole = sequence::hole(&mut look).await.ok().flatten();
                let back = progress.went_back(&mut look).await.ok().flatten();
                if let Some(wrong) = hole.or(back) {
                    found.lock().unwrap_or_else(PoisonError::into_inner).push(wrong);
                    return;
                }
                pause(Duration::from_millis(3)).await;
            }
        });
        Ok(Self { wrong, task })
    }

    /// Ends when something is wrong.
    pub fn alarm(&self) -> impl Future<Output = ()> + use<> {
        let wrong = self.wrong.clone();
        async move {
            while wrong.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                pause(Duration::from_millis(100)).await;
            }
        }
    }

    pub fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How far each read was seen to have come: how often it started over, and its pages since.
#[derive(Default)]
struct Progress(HashMap<String, (i64, i64)>);

impl Progress {
    /// A read goes on or starts over; whoever sets it back has lost it to somebody else.
    async fn went_back(&mut self, look: &mut Look) -> anyhow::Result<Option<String>> {
        let statement = format!(
            "select {}, {}, {} from feed_read where finished_at is null",
            look.id("feed_read_id"),
            text("restarts"),
            text("pages"),
        );
        for row in look.rows(&statement).await? {
            let [Some(read), Some(restarts), Some(pages)] = row.as_slice() else {
                bail!("a column of a read is null");
            };
            let now = (restarts.parse()?, pages.parse()?);
            let before = self.0.insert(read.clone(), now).unwrap_or_default();
            if now < before {
                return Ok(Some(format!(
                    "read {read} went back from page {} to page {}",
                    before.1, now.1
                )));
            }
        }
        Ok(None)
    }
}
