//! `/_sandbox/organisations`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use http::StatusCode;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::{Error, body, organisation};
use crate::{
    Limits, Organisation, Sandbox,
    generate::{self, Wish},
    ledger::Platform,
    organisation::About,
};

/// The platforms that there is a face of.
const PLATFORMS: [&str; 2] = ["quickbooks_online", "xero"];

/// How an organisation is to be made; what is missing has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    pub platform: String,
    /// The same seed gives the same books; a number not used yet if missing.
    pub seed: Option<u64>,
    pub months: u32,
    pub invoices: usize,
    /// Three letters, ISO 4217.
    pub currency: String,
    pub limits: Limits,
    pub latency_ms: u64,
    /// No page of a list holds more, whatever is asked for.
    pub page_size: Option<usize>,
    /// So many organisations, of one person, who consents to them together.
    pub organisations_in_grant: u64,
    /// How many bank accounts are fed already.
    pub fed_accounts: usize,
    /// Nothing is written with this date or an earlier one.
    pub locked_until: Option<Date>,
}

impl Default for Wanted {
    fn default() -> Self {
        let wish = Wish::default();
        Self {
            platform: "xero".to_owned(),
            seed: None,
            months: wish.months,
            invoices: wish.invoices,
            currency: wish.currency,
            limits: Limits::Real,
            latency_ms: 0,
            page_size: None,
            organisations_in_grant: 1,
            fed_accounts: 0,
            locked_until: None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct View {
    id: Uuid,
    /// By which the platform's API knows it.
    remote_id: String,
    name: String,
    platform: String,
    currency: String,
    seed: u64,
    limits: Limits,
    latency_ms: u64,
    created_at: Timestamp,
    /// Every organisation that is consented to together with this one, itself first.
    organisations: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Named {
    id: Uuid,
    name: String,
}

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<serde_json::Value> {
    let views: Vec<View> = sandbox
        .organisations()
        .iter()
        .map(|organisation| view(&sandbox, organisation))
        .collect();
    Json(serde_json::json!({ "results": views }))
}

pub(super) async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<View>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    Ok(Json(view(&sandbox, &organisation)))
}

/// Make an organisation, or as many as one person is to consent to together.
pub(super) async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<View>), Error> {
    let wanted: Wanted = body(&bytes)?;
    wanted.check()?;
    let first = make(&sandbox, wanted).await?;
    Ok((StatusCode::CREATED, Json(view(&sandbox, &first))))
}

impl Wanted {
    fn check(&self) -> Result<(), Error> {
        let invalid = |text: String| Err(Error::Invalid(text));
        if !PLATFORMS.contains(&self.platform.as_str()) {
            return invalid(format!(
                "`platform` is `{}`; known: {}",
                self.platform,
                PLATFORMS.join(", ")
            ));
        }
        if self.page_size == Some(0) {
            return invalid("`page_size` takes at least 1".to_owned());
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return invalid(format!(
                "`currency` is `{}`, but takes three capital letters",
                self.currency
            ));
        }
        let ranges = [
            ("months", u64::from(self.months), 0, 240),
            ("invoices", self.invoices as u64, 0, 1_000_000),
            ("latency_ms", self.latency_ms, 0, 600_000),
            ("organisations_in_grant", self.organisations_in_grant, 1, 100),
            ("fed_accounts", self.fed_accounts as u64, 0, 4),
        ];
        match ranges
            .into_iter()
            .find(|(_, value, low, high)| value < low || value > high)
        {
            Some((name, value, low, high)) => {
                invalid(format!("`{name}` is {value}, but takes {low} to {high}"))
            }
            None => Ok(()),
        }
    }
}

async fn make(sandbox: &Arc<Sandbox>, wanted: Wanted) -> Result<Arc<Organisation>, Error> {
    let sandbox = sandbox.clone();
    // Many invoices take seconds: not on a thread that serves others.
    let made = tokio::task::spawn_blocking(move || make_group(&sandbox, &wanted)).await;
    made.ok().flatten().ok_or(Error::Interrupted)
}

fn make_group(sandbox: &Sandbox, wanted: &Wanted) -> Option<Arc<Organisation>> {
    let now = sandbox.clock.now();
    let mut first: Option<Arc<Organisation>> = None;
    let used = |seed| {
        sandbox
            .organisations()
            .iter()
            .any(|organisation| organisation.about.seed == seed)
    };
    for index in 0..wanted.organisations_in_grant {
        let seed = match wanted.seed {
            Some(seed) => seed.wrapping_add(index),
            None => (1..u64::MAX).find(|seed| !used(*seed))?,
        };
        let mut wish = Wish {
            platform: Platform::of(&wanted.platform).unwrap_or_default(),
            seed,
            copy: 0,
            months: wanted.months,
            invoices: wanted.invoices,
            currency: wanted.currency.clone(),
            fed_accounts: wanted.fed_accounts,
        };
        // A seed may be asked for again: then the books are others, since ids are of one organisation only.
        while sandbox.organisation(generate::organisation_id(&wish)).is_some() {
            wish.copy += 1;
        }
        let mut ledger = generate::company(&wish, now);
        ledger.facts.period_lock_date = wanted.locked_until;
        let group = first.as_ref().map_or(ledger.facts.id, |first| first.about.group);
        let about = About {
            platform: wanted.platform.clone(),
            group,
            limits: wanted.limits,
            latency_ms: wanted.latency_ms,
            page_size: wanted.page_size,
            seed,
        };
        let made = sandbox.add_organisation(Organisation::new(about, ledger));
        first.get_or_insert(made);
    }
    first
}

fn view(sandbox: &Sandbox, organisation: &Organisation) -> View {
    let mut organisations: Vec<Named> = sandbox
        .group(organisation.about.group)
        .iter()
        .map(|sibling| Named {
            id: sibling.id,
            name: sibling.name.clone(),
        })
        .collect();
    organisations.sort_by_key(|named| named.id != organisation.id);
    let (currency, created_at, remote_id) = {
        let ledger = organisation.ledger();
        let remote_id = match ledger.facts.platform {
            Platform::Xero => organisation.id.to_string(),
            Platform::QuickBooksOnline => ledger.facts.realm_id(),
        };
        (
            ledger.facts.base_currency.clone(),
            ledger.facts.created_at,
            remote_id,
        )
    };
    View {
        id: organisation.id,
        remote_id,
        name: organisation.name.clone(),
        platform: organisation.about.platform.clone(),
        currency,
        seed: organisation.about.seed,
        limits: organisation.about.limits,
        latency_ms: organisation.about.latency_ms,
        created_at,
        organisations,
    }
}
