use std::fmt;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use crate::ledger::TYPES;

/// Something that is done to the world; companies and nodes by their numbers.
#[derive(Clone, Debug)]
pub enum Step {
    /// People change the books now.
    Change {
        company: usize,
        change: Change,
    },
    /// People change the books after so many more calls: between the pages of a read.
    ChangeLater {
        company: usize,
        after: u64,
        change: Change,
    },
    /// The platform fails in some way from now on.
    Fault {
        company: usize,
        fault: Value,
    },
    EndFaults {
        company: usize,
    },
    RefreshAll {
        company: usize,
        node: usize,
    },
    RefreshOne {
        company: usize,
        node: usize,
        data_type: &'static str,
    },
    /// Time jumps.
    Advance {
        minutes: u64,
    },
    /// Everything is read in full, slowly; meanwhile people change the books, and then time jumps.
    MovingRead {
        company: usize,
        node: usize,
        after: u64,
        change: Change,
        minutes: u64,
    },
    /// kill -9 after so many more calls of the company's platform, and a new start.
    Kill {
        node: usize,
        company: usize,
        after: u64,
    },
    /// Everything is read in full; after so many calls SIGSTOP for longer than a lease, then SIGCONT: the worker
    /// does not know that it has lost its jobs.
    Freeze {
        node: usize,
        company: usize,
        after: u64,
        ms: u64,
    },
    /// The app cuts the connection.
    Disconnect {
        company: usize,
    },
    /// The customer cuts access, at the platform.
    Revoke {
        company: usize,
    },
    /// The customer consents again, where that is needed.
    Reconnect {
        company: usize,
    },
    /// The app's receiver of webhooks is down, or up again.
    Receiver {
        down: bool,
    },
}

/// How much changes.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub seed: u64,
    pub creates: u64,
    pub edits: u64,
    pub deletes: u64,
    pub voids: u64,
    pub restores: u64,
}

impl Change {
    pub fn json(&self) -> Value {
        json!({
            "seed": self.seed, "creates": self.creates, "edits": self.edits, "deletes": self.deletes,
            "voids": self.voids, "restores": self.restores,
        })
    }

    fn any(random: &mut StdRng) -> Self {
        let most = if random.random_bool(0.2) { 40 } else { 8 };
        Self {
            seed: random.random_range(0..1_000_000),
            creates: random.random_range(0..=most),
            edits: random.random_range(0..=most),
            deletes: random.random_range(0..=most / 2),
            voids: random.random_range(0..=most / 4),
            restores: random.random_range(0..=most / 4),
        }
    }
}

/// What is there to be tortured.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub companies: usize,
    pub nodes: usize,
}

/// What a platform does wrong while it is read, and how often; the tokens are what it does wrong when one is
/// refreshed. Of what strikes writes only, the torture of pushes has its share.
pub const FAULTS: [(&str, f64); 12] = [
    ("429", 0.4),
    ("5xx_before", 0.5),
    ("5xx_after_commit", 0.5),
    ("reset", 0.5),
    ("truncated", 0.5),
    ("malformed", 0.5),
    ("html", 0.5),
    ("slow", 0.5),
    ("short_list", 1.0),
    ("forbidden", 1.0),
    ("revoked", 1.0),
    ("rotation_reply_lost", 1.0),
];

/// What it does wrong when a token is refreshed.
const TOKEN_FAULTS: [&str; 7] = [
    "429",
    "5xx_before",
    "5xx_after_commit",
    "reset",
    "truncated",
    "malformed",
    "html",
];

/// The kinds of faults, in an order of chance: each comes before one comes again.
#[derive(Default)]
pub struct Deck(Vec<(&'static str, f64)>);

impl Deck {
    fn draw(&mut self, random: &mut StdRng) -> (&'static str, f64) {
        loop {
            if let Some(fault) = self.0.pop() {
                return fault;
            }
            self.0.extend(FAULTS);
            self.0.shuffle(random);
        }
    }
}

impl Step {
    /// The next one, by chance.
    pub fn any(random: &mut StdRng, deck: &mut Deck, extent: Extent) -> Self {
        let company = random.random_range(0..extent.companies);
        let node = random.random_range(0..extent.nodes);
        match random.random_range(0..100) {
            0..16 => Self::Change {
                company,
                change: Change::any(random),
            },
            16..28 => Self::ChangeLater {
                company,
                after: random.random_range(1..30),
                change: Change::any(random),
            },
            28..42 => Self::Fault {
                company,
                fault: fault(random, deck),
            },
            42..47 => Self::EndFaults { company },
            47..62 => Self::RefreshAll { company, node },
            62..70 => Self::RefreshOne {
                company,
                node,
                data_type: TYPES[random.random_range(0..TYPES.len())].key,
            },
            70..76 => Self::MovingRead {
                company,
                node,
                after: random.random_range(3..14),
                change: Change::any(random),
                minutes: random.random_range(8..40),
            },
            76..82 => Self::Advance {
                minutes: [1, 3, 7, 12, 31, 45, 125, 1500][random.random_range(0..8)],
            },
            82..90 => Self::Kill {
                node,
                company,
                after: random.random_range(0..8),
            },
            90..93 => Self::Freeze {
                node,
                company,
                after: random.random_range(2..12),
                ms: random.random_range(4300..6000),
            },
            93..94 => Self::Disconnect { company },
            94..95 => Self::Revoke { company },
            95..98 => Self::Reconnect { company },
            _ => Self::Receiver {
                down: random.random_bool(0.5),
            },
        }
    }
}

fn fault(random: &mut StdRng, deck: &mut Deck) -> Value {
    if random.random_bool(0.2) {
        let kind = TOKEN_FAULTS[random.random_range(0..TOKEN_FAULTS.len())];
        return json!({ "kind": kind, "count": random.random_range(1..3), "data_type": "tokens" });
    }
    let (kind, rate) = deck.draw(random);
    let mut fault = json!({
        "kind": kind, "rate": rate, "count": random.random_range(2..9), "after": random.random_range(0..8),
    });
    match kind {
        "slow" => {
            fault["ms"] = json!(random.random_range(100..900));
            fault["count"] = json!(random.random_range(1..4));
        }
        "revoked" | "rotation_reply_lost" => {
            fault["count"] = json!(1);
            fault["after"] = json!(0);
        }
        "forbidden" | "short_list" => {
            let data_type = TYPES[random.random_range(0..TYPES.len())].key;
            fault["data_type"] = json!(data_type);
            fault["after"] = json!(0);
        }
        _ => {}
    }
    fault
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
