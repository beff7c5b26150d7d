//! A simulated company for tests.

use ledgerline_platform_testing::World;
use ledgerline_sandbox::generate::Wish;
use ledgerline_sandbox::ledger::Platform;

/// A company that keeps its books in this currency: dollars are of the United States.
pub async fn of(currency: &str) -> World {
    let wish = Wish {
        platform: Platform::QuickBooksOnline,
        months: 3,
        invoices: 10,
        currency: currency.into(),
        ..Wish::default()
    };
    World::linked(crate::platform(), &wish, "453").await
}
