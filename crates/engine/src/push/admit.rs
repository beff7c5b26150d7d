//! What a push does with a transaction, given what is known of it: pure decisions.

use ledgerline_model::push::{Content, Expense, ItemLeg, Leg, LegState, Operation, Row, RowStatus};

/// A transaction of the app's as it is known.
pub(super) struct Known {
    pub content: Content,
    pub legs: Vec<ItemLeg>,
}

/// What is done with what was handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Admission {
    /// It is written, with this content; what is posted of it stays.
    Take,
    /// It is under way already: this push finds out what became of it.
    Join,
    /// It is in the books, whatever is said of it now.
    Duplicate,
    /// It cannot be taken, for this reason.
    Refuse(String),
}

/// Decide about one transaction.
pub(super) fn admit(known: Option<&Known>, new: &Content, operation: Operation) -> Admission {
    let Some(known) = known else {
        return match operation {
            Operation::Create => Admission::Take,
            Operation::Update => Admission::Refuse("It is not in the books, and cannot be changed.".into()),
        };
    };
    let document = known.legs.iter().find(|leg| leg.leg == Leg::Expense);
    let is_posted = document.is_some_and(|leg| leg.posted.is_some());
    if operation == Operation::Create && is_posted && document.is_none_or(|leg| !is_in_doubt(leg)) {
        return Admission::Duplicate;
    }
    if known.legs.iter().any(is_in_doubt) {
        return if known.content.hash == new.hash {
            Admission::Join
        } else {
            Admission::Refuse(
                "An earlier push sent it with other content, and it is not known yet whether that is in the \
                 books: send the same content."
                    .into(),
            )
        };
    }
    if operation == Operation::Update && !is_posted {
        return Admission::Refuse("It is not in the books, and cannot be changed.".into());
    }
    let is_fed = known
        .legs
        .iter()
        .any(|leg| leg.leg == Leg::BankFeed && leg.posted.is_some());
    let differs = known.content.hash != new.hash;
    match is_fed && differs {
        true => match fed_field(&known.content, new) {
            Some(field) => Admission::Refuse(format!(
                "Its bank feed line has been delivered with another `{field}`, which cannot be changed."
            )),
            None => Admission::Take,
        },
        false => Admission::Take,
    }
}

/// Whether it may be in the books, and nobody knows.
fn is_in_doubt(leg: &ItemLeg) -> bool {
    match leg.state {
        LegState::Intent | LegState::Pending | LegState::Unknown | LegState::NeedsReview => true,
        LegState::Accepted | LegState::Invalid | LegState::Posted | LegState::Rejected => false,
    }
}

/// The first field that a line of a bank feed shows in which the two differ, as the dialects name it.
fn fed_field(before: &Content, after: &Content) -> Option<&'static str> {
    let (Ok(before), Ok(after)) = (before.expense(), after.expense()) else {
        return Some("items");
    };
    let Expense {
        id: _,
        kind,
        issue_date,
        due_date: _,
        currency,
        currency_rate: _,
        contact: _,
        bank_account,
        merchant_name,
        lines: _,
        notes: _,
        post_as_draft: _,
    } = &before;
    if kind.is_income() != after.kind.is_income() {
        Some("type")
    } else if *issue_date != after.issue_date {
        Some("issueDate")
    } else if *currency != after.currency {
        Some("currency")
    } else if *bank_account != after.bank_account {
        Some("bankAccountRef")
    } else if *merchant_name != after.merchant_name {
        Some("merchantName")
    } else if before.total() != after.total() {
        Some("lines")
    } else {
        None
    }
}

/// What a push shows of a leg that it takes part in.
pub(super) fn row_of(leg: &ItemLeg) -> Row {
    let (status, message) = match leg.state {
        LegState::Accepted | LegState::Intent | LegState::Pending | LegState::Unknown => {
            (RowStatus::Pending, None)
        }
        LegState::Invalid => (RowStatus::Invalid, leg.message.clone()),
        LegState::Posted => (RowStatus::Completed, None),
        LegState::Rejected => (RowStatus::Failed, leg.message.clone()),
        LegState::NeedsReview => (RowStatus::Unknown, leg.message.clone()),
    };
    Row {
        transaction: leg.transaction.clone(),
        leg: leg.leg,
        status,
        message,
        is_written: false,
        found: None,
    }
}
