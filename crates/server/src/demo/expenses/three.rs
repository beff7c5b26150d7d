use anyhow::Context;
use ledgerline_model::Decimal;
use serde_json::json;

use super::super::client::{Client, Page};
use super::super::customers::Customer;
use super::super::world::World;
use super::wire::{Account, Expense, Line, Options, Reference, TaxRate};

/// Say that expenses will come and what they are booked on unless they say otherwise: the three that will.
pub async fn set_up(
    world: &World,
    client: &Client<'_>,
    customer: &Customer,
    base: &str,
) -> anyhow::Result<Vec<Expense>> {
    client
        .order(&format!("{base}/connections/partnerExpense"))
        .await?;
    let options: Options = client.get(&format!("{base}/mappingOptions")).await?;
    let is = |account: &Account, kind: &str| account.account_type.as_deref() == Some(kind);
    let mut banks = options.accounts.iter().filter(|account| account.is_bank_account);
    let card = banks
        .clone()
        .find(|account| is(account, "Liability"))
        .or_else(|| banks.next())
        .context("there is no account that expenses are paid from")?;
    let booked = |word: &str| {
        let mut accounts = options.accounts.iter().filter(|account| is(account, "Expense"));
        let named = |account: &&Account| account.name.as_ref().is_some_and(|name| name.contains(word));
        let found = accounts.find(named);
        found.with_context(|| format!("there is no account for `{word}`"))
    };
    let (supplies, travel) = (booked("Office")?, booked("Travel")?);
    let config = json!({
        "bankAccount": { "id": card.id },
        "supplier": first_of(client, customer, "suppliers").await?,
        "customer": first_of(client, customer, "customers").await?,
    });
    client.submit(&format!("{base}/config"), &config).await?;
    println!(
        "  {}: paid from `{}`, booked on `{}` and `{}`",
        customer.profile.name,
        card.name.as_deref().unwrap_or(&card.id),
        supplies.name.as_deref().unwrap_or(&supplies.id),
        travel.name.as_deref().unwrap_or(&travel.id),
    );
    let taxed = options.tax_rates.iter().find(|rate| {
        let percent = rate.effective_tax_rate.map(Decimal::normalized);
        percent == Some(Decimal::from(20))
            && rate.valid_transaction_types.iter().any(|kind| kind == "Payment")
    });
    let currency = card.currency.as_deref().unwrap_or("GBP");
    Ok(three(world, &supplies.id, &travel.id, taxed, currency))
}

async fn first_of(client: &Client<'_>, customer: &Customer, list: &str) -> anyhow::Result<Reference> {
    let path = format!(
        "companies/{}/data/{list}?pageSize=1&query=status=Active",
        customer.company
    );
    let page: Page<Reference> = client.get(&path).await?;
    let first = page.results.into_iter().next();
    first.with_context(|| format!("`{path}` is empty"))
}

/// Two payments and a refund. `taxed`: a rate of 20 %, if there is one.
fn three(
    world: &World,
    supplies: &str,
    travel: &str,
    taxed: Option<&TaxRate>,
    currency: &str,
) -> Vec<Expense> {
    let engine = &world.house.engine;
    let now = engine.now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let expense = |kind, merchant_name, notes, lines| Expense {
        id: engine.ids.uuid(now).to_string(),
        kind,
        issue_date: today.to_string(),
        currency: currency.to_owned(),
        merchant_name,
        lines,
        notes,
    };
    let line = |account: &str, net, rate: Option<&TaxRate>, tax| Line {
        net_amount: Decimal::of_parts(net, 2),
        tax_amount: rate.map_or(Decimal::ZERO, |_| Decimal::of_parts(tax, 2)),
        tax_rate_ref: rate.map(|rate| Reference { id: rate.id.clone() }),
        account_ref: Reference {
            id: account.to_owned(),
        },
    };
    let paper = vec![line(supplies, 40_50, None, 0)];
    let fair = vec![
        line(travel, 95_00, taxed, 19_00),
        line(supplies, 12_40, taxed, 2_48),
    ];
    let back = vec![line(supplies, 8_25, None, 0)];
    vec![
        expense("Payment", "Quayside Stationers", "paper", paper),
        expense("Payment", "Northern Railways", "to the trade fair", fair),
        expense("Refund", "Quayside Stationers", "paper sent back", back),
    ]
}
