//! What a push would send, and which rule chose each value: nothing is written, here or there.

use std::collections::HashMap;

use ledgerline_model::company::Company;
use ledgerline_model::push::{Choice, Content, ItemLeg, Leg, LegState, Operation};
use ledgerline_model::{DatasetId, Timestamp};
use ledgerline_platform::push::{self, Named, References, Request};
use ledgerline_store::push::{items, legs, mapping};
use ledgerline_store::{Tx, connections};

use super::admit::{Admission, Known, admit};
use super::prepare::{Held, Making, Refusal, references};
use super::request::{self, FINISHED};
use super::{Error, choose};
use crate::Engine;
use crate::budget::Places;
use crate::pull::Source;

/// What is planned, or why nothing can be.
#[derive(Clone, PartialEq, Debug)]
pub enum Plan {
    /// Each leg of each transaction, in the order of the push.
    Legs(Vec<Planned>),
    NoConnection,
    UnknownDataset(DatasetId),
    /// The books cannot be asked before.
    Wait(Timestamp),
}

/// What one leg would be.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    pub transaction: String,
    pub leg: Leg,
    pub fate: Fate,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// It would be sent so.
    Send {
        key: String,
        requests: Vec<Request>,
        /// Which rule chose each value.
        choices: Vec<Choice>,
    },
    /// An earlier push has sent it, or may have: nothing new would be.
    Nothing(String),
    /// It cannot be booked as it is.
    Invalid(String),
}

/// Plan the push that would be started now with these datasets.
pub async fn plan(engine: &Engine, company: &Company, wanted: Option<Vec<DatasetId>>) -> Result<Plan, Error> {
    let mut tx = engine.store.read().await?;
    let connection = connections::active(&mut tx, company.app, company.id).await?;
    let Some(connection) = connection else {
        return Ok(Plan::NoConnection);
    };
    let feeds_bank = connections::feeds_bank(&mut tx, connection.app, connection.id).await?;
    let Some(source) = Source::of(engine, connection) else {
        return Ok(Plan::NoConnection);
    };
    let Some(platform) = source.platform.push() else {
        return Ok(Plan::NoConnection);
    };
    let taken = match request::datasets_of(&mut tx, company, wanted).await? {
        Ok(taken) => taken,
        Err(unknown) => return Ok(Plan::UnknownDataset(unknown)),
    };
    let contents = request::contents_of(&mut tx, company, &taken).await?;
    let mapping = mapping::find(&mut tx, company.app, company.id)
        .await?
        .unwrap_or_default();
    let judged = judge(&mut tx, company, contents, feeds_bank).await?;
    drop(tx);

    let mut named: Vec<Named> = Vec::new();
    for (leg, expense) in judged.iter().filter_map(Judged::sendable) {
        if let Ok((order, _)) = choose::choose(&expense, leg.leg, &mapping, platform.about()) {
            named.extend(push::named(&order));
        }
    }
    let references = match references(engine, &source, platform, Places::OneByOne, &unique(named)).await? {
        Ok(references) => references,
        Err(Refusal::Held(Held::Cut | Held::Lost(..))) => return Ok(Plan::NoConnection),
        Err(Refusal::Held(Held::Pause(pause))) => return Ok(Plan::Wait(pause.until)),
        // As the push would see it: everything that refers to something cannot be booked.
        Err(Refusal::Never(_)) => References::default(),
    };
    let making = Making {
        company: company.id,
        source: &source,
        platform,
        mapping: &mapping,
        references: &references,
    };
    Ok(Plan::Legs(
        judged
            .into_iter()
            .map(|judged| planned(judged, &making))
            .collect(),
    ))
}

/// A leg, and what the push would do with its transaction.
struct Judged {
    leg: ItemLeg,
    content: Content,
    admission: Admission,
}

impl Judged {
    /// With what it would be sent, if it would be.
    fn sendable(&self) -> Option<(&ItemLeg, ledgerline_model::push::Expense)> {
        let is_sent = self.admission == Admission::Take && self.leg.state == LegState::Accepted;
        let expense = self.content.expense().ok().filter(|_| is_sent)?;
        Some((&self.leg, expense))
    }
}

async fn judge(
    tx: &mut Tx,
    company: &Company,
    wanted: Vec<(Content, Operation)>,
    feeds_bank: bool,
) -> Result<Vec<Judged>, Error> {
    let ids: Vec<String> = wanted
        .iter()
        .map(|(content, _)| content.transaction.clone())
        .collect();
    let mut contents = items::find(tx, company.app, company.id, ids.clone()).await?;
    let mut known: HashMap<String, Vec<ItemLeg>> = HashMap::new();
    for leg in legs::find(tx, company.app, company.id, ids).await? {
        known.entry(leg.transaction.clone()).or_default().push(leg);
    }
    let mut judged = Vec::new();
    for (content, operation) in wanted {
        let known = contents.remove(&content.transaction).map(|content| Known {
            legs: known.remove(&content.transaction).unwrap_or_default(),
            content,
        });
        let admission = admit(known.as_ref(), &content, operation);
        let before = known.map(|known| known.legs).unwrap_or_default();
        for leg in request::legs_of(&content.transaction, before, operation, feeds_bank) {
            let leg = match admission {
                Admission::Take => request::admitted(&leg, operation, Timestamp::MIN),
                Admission::Join | Admission::Duplicate | Admission::Refuse(_) => leg,
            };
            judged.push(Judged {
                leg,
                content: content.clone(),
                admission: admission.clone(),
            });
        }
    }
    Ok(judged)
}

fn planned(judged: Judged, making: &Making<'_>) -> Planned {
    let fate = match (judged.sendable(), &judged.admission) {
        (Some((leg, expense)), _) => match making.make(&expense, leg) {
            Ok(made) => Fate::Send {
                key: made.key.to_string(),
                requests: made.prepared.requests,
                choices: made.choices,
            },
            Err(message) => Fate::Invalid(message),
        },
        (None, Admission::Refuse(message)) => Fate::Invalid(message.clone()),
        (None, Admission::Duplicate) => Fate::Nothing(format!("{FINISHED}: {}", judged.leg.transaction)),
        (None, Admission::Take) => Fate::Nothing("It is in the books already.".into()),
        (None, Admission::Join) => {
            Fate::Nothing("An earlier push sent it; what became of it is found out.".into())
        }
    };
    Planned {
        transaction: judged.leg.transaction,
        leg: judged.leg.leg,
        fate,
    }
}

fn unique(named: Vec<Named>) -> Vec<Named> {
    let mut seen = std::collections::HashSet::new();
    named
        .into_iter()
        .filter(|named| seen.insert(named.clone()))
        .collect()
}
