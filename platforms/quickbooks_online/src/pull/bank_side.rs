use ledgerline_model::records::{
    AccountTransaction, AccountTransactionLine, BankAccountRef, BankStatus, RecordRef,
};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::rows::{Flaw, Rows};
use super::transaction::{Ref, Transaction};

/// What a transaction did to one bank or card account.
pub(super) struct Side<'a> {
    /// Names the kind, since ids count through all kinds.
    pub id: String,
    pub account: Option<&'a Ref>,
    /// In the currency of the transaction; money in is positive.
    pub amount: Decimal,
    pub data_type: DataType,
}

/// The account transaction of a side, if its account is a bank or card account.
pub(super) fn row(
    transaction: &Transaction,
    side: Side<'_>,
    facts: &Facts,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    if !rows.wants(DataType::AccountTransactions) {
        return Ok(());
    }
    let Some(account) = side.account else {
        return Ok(());
    };
    let Some(id) = account.value.as_ref() else {
        return Ok(());
    };
    let currency = match facts.accounts.as_ref().map(|accounts| accounts.get(id)) {
        Some(Some(Some(currency))) => currency,
        // It is elsewhere, or nobody asked where.
        Some(Some(None)) | None => return Ok(()),
        Some(None) => {
            rows.names_unlisted(id);
            return Ok(());
        }
    };
    // The account moves in its own currency.
    let is_foreign = transaction.currency().is_some_and(|own| own != *currency);
    let amount = match transaction.exchange_rate {
        Some(rate) if is_foreign => (side.amount * rate).rounded(2),
        _ => side.amount,
    };
    let record = AccountTransaction {
        id: side.id.as_str().into(),
        transaction_id: Some(transaction.id.as_str().into()),
        note: transaction.note().map(Into::into),
        bank_account_ref: Some(BankAccountRef {
            id: Some(id.as_str().into()),
            name: account.name.as_deref().map(Into::into),
        }),
        date: Some(transaction.date()?),
        // The API does not tell what was matched with a statement.
        status: BankStatus::Unknown,
        currency: Some(currency.as_str().into()),
        currency_rate: Some(Decimal::ONE),
        lines: vec![AccountTransactionLine {
            description: None,
            record_ref: Some(RecordRef {
                id: transaction.id.as_str().into(),
                data_type: side.data_type,
            }),
            amount: Some(amount),
        }],
        total_amount: Some(amount),
        source_modified_date: transaction.modified(),
    };
    rows.present(
        DataType::AccountTransactions,
        &side.id,
        &record,
        transaction.modified(),
    )
}
