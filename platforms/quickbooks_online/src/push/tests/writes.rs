use ledgerline_model::DataType;
use ledgerline_model::push::ExpenseKind;
use ledgerline_platform::push::{File, Named, Posted, Push, Written};
use ledgerline_platform::{Content, Error, Row};
use ledgerline_platform_testing::{World, category, line, posted};
use ledgerline_sandbox::ledger::{ActiveStatus, List};

use super::fakes::key;
use crate::push::QuickBooksPush;
use crate::world;

/// The first class.
fn class(world: &World) -> String {
    format!("CLASS_{}", world.ledger().option_number(0, 0))
}

/// What the books say that a bank transaction comes to.
fn total(world: &World, posted: &Posted) -> String {
    let ledger = world.ledger();
    let id = ledger
        .numbered(List::BankTransactions, posted.id.parse().unwrap())
        .unwrap();
    ledger.bank_transactions.get(id).unwrap().totals.total.to_string()
}

#[tokio::test]
async fn every_kind_is_booked_once_and_found_by_its_key() {
    for currency in ["USD", "GBP"] {
        let world = world::of(currency).await;
        let mut all = Vec::new();
        for (number, kind) in ExpenseKind::ALL.into_iter().enumerate() {
            for account in [world.bank(), world.card()] {
                let mut order = world.order(kind);
                order.transaction = format!("{number}-{account}");
                order.bank_account = account;
                if kind.is_transfer() {
                    order.lines[0].account = if order.bank_account == world.bank() {
                        world.card()
                    } else {
                        world.bank()
                    };
                }
                let label = format!("{kind:?} in {currency} on {}", order.bank_account);
                assert_eq!(world.find(&order).await, None, "{label}");
                let first = posted(world.send(&order).await);
                let again = posted(world.send(&order).await);
                assert_eq!(first, again, "{label}");
                assert_eq!(
                    world.find(&order).await,
                    Some(Written::Posted(first.clone())),
                    "{label}"
                );
                let rows = QuickBooksPush
                    .read_back(&world.cx, &world.books(), &first)
                    .await
                    .unwrap();
                assert!(
                    rows.iter()
                        .any(|row| Some(row.data_type.key()) == first.data_type.as_deref()
                            && row.remote_id == first.id
                            && matches!(row.content, Content::Present(_))),
                    "{label}: {rows:?}"
                );
                all.push((first, rows));
            }
        }
        let posted_all: Vec<_> = all.iter().map(|(first, _)| first.clone()).collect();
        let listed = QuickBooksPush
            .read_back_listed(&world.cx, &world.books(), &posted_all)
            .await
            .unwrap();
        let texts = |rows: Vec<&Row>| {
            let mut texts: Vec<String> = rows.into_iter().map(|row| format!("{row:?}")).collect();
            texts.sort();
            texts
        };
        assert_eq!(
            texts(listed.iter().flatten().collect()),
            texts(all.iter().flat_map(|(_, rows)| rows).collect())
        );
    }
}

#[tokio::test]
async fn net_and_tax_come_to_what_was_paid() {
    let world = world::of("GBP").await;
    let code = {
        let ledger = world.ledger();
        let rate = ledger
            .tax_rates
            .iter()
            .find(|rate| rate.effective_rate.to_string().starts_with("20"))
            .unwrap();
        ledger.api_id(List::TaxRates, rate.meta.id)
    };
    let mut payment = world.order(ExpenseKind::Payment);
    payment.lines = vec![line("10.02", "2.00", &code, &world.expense_account())];
    assert_eq!(total(&world, &posted(world.send(&payment).await)), "12.02");
    let world = world::of("USD").await;
    let mut payment = world.order(ExpenseKind::Payment);
    payment.lines[0].tax = "1.23".parse().unwrap();
    payment.lines[0].tracking = vec![category(&class(&world))];
    assert_eq!(total(&world, &posted(world.send(&payment).await)), "25.83");
}

#[tokio::test]
async fn other_content_takes_the_place_of_what_was_posted() {
    let world = world::of("USD").await;
    let mut payment = world.order(ExpenseKind::Payment);
    let written = posted(world.send(&payment).await);
    payment.lines[0].net = "30".parse().unwrap();
    let references = world.references(&payment).await;
    let key = key("t-1", 1);
    let prepared = QuickBooksPush
        .prepare_update(&payment, &written, &key, &references)
        .unwrap();
    let changed = posted(
        QuickBooksPush
            .send(&world.cx, &world.books(), &prepared, &key)
            .await,
    );
    assert_eq!(changed.id, written.id);
    assert_ne!(changed.version, written.version);
    assert_eq!(total(&world, &written), "30.00");
    let found = QuickBooksPush
        .find(&world.cx, &world.books(), &prepared, &key)
        .await
        .unwrap();
    assert_eq!(found, Some(Written::Posted(changed)));
    // Somebody else may have changed it meanwhile.
    let other = super::fakes::key("t-1", 2);
    let prepared = QuickBooksPush
        .prepare_update(&payment, &written, &other, &references)
        .unwrap();
    let stale = QuickBooksPush
        .send(&world.cx, &world.books(), &prepared, &other)
        .await;
    assert!(matches!(stale, Err(Error::Rejected { code, .. }) if code == "5010"));
}

#[tokio::test]
async fn what_quickbooks_refuses_is_rejected_in_its_words() {
    let world = world::of("USD").await;
    let payment = world.order(ExpenseKind::Payment);
    let prepared = world.prepare(&payment).await;
    world.simulated.change(|ledger| {
        let id = ledger.account_by_code("453").unwrap().meta.id;
        ledger.accounts.get_mut(id).unwrap().status = ActiveStatus::Archived;
    });
    let Err(Error::Rejected { code, message, .. }) = world.send_prepared(&payment, &prepared).await else {
        panic!("taken")
    };
    assert_eq!(code, "610");
    assert!(message.starts_with("Object Not Found"), "{message}");
}

#[tokio::test]
async fn what_an_order_names_is_told_as_it_is_now() {
    let world = world::of("GBP").await;
    let archived = world.expense_account();
    let supplier = world.contact(ledgerline_model::push::ContactKind::Supplier).id;
    world.simulated.change(|ledger| {
        let id = ledger.account_by_code("453").unwrap().meta.id;
        ledger.accounts.get_mut(id).unwrap().status = ActiveStatus::Archived;
    });
    let named = |data_type, id: &str| Named {
        data_type,
        id: id.to_owned(),
    };
    let wanted = [
        named(DataType::ChartOfAccounts, &archived),
        named(DataType::BankAccounts, &world.bank()),
        named(DataType::BankAccounts, &archived),
        named(DataType::Suppliers, &supplier),
        named(DataType::Customers, "99999"),
        named(DataType::Customers, "1' OR '1"),
        named(DataType::TaxRates, "NON"),
        named(DataType::TrackingCategories, &class(&world)),
        named(DataType::TrackingCategories, "DEPARTMENT_99"),
    ];
    let found = QuickBooksPush
        .references(&world.cx, &world.books(), &wanted)
        .await
        .unwrap();
    assert_eq!(found.base_currency.as_deref(), Some("GBP"));
    let told: Vec<_> = found
        .objects
        .iter()
        .map(|object| (object.data_type, object.is_archived))
        .collect();
    assert_eq!(
        told,
        [
            (DataType::Company, false),
            (DataType::ChartOfAccounts, true),
            (DataType::BankAccounts, false),
            (DataType::Suppliers, false),
            (DataType::TrackingCategories, false),
            (DataType::TaxRates, false),
        ]
    );
}

#[tokio::test]
async fn a_file_is_kept_once() {
    let world = world::of("USD").await;
    let written = posted(world.send(&world.order(ExpenseKind::Payment)).await);
    let file = File {
        name: "receipt-1.pdf".into(),
        content_type: "application/pdf".into(),
        content: "%PDF-1.7\r\n--ledgerline-0\r\n".into(),
        note: Some("Lunch with \"Kern\"".into()),
        include_on_send: true,
    };
    for _ in 0..2 {
        QuickBooksPush
            .attach(&world.cx, &world.books(), &written, &file)
            .await
            .unwrap();
    }
    let kept: Vec<_> = {
        let ledger = world.ledger();
        let kept = ledger.attachments.iter();
        kept.map(|kept| (kept.file_name.clone(), kept.content_type.clone(), kept.size))
            .collect()
    };
    assert_eq!(
        kept,
        [(
            "receipt-1.pdf".to_owned(),
            "application/pdf".to_owned(),
            file.content.len() as u64
        )]
    );
    let octets = File {
        content_type: "application/octet-stream".into(),
        name: "x.bin".into(),
        ..file
    };
    let refused = QuickBooksPush
        .attach(&world.cx, &world.books(), &written, &octets)
        .await;
    assert!(matches!(refused, Err(Error::Rejected { .. })), "{refused:?}");
}
