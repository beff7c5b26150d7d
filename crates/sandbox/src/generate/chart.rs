//! The chart of accounts and the tax rates of the generated company.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::ledger::{
    Account, AccountKind, ActiveStatus, BankDetails, BankKind, Ledger, Meta, Platform, SystemRole,
    TaxComponent, TaxRate,
};

use super::random::Random;

/// What is different with QuickBooks Online.
mod quickbooks_online;

use AccountKind as K;
use SystemRole as R;

/// Where the company is: what decides its taxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub country_code: &'static str,
    pub country: &'static str,
    pub time_zone: &'static str,
    pub year_end: (i8, i8),
    /// Rates that sales and purchases have unless told.
    pub sales_tax: &'static str,
    pub purchase_tax: &'static str,
    pub exempt_sales: &'static str,
    pub exempt_purchases: &'static str,
    rates: &'static [Rate],
}

impl Region {
    pub(super) fn of(platform: Platform, currency: &str) -> Self {
        match platform {
            Platform::Xero => {}
            Platform::QuickBooksOnline => return quickbooks_online::region(currency),
        }
        match currency {
            "AUD" => AUSTRALIA,
            "NZD" => NEW_ZEALAND,
            "USD" => UNITED_STATES,
            "EUR" => IRELAND,
            _ => UNITED_KINGDOM,
        }
    }
}

/// Code, name, percent, for sales, for purchases, report category.
type Rate = (&'static str, &'static str, Decimal, bool, bool, &'static str);

const NONE: Rate = ("NONE", "Tax exempt", percent(0), true, true, "NONE");

const UNITED_KINGDOM: Region = Region {
    country_code: "GB",
    country: "United Kingdom",
    time_zone: "Europe/London",
    year_end: (3, 31),
    sales_tax: "OUTPUT2",
    purchase_tax: "INPUT2",
    exempt_sales: "ZERORATEDOUTPUT",
    exempt_purchases: "ZERORATEDINPUT",
    rates: &[
        ("OUTPUT2", "20% on income", percent(2000), true, false, "OUTPUT"),
        ("INPUT2", "20% on expenses", percent(2000), false, true, "INPUT"),
        ("RROUTPUT", "5% on income", percent(500), true, false, "RROUTPUT"),
        ("RRINPUT", "5% on expenses", percent(500), false, true, "RRINPUT"),
        (
            "ZERORATEDOUTPUT",
            "Zero rated income",
            percent(0),
            true,
            false,
            "ZERORATEDOUTPUT",
        ),
        (
            "ZERORATEDINPUT",
            "Zero rated expenses",
            percent(0),
            false,
            true,
            "ZERORATEDINPUT",
        ),
        (
            "EXEMPTOUTPUT",
            "Exempt income",
            percent(0),
            true,
            false,
            "EXEMPTOUTPUT",
        ),
        (
            "EXEMPTINPUT",
            "Exempt expenses",
            percent(0),
            false,
            true,
            "EXEMPTINPUT",
        ),
        NONE,
    ],
};

const IRELAND: Region = Region {
    country_code: "IE",
    country: "Ireland",
    time_zone: "Europe/Dublin",
    year_end: (12, 31),
    rates: &[
        ("OUTPUT2", "23% on income", percent(2300), true, false, "OUTPUT"),
        ("INPUT2", "23% on expenses", percent(2300), false, true, "INPUT"),
        (
            "RROUTPUT",
            "13.5% on income",
            percent(1350),
            true,
            false,
            "RROUTPUT",
        ),
        (
            "RRINPUT",
            "13.5% on expenses",
            percent(1350),
            false,
            true,
            "RRINPUT",
        ),
        (
            "ZERORATEDOUTPUT",
            "Zero rated income",
            percent(0),
            true,
            false,
            "ZERORATEDOUTPUT",
        ),
        (
            "ZERORATEDINPUT",
            "Zero rated expenses",
            percent(0),
            false,
            true,
            "ZERORATEDINPUT",
        ),
        NONE,
    ],
    ..UNITED_KINGDOM
};

const AUSTRALIA: Region = Region {
    country_code: "AU",
    country: "Australia",
    time_zone: "Australia/Sydney",
    year_end: (6, 30),
    sales_tax: "OUTPUT",
    purchase_tax: "INPUT",
    exempt_sales: "EXEMPTOUTPUT",
    exempt_purchases: "EXEMPTEXPENSES",
    rates: &[
        ("OUTPUT", "GST on income", percent(1000), true, false, "OUTPUT"),
        ("INPUT", "GST on expenses", percent(1000), false, true, "INPUT"),
        (
            "EXEMPTOUTPUT",
            "GST free income",
            percent(0),
            true,
            false,
            "EXEMPTOUTPUT",
        ),
        (
            "EXEMPTEXPENSES",
            "GST free expenses",
            percent(0),
            false,
            true,
            "EXEMPTEXPENSES",
        ),
        (
            "BASEXCLUDED",
            "Not reported",
            percent(0),
            true,
            true,
            "BASEXCLUDED",
        ),
        NONE,
    ],
};

const NEW_ZEALAND: Region = Region {
    country_code: "NZ",
    country: "New Zealand",
    time_zone: "Pacific/Auckland",
    year_end: (3, 31),
    sales_tax: "OUTPUT2",
    purchase_tax: "INPUT2",
    exempt_sales: "ZERORATEDOUTPUT",
    exempt_purchases: "NONE",
    rates: &[
        (
            "OUTPUT2",
            "15% GST on income",
            percent(1500),
            true,
            false,
            "OUTPUT",
        ),
        (
            "INPUT2",
            "15% GST on expenses",
            percent(1500),
            false,
            true,
            "INPUT",
        ),
        (
            "ZERORATEDOUTPUT",
            "Zero rated",
            percent(0),
            true,
            false,
            "ZERORATEDOUTPUT",
        ),
        NONE,
    ],
};

const UNITED_STATES: Region = Region {
    country_code: "US",
    country: "United States",
    time_zone: "America/New_York",
    year_end: (12, 31),
    sales_tax: "OUTPUT",
    purchase_tax: "INPUT",
    exempt_sales: "NONE",
    exempt_purchases: "NONE",
    rates: &[
        ("OUTPUT", "Tax on sales", percent(825), true, false, "OUTPUT"),
        ("INPUT", "Tax on purchases", percent(825), false, true, "INPUT"),
        (
            "EXEMPTOUTPUT",
            "Sales tax exempt",
            percent(0),
            true,
            false,
            "EXEMPTOUTPUT",
        ),
        NONE,
    ],
};

/// From hundredths of a percent.
const fn percent(hundredths: u32) -> Decimal {
    Decimal::from_parts(hundredths, 0, 0, false, 2)
}

/// What an account's lines are taxed with.
#[derive(Clone, Copy)]
enum Tax {
    Sales,
    Purchase,
    None,
}

/// Code, name, kind, role, tax.
const ACCOUNTS: &[(&str, &str, AccountKind, Option<SystemRole>, Tax)] = &[
    ("200", "Sales of goods", K::Sales, None, Tax::Sales),
    ("205", "Service fees", K::Revenue, None, Tax::Sales),
    ("210", "Maintenance contracts", K::Revenue, None, Tax::Sales),
    ("220", "Delivery charged", K::Revenue, None, Tax::Sales),
    ("260", "Sundry income", K::OtherIncome, None, Tax::Sales),
    ("270", "Interest received", K::OtherIncome, None, Tax::None),
    ("310", "Goods for resale", K::DirectCosts, None, Tax::Purchase),
    ("320", "Subcontractors", K::DirectCosts, None, Tax::Purchase),
    ("325", "Direct wages", K::DirectCosts, None, Tax::None),
    ("330", "Inward freight", K::DirectCosts, None, Tax::Purchase),
    ("400", "Advertising", K::Overheads, None, Tax::Purchase),
    ("404", "Bank charges", K::Overheads, None, Tax::None),
    ("408", "Cleaning", K::Overheads, None, Tax::Purchase),
    (
        "412",
        "Consulting and accounting",
        K::Overheads,
        None,
        Tax::Purchase,
    ),
    ("416", "Depreciation", K::Depreciation, None, Tax::None),
    ("420", "Entertainment", K::Expense, None, Tax::None),
    ("425", "Postage and couriers", K::Expense, None, Tax::Purchase),
    ("429", "General expenses", K::Expense, None, Tax::Purchase),
    ("433", "Insurance", K::Expense, None, Tax::None),
    ("437", "Interest paid", K::Expense, None, Tax::None),
    ("441", "Legal fees", K::Expense, None, Tax::Purchase),
    ("445", "Light, power and heating", K::Expense, None, Tax::Purchase),
    ("449", "Vehicle costs", K::Expense, None, Tax::Purchase),
    ("453", "Office supplies", K::Expense, None, Tax::Purchase),
    ("463", "Software and hosting", K::Expense, None, Tax::Purchase),
    ("469", "Rent", K::Overheads, None, Tax::Purchase),
    ("473", "Repairs", K::Expense, None, Tax::Purchase),
    ("477", "Salaries", K::Overheads, None, Tax::None),
    ("482", "Pension costs", K::Overheads, None, Tax::None),
    ("489", "Telephone and internet", K::Expense, None, Tax::Purchase),
    ("493", "Travel", K::Expense, None, Tax::Purchase),
    (
        "497",
        "Currency revaluations of bank accounts",
        K::Expense,
        Some(R::BankRevaluations),
        Tax::None,
    ),
    (
        "498",
        "Unrealised currency gains",
        K::Expense,
        Some(R::UnrealisedCurrencyGains),
        Tax::None,
    ),
    (
        "499",
        "Realised currency gains",
        K::Expense,
        Some(R::RealisedCurrencyGains),
        Tax::None,
    ),
    (
        "610",
        "Trade debtors",
        K::CurrentAsset,
        Some(R::Receivables),
        Tax::None,
    ),
    ("620", "Prepayments", K::Prepayment, None, Tax::None),
    ("630", "Stock", K::Inventory, None, Tax::None),
    ("710", "Office equipment", K::FixedAsset, None, Tax::Purchase),
    (
        "711",
        "Depreciation of office equipment",
        K::FixedAsset,
        None,
        Tax::None,
    ),
    ("720", "Vehicles", K::FixedAsset, None, Tax::Purchase),
    ("721", "Depreciation of vehicles", K::FixedAsset, None, Tax::None),
    ("750", "Deposits paid", K::NonCurrentAsset, None, Tax::None),
    (
        "800",
        "Trade creditors",
        K::CurrentLiability,
        Some(R::Payables),
        Tax::None,
    ),
    (
        "801",
        "Unpaid expense claims",
        K::CurrentLiability,
        Some(R::UnpaidExpenseClaims),
        Tax::None,
    ),
    ("814", "Wages payable", K::CurrentLiability, None, Tax::None),
    (
        "820",
        "Sales tax",
        K::CurrentLiability,
        Some(R::SalesTax),
        Tax::None,
    ),
    ("825", "Payroll taxes", K::CurrentLiability, None, Tax::None),
    (
        "840",
        "Historical adjustment",
        K::CurrentLiability,
        Some(R::HistoricalAdjustment),
        Tax::None,
    ),
    ("850", "Suspense", K::Liability, None, Tax::None),
    (
        "860",
        "Rounding",
        K::CurrentLiability,
        Some(R::Rounding),
        Tax::None,
    ),
    (
        "877",
        "Tracking transfers",
        K::CurrentLiability,
        Some(R::TrackingTransfers),
        Tax::None,
    ),
    ("900", "Bank loan", K::TermLiability, None, Tax::None),
    (
        "960",
        "Retained earnings",
        K::Equity,
        Some(R::RetainedEarnings),
        Tax::None,
    ),
    ("970", "Owner funds", K::Equity, None, Tax::None),
];

/// Code, name, kind, number.
const BANKS: &[(&str, &str, BankKind, &str)] = &[
    ("090", "Current account", BankKind::Bank, "20-45-77 10338821"),
    ("091", "Savings account", BankKind::Bank, "20-45-77 10338839"),
    ("092", "Payroll account", BankKind::Bank, "20-45-77 10338847"),
    ("095", "Company card", BankKind::CreditCard, "XXXX-XXXX-XXXX-4417"),
];

/// Code, name, kind: used before, and archived since.
const ARCHIVED: &[(&str, &str, AccountKind)] = &[
    ("406", "Fax and telex", K::Expense),
    ("265", "Grants received", K::OtherIncome),
];

/// Put accounts and tax rates into the books.
pub(super) fn fill(
    ledger: &mut Ledger,
    region: Region,
    fed_accounts: usize,
    random: &mut Random,
    at: Timestamp,
) {
    let currency = ledger.facts.base_currency.clone();
    for (index, (code, name, kind, number)) in BANKS.iter().enumerate() {
        let bank = BankDetails {
            kind: *kind,
            number: (*number).to_owned(),
            currency: currency.clone(),
            fed: index < fed_accounts,
        };
        let mut account = account(random, at, (code, name, K::Bank), "NONE");
        account.bank = Some(bank);
        ledger.accounts.put(account);
    }
    for (code, name, kind, role, tax) in ACCOUNTS {
        let tax_code = match tax {
            Tax::Sales => region.sales_tax,
            Tax::Purchase => region.purchase_tax,
            Tax::None => "NONE",
        };
        let mut account = account(random, at, (code, name, *kind), tax_code);
        account.role = *role;
        account.takes_payments = *code == "970";
        ledger.accounts.put(account);
    }
    for (code, name, kind) in ARCHIVED {
        let mut account = account(random, at, (code, name, *kind), "NONE");
        account.status = ActiveStatus::Archived;
        ledger.accounts.put(account);
    }
    for (code, name, percent, for_sales, for_purchases, category) in region.rates {
        let components = vec![TaxComponent {
            name: (*name).to_owned(),
            rate: *percent,
            is_compound: false,
        }];
        let mut rate = tax_rate(random, at, (code, name), components);
        (rate.for_sales, rate.for_purchases) = (*for_sales, *for_purchases);
        rate.report_category = (*category).to_owned();
        ledger.tax_rates.put(rate);
    }
    let levy = |percent| TaxComponent {
        name: "Recycling levy".to_owned(),
        rate: percent,
        is_compound: false,
    };
    let on_top = TaxComponent {
        name: "Sales tax".to_owned(),
        rate: percent(800),
        is_compound: true,
    };
    let compound = tax_rate(
        random,
        at,
        ("TAX001", "Levy and sales tax"),
        vec![levy(percent(250)), on_top],
    );
    ledger.tax_rates.put(compound);
    let mut former = tax_rate(random, at, ("TAX002", "Former levy"), vec![levy(percent(200))]);
    former.status = ActiveStatus::Archived;
    ledger.tax_rates.put(former);
    match ledger.facts.platform {
        Platform::Xero => {}
        Platform::QuickBooksOnline => quickbooks_online::refit(ledger, random, at),
    }
}

fn account(random: &mut Random, at: Timestamp, facts: (&str, &str, AccountKind), tax_code: &str) -> Account {
    let (code, name, kind) = facts;
    Account {
        meta: Meta::new(random.id(), at),
        code: code.to_owned(),
        name: name.to_owned(),
        description: if kind == K::Bank {
            String::new()
        } else {
            format!("Everything booked as {}", name.to_lowercase())
        },
        kind,
        status: ActiveStatus::Active,
        role: None,
        tax_code: tax_code.to_owned(),
        bank: None,
        takes_payments: false,
        parent: None,
    }
}

fn tax_rate(
    random: &mut Random,
    at: Timestamp,
    names: (&str, &str),
    mut components: Vec<TaxComponent>,
) -> TaxRate {
    components
        .iter_mut()
        .for_each(|component| component.rate = component.rate.normalize());
    let display_rate = components.iter().map(|component| component.rate).sum();
    let simple: Decimal = components
        .iter()
        .filter(|component| !component.is_compound)
        .map(|component| component.rate)
        .sum();
    let compound: Decimal = components
        .iter()
        .filter(|component| component.is_compound)
        .map(|component| component.rate)
        .sum();
    let effective_rate = simple + compound + simple * compound / Decimal::ONE_HUNDRED;
    TaxRate {
        meta: Meta::new(random.id(), at),
        code: names.0.to_owned(),
        name: names.1.to_owned(),
        status: ActiveStatus::Active,
        components,
        display_rate,
        effective_rate: effective_rate.normalize(),
        for_sales: true,
        for_purchases: true,
        report_category: "OUTPUT".to_owned(),
    }
}
