use ledgerline_model::push::{
    BooksOf, Content, Dataset, End, Found, ItemLeg, Key, Leg, LegState, Mapping, Operation, Outcome, Push,
    PushState, Row, RowStatus,
};
use ledgerline_model::{AppId, AttachmentId, CompanyId, ConnectionId, DatasetId, PushId};
use uuid::Uuid;

use super::attachments::Attachment;
use super::{attachments, datasets, items, legs, mapping, pushes, rows};
use crate::testing::{a_company, an_app, at, on_both_stores};

fn content(transaction: &str, json: &str) -> Content {
    Content {
        transaction: transaction.into(),
        hash: format!("hash of {json}"),
        json: json.into(),
    }
}

fn a_push(app: AppId, company: CompanyId, number: u128) -> Push {
    Push {
        app,
        id: PushId(Uuid::from_u128(number)),
        company,
        connection: ConnectionId(Uuid::from_u128(1)),
        version: 1,
        state: PushState::Running,
        requested_at: at(i64::try_from(number).unwrap()),
        last_progress_at: at(5),
        data_pushed: false,
    }
}

#[tokio::test]
async fn a_dataset_keeps_its_order_and_the_very_text() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await.id;
        let dataset = Dataset {
            app,
            id: DatasetId(Uuid::from_u128(3)),
            company,
            version: 2,
            operation: Operation::Update,
            created_at: at(1),
            push: None,
        };
        let contents = vec![
            content("t-2", r#"{"net":42.40,"notes":"ä \u0000 \"x\""}"#),
            content("T-1", r#"{"net":100000000000000000.10}"#),
        ];
        datasets::insert(&mut tx, &dataset, &contents).await.unwrap();
        let found = datasets::contents(&mut tx, app, dataset.id).await.unwrap();
        assert_eq!(found, contents);
        assert_eq!(
            datasets::pending(&mut tx, app, company).await.unwrap(),
            std::slice::from_ref(&dataset)
        );
        let other = CompanyId(Uuid::from_u128(99));
        assert!(
            datasets::find(&mut tx, app, other, dataset.id)
                .await
                .unwrap()
                .is_none()
        );
        let push = a_push(app, company, 7);
        datasets::take(&mut tx, app, dataset.id, push.id).await.unwrap();
        assert!(datasets::pending(&mut tx, app, company).await.unwrap().is_empty());

        items::save(&mut tx, app, company, &contents, at(1))
            .await
            .unwrap();
        let changed = content("t-2", r#"{"net":1}"#);
        items::save(&mut tx, app, company, std::slice::from_ref(&changed), at(2))
            .await
            .unwrap();
        let wanted = vec!["t-2".to_owned(), "t-3".to_owned()];
        let known = items::find(&mut tx, app, company, wanted).await.unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(known["t-2"], changed);
    })
    .await;
}

#[tokio::test]
async fn a_leg_is_read_as_it_was_written() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await.id;
        let fresh = ItemLeg::new("t-1", Leg::BankFeed);
        let mut sent = ItemLeg {
            state: LegState::Unknown,
            operation: Operation::Update,
            revision: 3,
            key: Some(Key::stored("KEY".into())),
            fence: Some(9),
            books: Some(BooksOf {
                platform: "xero".into(),
                organisation: "org".into(),
            }),
            prepared: Some(r#"{"requests":[]}"#.into()),
            posted: Some(r#"{"id":"1"}"#.into()),
            pending: Some("ref".into()),
            hold_until: Some(at(77)),
            searches: 1,
            sends: 2,
            message: Some("gone\0".into()),
            is_read_back: true,
            ..ItemLeg::new("t-1", Leg::Expense)
        };
        legs::save(&mut tx, app, company, &[fresh.clone(), sent.clone()])
            .await
            .unwrap();
        sent.message = Some("gone\u{fffd}".into());
        let found = legs::find(&mut tx, app, company, vec!["t-1".into()])
            .await
            .unwrap();
        assert_eq!(found, [fresh.clone(), sent.clone()]);
        assert_eq!(
            legs::unsettled(&mut tx, app, company).await.unwrap(),
            [sent.clone()]
        );
        sent.state = LegState::Posted;
        sent.is_read_back = false;
        sent.hold_until = None;
        legs::save(&mut tx, app, company, std::slice::from_ref(&sent))
            .await
            .unwrap();
        assert_eq!(
            legs::unread(&mut tx, app, company, 10).await.unwrap(),
            [sent.clone()]
        );
        let push = a_push(app, company, 1);
        pushes::insert(&mut tx, &push).await.unwrap();
        let row = |leg, status| Row {
            transaction: "t-1".into(),
            leg,
            status,
            message: None,
            is_written: false,
            found: None,
        };
        let seen = [
            row(Leg::BankFeed, RowStatus::Pending),
            row(Leg::Expense, RowStatus::Completed),
        ];
        rows::insert(&mut tx, app, push.id, &seen).await.unwrap();
        assert_eq!(rows::all(&mut tx, app, push.id).await.unwrap(), seen);
        let open = legs::open_of_push(&mut tx, app, company, push.id, 10)
            .await
            .unwrap();
        assert_eq!(open, [fresh]);
        let refused = Row {
            message: Some("no".into()),
            is_written: true,
            ..row(Leg::BankFeed, RowStatus::Failed)
        };
        rows::save(&mut tx, app, push.id, std::slice::from_ref(&refused))
            .await
            .unwrap();
        let page = rows::page(&mut tx, app, push.id, 0, 1).await.unwrap();
        assert_eq!(page, [refused]);
        assert_eq!(rows::count(&mut tx, app, push.id).await.unwrap(), 2);
        assert_eq!(
            rows::of_transaction(&mut tx, app, push.id, "t-1")
                .await
                .unwrap()
                .len(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn a_company_has_one_running_push() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await.id;
        let mut first = a_push(app, company, 1);
        pushes::insert(&mut tx, &first).await.unwrap();
        assert_eq!(
            pushes::running(&mut tx, app, company).await.unwrap(),
            Some(first.clone())
        );
        first.state = PushState::Ended(End {
            at: at(9),
            outcome: Outcome::WriteFailed,
            message: "a".into(),
            exception: "b".into(),
        });
        first.data_pushed = true;
        pushes::save(&mut tx, &first).await.unwrap();
        assert_eq!(
            pushes::find(&mut tx, app, company, first.id).await.unwrap(),
            Some(first.clone())
        );
        let second = a_push(app, company, 2);
        pushes::insert(&mut tx, &second).await.unwrap();
        assert_eq!(
            pushes::latest(&mut tx, app, company).await.unwrap(),
            Some(second.clone())
        );
        assert_eq!(
            pushes::last_successful(&mut tx, app, company).await.unwrap(),
            None
        );
        let listed = pushes::list(&mut tx, app, company, 10).await.unwrap();
        assert_eq!(listed, [second, first]);
        let refused = pushes::insert(&mut tx, &a_push(app, company, 3)).await;
        assert!(
            refused
                .unwrap_err()
                .is_constraint("push_one_running", "push.app_id, push.company_id")
        );
    })
    .await;
}

#[tokio::test]
async fn a_mapping_is_replaced_and_a_file_is_attached_once() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await.id;
        assert_eq!(mapping::find(&mut tx, app, company).await.unwrap(), None);
        for supplier in ["s-1", "s-2"] {
            let wanted = Mapping {
                supplier: Some(supplier.into()),
                ..Mapping::default()
            };
            mapping::save(&mut tx, app, company, &wanted, at(1))
                .await
                .unwrap();
            assert_eq!(mapping::find(&mut tx, app, company).await.unwrap(), Some(wanted));
        }
        let file = Attachment {
            app,
            id: AttachmentId(Uuid::from_u128(1)),
            company,
            transaction: "t-1".into(),
            sha256: [7; 32],
            name: "receipt.pdf".into(),
            content_type: "application/pdf".into(),
            is_attached: false,
            created_at: at(1),
        };
        assert_eq!(attachments::insert(&mut tx, &file).await.unwrap(), file);
        attachments::attached(&mut tx, app, file.id).await.unwrap();
        let again = Attachment {
            id: AttachmentId(Uuid::from_u128(2)),
            ..file.clone()
        };
        let kept = attachments::insert(&mut tx, &again).await.unwrap();
        assert!(kept.is_attached);
        assert_eq!(kept.id, file.id);
        assert_eq!(attachments::count(&mut tx, app, company, "t-1").await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_becomes_known_later_is_kept_with_what_pushes_left_in_doubt() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await.id;
        let row = Row {
            transaction: "t-1".into(),
            leg: Leg::Expense,
            status: RowStatus::Unknown,
            message: Some("nobody knows".into()),
            is_written: false,
            found: None,
        };
        let ended = Push {
            state: PushState::Ended(End {
                at: at(5),
                outcome: Outcome::WriteFailed,
                message: String::new(),
                exception: String::new(),
            }),
            ..a_push(app, company, 1)
        };
        let running = a_push(app, company, 2);
        for push in [&ended, &running] {
            pushes::insert(&mut tx, push).await.unwrap();
            pushes::save(&mut tx, push).await.unwrap();
            rows::insert(&mut tx, app, push.id, std::slice::from_ref(&row))
                .await
                .unwrap();
        }
        let posted = Found {
            is_posted: true,
            message: None,
        };
        let refused = Found {
            is_posted: false,
            message: Some("no".into()),
        };
        let pushes = rows::found(&mut tx, app, company, "t-1", &posted).await.unwrap();
        assert_eq!(pushes, [ended.id]);
        // What was found first stays.
        let pushes = rows::found(&mut tx, app, company, "t-1", &refused).await.unwrap();
        assert_eq!(pushes, []);
        let known = Row {
            found: Some(posted),
            ..row.clone()
        };
        assert_eq!(rows::all(&mut tx, app, ended.id).await.unwrap(), [known]);
        assert_eq!(rows::all(&mut tx, app, running.id).await.unwrap(), [row]);
    })
    .await;
}
