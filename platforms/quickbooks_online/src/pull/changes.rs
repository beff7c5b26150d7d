//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/changedatacapture>
//!
//! What was made, changed or deleted since an instant of at most 30 days ago: the whole answer at once, of at most 1,000
//! objects, and nothing tells that there were more.

use std::collections::HashMap;

use jiff::SignedDuration;
use ledgerline_model::Timestamp;
use ledgerline_platform::{Cx, Error, Page, Read};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::place;
use super::feeds::Entity;
use super::rows::{Rows, id_of};
use super::{learn, malformed};

/// As far back as changes are kept, less what clocks may differ.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24 - 1);

/// An answer of so many objects may be cut off.
const MOST: usize = 1_000;

/// All that changed of the feed since the read's instant, or [`Error::CursorExpired`] where that cannot be told.
pub(super) async fn page(cx: &Cx, read: &Read<'_>, entity: &Entity, since: Timestamp) -> Result<Page, Error> {
    let name = entity.name;
    if cx.clock.now().duration_since(since) > KEPT {
        return Err(Error::CursorExpired {
            reason: format!("the changes of {name} are kept for 30 days"),
        });
    }
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let query = [("entities", name), ("changedSince", since.as_str())];
    let realm = &read.organisation.id;
    let answer = crate::client::get(cx, read.access_token, realm, "/cdc", &query).await;
    let answer = answer.map_err(|error| match error {
        Error::Rejected { message, .. } => Error::CursorExpired { reason: message },
        other => other,
    })?;
    let changes = Changes::parse(&answer.body, name)?;
    if changes.objects.len() >= MOST {
        return Err(Error::CursorExpired {
            reason: format!("{MOST} or more changes of {name}: an answer has no more"),
        });
    }
    let facts = learn(cx, read, entity).await?;
    let mut rows = Rows::wanted(read.wanted);
    for object in &changes.objects {
        if is_deleted(object.get()) {
            rows.all_gone(entity, &id_of(object.get())?);
        } else {
            rows.add(object, entity, &facts)?;
        }
    }
    rows.listed(cx, read, entity, &facts)?;
    Ok(Page {
        objects: changes.objects.len() as u64,
        rows: rows.into_rows(),
        next: None,
        platform_time: changes.answered_at.or_else(|| answer.date()),
        expected: None,
    })
}

/// A stub stands for what was deleted.
fn is_deleted(object: &str) -> bool {
    #[derive(Deserialize)]
    struct Stub {
        status: Option<String>,
    }
    serde_json::from_str::<Stub>(object).is_ok_and(|stub| stub.status.as_deref() == Some("Deleted"))
}

struct Changes<'a> {
    objects: Vec<&'a RawValue>,
    /// QuickBooks' clock.
    answered_at: Option<Timestamp>,
}

impl<'a> Changes<'a> {
    /// One member for the one entity that was asked for; it is empty if nothing changed.
    fn parse(body: &'a [u8], name: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Answer<'a> {
            #[serde(rename = "CDCResponse", borrow)]
            responses: Vec<Response<'a>>,
            time: Option<String>,
        }
        #[derive(Deserialize)]
        struct Response<'a> {
            #[serde(rename = "QueryResponse", borrow)]
            lists: Vec<HashMap<String, &'a RawValue>>,
        }
        let answer: Answer<'a> = serde_json::from_slice(body)
            .map_err(|error| malformed(format!("the changes of {name} cannot be read: {}", place(&error))))?;
        let mut lists = answer.responses.iter().flat_map(|response| &response.lists);
        let list = lists
            .next()
            .ok_or_else(|| malformed(format!("the answer has no list of changes of {name}")))?;
        let number = |member: &str| {
            list.get(member)
                .and_then(|value| value.get().parse::<usize>().ok())
        };
        let objects: Vec<&RawValue> = match list.get(name) {
            Some(objects) => serde_json::from_str(objects.get()).map_err(|error| {
                malformed(format!("the changes of {name} are no list: {}", place(&error)))
            })?,
            None => Vec::new(),
        };
        let count = number("totalCount")
            .or_else(|| number("maxResults"))
            .unwrap_or_default();
        if objects.len() < count {
            return Err(malformed(format!(
                "{} of {count} changes of {name} came",
                objects.len()
            )));
        }
        Ok(Self {
            objects,
            answered_at: answer.time.and_then(|time| time.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::SignedDuration;
    use ledgerline_model::push::ExpenseKind;
    use ledgerline_model::{DataType, Timestamp, Window};
    use ledgerline_platform::push::Written;
    use ledgerline_platform::{Content, Error, Page, Platform, Read};
    use ledgerline_platform_testing::World;
    use ledgerline_sandbox::ledger::List;

    use crate::world;

    async fn changes(
        world: &World,
        feed: &str,
        wanted: &[DataType],
        since: Timestamp,
    ) -> Result<Page, Error> {
        let books = world.books();
        let read = Read {
            access_token: books.access_token,
            organisation: books.organisation,
            feed,
            wanted,
            since: Some(since),
            statement_months: 1,
            window: &Window::ALL,
        };
        crate::platform().pull(&world.cx, &read, None).await
    }

    fn now(world: &World) -> Timestamp {
        world.sandbox.clock.now()
    }

    #[tokio::test]
    async fn what_changed_is_told_and_what_was_deleted() {
        let world = world::of("USD").await;
        world.sandbox.clock.advance(Duration::from_secs(60));
        let since = now(&world);
        let wanted = [DataType::DirectCosts, DataType::AccountTransactions];
        let nothing = changes(&world, "Purchase", &wanted, since).await.unwrap();
        assert_eq!((nothing.objects, nothing.next), (0, None));
        assert_eq!(nothing.platform_time, Some(since));
        let Written::Posted(posted) = world.send(&world.order(ExpenseKind::Payment)).await.unwrap() else {
            panic!("not posted")
        };
        let made = changes(&world, "Purchase", &wanted, since).await.unwrap();
        let of = |page: &Page, gone: bool| {
            let rows = page.rows.iter();
            let rows = rows.filter(|row| matches!(row.content, Content::Gone) == gone);
            rows.map(|row| row.remote_id.clone()).collect::<Vec<_>>()
        };
        let ids = [posted.id.clone(), format!("purchase_{}", posted.id)];
        assert_eq!(of(&made, false), ids);
        world.simulated.change(|ledger| {
            let id = ledger
                .numbered(List::BankTransactions, posted.id.parse().unwrap())
                .unwrap();
            let meta = &mut ledger.bank_transactions.get_mut(id).unwrap().meta;
            meta.deleted = true;
            meta.touch(since);
        });
        let deleted = changes(&world, "Purchase", &wanted, since).await.unwrap();
        assert_eq!(
            (of(&deleted, false), of(&deleted, true)),
            (Vec::new(), ids.to_vec())
        );
    }

    #[tokio::test]
    async fn what_the_changes_cannot_tell_is_read_in_full() {
        let world = world::of("USD").await;
        let month_ago = now(&world) - SignedDuration::from_hours(30 * 24);
        let old = changes(&world, "Vendor", &[DataType::Suppliers], month_ago).await;
        assert!(matches!(old, Err(Error::CursorExpired { .. })), "{old:?}");
        let since = now(&world);
        world.simulated.change(|ledger| {
            let customer = ledger
                .contacts
                .iter()
                .find(|contact| contact.is_customer)
                .unwrap()
                .clone();
            for number in 0..1_000_u128 {
                let mut another = customer.clone();
                another.meta.id = uuid::Uuid::from_u128(number);
                another.meta.touch(since);
                ledger.contacts.put(another);
            }
        });
        let many = changes(&world, "Customer", &[DataType::Customers], since).await;
        assert!(matches!(many, Err(Error::CursorExpired { .. })), "{many:?}");
    }

    #[tokio::test]
    async fn lists_without_changes_are_read_in_full() {
        let world = world::of("USD").await;
        let accounts = changes(&world, "Account", &[DataType::ChartOfAccounts], now(&world)).await;
        assert!(accounts.unwrap().objects > 10);
    }
}
