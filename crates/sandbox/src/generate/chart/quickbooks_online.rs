//! Names, parents and taxes as a QuickBooks Online company has them.

use jiff::Timestamp;

use super::{AUSTRALIA, IRELAND, NEW_ZEALAND, Rate, Region, UNITED_KINGDOM, UNITED_STATES, account, percent};
use crate::generate::random::Random;
use crate::ledger::{AccountKind, Ledger, SystemRole, Table};

const NONE: Rate = ("NONE", "No tax", percent(0), true, true, "NONE");

const AUSTRALIAN: &[Rate] = &[
    ("GST", "GST", percent(1000), true, true, "OUTPUT"),
    ("FRE", "GST free", percent(0), true, true, "NONE"),
    NONE,
];
const NEW_ZEALANDER: &[Rate] = &[
    ("15S", "15.0% S", percent(1500), true, true, "OUTPUT"),
    ("0Z", "0.0% Z", percent(0), true, true, "NONE"),
    NONE,
];
const IRISH: &[Rate] = &[
    ("23S", "23.0% S", percent(2300), true, true, "OUTPUT"),
    ("13R", "13.5% R", percent(1350), true, true, "OUTPUT"),
    ("0Z", "0.0% Z", percent(0), true, true, "NONE"),
    NONE,
];
const AMERICAN: &[Rate] = &[
    ("STATE", "State sales tax", percent(825), true, false, "OUTPUT"),
    NONE,
];
const BRITISH: &[Rate] = &[
    ("20S", "20.0% S", percent(2000), true, true, "OUTPUT"),
    ("5R", "5.0% R", percent(500), true, true, "OUTPUT"),
    ("0Z", "0.0% Z", percent(0), true, true, "NONE"),
    ("EX", "Exempt", percent(0), true, true, "NONE"),
    NONE,
];

/// One code serves sales and purchases.
pub(super) fn region(currency: &str) -> Region {
    let two_sided = |region: Region, code: &'static str, zero: &'static str, rates: &'static [Rate]| Region {
        sales_tax: code,
        purchase_tax: code,
        exempt_sales: zero,
        exempt_purchases: zero,
        rates,
        ..region
    };
    match currency {
        "AUD" => two_sided(AUSTRALIA, "GST", "FRE", AUSTRALIAN),
        "NZD" => two_sided(NEW_ZEALAND, "15S", "0Z", NEW_ZEALANDER),
        "EUR" => two_sided(IRELAND, "23S", "0Z", IRISH),
        // Sales are taxed by where they go, purchases not at all.
        "USD" => Region {
            sales_tax: "STATE",
            purchase_tax: "NONE",
            rates: AMERICAN,
            ..UNITED_STATES
        },
        _ => two_sided(UNITED_KINGDOM, "20S", "0Z", BRITISH),
    }
}

/// Code, name.
const RENAMED: [(&str, &str); 8] = [
    ("090", "Checking"),
    ("091", "Savings"),
    ("092", "Payroll checking"),
    ("095", "Company credit card"),
    ("610", "Accounts Receivable (A/R)"),
    ("800", "Accounts Payable (A/P)"),
    ("820", "Sales Tax Payable"),
    ("970", "Owner's Equity"),
];

/// Code of a part, code of the whole. The whole has postings of its own.
const PARTS: [(&str, &str); 7] = [
    ("210", "205"),
    ("420", "429"),
    ("425", "429"),
    ("453", "429"),
    ("711", "710"),
    ("721", "720"),
    ("489", "463"),
];

/// Code, name, kind: only here.
const MORE: [(&str, &str, AccountKind); 2] = [
    ("615", "Undeposited Funds", AccountKind::CurrentAsset),
    ("965", "Opening Balance Equity", AccountKind::Equity),
];

/// Take what the platform does not have out of the chart, and name the rest its way.
pub(super) fn refit(ledger: &mut Ledger, random: &mut Random, at: Timestamp) {
    let mut accounts = Table::default();
    for account in ledger.accounts.iter().filter(|account| is_known(account.role)) {
        let mut account = account.clone();
        if let Some((_, name)) = RENAMED.iter().find(|(code, _)| *code == account.code) {
            account.name = (*name).to_owned();
        }
        let whole = PARTS.iter().find(|(part, _)| *part == account.code);
        account.parent = whole.and_then(|(_, whole)| Some(ledger.account_by_code(whole)?.meta.id));
        accounts.put(account);
    }
    for (code, name, kind) in MORE {
        accounts.put(account(random, at, (code, name, kind), "NONE"));
    }
    ledger.accounts = accounts;
}

fn is_known(role: Option<SystemRole>) -> bool {
    match role {
        None
        | Some(
            SystemRole::Receivables
            | SystemRole::Payables
            | SystemRole::SalesTax
            | SystemRole::Rounding
            | SystemRole::RetainedEarnings
            | SystemRole::RealisedCurrencyGains,
        ) => true,
        Some(
            SystemRole::HistoricalAdjustment
            | SystemRole::UnrealisedCurrencyGains
            | SystemRole::BankRevaluations
            | SystemRole::TrackingTransfers
            | SystemRole::UnpaidExpenseClaims,
        ) => false,
    }
}
