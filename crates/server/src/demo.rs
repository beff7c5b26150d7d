//! `ledgerline demo`: the product shown at work, through its public API, as a customer would use it.

/// The customer of the API: a small client of the Codat dialect.
mod client;
/// Comparing what is stored with what the platform's own books say.
mod compare;
/// The companies, and how they are linked.
mod customers;
/// Three expenses of each, written into its books.
mod expenses;
/// The receiver of the webhooks.
mod listener;
/// Progress bars, one per data type.
mod progress;
/// Tables for people.
mod show;
/// The steps, in order.
mod tour;
/// A server and a sandbox on loopback, over a store that ends with them.
mod world;

use crate::{cli, commands};

/// Run the tour; then stay up, unless only the tour was asked for.
pub async fn run(options: &cli::Demo) -> anyhow::Result<()> {
    let world = world::start(options.tour).await?;
    let toured = tour::run(&world).await;
    match toured {
        Ok(summary) if options.tour => {
            world.stop().await;
            println!(
                "tour ok: {} data types, {} records, {} webhooks",
                summary.data_types, summary.records, summary.webhooks
            );
            Ok(())
        }
        Ok(summary) => {
            stay(&world, &summary).await?;
            world.stop().await;
            Ok(())
        }
        Err(error) => {
            world.stop().await;
            Err(error)
        }
    }
}

/// Everything to go on with: addresses, a key and a ready line.
async fn stay(world: &world::World, summary: &tour::Summary) -> anyhow::Result<()> {
    let base = world.base.as_str().trim_end_matches('/');
    println!();
    println!("It stays up until Ctrl-C. Look around:");
    println!(
        "  dashboard   {}",
        commands::serve::dashboard_link(&world.house.engine).await?
    );
    println!("  API         {base}/docs");
    for customer in &summary.customers {
        println!("  link page   {} ({})", customer.link_url, customer.profile.name);
    }
    println!("  platforms   {}_sandbox/organisations", world.sandbox);
    println!();
    let authorization = format!("Authorization: Bearer {}", world.key.expose());
    let data = |customer: &customers::Customer| {
        let company = &customer.company;
        format!("companies/{company}/data/invoices?pageSize=2&query=status=Paid")
    };
    let expenses = |(customer, sync): (&customers::Customer, &String)| {
        let company = &customer.company;
        format!("companies/{company}/sync/expenses/syncs/{sync}/transactions")
    };
    let read = summary.customers.first().map(data);
    let written = summary
        .customers
        .iter()
        .zip(&summary.syncs)
        .next_back()
        .map(expenses);
    for path in read.into_iter().chain(written) {
        println!("  curl -H '{authorization}' \\");
        println!("    '{base}/{path}'");
    }
    commands::serve::wait_for_the_end().await
}
