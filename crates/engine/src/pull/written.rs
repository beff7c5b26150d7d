use ledgerline_model::connection::Connection;
use ledgerline_model::run::{Pull, PullState};
use ledgerline_model::{DataType, IssueId, PublicationId, PullId, RunId, Window};
use ledgerline_platform::Row;
use ledgerline_store::issues::{Finding, Found, Origin};
use ledgerline_store::{Tx, issues, publications, status};

use super::fetch::Source;
use super::overwrite::{self, Applied};
use super::sort;
use crate::{Engine, jobs};

/// Publish documents that we wrote and read back, each type in a publication of its own, all in one step: the
/// transaction's last statements. Types that cannot be read yet are left to their first Pull, and so are documents
/// of which it cannot be told which feed will bring them again.
pub(crate) async fn publish_written(
    engine: &Engine,
    tx: &mut Tx,
    source: &Source,
    connection: &Connection,
    documents: Vec<Vec<Row>>,
    asked_at_seq: i64,
) -> Result<(), jobs::Error> {
    let mut by_feed: Vec<(&'static str, Vec<Row>)> = Vec::new();
    for rows in documents {
        let Some(feed) = feed_of(source, &rows) else {
            continue;
        };
        match by_feed.iter_mut().find(|(name, _)| *name == feed) {
            Some((_, known)) => known.extend(rows),
            None => by_feed.push((feed, rows)),
        }
    }
    let mut made = Vec::new();
    for (feed, rows) in by_feed {
        for (data_type, rows) in sort::by_data_type(rows) {
            let written = Written {
                engine,
                connection,
                feed,
                asked_at_seq,
            };
            made.extend(written.apply(tx, data_type, rows).await?);
        }
    }
    if !made.is_empty() {
        publications::publish_together(tx, connection.app, &made, engine.now()).await?;
    }
    Ok(())
}

/// The one feed that brings all rows of a document.
fn feed_of(source: &Source, rows: &[Row]) -> Option<&'static str> {
    let feeds = source.platform.about().feeds.iter();
    let mut fitting = feeds.filter(|feed| rows.iter().all(|row| feed.data_types.contains(&row.data_type)));
    let first = fitting.next().filter(|_| !rows.is_empty())?;
    fitting.next().is_none().then_some(first.name)
}

struct Written<'a> {
    engine: &'a Engine,
    connection: &'a Connection,
    feed: &'a str,
    asked_at_seq: i64,
}

impl Written<'_> {
    /// The publication that is to be made visible, if anything is new.
    async fn apply(
        &self,
        tx: &mut Tx,
        data_type: DataType,
        mut rows: sort::Rows,
    ) -> Result<Option<PublicationId>, jobs::Error> {
        let (app, connection) = (self.connection.app, self.connection.id);
        let standing = status::standing(tx, app, connection, data_type).await?;
        if standing.published.is_none() {
            return Ok(None);
        }
        let pull = self.staging(data_type);
        let found = std::mem::take(&mut rows.issues)
            .into_iter()
            .map(|(issue, source)| Found {
                id: IssueId(self.engine.uuid()),
                issue,
                source,
                about: None,
            });
        let finding = Finding {
            pull: &pull,
            feed: self.feed,
            origin: Origin::Record,
        };
        let ids: Vec<String> = rows.ids().into_iter().map(str::to_owned).collect();
        issues::note(tx, finding, ids, found.collect()).await?;
        publications::insert_written(tx, app, pull.publication, connection, data_type).await?;
        let compared = overwrite::compare(tx, &pull, self.feed, rows, false).await?;
        let Applied {
            present,
            gone,
            appearing,
        } = overwrite::at_once(tx, &pull, self.feed, self.asked_at_seq, compared).await?;
        issues::clear_noted(tx, app, pull.id, i64::MAX).await?;
        if present + gone == 0 {
            publications::forget(tx, app, &[pull.publication]).await?;
            return Ok(None);
        }
        status::republished(tx, app, connection, data_type, pull.publication, appearing - gone).await?;
        Ok(Some(pull.publication))
    }

    /// What changes are staged under; it is never stored itself.
    fn staging(&self, data_type: DataType) -> Pull {
        let now = self.engine.now();
        Pull {
            app: self.connection.app,
            id: PullId(self.engine.uuid()),
            run: RunId(self.engine.uuid()),
            company: self.connection.company,
            connection: self.connection.id,
            data_type,
            state: PullState::Processing,
            publication: PublicationId(self.engine.uuid()),
            first_load: false,
            window: Window::ALL,
            requested_at: now,
            first_asked_seq: None,
            feeds_left: 0,
            read: 0,
            gone: 0,
            expected: None,
            changed: 0,
            deleted: 0,
            quarantined: 0,
            paused_until: None,
            message: None,
            cause: None,
            failed_attempts: None,
        }
    }
}
