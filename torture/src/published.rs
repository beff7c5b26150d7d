use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use jiff::Timestamp;

use crate::database::{Look, text};
use crate::readers::{List, Observed, fingerprint};

/// Every state that was ever published of every list, by what stands for it.
pub struct Published {
    /// By connection and data type: the first and the last publication that left the list in that state.
    states: HashMap<(String, String), HashMap<u128, (i64, i64)>>,
    /// Numbers of the publications, in order.
    numbers: Vec<i64>,
}

struct Publication {
    seq: i64,
    at: String,
}

impl Published {
    /// Put together from the records, the versions before them, and the publications between.
    pub async fn of(look: &mut Look) -> anyhow::Result<Self> {
        let statement = format!(
            "select {}, {}, {} from publication p where seq is not null order by p.seq",
            look.id("publication_id"),
            text("seq"),
            text("at"),
        );
        let mut publications = HashMap::new();
        let mut numbers = Vec::new();
        for row in look.rows(&statement).await? {
            let [Some(id), Some(seq), Some(at)] = row.as_slice() else {
                anyhow::bail!("a publication has no number");
            };
            let seq = seq.parse()?;
            numbers.push(seq);
            publications.insert(
                id.clone(),
                Publication {
                    seq,
                    at: printed(at)?,
                },
            );
        }
        let mut changes: HashMap<(String, String), BTreeMap<i64, u128>> = HashMap::new();
        for (table, from, to) in [
            ("record", "publication_id", None),
            ("record_version", "from_publication_id", Some("to_publication_id")),
        ] {
            let statement = format!(
                "select {}, data_type, standard, case when is_deleted then 'true' else 'false' end, {}, {} from {table}",
                look.id("connection_id"),
                look.id(from),
                to.map_or_else(|| "''".to_owned(), |to| look.id(to)),
            );
            for row in look.rows(&statement).await? {
                let mut cells = row.into_iter().flatten();
                let mut next = || cells.next().context("a column is null");
                let (connection, data_type, standard) = (next()?, next()?, next()?);
                let (is_deleted, from, to) = (next()?, next()?, next()?);
                let Some(from) = publications.get(&from) else {
                    // The rows of a first load that is not finished.
                    continue;
                };
                let shown = record_as_printed(&standard, &from.at, &is_deleted);
                let list = changes.entry((connection, data_type)).or_default();
                let sum = list.entry(from.seq).or_default();
                *sum = sum.wrapping_add(fingerprint(&shown));
                if !to.is_empty() {
                    let to = publications.get(&to).context("a version ends with nothing")?;
                    let sum = list.entry(to.seq).or_default();
                    *sum = sum.wrapping_sub(fingerprint(&shown));
                }
            }
        }
        let mut states = HashMap::new();
        for (list, changes) in changes {
            let mut state = 0_u128;
            let mut last = i64::MAX;
            let mut known: HashMap<u128, (i64, i64)> = HashMap::new();
            // Backwards, so that each state knows which publication ended it.
            let steps: Vec<(i64, u128)> = changes
                .into_iter()
                .map(|(seq, change)| {
                    state = state.wrapping_add(change);
                    (seq, state)
                })
                .collect();
            for (seq, state) in steps.into_iter().rev() {
                let entry = known.entry(state).or_insert((seq, last));
                entry.0 = seq;
                last = seq - 1;
            }
            states.insert(list, known);
        }
        Ok(Self { states, numbers })
    }

    /// How many there were.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// What was seen and never published, or seen after something newer.
    pub fn check(&self, lists: &[List], observed: &[Observed]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut reached: HashMap<(usize, usize), i64> = HashMap::new();
        for seen in observed {
            let list = &lists[seen.list];
            let key = (list.connection.clone(), list.data_type.to_owned());
            let state = self
                .states
                .get(&key)
                .and_then(|states| states.get(&seen.fingerprint));
            // An empty list has no records that could tell.
            if seen.records == 0 {
                continue;
            }
            let Some((first, last)) = state else {
                wrong.push(format!(
                    "{} of {}: {} records were seen that were never published together",
                    list.data_type, list.connection, seen.records
                ));
                continue;
            };
            let before = reached.entry((seen.reader, seen.list)).or_insert(*first);
            if last < before {
                wrong.push(format!(
                    "{} of {}: publication {first} was seen after {before}",
                    list.data_type, list.connection
                ));
            }
            *before = (*before).max(*first);
        }
        wrong
    }
}

/// An instant as answers print it.
fn printed(micros: &str) -> anyhow::Result<String> {
    let at = Timestamp::from_microsecond(micros.parse()?)?;
    let at = jiff::tz::Offset::UTC.to_datetime(at);
    Ok(format!(
        "{}.{:06}0Z",
        at.strftime("%Y-%m-%dT%H:%M:%S"),
        at.subsec_nanosecond() / 1000
    ))
}

/// A record as answers print it.
fn record_as_printed(standard: &str, modified: &str, is_deleted: &str) -> String {
    let open = standard.strip_suffix('}').unwrap_or(standard);
    let comma = if open.ends_with('{') { "" } else { "," };
    format!("{open}{comma}\"modifiedDate\":\"{modified}\",\"metadata\":{{\"isDeleted\":{is_deleted}}}}}")
}
