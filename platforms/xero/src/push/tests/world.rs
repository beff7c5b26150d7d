use ledgerline_platform_testing::World;
use ledgerline_sandbox::generate::Wish;

/// An organisation with one bank account that somebody else feeds.
pub async fn new() -> World {
    let wish = Wish {
        months: 3,
        invoices: 10,
        fed_accounts: 1,
        ..Wish::default()
    };
    World::linked(crate::platform(), &wish, "429").await
}
