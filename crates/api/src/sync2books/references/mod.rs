//! What expenses are booked by.

/// The records of a reference list, a page or all of them.
mod list;

/// Accounts of the ledger.
pub mod accounts;
/// What suppliers and customers have in common.
mod contacts;
/// Customers.
pub mod customers;
/// Suppliers.
pub mod suppliers;
/// Tax rates.
pub mod tax_rates;
/// Ways to sort lines.
pub mod tracking_categories;

/// Whether it can be booked on.
fn status(standard: &str) -> &'static str {
    match standard {
        "Active" => "Active",
        _ => "Inactive",
    }
}
