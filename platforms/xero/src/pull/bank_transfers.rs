//! <https://developer.xero.com/documentation/api/accounting/banktransfers>
//!
//! A transfer, and one account transaction for each side: `{id}_from` and `{id}_to`. Xero tells when it was
//! made, not when it last changed. Only the kept source has: `FromBankTransactionID`, `ToBankTransactionID`,
//! `CurrencyRate`, `FromTracking`, `ToTracking`, attachments.

use ledgerline_model::records::{
    AccountRef, AccountTransaction, AccountTransactionLine, BankAccountRef, BankStatus, RecordRef, Text,
    Transfer, TransferAccount,
};
use ledgerline_model::{DataType, Decimal, Instant, LocalDateTime};
use serde::Deserialize;

use super::dates;
use super::document::AccountName;
use super::facts::{BankSide, Facts};
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "BankTransferID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    status: Option<Str<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    amount: Decimal,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    #[serde(rename = "FromBankAccount", borrow)]
    from: Option<AccountName<'a>>,
    #[serde(rename = "ToBankAccount", borrow)]
    to: Option<AccountName<'a>>,
    from_is_reconciled: Option<bool>,
    to_is_reconciled: Option<bool>,
    #[serde(rename = "CreatedDateUTC", borrow)]
    created_date_utc: Option<Str<'a>>,
}

/// What both sides share.
struct Both<'a> {
    id: &'a str,
    date: Option<LocalDateTime>,
    reference: Option<Text<'a>>,
    created: Option<Instant>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let sides = [
        format!("{}_from", wire.id.as_str()),
        format!("{}_to", wire.id.as_str()),
    ];
    match wire.status.as_ref().map(Str::as_str) {
        None | Some("" | "AUTHORISED") => {}
        Some("DELETED") => {
            rows.gone(DataType::Transfers, wire.id.as_str());
            for side in &sides {
                rows.gone(DataType::AccountTransactions, side);
            }
            return Ok(());
        }
        Some(other) => rows.unknown("xero-unknown-transfer-status", wire.id.as_str(), "Status", other),
    }
    let both = Both {
        id: wire.id.as_str(),
        date: dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?,
        reference: filled(wire.reference),
        created: dates::instant(wire.created_date_utc.as_ref(), "CreatedDateUTC")?.map(Instant),
    };
    let from = wire.from.and_then(AccountName::account);
    let to = wire.to.and_then(AccountName::account);
    let accounts = [&from, &to].into_iter().flatten();
    for account in accounts.filter_map(|account| account.id.as_deref()) {
        if facts.bank_side(account) == Some(&BankSide::Unlisted) {
            rows.names_unlisted(account);
        }
    }
    let (from_currency, to_currency) = (currency(facts, from.as_ref()), currency(facts, to.as_ref()));
    // The amount is in the currency of the account that it leaves.
    let is_same_currency = match (&from_currency, &to_currency) {
        (Some(from), Some(to)) => from == to,
        _ => wire
            .currency_rate
            .is_none_or(|rate| rate.is_zero() || rate == Decimal::ONE),
    };
    let arrived = is_same_currency.then_some(wire.amount);
    if arrived.is_none() {
        rows.warn(
            "xero-transfer-between-currencies",
            both.id,
            "Amount",
            "what arrived in the other currency is not told".to_owned(),
        );
    }
    if rows.wants(DataType::AccountTransactions) {
        let [from_id, to_id] = &sides;
        let left = Some(-wire.amount);
        side(
            &both,
            from_id,
            from.as_ref(),
            from_currency.clone(),
            left,
            wire.from_is_reconciled,
            rows,
        )?;
        side(
            &both,
            to_id,
            to.as_ref(),
            to_currency.clone(),
            arrived,
            wire.to_is_reconciled,
            rows,
        )?;
    }
    if !rows.wants(DataType::Transfers) {
        return Ok(());
    }
    let record = Transfer {
        id: both.id.into(),
        description: both.reference.clone(),
        contact_ref: None,
        date: both.date,
        from: transfer_account(from, from_currency, Some(wire.amount)),
        to: transfer_account(to, to_currency, arrived),
        status: match (wire.from_is_reconciled, wire.to_is_reconciled) {
            (Some(true), Some(true)) => BankStatus::Reconciled,
            (Some(_), Some(_)) => BankStatus::Unreconciled,
            _ => BankStatus::Unknown,
        },
        tracking_category_refs: Vec::new(),
        deposited_record_refs: Vec::new(),
        supplemental_data: None,
        source_modified_date: both.created,
    };
    rows.present(DataType::Transfers, both.id, &record, both.created)
}

fn currency<'a>(facts: &Facts, account: Option<&AccountRef<'_>>) -> Option<Text<'a>> {
    let currency = facts.bank_currency(account?.id.as_ref()?)?;
    Some(currency.to_owned().into())
}

fn transfer_account<'a>(
    account: Option<AccountRef<'a>>,
    currency: Option<Text<'a>>,
    amount: Option<Decimal>,
) -> Option<TransferAccount<'a>> {
    Some(TransferAccount {
        account_ref: Some(RecordRef {
            id: account?.id?,
            data_type: DataType::BankAccounts,
        }),
        currency,
        amount,
    })
}

fn side(
    both: &Both<'_>,
    id: &str,
    account: Option<&AccountRef<'_>>,
    currency: Option<Text<'_>>,
    amount: Option<Decimal>,
    is_reconciled: Option<bool>,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    let record = AccountTransaction {
        id: id.into(),
        transaction_id: Some(both.id.into()),
        note: both.reference.clone(),
        bank_account_ref: account.map(|account| BankAccountRef {
            id: account.id.clone(),
            name: account.name.clone(),
        }),
        date: both.date,
        status: match is_reconciled {
            Some(true) => BankStatus::Reconciled,
            Some(false) => BankStatus::Unreconciled,
            None => BankStatus::Unknown,
        },
        currency,
        currency_rate: None,
        lines: vec![AccountTransactionLine {
            description: None,
            record_ref: Some(RecordRef {
                id: both.id.into(),
                data_type: DataType::Transfers,
            }),
            amount,
        }],
        total_amount: amount,
        source_modified_date: both.created,
    };
    rows.present(DataType::AccountTransactions, id, &record, both.created)
}
