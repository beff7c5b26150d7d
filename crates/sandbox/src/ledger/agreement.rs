//! What must hold of any books: the checks that the tests of the generator and of mutations share.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::{Direction, Ledger, MoneyFlow, PaymentTarget, SystemRole, Totals, posting};

/// Panic at the first thing in `ledger` that does not agree.
pub(crate) fn check(ledger: &Ledger) {
    control_accounts(ledger);
    documents(ledger);
    banks(ledger);
    let today = last_day(ledger);
    for months in [0, 1, 5, 11] {
        reports(ledger, today.saturating_sub(months.months()));
    }
}

/// The last day on which anything is booked.
pub(crate) fn last_day(ledger: &Ledger) -> Date {
    let mut last = ledger.opening.date;
    posting::Posting::of(ledger).each(|entry| last = last.max(entry.date));
    last
}

fn control_accounts(ledger: &Ledger) {
    let balances = ledger.balances(Date::MAX);
    for (direction, role, sign) in [
        (Direction::Receivable, SystemRole::Receivables, Decimal::ONE),
        (Direction::Payable, SystemRole::Payables, Decimal::NEGATIVE_ONE),
    ] {
        let invoices = ledger.invoices.iter().filter(|invoice| {
            invoice.direction == direction && invoice.status.is_posted() && !invoice.meta.deleted
        });
        let notes = ledger
            .credit_notes
            .iter()
            .filter(|note| note.direction == direction && note.status.is_posted() && !note.meta.deleted);
        let open = invoices.map(posting::open_in_base).sum::<Decimal>()
            - notes.map(posting::remaining_in_base).sum::<Decimal>();
        let control = balances
            .get(&ledger.system_account(role))
            .copied()
            .unwrap_or_default();
        assert_eq!(
            control,
            open * sign,
            "{direction:?}: the control account and the open documents"
        );
    }
}

fn documents(ledger: &Ledger) {
    for invoice in &ledger.invoices {
        assert_eq!(
            invoice.totals,
            Totals::of(&invoice.lines, invoice.line_amounts),
            "{}",
            invoice.number
        );
        assert!(!invoice.lines.is_empty(), "{}", invoice.number);
        if invoice.status.is_posted() && !invoice.meta.deleted {
            let due = invoice.totals.total - invoice.amount_paid - invoice.amount_credited;
            assert_eq!(invoice.amount_due, due, "{}", invoice.number);
            assert!(invoice.amount_due >= Decimal::ZERO, "{}", invoice.number);
            assert_eq!(
                invoice.status == super::DocumentStatus::Paid,
                due.is_zero(),
                "{}",
                invoice.number
            );
        } else {
            assert!(invoice.settlements.is_empty(), "{}", invoice.number);
        }
        let paid = ledger.payments.iter().filter(|payment| {
            payment.target == PaymentTarget::Invoice(invoice.meta.id) && !payment.meta.deleted
        });
        assert_eq!(
            paid.map(|payment| payment.amount).sum::<Decimal>(),
            invoice.amount_paid,
            "{}",
            invoice.number
        );
        assert!(
            ledger.contacts.get(invoice.contact).is_some(),
            "{}",
            invoice.number
        );
    }
    for note in &ledger.credit_notes {
        let allocated: Decimal = note.allocations.iter().map(|allocation| allocation.amount).sum();
        let refunded: Decimal = ledger
            .payments
            .iter()
            .filter(|payment| {
                payment.target == PaymentTarget::CreditNote(note.meta.id) && !payment.meta.deleted
            })
            .map(|payment| payment.amount)
            .sum();
        if note.status.is_posted() && !note.meta.deleted {
            assert_eq!(
                note.remaining,
                note.totals.total - allocated - refunded,
                "{}",
                note.number
            );
        }
    }
}

/// Bank balances against the documents themselves, without the postings.
fn banks(ledger: &Ledger) {
    let balances = ledger.balances(Date::MAX);
    for account in ledger.accounts.iter().filter(|account| account.bank.is_some()) {
        let id = account.meta.id;
        let opening = ledger.opening.lines.iter().filter(|line| line.account == id);
        let mut expected: Decimal = opening.map(|line| line.amount).sum();
        for payment in ledger
            .payments
            .iter()
            .filter(|payment| payment.account == id && !payment.meta.deleted)
        {
            let refund = matches!(payment.target, PaymentTarget::CreditNote(_));
            let comes_in = (payment.direction == Direction::Receivable) != refund;
            expected += if comes_in {
                payment.bank_amount
            } else {
                -payment.bank_amount
            };
        }
        for money in ledger
            .bank_transactions
            .iter()
            .filter(|money| money.account == id && !money.meta.deleted)
        {
            expected += if money.flow == MoneyFlow::Receive {
                money.totals.total
            } else {
                -money.totals.total
            };
        }
        let journals = ledger
            .manual_journals
            .iter()
            .filter(|journal| !journal.meta.deleted && journal.status == super::ManualJournalStatus::Posted);
        expected += journals
            .flat_map(|journal| &journal.lines)
            .filter(|line| line.account == id)
            .map(|line| line.amount)
            .sum::<Decimal>();
        for transfer in ledger.transfers.iter().filter(|transfer| !transfer.meta.deleted) {
            expected += if transfer.to == id {
                transfer.amount
            } else {
                Decimal::ZERO
            };
            expected -= if transfer.from == id {
                transfer.amount
            } else {
                Decimal::ZERO
            };
        }
        assert_eq!(
            balances.get(&id).copied().unwrap_or_default(),
            expected,
            "{}",
            account.name
        );
    }
}

fn reports(ledger: &Ledger, as_of: Date) {
    let trial: Decimal = ledger.trial_balance(as_of).values().sum();
    assert_eq!(trial, Decimal::ZERO, "the trial balance of {as_of}");
    let earnings = ledger.earnings(as_of);
    let balances = ledger.balances(as_of);
    let net_assets: Decimal = balances
        .iter()
        .filter(|(id, _)| {
            ledger
                .accounts
                .get(**id)
                .is_some_and(|account| !account.kind.class().is_profit_and_loss())
        })
        .map(|(_, amount)| amount)
        .sum();
    assert_eq!(
        net_assets,
        earnings.prior_years + earnings.current_year,
        "the profit of {as_of} is in equity"
    );
    let month = as_of.first_of_month()..=as_of;
    for movement in ledger.bank_movements(month) {
        let closing = balances.get(&movement.account).copied().unwrap_or_default();
        assert_eq!(movement.closing, closing, "the bank summary of {as_of}");
    }
}
