use ledgerline_model::planted::{self, Bug};
use ledgerline_model::run::Extent;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_platform::{Changes, Feed};
use ledgerline_store::feed_reads::Mark;

/// What decides how much of a feed is read.
pub(super) struct Standing<'a> {
    pub now: Timestamp,
    pub extent: Extent,
    /// Of the connector, see `About::mapping`.
    pub mapping: i64,
    /// Of the connection; those of data types that have never been read are not among them.
    pub marks: &'a [Mark],
}

/// From when on changes are asked for; `None`: everything has to be read.
///
/// A read serves several types: it starts at the oldest of their marks, and is full if one of them needs that.
pub(super) fn since(feed: &Feed, wanted: &[DataType], standing: &Standing<'_>) -> Option<Timestamp> {
    let of_types = wanted.iter().map(|&data_type| of_type(feed, data_type, standing));
    of_types.collect::<Option<Vec<_>>>()?.into_iter().min()
}

fn of_type(feed: &Feed, data_type: DataType, standing: &Standing<'_>) -> Option<Timestamp> {
    match standing.extent {
        Extent::Changes => {}
        Extent::Everything => return None,
    }
    let strategy = feed.strategy_of(data_type);
    let Changes::ModifiedSince { overlap } = strategy.cursor else {
        return None;
    };
    let mark = standing
        .marks
        .iter()
        .find(|mark| mark.data_type == data_type && mark.feed == feed.name)
        .filter(|mark| mark.mapping == standing.mapping)?;
    let full_at = mark.full_at?;
    let reconciled = strategy.reconcile_every.is_none_or(|period| {
        // A full read that lies in the future says nothing: our clock was moved.
        full_at <= standing.now && standing.now.duration_since(full_at) < period
    });
    if !reconciled {
        return None;
    }
    if planted::is(Bug::StrictCursor) {
        return mark.at.checked_add(jiff::SignedDuration::from_secs(1)).ok();
    }
    mark.at.checked_sub(overlap).ok()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use ledgerline_model::DataType::{Bills, Invoices, Payments};
    use ledgerline_platform::Strategy;

    use super::*;

    const FEED: Feed = Feed {
        name: "documents",
        data_types: &[Invoices, Bills, Payments],
        strategy: Strategy::MODIFIED_SINCE,
        exceptions: &[(Payments, Strategy::RELIST)],
    };

    fn hours(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_hours(hours)
    }

    fn mark(data_type: DataType, at: i64, full_at: Option<i64>) -> Mark {
        Mark {
            data_type,
            feed: "documents".into(),
            at: hours(at),
            full_at: full_at.map(hours),
            mapping: 1,
        }
    }

    fn since_at(now: i64, wanted: &[DataType], marks: &[Mark]) -> Option<Timestamp> {
        let standing = Standing {
            now: hours(now),
            extent: Extent::Changes,
            mapping: 1,
            marks,
        };
        since(&FEED, wanted, &standing)
    }

    fn before(hour: i64) -> Option<Timestamp> {
        Some(hours(hour) - SignedDuration::from_mins(5))
    }

    #[test]
    fn a_read_starts_before_the_oldest_mark_of_its_types() {
        let marks = [mark(Invoices, 10, Some(10)), mark(Bills, 20, Some(10))];
        assert_eq!(since_at(24, &[Invoices, Bills], &marks), before(10));
        assert_eq!(since_at(24, &[Bills], &marks), before(20));
    }

    #[test]
    fn it_is_full_where_one_of_its_types_was_never_read_or_cannot_tell() {
        let marks = [mark(Invoices, 10, Some(10)), mark(Payments, 10, Some(10))];
        assert_eq!(since_at(24, &[Invoices, Bills], &marks), None);
        assert_eq!(since_at(24, &[Invoices, Payments], &marks), None);
        let elsewhere = Mark {
            feed: "others".into(),
            ..mark(Invoices, 10, Some(10))
        };
        assert_eq!(since_at(24, &[Invoices], &[elsewhere]), None);
    }

    #[test]
    fn a_full_read_is_due_a_week_after_the_last_whatever_was_read_since() {
        let marks = [mark(Invoices, 160, Some(0))];
        assert_eq!(since_at(167, &[Invoices], &marks), before(160));
        assert_eq!(since_at(168, &[Invoices], &marks), None);
        assert_eq!(since_at(24, &[Invoices], &[mark(Invoices, 10, None)]), None);
        // Our clock was moved back: who knows.
        assert_eq!(since_at(-1, &[Invoices], &marks), None);
    }

    #[test]
    fn what_was_read_by_another_mapping_or_is_asked_for_in_full_is_read_in_full() {
        let old = Mark {
            mapping: 0,
            ..mark(Invoices, 10, Some(10))
        };
        assert_eq!(since_at(24, &[Invoices], &[old]), None);
        let marks = [mark(Invoices, 10, Some(10))];
        let standing = Standing {
            now: hours(24),
            extent: Extent::Everything,
            mapping: 1,
            marks: &marks,
        };
        assert_eq!(since(&FEED, &[Invoices], &standing), None);
    }
}
