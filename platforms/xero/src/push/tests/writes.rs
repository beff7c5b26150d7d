use ledgerline_model::DataType;
use ledgerline_model::push::{ExpenseKind, Tracking, TrackingKind};
use ledgerline_platform::push::{File, Named, Push, Written};
use ledgerline_platform::{Content, Error};
use ledgerline_platform_testing::{line, posted};
use ledgerline_sandbox::ledger::ActiveStatus;

use super::fakes::key;
use super::world;
use crate::push::XeroPush;

#[tokio::test]
async fn a_payment_is_in_the_books_to_the_cent_and_is_read_as_the_pull_reads_it() {
    let world = world::new().await;
    let mut payment = world.order(ExpenseKind::Payment);
    // 20 % of 10.03 would be 2.01.
    payment
        .lines
        .push(line("10.03", "2.00", "INPUT2", &world.expense_account()));
    let option = {
        let ledger = world.ledger();
        let category = ledger.tracking.iter().next().unwrap();
        category
            .options
            .iter()
            .find(|option| !option.deleted)
            .unwrap()
            .id
            .to_string()
    };
    payment.lines[1].tracking = vec![Tracking {
        id: option.clone(),
        kind: TrackingKind::Category,
    }];
    let written = posted(world.send(&payment).await);
    assert_eq!(written.data_type.as_deref(), Some("directCosts"));
    {
        let ledger = world.ledger();
        let document = ledger.bank_transactions.get(written.id.parse().unwrap()).unwrap();
        assert_eq!(document.totals.total.to_string(), "36.63");
        assert_eq!(document.totals.total_tax.to_string(), "2.00");
        assert_eq!(document.reference, key("t-1", 0).as_str());
        assert_eq!(
            document.lines[0].description,
            "Paper & Pen - Pens - For the office"
        );
        assert_eq!(document.lines[1].tracking[0].option.to_string(), option);
    }
    let rows = XeroPush
        .read_back(&world.cx, &world.books(), &written)
        .await
        .unwrap();
    let types: Vec<_> = rows.iter().map(|row| row.data_type).collect();
    assert_eq!(types, [DataType::AccountTransactions, DataType::DirectCosts]);
    let Content::Present(cost) = &rows[1].content else {
        panic!("{rows:?}")
    };
    assert!(
        cost.standard.json.contains("\"totalAmount\":36.63"),
        "{}",
        cost.standard.json
    );
    assert_eq!(world.find(&payment).await, Some(Written::Posted(written)));
}

#[tokio::test]
async fn every_kind_is_booked_once_and_found_by_its_key() {
    let world = world::new().await;
    let clearing = world.account(|account| account.code == "850");
    let mut all = Vec::new();
    for kind in ExpenseKind::ALL {
        if !XeroPush.about().kinds.contains(&kind) {
            continue;
        }
        let mut order = world.order(kind);
        order.transaction = format!("{kind:?}");
        if kind.is_transfer() {
            order.lines[0].account = world.account(|account| {
                account.bank.as_ref().is_some_and(|bank| bank.currency == "GBP")
                    && account.meta.id.to_string() != order.bank_account
            });
        }
        assert_eq!(world.find(&order).await, None, "{kind:?}");
        let first = posted(world.send(&order).await);
        let again = posted(world.send(&order).await);
        assert_eq!(first, again, "{kind:?}");
        assert_eq!(
            world.find(&order).await,
            Some(Written::Posted(first.clone())),
            "{kind:?}"
        );
        let rows = XeroPush
            .read_back(&world.cx, &world.books(), &first)
            .await
            .unwrap();
        assert!(
            rows.iter()
                .any(|row| Some(row.data_type.key()) == first.data_type.as_deref()
                    && matches!(row.content, Content::Present(_))),
            "{kind:?}: {rows:?}"
        );
        all.push((first, rows));
    }
    let posted_all: Vec<_> = all.iter().map(|(first, _)| first.clone()).collect();
    let listed = XeroPush
        .read_back_listed(&world.cx, &world.books(), &posted_all)
        .await
        .unwrap();
    let mut listed: Vec<String> = listed.iter().flatten().map(|row| format!("{row:?}")).collect();
    let bank = all.iter().filter(|(first, _)| first.object == "BankTransaction");
    let mut one_by_one: Vec<String> = bank
        .flat_map(|(_, rows)| rows)
        .map(|row| format!("{row:?}"))
        .collect();
    listed.sort();
    one_by_one.sort();
    assert!(one_by_one.len() > 4, "{one_by_one:?}");
    assert_eq!(listed, one_by_one);
    let mut journal = world.order(ExpenseKind::AdjustmentIn);
    journal.transaction = "journal".into();
    journal.bank_account = clearing;
    let written = posted(world.send(&journal).await);
    assert_eq!(written.object, "ManualJournal");
    assert_eq!(world.find(&journal).await, Some(Written::Posted(written)));
}

#[tokio::test]
async fn a_deleted_document_is_found_too() {
    let world = world::new().await;
    let payment = world.order(ExpenseKind::Payment);
    let written = posted(world.send(&payment).await);
    world.simulated.change(|ledger| {
        let id = written.id.parse().unwrap();
        ledger.bank_transactions.get_mut(id).unwrap().meta.deleted = true;
    });
    assert_eq!(world.find(&payment).await, Some(Written::Posted(written)));
}

#[tokio::test]
async fn other_content_takes_the_place_of_what_was_posted() {
    let world = world::new().await;
    let mut payment = world.order(ExpenseKind::Payment);
    let written = posted(world.send(&payment).await);
    payment.lines[0].net = "30".parse().unwrap();
    let references = world.references(&payment).await;
    let key = key("t-1", 1);
    let prepared = XeroPush
        .prepare_update(&payment, &written, &key, &references)
        .unwrap();
    let changed = posted(XeroPush.send(&world.cx, &world.books(), &prepared, &key).await);
    assert_eq!(changed, written);
    let found = XeroPush
        .find(&world.cx, &world.books(), &prepared, &key)
        .await
        .unwrap();
    assert_eq!(found, Some(Written::Posted(changed)));
    let ledger = world.ledger();
    let document = ledger.bank_transactions.get(written.id.parse().unwrap()).unwrap();
    assert_eq!(
        (document.totals.total.to_string().as_str(), document.lines.len()),
        ("30.00", 1)
    );
}

#[tokio::test]
async fn what_xero_refuses_is_rejected_in_its_words() {
    let world = world::new().await;
    let payment = world.order(ExpenseKind::Payment);
    let mut transfer = world.order(ExpenseKind::TransferOut);
    transfer.lines[0].account = world.card();
    let prepared = world.prepare(&payment).await;
    world.simulated.change(|ledger| {
        ledger.facts.period_lock_date = Some("2026-03-12".parse().unwrap());
        let id = ledger.account_by_code("429").unwrap().meta.id;
        ledger.accounts.get_mut(id).unwrap().status = ActiveStatus::Archived;
    });
    let Err(Error::Rejected { code, message, .. }) = world.send_prepared(&payment, &prepared).await else {
        panic!("taken")
    };
    assert_eq!(code, "10");
    assert!(
        message.contains("is not after the lock date 2026-03-12"),
        "{message}"
    );
    assert!(message.contains("has been archived or deleted"), "{message}");
    let refused = world.send(&transfer).await;
    assert!(matches!(refused, Err(Error::Rejected { .. })), "{refused:?}");
    assert_eq!(world.find(&transfer).await, None);
}

#[tokio::test]
async fn what_an_order_names_is_told_as_it_is_now() {
    let world = world::new().await;
    let payment = world.order(ExpenseKind::Payment);
    let archived = world.expense_account();
    world.simulated.change(|ledger| {
        let id = archived.parse().unwrap();
        ledger.accounts.get_mut(id).unwrap().status = ActiveStatus::Archived;
    });
    let named = |data_type, id: &str| Named {
        data_type,
        id: id.to_owned(),
    };
    let wanted = [
        named(DataType::ChartOfAccounts, &archived),
        named(DataType::BankAccounts, &payment.bank_account),
        named(DataType::BankAccounts, &archived),
        named(DataType::Suppliers, &payment.contact.as_ref().unwrap().id),
        named(DataType::Customers, "00000000-0000-0000-0000-000000000001"),
        named(DataType::Customers, "no id"),
        named(DataType::TaxRates, "NONE"),
        named(DataType::TaxRates, "NOSUCH"),
    ];
    let before = world.simulated.requests.snapshot().total;
    let found = XeroPush
        .references(&world.cx, &world.books(), &wanted)
        .await
        .unwrap();
    assert_eq!(world.simulated.requests.snapshot().total - before, 4);
    assert_eq!(found.base_currency.as_deref(), Some("GBP"));
    let told: Vec<_> = found
        .objects
        .iter()
        .map(|object| (object.data_type, object.is_archived))
        .collect();
    assert_eq!(
        told,
        [
            (DataType::ChartOfAccounts, true),
            (DataType::BankAccounts, false),
            (DataType::Suppliers, false),
            (DataType::TaxRates, false),
        ]
    );
}

#[tokio::test]
async fn a_file_is_kept_once() {
    let world = world::new().await;
    let written = posted(world.send(&world.order(ExpenseKind::Payment)).await);
    let file = File {
        name: "receipt 1.pdf".into(),
        content_type: "application/pdf".into(),
        content: "%PDF-1.7".into(),
        note: Some("Lunch with \"Kern\"".into()),
        include_on_send: true,
    };
    for _ in 0..2 {
        XeroPush
            .attach(&world.cx, &world.books(), &written, &file)
            .await
            .unwrap();
    }
    let kept: Vec<_> = {
        let ledger = world.ledger();
        let kept = ledger.attachments_of(written.id.parse().unwrap());
        kept.map(|kept| {
            (
                kept.file_name.clone(),
                kept.content_type.clone(),
                kept.meta.version,
            )
        })
        .collect()
    };
    assert_eq!(
        kept,
        [("receipt 1.pdf".to_owned(), "application/pdf".to_owned(), 1)]
    );
    let empty = File {
        content: "".into(),
        name: "empty.pdf".into(),
        ..file
    };
    let refused = XeroPush.attach(&world.cx, &world.books(), &written, &empty).await;
    assert!(matches!(refused, Err(Error::Rejected { .. })), "{refused:?}");
}
