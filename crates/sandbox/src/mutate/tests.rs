use std::collections::HashSet;

use super::*;
use crate::{
    generate::{Wish, company},
    ledger::{Platform, agreement},
};

fn now() -> Timestamp {
    "2026-03-17T10:00:00Z".parse().expect("an instant")
}

#[test]
fn books_agree_after_every_mutation() {
    for seed in 0..12 {
        let mut ledger = company(
            &Wish {
                platform: [Platform::Xero, Platform::QuickBooksOnline][seed as usize % 2],
                seed,
                invoices: 150,
                ..Wish::default()
            },
            now(),
        );
        for round in 0..3 {
            let at = now() + jiff::SignedDuration::from_hours(24 * (round + 1));
            let mutation = Mutation {
                seed,
                creates: 60,
                edits: 60,
                deletes: 40,
                voids: 15,
                restores: 12,
                adjustments: 0,
            };
            let changes = mutation.apply(&mut ledger, at);
            // Where less can be voided, it comes to an end.
            assert!((180..=187).contains(&changes.len()), "{}", changes.len());
            agreement::check(&ledger);
        }
    }
}

#[test]
fn every_change_is_newer_and_of_its_type() {
    let mut ledger = company(&Wish::default(), now());
    let later = now() + jiff::SignedDuration::from_hours(5);
    let before = ledger.clone();
    let changes = Mutation {
        seed: 4,
        creates: 30,
        edits: 32,
        deletes: 26,
        voids: 10,
        ..Mutation::default()
    }
    .apply(&mut ledger, later);
    let today = today(later);
    for change in &changes {
        let rows = ledger.rows(change.data_type, today).expect("a known type");
        let Some(row) = rows.iter().find(|row| row.id == change.id) else {
            assert_eq!(
                change.data_type, "journalEntries",
                "only a draft is in no ledger: {change:?}"
            );
            continue;
        };
        assert_eq!(row.updated_at, later, "{change:?}");
        match change.what {
            "delete" => assert!(row.deleted, "{change:?}"),
            "void" => assert_eq!(row.status, Some("void"), "{change:?}"),
            "create" if change.data_type != "trackingCategories" => {
                let earlier = before.rows(change.data_type, today).expect("a known type");
                assert!(earlier.iter().all(|row| row.id != change.id), "{change:?}");
            }
            _ => {}
        }
    }
    let types: HashSet<_> = changes.iter().map(|change| change.data_type).collect();
    assert!(types.len() >= 16, "all types are touched: {types:?}");
}

#[test]
fn same_seed_gives_same_changes() {
    let mutation = Mutation {
        seed: 9,
        creates: 20,
        edits: 20,
        deletes: 10,
        voids: 5,
        restores: 4,
        adjustments: 0,
    };
    let mut ledger = company(&Wish::default(), now());
    let mut twin = ledger.clone();
    assert_eq!(
        mutation.apply(&mut ledger, now()),
        mutation.apply(&mut twin, now())
    );
}

#[test]
fn what_was_deleted_comes_back_under_its_id() {
    let mut ledger = company(&Wish::default(), now());
    let later = now() + jiff::SignedDuration::from_hours(5);
    let changing = |deletes, restores| Mutation {
        seed: 3,
        deletes,
        restores,
        ..Mutation::default()
    };
    changing(30, 0).apply(&mut ledger, later);
    let before = ledger.clone();
    let restored = changing(0, 7).apply(&mut ledger, later);
    assert_eq!(restored.len(), 7);
    for change in &restored {
        let is_live = |ledger: &Ledger| {
            let rows = ledger.rows(change.data_type, today(later)).expect("a known type");
            rows.iter().any(|row| row.id == change.id && !row.deleted)
        };
        assert!(!is_live(&before) && is_live(&ledger), "{change:?}");
    }
    agreement::check(&ledger);
}
