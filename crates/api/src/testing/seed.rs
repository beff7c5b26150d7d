use std::sync::Arc;

use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::{Connection, Organisation, State};
use ledgerline_model::consistency::{Consistency, ControlCheck, Level};
use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::run::{Pull, PullState, Reason, Run};
use ledgerline_model::{
    CompanyId, ConnectionId, DataType, Instant, IssueId, PublicationId, PullId, RunId, Window,
};
use ledgerline_store::{
    Tx, changes, closings, companies, connections, issues, publications, pulls, records, runs, status,
    versions,
};

use super::World;

impl World {
    /// A company whose books are linked.
    pub async fn linked_company(&self, name: &str) -> (Company, Connection) {
        let (ids, now) = (self.engine.ids.as_ref(), self.engine.now());
        let company = Company {
            app: self.app,
            id: CompanyId::new(ids, now),
            environment: Environment::Test,
            name: name.to_owned(),
            description: None,
            tags: [("region".to_owned(), "uk".to_owned())].into(),
            profile: Profile::Codat,
            keep_alive: true,
            zone: None,
            link_epoch: 0,
            created_at: now,
            created_by: None,
        };
        let connection = Connection {
            app: self.app,
            id: ConnectionId::new(ids, now),
            company: company.id,
            environment: Environment::Test,
            platform: "abacus".to_owned(),
            state: State::Linked,
            organisation: Some(Organisation {
                id: "org-1".to_owned(),
                name: name.to_owned(),
                link: None,
            }),
            grant: None,
            zone: None,
            link_epoch: 0,
            created_at: now,
            linked_at: Some(now),
            last_sync_at: None,
            errors: Vec::new(),
        };
        let mut tx = self.engine.store.write().await.unwrap();
        companies::insert(&mut tx, &company).await.unwrap();
        connections::insert(&mut tx, &connection).await.unwrap();
        tx.commit().await.unwrap();
        (company, connection)
    }

    /// Publish these records, of which each is (remote id, standard JSON), as a first load does.
    pub async fn publish(
        &self,
        connection: &Connection,
        data_type: DataType,
        rows: &[(&str, &str)],
    ) -> PullId {
        let mut tx = self.engine.store.write().await.unwrap();
        let pull = self.pull(&mut tx, connection, data_type, true).await;
        let place = records::Place {
            app: self.app,
            connection: connection.id,
            data_type,
            feed: "Invoices",
        };
        records::load(&mut tx, &place, pull.publication, contents(rows))
            .await
            .unwrap();
        let issue = issues::Found {
            id: IssueId::new(self.engine.ids.as_ref(), self.engine.now()),
            issue: Issue {
                severity: Severity::Warning,
                rule: "abacus-odd".to_owned(),
                record: "1".to_owned(),
                field: "status".to_owned(),
                message: "odd".to_owned(),
            },
            source: None,
            about: None,
        };
        let finding = issues::Finding {
            pull: &pull,
            feed: "Invoices",
            origin: issues::Origin::Record,
        };
        issues::note(&mut tx, finding, vec!["1".to_owned()], vec![issue])
            .await
            .unwrap();
        self.complete(tx, pull).await
    }

    /// Publish what a later Pull found different: these records, and that those are gone.
    pub async fn change(
        &self,
        connection: &Connection,
        data_type: DataType,
        rows: &[(&str, &str)],
        gone: &[&str],
    ) -> PullId {
        let mut tx = self.engine.store.write().await.unwrap();
        let pull = self.pull(&mut tx, connection, data_type, false).await;
        let asked = publications::last_seq(&mut tx, self.app).await.unwrap();
        changes::stage(&mut tx, &pull, "Invoices", asked, contents(rows))
            .await
            .unwrap();
        let gone = gone.iter().map(|id| (*id).to_owned()).collect();
        changes::stage_gone(&mut tx, &pull, "Invoices", asked, gone)
            .await
            .unwrap();
        versions::supersede(&mut tx, &pull).await.unwrap();
        changes::apply_present(&mut tx, &pull).await.unwrap();
        changes::apply_gone(&mut tx, &pull).await.unwrap();
        self.complete(tx, pull).await
    }

    /// The Run of that Pull was closed, and found so consistent.
    pub async fn close(&self, pull: PullId, status: Level, checks: Vec<ControlCheck>) -> RunId {
        let mut tx = self.engine.store.write().await.unwrap();
        let run = pulls::find(&mut tx, self.app, pull).await.unwrap().unwrap().run;
        let now = Instant(self.engine.now());
        let consistency = Consistency {
            run_id: run.0,
            status,
            as_of: None,
            window_start: now,
            window_end: now,
            passes: 1,
            checks,
            reason: None,
        };
        closings::close(&mut tx, self.app, run, None, &consistency)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        run
    }

    /// A Pull in a Run of its own.
    async fn pull(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        data_type: DataType,
        first_load: bool,
    ) -> Pull {
        let (ids, now) = (self.engine.ids.as_ref(), self.engine.now());
        let run = Run {
            app: self.app,
            id: RunId::new(ids, now),
            company: connection.company,
            connection: connection.id,
            reason: Reason::Initial,
            period: None,
            data_period: None,
            created_at: now,
            finished_at: Some(now),
            pulls_left: 0,
        };
        let pull = Pull {
            app: self.app,
            id: PullId::new(ids, now),
            run: run.id,
            company: connection.company,
            connection: connection.id,
            data_type,
            state: PullState::Queued,
            publication: PublicationId::new(ids, now),
            first_load,
            window: Window::ALL,
            requested_at: now,
            first_asked_seq: None,
            feeds_left: 0,
            read: 3,
            gone: 0,
            expected: None,
            changed: 0,
            deleted: 0,
            quarantined: 0,
            paused_until: None,
            message: None,
            cause: None,
            failed_attempts: None,
        };
        runs::insert(tx, &run).await.unwrap();
        let inserted = pulls::insert_all(tx, std::slice::from_ref(&pull)).await.unwrap();
        assert!(inserted.contains(&pull.id));
        let begun = [(pull.publication, data_type, pull.id)];
        publications::insert_all(tx, self.app, connection.id, run.id, &begun)
            .await
            .unwrap();
        let begun = [(data_type, pull.id)];
        status::requested(tx, self.app, connection.id, &begun, pull.requested_at, false)
            .await
            .unwrap();
        pull
    }

    async fn complete(&self, mut tx: Tx, mut pull: Pull) -> PullId {
        let now = self.engine.now();
        pull.state = PullState::Complete { at: now };
        if pull.first_load {
            pull.changed = records::count_loaded(&mut tx, pull.app, pull.connection, pull.data_type)
                .await
                .unwrap();
        }
        pulls::save(&mut tx, &pull).await.unwrap();
        let published = status::Published {
            publication: pull.publication,
            records: 0,
        };
        status::succeeded(
            &mut tx,
            self.app,
            pull.connection,
            pull.data_type,
            pull.id,
            published,
            now,
        )
        .await
        .unwrap();
        publications::publish(&mut tx, self.app, pull.publication, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        pull.id
    }
}

fn contents(rows: &[(&str, &str)]) -> Vec<(String, records::Content)> {
    let content = |standard: &str| records::Content {
        standard: standard.to_owned(),
        source: Arc::from("{}"),
        hash: [0; 16],
        source_modified_at: None,
        is_open: false,
        references: Vec::new(),
        open: None,
    };
    rows.iter()
        .map(|(id, standard)| ((*id).to_owned(), content(standard)))
        .collect()
}
