/// Files of expenses.
mod attaching;
/// Posted expenses are changed.
mod changing;
/// Pushes that end before everything is known.
mod ending;
/// The line of the bank feed goes before the expense.
mod feeding;
/// What would be sent.
mod planning;
/// What was written can be read when the push has ended.
mod reading_back;
/// What cannot be booked is not sent.
mod refusing;
/// Each expense is in the books once, whatever happens on the way.
mod sending;

use std::time::Duration;

use bytes::Bytes;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::push::{
    BatchStatus, Cause, Contact, ContactKind, End, Expense, ExpenseKind, Leg, LegState, Line, Mapping,
    Outcome, Push, PushState, Row, RowStatus,
};
use ledgerline_model::query::ListRequest;
use ledgerline_model::{DataType, Date, PushId};
use ledgerline_store::push::legs;
use ledgerline_store::reading;

use super::attach::{self, Accepted, Upload};
use super::plan::{Fate, Plan};
use super::request::Start;
use super::update::Update;
use super::{bank_feed, batches, datasets, mapping, plan, request, status, transactions, update};
use crate::jobs;
use crate::jobs::lease::{self, Lease};
use crate::link::Outcome as Linked;
use crate::testing::ledger::{HOLD, Happens};
use crate::testing::{World, on_both_stores};

struct Books {
    company: Company,
    connection: Connection,
}

/// A company whose books are linked and read, with all its defaults.
async fn books(world: &World) -> Books {
    let (company, connection) = world.linked("anna:kern").await;
    world.run_jobs().await;
    let defaults = Mapping {
        bank_account: Some("bank".into()),
        supplier: Some("supplier".into()),
        customer: Some("customer".into()),
        account: Some("office".into()),
        tax_rate: None,
    };
    let mut tx = world.write().await;
    mapping::set(&world.engine, &mut tx, &company, &defaults)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Books { company, connection }
}

fn expense(id: &str, net: &str) -> Expense {
    Expense {
        id: id.into(),
        kind: ExpenseKind::Payment,
        issue_date: "2026-11-21".parse::<Date>().unwrap(),
        currency: "GBP".into(),
        currency_rate: None,
        contact: None,
        bank_account: None,
        merchant_name: None,
        lines: vec![Line {
            net: net.parse().unwrap(),
            tax: "0".parse().unwrap(),
            tax_rate: None,
            account: None,
            description: None,
            tracking: Vec::new(),
            invoice_to: None,
        }],
        notes: None,
        due_date: None,
        post_as_draft: false,
    }
}

impl World {
    async fn hand_over(&self, company: &Company, expenses: &[Expense]) -> ledgerline_model::DatasetId {
        let mut tx = self.write().await;
        let dataset = datasets::create(&self.engine, &mut tx, company, 1, expenses)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        dataset
    }

    async fn ask(&self, company: &Company) -> Start {
        let mut tx = self.write().await;
        let start = request::start(&self.engine, &mut tx, company, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        start
    }

    async fn start(&self, company: &Company, expenses: &[Expense]) -> PushId {
        self.hand_over(company, expenses).await;
        match self.ask(company).await {
            Start::Started(push) => push.id,
            other => panic!("{other:?}"),
        }
    }

    /// Start a push, and wait until it has ended.
    async fn push(&self, company: &Company, expenses: &[Expense]) -> Push {
        let push = self.start(company, expenses).await;
        self.until_ended(company, push).await
    }

    async fn until_ended(&self, company: &Company, push: PushId) -> Push {
        for _ in 0..100 {
            self.run_jobs().await;
            let push = self.look(company, push).await;
            if push.state != PushState::Running {
                return push;
            }
            self.advance(HOLD / 2);
        }
        panic!("the push does not end");
    }

    async fn look(&self, company: &Company, push: PushId) -> Push {
        let mut tx = self.read().await;
        status::one(&mut tx, company, push).await.unwrap().unwrap()
    }

    async fn rows(&self, company: &Company, push: PushId) -> Vec<Row> {
        let mut tx = self.read().await;
        let page = transactions::page(&mut tx, company, push, 1, 1000).await.unwrap();
        page.unwrap().rows
    }

    async fn statuses(&self, company: &Company, push: PushId) -> Vec<RowStatus> {
        let rows = self.rows(company, push).await;
        rows.iter().map(|row| row.status).collect()
    }

    async fn states(&self, company: &Company, transaction: &str) -> Vec<LegState> {
        let mut tx = self.read().await;
        let legs = legs::find(&mut tx, self.app, company.id, vec![transaction.into()])
            .await
            .unwrap();
        legs.iter().map(|leg| leg.state).collect()
    }

    /// The documents that readers find.
    async fn read_back(&self, connection: &Connection) -> Vec<String> {
        let mut tx = self.read().await;
        let request = ListRequest {
            filter: None,
            order: None,
            page: 1,
            page_size: 10,
        };
        let of = reading::Of {
            app: self.app,
            connection: connection.id,
            data_type: DataType::Customers,
            as_of: None,
        };
        let list = reading::list(&mut tx, of, &request).await.unwrap();
        let records = list.records.iter();
        let mut ids: Vec<_> = records.map(|record| record.remote_id.clone()).collect();
        ids.sort();
        ids
    }

    fn booked(&self) -> Vec<String> {
        self.platform.1.booked(Leg::Expense)
    }

    /// Run jobs until the scripted platform makes the server die, then start another.
    async fn die(&self) {
        tokio::select! {
            () = self.run_jobs() => panic!("nothing has died"),
            () = self.platform.1.stopped.notified() => {}
        }
        let mut tx = self.write().await;
        ledgerline_store::jobs::release_expired(&mut tx, ledgerline_model::Timestamp::MAX)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

fn end(push: &Push) -> &End {
    match &push.state {
        PushState::Ended(end) => end,
        PushState::Running => panic!("it runs"),
    }
}
