use rust_decimal::Decimal;
use uuid::Uuid;

use super::body::{Body, parsed};
use super::documents::NUMBER;
use super::{Target, lines};
use crate::ids;
use crate::ledger::amend::Refused;
use crate::ledger::{
    Account, Allocation, BankTransaction, Direction, Ledger, List, Payment, PaymentTarget, Transfer, cents,
    to_base,
};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::{self, Entity};

/// A purchase, a deposit or a sales receipt.
pub(super) fn transaction(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let ledger = &*target.ledger;
    let (account, contact) = match target.entity {
        Entity::Purchase => (
            paying_account(ledger, body)?,
            match body.reference("EntityRef") {
                Some(_) => Some(body.contact(ledger, "EntityRef")?),
                None => None,
            },
        ),
        Entity::Deposit => {
            let first = body
                .list("Line")
                .first()
                .map(|line| line.part("DepositLineDetail"));
            let entity = first.filter(|detail| detail.reference("Entity").is_some());
            (
                bank(body.account(ledger, "DepositToAccountRef")?)?,
                entity
                    .map(|detail| detail.contact(ledger, "Entity"))
                    .transpose()?,
            )
        }
        _ => (
            bank(body.account(ledger, "DepositToAccountRef")?)?,
            Some(body.contact(ledger, "CustomerRef")?),
        ),
    };
    let account = account.meta.id;
    let contact = contact.map(|contact| contact.meta.id).unwrap_or_default();
    let credit = body.flag("Credit").unwrap_or(false);
    if credit && !ledger.is_card(account) {
        return Err(Fault::business("a credit takes a credit card account"));
    }
    let base = ledger.facts.base_currency.clone();
    let date = target.date(body)?;
    let read = lines::read(target, body, Some(&base))?;
    if read.currency != base {
        return Err(Fault::not_simulated("bank accounts in other currencies"));
    }
    let reference = match target.entity {
        Entity::Purchase => body.short_text("DocNumber", NUMBER)?,
        Entity::Deposit => body.text("PrivateNote"),
        _ => body.short_text("PaymentRefNum", NUMBER)?,
    };
    let former = target.ledger.bank_transactions.get(target.id()).cloned();
    let money = BankTransaction {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        flow: records::flow(target.entity, credit),
        contact,
        account,
        date,
        reference: reference.to_owned(),
        currency: read.currency,
        currency_rate: read.currency_rate,
        line_amounts: read.line_amounts,
        lines: read.lines,
        totals: read.totals,
        reconciled: former.is_some_and(|former| former.reconciled),
    };
    target.ledger.bank_transactions.put(money);
    Ok(target.number(List::BankTransactions))
}

/// The account that a purchase is paid from: its type has to fit how it is paid.
fn paying_account<'l>(ledger: &'l Ledger, body: Body<'_>) -> Result<&'l Account, Fault> {
    let by_card = match body.required_text("PaymentType")? {
        "CreditCard" => true,
        "Cash" | "Check" => false,
        other => {
            return Err(Fault::malformed(format!(
                "PaymentType: '{other}' is none of its values"
            )));
        }
    };
    let account = bank(body.account(ledger, "AccountRef")?)?;
    if ledger.is_card(account.meta.id) != by_card {
        return Err(Fault::business(
            "Select a different account. The account type does not fit the payment type",
        ));
    }
    Ok(account)
}

fn bank(account: &Account) -> Result<&Account, Fault> {
    if account.bank.is_some() {
        Ok(account)
    } else {
        Err(Fault::business(format!(
            "the account {} is no bank or credit card account",
            account.name
        )))
    }
}

pub(super) fn transfer(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let from = body.account(target.ledger, "FromAccountRef")?.meta.id;
    let to = body.account(target.ledger, "ToAccountRef")?.meta.id;
    if from == to {
        return Err(Fault::business("money is moved between two accounts"));
    }
    let amount = body.amount("Amount")?.ok_or(Fault::missing("Amount"))?;
    if amount <= Decimal::ZERO {
        return Err(Fault::business("the amount has to be above 0"));
    }
    let date = target.date(body)?;
    let former = target.ledger.transfers.get(target.id()).cloned();
    let side = |name: &str| ids::derived(name, &target.id().to_string());
    let transfer = Transfer {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        from,
        to,
        date,
        amount: cents(amount),
        reference: body.text("PrivateNote").to_owned(),
        from_reconciled: false,
        to_reconciled: false,
        from_transaction: side("from"),
        to_transaction: side("to"),
    };
    target.ledger.transfers.put(transfer);
    Ok(target.number(List::Transfers))
}

/// A payment of one document, or, of nothing, a credit applied to one.
pub(super) fn payment(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    if !target.is_new() {
        return Err(Fault::not_simulated("changes of payments"));
    }
    let direction = if target.entity == Entity::Payment {
        Direction::Receivable
    } else {
        Direction::Payable
    };
    let (document_type, credit_type) = match direction {
        Direction::Receivable => ("Invoice", "CreditMemo"),
        Direction::Payable => ("Bill", "VendorCredit"),
    };
    let total = body.amount("TotalAmt")?.ok_or(Fault::missing("TotalAmt"))?;
    let mut paid = None;
    let mut credited = None;
    for line in body.list("Line") {
        let amount = line.amount("Amount")?.ok_or(Fault::missing("Line.Amount"))?;
        for linked in line.list("LinkedTxn") {
            let (id, kind) = (linked.required_text("TxnId")?, linked.required_text("TxnType")?);
            let place = match kind {
                _ if kind == document_type => &mut paid,
                _ if kind == credit_type => &mut credited,
                other => return Err(Fault::not_simulated(&format!("payments of {other}"))),
            };
            if place.replace((id, amount)).is_some() {
                return Err(Fault::not_simulated("payments of several documents"));
            }
        }
    }
    let Some((invoice, amount)) = paid else {
        return Err(Fault::not_simulated("unapplied payments"));
    };
    let found = |list: List, id: &str| {
        parsed(id)
            .and_then(|number| target.ledger.numbered(list, number))
            .ok_or_else(|| Fault::reference("Transaction", id))
    };
    let invoice = found(List::Invoices, invoice)?;
    let date = target.date(body)?;
    if let Some((note, credit)) = credited {
        if !total.is_zero() || credit != amount {
            return Err(Fault::not_simulated("payments with money and a credit"));
        }
        let note = found(List::CreditNotes, note)?;
        return apply(target, note, invoice, amount, date);
    }
    if total != amount {
        return Err(Fault::not_simulated("partly applied payments"));
    }
    let account = match direction {
        Direction::Receivable => body.account(target.ledger, "DepositToAccountRef")?,
        Direction::Payable if body.text("PayType") == "CreditCard" => body
            .part("CreditCardPayment")
            .account(target.ledger, "CCAccountRef")?,
        Direction::Payable => body
            .part("CheckPayment")
            .account(target.ledger, "BankAccountRef")?,
    };
    let account = bank(account)?.meta.id;
    let reference = match direction {
        Direction::Receivable => body.short_text("PaymentRefNum", NUMBER)?,
        Direction::Payable => body.short_text("DocNumber", NUMBER)?,
    };
    let invoice = target
        .ledger
        .invoices
        .get(invoice)
        .filter(|invoice| invoice.direction == direction)
        .ok_or_else(|| Fault::reference("Transaction", &invoice.to_string()))?;
    let rate = match body.amount("ExchangeRate")? {
        Some(rate) if rate > Decimal::ZERO && invoice.currency_rate != Decimal::ONE => Decimal::ONE / rate,
        Some(_) | None => invoice.currency_rate,
    };
    let payment = Payment {
        meta: target.meta(None),
        direction,
        target: PaymentTarget::Invoice(invoice.meta.id),
        date,
        amount: cents(amount),
        currency_rate: rate,
        bank_amount: to_base(amount, rate),
        account,
        reference: reference.to_owned(),
        reconciled: false,
    };
    target.ledger.pay(payment).map_err(refused)?;
    Ok(target.number(List::Payments))
}

fn apply(
    target: &mut Target<'_>,
    note: Uuid,
    invoice: Uuid,
    amount: Decimal,
    date: jiff::civil::Date,
) -> Result<String, Fault> {
    let allocation = Allocation {
        id: target.id(),
        invoice,
        amount: cents(amount),
        date,
    };
    target
        .ledger
        .allocate(note, allocation, target.now)
        .map_err(refused)?;
    let made = target.ledger.credit_notes.get(note);
    let position = made.map_or(0, |note| note.allocations.len().saturating_sub(1));
    Ok(target.ledger.allocation_number(note, position).to_string())
}

/// The books' refusal in the platform's words.
pub(super) fn refused(reason: Refused) -> Fault {
    match reason {
        Refused::Absent => Fault::not_found("Transaction"),
        Refused::WrongState | Refused::Settled | Refused::TooMuch => Fault::business(reason.to_string()),
    }
}
