use std::sync::Arc;

use ledgerline_model::DataType;
use ledgerline_model::open::Open;

use crate::publications;
use crate::records::{self, Content, Place};
use crate::testing::publish::{Books, publish};
use crate::testing::{a_company, a_connection, an_app, at, on_both_stores};

/// `is_posted`: it counts towards a control account.
fn document(json: &str, is_posted: bool) -> Content {
    Content {
        standard: json.to_owned(),
        source: Arc::from("{}"),
        hash: [0; 16],
        source_modified_at: None,
        is_open: is_posted,
        open: Open::of(json).filter(|_| is_posted),
        references: Vec::new(),
    }
}

#[tokio::test]
async fn what_is_open_is_a_sum_of_numbers_and_of_what_depends_on_the_day() {
    on_both_stores(async |store| {
        let mut tx = store.write().await.unwrap();
        let app = an_app(&mut tx, "One").await.id;
        let company = a_company(&mut tx, app).await;
        let connection = a_connection(&mut tx, &company, "books").await.id;
        tx.commit().await.unwrap();
        let books = Books {
            app,
            company: company.id,
            connection,
            data_type: DataType::Invoices,
        };
        let pull = publish(&store, books, &[], at(1)).await;
        let rows = [
            (
                r#"{"totalAmount":9,"amountDue":9,"issueDate":"2027-03-31T00:00:00"}"#,
                true,
            ),
            (
                r#"{"totalAmount":5,"amountDue":-0.25,"issueDate":"2027-03-01T00:00:00"}"#,
                true,
            ),
            (
                r#"{"totalAmount":8,"amountDue":8,"currencyRate":1.5,"issueDate":"2027-03-01T00:00:00"}"#,
                true,
            ),
            // Nothing is known of it but by looking: more digits than are added up.
            (
                r#"{"totalAmount":1,"amountDue":0.12345,"issueDate":"2027-01-01T00:00:00"}"#,
                true,
            ),
            (
                r#"{"totalAmount":7,"amountDue":7,"issueDate":"2027-04-01T00:00:00"}"#,
                true,
            ),
            (
                r#"{"totalAmount":77,"amountDue":77,"issueDate":"2027-01-01T00:00:00"}"#,
                false,
            ),
        ];
        let mut tx = store.write().await.unwrap();
        let place = Place {
            app,
            connection,
            data_type: DataType::Invoices,
            feed: "Feed",
        };
        let loaded = rows
            .iter()
            .enumerate()
            .map(|(number, (json, is_posted))| (number.to_string(), document(json, *is_posted)))
            .collect();
        records::load(&mut tx, &place, pull.publication, loaded)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let look = async |day: &str| {
            let day = day.parse().unwrap();
            let mut tx = store.read().await.unwrap();
            let sum = records::sum_open(&mut tx, app, connection, DataType::Invoices, day)
                .await
                .unwrap();
            let mut looked_at = Vec::new();
            records::each_open_later(&mut tx, app, connection, DataType::Invoices, day, |json| {
                looked_at.push(rows.iter().position(|(row, _)| *row == json).unwrap());
                Ok(())
            })
            .await
            .unwrap();
            looked_at.sort_unstable();
            (sum.amount.to_string(), sum.foreign, looked_at)
        };
        assert_eq!(look("2027-03-31").await, ("20.75".to_owned(), 1, vec![3, 4]));
        assert_eq!(look("2027-03-30").await, ("11.75".to_owned(), 1, vec![0, 3, 4]));
        assert_eq!(
            look("2026-12-31").await,
            ("0.00".to_owned(), 0, vec![0, 1, 2, 3, 4])
        );
        // What is deleted is owed by nobody.
        publish(&store, books, &[("0".to_owned(), None)], at(2)).await;
        assert_eq!(look("2027-03-31").await, ("11.75".to_owned(), 1, vec![3, 4]));
        let mut tx = store.read().await.unwrap();
        assert_eq!(publications::last_seq(&mut tx, app).await.unwrap(), 2);
    })
    .await;
}
