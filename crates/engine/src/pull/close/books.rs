use ledgerline_model::{DataType, Date, Decimal, open};
use ledgerline_store::{Tx, records, status};

use super::Closing;
use crate::{Engine, jobs};

/// What the records make of the control accounts at the end of a day. `None`: not all of the types that belong to one
/// were read by the Run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Books {
    pub receivables: Option<Side>,
    /// Positive: something is owed.
    pub payables: Option<Side>,
}

/// All that is open on one side, in the base currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Side {
    pub total: Decimal,
    /// How many of the records are in another currency.
    pub foreign: i64,
}

impl Side {
    /// Platforms round each record to the base currency's cent at a rate with more digits than ours: one cent each.
    pub fn tolerance(self) -> Decimal {
        Decimal::of_parts(self.foreign, 2)
    }
}

/// What adds to a side, and what is taken off it.
type Sides = [(DataType, bool); 3];
const RECEIVABLES: Sides = [
    (DataType::Invoices, true),
    (DataType::CreditNotes, false),
    (DataType::Payments, false),
];
const PAYABLES: Sides = [
    (DataType::Bills, true),
    (DataType::BillCreditNotes, false),
    (DataType::BillPayments, false),
];

/// `None`: another Run has read one of the types since.
pub(super) async fn of(
    engine: &Engine,
    closing: &Closing,
    as_of: Date,
) -> Result<Option<Books>, jobs::Error> {
    let mut tx = engine.store.read().await?;
    let statuses = status::of_connection(&mut tx, closing.run.app, closing.run.connection).await?;
    let is_ours = |data_type: DataType| {
        let ours = closing.complete().find(|pull| pull.data_type == data_type);
        let last = statuses.iter().find(|status| status.data_type == data_type);
        ours.zip(last)
            .map(|(pull, status)| status.last_success.is_some_and(|(last, _)| last == pull.id))
    };
    let mut books = Books {
        receivables: None,
        payables: None,
    };
    for (side, types) in [
        (&mut books.receivables, RECEIVABLES),
        (&mut books.payables, PAYABLES),
    ] {
        let known = types.map(|(data_type, _)| is_ours(data_type));
        if known.contains(&Some(false)) {
            return Ok(None);
        }
        if !known.contains(&None) {
            *side = Some(sum(&mut tx, closing, types, as_of).await?);
        }
    }
    Ok(Some(books))
}

async fn sum(tx: &mut Tx, closing: &Closing, types: Sides, as_of: Date) -> Result<Side, jobs::Error> {
    let mut side = Side::default();
    let mut unreadable = 0_u64;
    for (data_type, adds) in types {
        let mut add = |amount: Decimal, foreign: i64| {
            side.total = if adds {
                side.total + amount
            } else {
                side.total - amount
            };
            side.foreign += foreign;
        };
        let (app, connection) = (closing.run.app, closing.run.connection);
        let settled = records::sum_open(tx, app, connection, data_type, as_of).await?;
        add(settled.amount, settled.foreign);
        records::each_open_later(tx, app, connection, data_type, as_of, |standard| {
            match open::on(&standard, as_of) {
                Ok((amount, is_foreign)) => add(amount, is_foreign.into()),
                Err(_) => unreadable += 1,
            }
            Ok(())
        })
        .await?;
    }
    if unreadable > 0 {
        return Err(jobs::Error::Failed(format!(
            "{unreadable} open records cannot be read back"
        )));
    }
    Ok(side)
}
