use std::time::{Duration, Instant};

use crate::database::{Database, Look};

/// Nothing moves any more.
const STANDSTILL: Duration = Duration::from_secs(180);
/// Who moves for ever does not get on either.
const IN_ALL: Duration = Duration::from_secs(2700);

/// How long to wait for servers that have work left: as long as they get on with it, however slow the machine is.
pub struct Patience {
    start: Instant,
    moved: Instant,
    seen: Vec<i64>,
}

impl Patience {
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            moved: now,
            seen: Vec::new(),
        }
    }

    /// Look whether something has moved; when it is enough, what is left.
    pub async fn look(&mut self, database: &Database) -> anyhow::Result<Option<String>> {
        let mut look = database.look().await?;
        let seen = standing(&mut look).await?;
        let now = Instant::now();
        if seen != self.seen {
            self.seen = seen;
            self.moved = now;
        }
        let why = if now - self.moved > STANDSTILL {
            "nothing has moved for too long"
        } else if now - self.start > IN_ALL {
            "there is no end"
        } else {
            return Ok(None);
        };
        Ok(Some(format!("{why}; jobs: {}", left(&mut look).await?)))
    }
}

/// Numbers of which one is another whenever a job has done something.
async fn standing(look: &mut Look) -> anyhow::Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for what in [
        "sum(pages) from feed_read",
        "count(*) from pull where finished_at is not null",
        "count(*) from run where finished_at is not null",
        "count(*) from event",
        "count(*) from delivery",
        "count(*) from push_item",
        "count(*) from job",
    ] {
        let (number, from) = what.split_once(" from ").unwrap_or((what, ""));
        numbers.push(
            look.number(&format!("select cast({number} as text) from {from}"))
                .await?,
        );
    }
    Ok(numbers)
}

/// What nobody has done, by kind: how many, how many of them are under way, and how often one was tried.
async fn left(look: &mut Look) -> anyhow::Result<String> {
    let statement = "select kind, cast(count(*) as text), cast(count(lease_until) as text),
                            cast(max(attempts) as text), cast(min(run_at) as text)
                     from job group by kind order by kind";
    let kinds = look.rows(statement).await?.into_iter().map(|row| {
        let cells: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
        format!("{} (all, under way, attempts, first due)", cells.join(" "))
    });
    Ok(kinds.collect::<Vec<_>>().join(", "))
}
