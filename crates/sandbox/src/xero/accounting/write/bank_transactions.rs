use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::fields::{AccountRef, ContactRef, Day, currency_rate};
use super::lines::{SentLine, line_amounts, lines};
use super::{Change, New, Writable, check_date};
use crate::ledger::{BankTransaction, Ledger, Meta, MoneyFlow, Table, Totals};
use crate::xero::amount::Amount;

/// A bank transaction as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(rename = "BankTransactionID")]
    id: Option<Uuid>,
    r#type: Option<String>,
    contact: Option<ContactRef>,
    bank_account: Option<AccountRef>,
    date: Option<Day>,
    reference: Option<String>,
    currency_rate: Option<Amount>,
    line_amount_types: Option<String>,
    status: Option<String>,
    is_reconciled: Option<bool>,
    #[serde(default)]
    line_items: Vec<SentLine>,
}

impl Writable for BankTransaction {
    type Sent = Sent;

    fn id_of(sent: &Sent) -> Option<Uuid> {
        sent.id
    }

    fn build(ledger: &Ledger, sent: Sent, old: Option<&Self>, new: New) -> Result<Change<Self>, Vec<String>> {
        let Some(old) = old else {
            return build(ledger, sent, Meta::new(new.id, new.at), new);
        };
        if old.meta.deleted || old.reconciled {
            return Err(vec![
                "A bank transaction that is reconciled or deleted cannot be changed.".to_owned(),
            ]);
        }
        let mut meta = old.meta.clone();
        meta.touch(new.at);
        if sent.status.as_deref() == Some("DELETED") {
            meta.deleted = true;
            return Ok(Self { meta, ..old.clone() }.into());
        }
        build(ledger, sent, meta, new)
    }

    fn table_mut(ledger: &mut Ledger) -> &mut Table<Self> {
        &mut ledger.bank_transactions
    }
}

/// The record that was sent, or every reason why it cannot be.
fn build(ledger: &Ledger, sent: Sent, meta: Meta, new: New) -> Result<Change<BankTransaction>, Vec<String>> {
    let mut reasons = Vec::new();
    let flow = match sent.r#type.as_deref() {
        Some("SPEND") => Some(MoneyFlow::Spend),
        Some("RECEIVE") => Some(MoneyFlow::Receive),
        _ => {
            reasons.push("Type takes SPEND or RECEIVE here.".to_owned());
            None
        }
    };
    if !matches!(sent.status.as_deref(), None | Some("AUTHORISED")) {
        reasons.push("Status takes AUTHORISED here.".to_owned());
    }
    let bank = sent
        .bank_account
        .unwrap_or_default()
        .bank(ledger, "BankAccount")
        .cloned();
    let bank = bank.map_err(|reason| reasons.push(reason)).ok();
    let date = sent.date.map_or(new.today, |day| day.0);
    check_date(ledger, date, &mut reasons);
    let amounts = line_amounts(sent.line_amount_types.as_deref());
    let amounts = amounts.map_err(|reason| reasons.push(reason)).ok();
    let built = amounts.map(|amounts| lines(ledger, &sent.line_items, amounts, new, &mut reasons));
    let contact = match &sent.contact {
        Some(contact) => contact
            .find_or_make(ledger, new)
            .map_err(|reason| reasons.push(reason))
            .ok(),
        None => {
            reasons.push("A contact must be given.".to_owned());
            None
        }
    };
    let (Some(flow), Some(bank), Some(line_amounts), Some(lines), Some((contact, made)), true) =
        (flow, bank, amounts, built, contact, reasons.is_empty())
    else {
        return Err(reasons);
    };
    let totals = Totals::of(&lines, line_amounts);
    if totals.total < Decimal::ZERO {
        return Err(vec!["The document total must not be less than zero.".to_owned()]);
    }
    let currency = bank
        .bank
        .map_or_else(|| ledger.facts.base_currency.clone(), |bank| bank.currency);
    let record = BankTransaction {
        meta,
        flow,
        contact,
        account: bank.meta.id,
        date,
        reference: sent.reference.unwrap_or_default(),
        currency_rate: currency_rate(ledger, &currency, sent.currency_rate),
        currency,
        line_amounts,
        lines,
        totals,
        reconciled: sent.is_reconciled.unwrap_or_default(),
    };
    Ok(Change {
        record,
        contact: made,
    })
}
