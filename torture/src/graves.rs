use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::ledger::TYPES;
use crate::readers::{List, Observed};
use crate::world::{Company, World};

/// What was deleted at the platform, ever: nothing else may be shown as deleted.
#[derive(Default)]
pub struct Graves {
    /// By connection and data type.
    alive: HashMap<(String, &'static str), HashSet<String>>,
    dead: HashMap<(String, &'static str), HashSet<String>>,
    /// Connections whose platform has told of fewer records than it had.
    misled: HashSet<String>,
}

impl Graves {
    /// See how the books of a company are now. To be called before and after each change of them.
    pub async fn look(&mut self, world: &World, company: &Company) -> anyhow::Result<()> {
        let connection = company.connection.replace('-', "");
        for data_type in TYPES {
            let path = format!(
                "organisations/{}/ledger?dataType={}",
                company.organisation, data_type.key
            );
            let told = world.control("GET", &path, None).await?;
            let rows = told["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            let key = (connection.clone(), data_type.key);
            let alive = self.alive.entry(key.clone()).or_default();
            let now: HashSet<String> = rows
                .iter()
                .filter(|row| row["deleted"] != true)
                .filter_map(id)
                .collect();
            let dead = self.dead.entry(key).or_default();
            dead.extend(rows.iter().filter(|row| row["deleted"] == true).filter_map(id));
            dead.extend(alive.difference(&now).cloned());
            *alive = now;
        }
        Ok(())
    }

    /// The company's platform leaves records out.
    pub fn mislead(&mut self, company: &Company) {
        self.misled.insert(company.connection.replace('-', ""));
    }

    /// What was shown as deleted and never was.
    pub fn check(&mut self, lists: &[List], observed: &[Observed]) -> Vec<String> {
        let mut wrong = Vec::new();
        for seen in observed {
            let list = &lists[seen.list];
            if self.misled.contains(&list.connection) {
                continue;
            }
            let dead = self.dead.get(&(list.connection.clone(), list.data_type));
            let shown = seen.deleted.iter();
            for id in shown.filter(|id| !dead.is_some_and(|dead| dead.contains(*id))) {
                let key = list.data_type;
                wrong.push(format!(
                    "{key} {id} of {} was shown as deleted, and never was",
                    list.connection
                ));
            }
        }
        wrong.sort();
        wrong.dedup();
        wrong
    }

    /// The store equals the ledger again: whatever was wrong through the platform's fault is right now.
    pub fn healed(&mut self) {
        self.misled.clear();
    }
}

fn id(row: &Value) -> Option<String> {
    row["id"].as_str().map(str::to_owned)
}
