use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::ledger;
use crate::world::{Company, World, text};

/// The simulators' platforms that expenses are pushed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Platform {
    Xero,
    QuickBooksOnline,
}

impl Platform {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::QuickBooksOnline => "quickbooks_online",
        }
    }

    const fn currency(self) -> &'static str {
        match self {
            Self::Xero => "GBP",
            Self::QuickBooksOnline => "USD",
        }
    }
}

/// A company that is ready to be handed expenses.
pub struct Books {
    pub company: Company,
    pub platform: Platform,
    /// Two bank accounts, a card, and one that is none of them.
    pub bank: String,
    pub other_bank: String,
    pub card: String,
    pub clearing: String,
    pub costs: Vec<String>,
    pub supplier: String,
    pub customer: String,
    /// The books are closed until then.
    pub locked_until: Date,
    pub today: Date,
    /// What was in the books before anything was pushed.
    pub before: BTreeSet<(&'static str, String)>,
}

/// Codes of the simulators' chart of accounts: bank accounts, the card, costs, and an account of liabilities.
const BANKS: [&str; 2] = ["090", "091"];
const CARD: &str = "095";
const COSTS: [&str; 4] = ["408", "453", "463", "493"];
const CLEARING: &str = "850";

impl Books {
    /// Link a company, and set it up as the guide says. What its books hold is asked of the simulator.
    pub async fn open(
        world: &World,
        name: &str,
        platform: Platform,
        seed: u64,
        wanted: &Value,
    ) -> anyhow::Result<Self> {
        let today = world.now().await?.to_zoned(jiff::tz::TimeZone::UTC).date();
        let locked_until = today.checked_sub(40.days())?;
        let mut organisation = json!({
            "platform": platform.name(), "currency": platform.currency(), "seed": seed, "months": 3,
            "invoices": 4, "limits": "off", "locked_until": locked_until.to_string(),
        });
        if let (Some(all), Some(wanted)) = (organisation.as_object_mut(), wanted.as_object()) {
            all.extend(wanted.clone());
        }
        let company = world.company(name, &organisation).await?;
        world.approve(&company).await?;
        let accounts = ledger::rows(world, &company, "chartOfAccounts").await?;
        let account = |code: &str| {
            let found = accounts
                .iter()
                .find(|row| row["code"] == code)
                .with_context(|| format!("the books have no account {code}"))?;
            text(&found["id"])
        };
        let mut of_base = Vec::new();
        for data_type in ["suppliers", "customers"] {
            let rows = ledger::rows(world, &company, data_type).await?;
            let found = rows.iter().find(|row| {
                let currency = &row["currency"];
                row["status"] == "active" && (currency.is_null() || currency == platform.currency())
            });
            of_base.push(text(
                &found.with_context(|| format!("the books have no {data_type}"))?["id"],
            )?);
        }
        let customer = of_base.pop().context("no customer")?;
        let supplier = of_base.pop().context("no supplier")?;
        let books = Self {
            bank: account(BANKS[0])?,
            other_bank: account(BANKS[1])?,
            card: account(CARD)?,
            clearing: account(CLEARING)?,
            costs: COSTS
                .iter()
                .map(|code| account(code))
                .collect::<anyhow::Result<_>>()?,
            before: ledger::known(world, &company).await?,
            platform,
            supplier,
            customer,
            locked_until,
            today,
            company,
        };
        books.configure(world).await?;
        Ok(books)
    }

    async fn configure(&self, world: &World) -> anyhow::Result<()> {
        let partner = self.path("connections/partnerExpense");
        let answer = world.web.ask("POST", &world.url(&partner), None).await?;
        ensure!(answer.is_some_and(|answer| answer.is_good()), "{partner} failed");
        let config = json!({
            "bankAccount": { "id": self.bank }, "supplier": { "id": self.supplier },
            "customer": { "id": self.customer },
        });
        world.web.post(&world.url(&self.path("config")), &config).await?;
        Ok(())
    }

    /// An address of the company's expenses.
    pub fn path(&self, rest: &str) -> String {
        format!("/companies/{}/sync/expenses/{rest}", self.company.id)
    }

    pub const fn currency(&self) -> &'static str {
        self.platform.currency()
    }
}
