//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/journalentry>

use ledgerline_model::Decimal;
use ledgerline_model::push::{ContactKind, Key, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, refused, text, total};
use serde::Serialize;

use super::account::{self, Ref};
use super::document::Document;
use super::head::{Head, prepared};
use super::tax::Taxation;
use super::tracking::{self, Tracked};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct JournalEntry {
    #[serde(flatten)]
    head: Head,
    line: Vec<Line>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    detail_type: &'static str,
    amount: Decimal,
    description: String,
    journal_entry_line_detail: Detail,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    posting_type: &'static str,
    account_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Entity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ref: Option<Ref>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entity {
    #[serde(rename = "Type")]
    kind: &'static str,
    entity_ref: Ref,
}

/// An adjustment: the account on one side, the lines on the other.
pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    let own = account::find(references, &order.bank_account, "bankAccountRef")?;
    let taxation = Taxation::of(order, references)?;
    let entity = order.contact.as_ref().map(|contact| Entity {
        kind: match contact.kind {
            ContactKind::Supplier => "Vendor",
            ContactKind::Customer => "Customer",
        },
        entity_ref: Ref::to(contact.id.as_str()),
    });
    let is_in = order.kind.is_income();
    let sum = total(order)?;
    let mut lines = vec![posting(
        sum,
        is_in,
        text::of_order(order),
        own.reference(),
        None,
        Tracked::default(),
    )];
    for (index, line) in order.lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{index}].{name}");
        if taxation != Taxation::UnitedStates && !line.tax.is_zero() {
            return Err(refused(field("taxAmount"), "adjustments are written without tax"));
        }
        let of_line = account::find(references, &line.account, &field("accountRef"))?;
        let tax = taxation.line(line, index)?;
        let tracked = tracking::of_line(line, index)?;
        if tracked.customer.is_some() {
            let name = if tracked.is_billable {
                "invoiceTo"
            } else {
                "trackingRefs"
            };
            return Err(refused(
                field(name),
                "lines of journal entries have no customer besides the contact",
            ));
        }
        lines.push(posting(
            tax.amount,
            !is_in,
            text::of_line(order, index),
            of_line.reference(),
            entity.clone(),
            tracked,
        ));
    }
    let entry = JournalEntry {
        head: Head::of(order, key, references, Document::JournalEntry, replaces)?,
        line: lines,
    };
    prepared(Document::JournalEntry, replaces, key, &entry)
}

/// Amounts are not negative: what is less than nothing stands on the other side.
fn posting(
    amount: Decimal,
    is_debit: bool,
    description: String,
    account: Ref,
    entity: Option<Entity>,
    tracked: Tracked,
) -> Line {
    let posting_type = if is_debit != amount.is_negative() {
        "Debit"
    } else {
        "Credit"
    };
    Line {
        detail_type: "JournalEntryLineDetail",
        amount: amount.abs(),
        description,
        journal_entry_line_detail: Detail {
            posting_type,
            account_ref: account,
            entity,
            class_ref: tracked.class,
            department_ref: tracked.department,
        },
    }
}
