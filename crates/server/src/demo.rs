//! `ledgerline demo`: the product shown at work, through its public API, as a customer would use it.

/// The customer of the API: a small client of the Codat dialect.
mod client;
/// Comparing what is stored with what the platform's own books say.
mod compare;
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
    println!("  link page   {}", summary.link_url);
    println!("  platform    {}_sandbox/organisations", world.sandbox);
    println!();
    println!("  curl -H 'Authorization: Bearer {}' \\", world.key.expose());
    println!(
        "    '{base}/companies/{}/data/invoices?pageSize=2&query=status=Paid'",
        summary.company
    );
    commands::serve::wait_for_the_end().await
}
