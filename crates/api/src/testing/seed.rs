use std::sync::Arc;

use ledgerline_model::app::Environment;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::{Connection, Organisation, State};
use ledgerline_model::record::{Issue, Severity};
use ledgerline_model::run::{Pull, PullState, Reason, Run};
use ledgerline_model::{CompanyId, ConnectionId, DataType, IssueId, PublicationId, PullId, RunId, Window};
use ledgerline_store::{companies, connections, issues, publications, pulls, records, runs, status};

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

    /// Publish these records, of which each is (remote id, standard JSON).
    pub async fn publish(
        &self,
        connection: &Connection,
        data_type: DataType,
        rows: &[(&str, &str)],
    ) -> PullId {
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
        let mut pull = Pull {
            app: self.app,
            id: PullId::new(ids, now),
            run: run.id,
            company: connection.company,
            connection: connection.id,
            data_type,
            state: PullState::Queued,
            publication: PublicationId::new(ids, now),
            first_load: true,
            window: Window::ALL,
            requested_at: now,
            first_asked_seq: None,
            feeds_left: 0,
            read: 3,
            expected: None,
            changed: 0,
            deleted: 0,
            quarantined: 0,
            paused_until: None,
            message: None,
        };
        let mut tx = self.engine.store.write().await.unwrap();
        runs::insert(&mut tx, &run).await.unwrap();
        pulls::insert(&mut tx, &pull).await.unwrap();
        status::requested(&mut tx, self.app, connection.id, data_type, pull.id)
            .await
            .unwrap();
        let place = records::Place {
            app: self.app,
            connection: connection.id,
            data_type,
            feed: "Invoices",
        };
        let contents = rows.iter().map(|(id, standard)| {
            let content = records::Content {
                standard: (*standard).to_owned(),
                source: Arc::from("{}"),
                hash: [0; 16],
                source_modified_at: None,
            };
            ((*id).to_owned(), content)
        });
        records::load(&mut tx, &place, pull.publication, contents.collect())
            .await
            .unwrap();
        let issue = issues::Found {
            id: IssueId::new(ids, now),
            issue: Issue {
                severity: Severity::Warning,
                rule: "abacus-odd".to_owned(),
                record: "1".to_owned(),
                field: "status".to_owned(),
                message: "odd".to_owned(),
            },
            source: None,
        };
        issues::insert(&mut tx, self.app, pull.id, data_type, vec![issue])
            .await
            .unwrap();
        pull.state = PullState::Complete { at: now };
        pulls::save(&mut tx, &pull).await.unwrap();
        publications::insert(
            &mut tx,
            self.app,
            pull.publication,
            connection.id,
            data_type,
            pull.id,
            run.id,
        )
        .await
        .unwrap();
        let published = status::Published {
            publication: pull.publication,
            records: i64::try_from(rows.len()).unwrap(),
        };
        status::succeeded(
            &mut tx,
            self.app,
            connection.id,
            data_type,
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
