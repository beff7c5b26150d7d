use jiff::Timestamp;

use super::*;
use crate::ledger::{DocumentStatus, LineAmounts, agreement};

fn now() -> Timestamp {
    "2026-03-17T10:00:00Z".parse().expect("an instant")
}

#[test]
fn books_agree_whatever_the_seed() {
    for seed in 0..24 {
        let currency = ["GBP", "USD", "AUD", "NZD", "EUR"][seed as usize % 5].to_owned();
        let wish = Wish {
            platform: [Platform::Xero, Platform::QuickBooksOnline][seed as usize % 2],
            seed,
            copy: 0,
            months: 3 + seed as u32,
            invoices: 60 + 20 * seed as usize,
            currency,
            fed_accounts: 1,
        };
        let ledger = company(&wish, now());
        agreement::check(&ledger);
        assert!(
            agreement::last_day(&ledger) <= today(now()),
            "nothing is booked in the future"
        );
        for invoice in &ledger.invoices {
            assert!(invoice.meta.updated_at <= now() && invoice.meta.created_at <= invoice.meta.updated_at);
        }
    }
}

#[test]
fn same_seed_gives_same_books() {
    let wish = Wish::default();
    let text = |ledger: &Ledger| serde_json::to_string(ledger).expect("JSON");
    assert_eq!(text(&company(&wish, now())), text(&company(&wish, now())));
    let other = Wish {
        seed: 2,
        ..Wish::default()
    };
    assert_ne!(text(&company(&wish, now())), text(&company(&other, now())));
}

#[test]
fn books_survive_the_state_file() {
    let ledger = company(&Wish::default(), now());
    let text = serde_json::to_string(&ledger).expect("JSON");
    let read: Ledger = serde_json::from_str(&text).expect("the same books");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
    agreement::check(&read);
}

#[test]
fn a_year_holds_every_kind_of_document() {
    let ledger = company(
        &Wish {
            invoices: 600,
            ..Wish::default()
        },
        now(),
    );
    for status in [
        DocumentStatus::Draft,
        DocumentStatus::Submitted,
        DocumentStatus::Authorised,
        DocumentStatus::Paid,
        DocumentStatus::Void,
    ] {
        assert!(
            ledger.invoices.iter().any(|invoice| invoice.status == status),
            "{status:?}"
        );
    }
    assert!(ledger.invoices.iter().any(|invoice| invoice.meta.deleted));
    assert!(
        ledger
            .invoices
            .iter()
            .any(|invoice| invoice.currency != ledger.facts.base_currency)
    );
    assert!(
        ledger
            .invoices
            .iter()
            .any(|invoice| invoice.settlements.len() > 1)
    );
    assert!(
        ledger
            .credit_notes
            .iter()
            .any(|note| !note.allocations.is_empty())
    );
    assert!(ledger.payments.iter().any(|payment| payment.meta.deleted));
    assert!(
        ledger
            .contacts
            .iter()
            .any(|contact| !contact.is_customer && !contact.is_supplier)
    );
    assert!(
        ledger
            .accounts
            .iter()
            .filter(|account| account.bank.is_some())
            .count()
            >= 3
    );
    assert_eq!(
        ledger
            .accounts
            .iter()
            .filter(|account| account.role.is_some())
            .count(),
        11
    );
    let in_the_books: std::collections::HashSet<_> =
        ledger.accounts.iter().map(|account| &account.code).collect();
    assert_eq!(in_the_books.len(), ledger.accounts.len(), "codes are unique");
}

#[test]
fn books_hold_what_their_platform_can() {
    let wish = Wish {
        platform: Platform::QuickBooksOnline,
        invoices: 600,
        ..Wish::default()
    };
    let ledger = company(&wish, now());
    agreement::check(&ledger);
    let in_books = |status| match status {
        DocumentStatus::Authorised | DocumentStatus::Paid | DocumentStatus::Void => true,
        DocumentStatus::Draft | DocumentStatus::Submitted => false,
    };
    assert!(ledger.invoices.iter().all(|invoice| in_books(invoice.status)));
    assert!(ledger.invoices.iter().any(|invoice| invoice.meta.deleted));
    assert!(
        ledger
            .invoices
            .iter()
            .any(|invoice| invoice.status == DocumentStatus::Void)
    );
    assert!(
        ledger
            .contacts
            .iter()
            .all(|contact| contact.is_customer != contact.is_supplier)
    );
    assert!(ledger.accounts.iter().any(|account| account.parent.is_some()));
    assert!(ledger.opening.lines.is_empty(), "opening balances are a journal");
    let lines = ledger.invoices.iter().flat_map(|invoice| &invoice.lines);
    assert!(lines.clone().all(|line| line.discount_rate.is_none()));
    assert!(
        ledger
            .invoices
            .iter()
            .all(|invoice| invoice.line_amounts != LineAmounts::Inclusive)
    );
    assert!(ledger.bank_transactions.iter().any(|money| ledger.is_sale(money)));
    let foreign = ledger
        .invoices
        .iter()
        .find(|invoice| invoice.currency_rate != Decimal::ONE);
    let rate = Decimal::ONE / foreign.expect("a foreign invoice").currency_rate;
    assert_eq!(
        rate.round_dp(20),
        rate.round_dp(6),
        "the rate is told with six places"
    );
    // The same company in both: the same names, and as many documents.
    let other = company(
        &Wish {
            platform: Platform::Xero,
            ..wish
        },
        now(),
    );
    assert_eq!(other.facts.name, ledger.facts.name);
    assert_eq!(other.invoices.len(), ledger.invoices.len());
}

#[test]
fn ledger_of_no_invoices_agrees() {
    agreement::check(&company(
        &Wish {
            invoices: 0,
            months: 0,
            ..Wish::default()
        },
        now(),
    ));
}

/// Slow without optimisation: `cargo test --release -p ledgerline-sandbox -- --ignored`.
#[test]
#[cfg_attr(debug_assertions, ignore = "slow without optimisation")]
fn hundred_thousand_invoices_agree() {
    let started = std::time::Instant::now();
    let ledger = company(
        &Wish {
            invoices: 100_000,
            months: 36,
            ..Wish::default()
        },
        now(),
    );
    println!("made in {:?}", started.elapsed());
    let started = std::time::Instant::now();
    assert_eq!(
        ledger.trial_balance(today(now())).values().sum::<Decimal>(),
        Decimal::ZERO
    );
    println!("reported in {:?}", started.elapsed());
}
