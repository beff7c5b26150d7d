//! What moves money: payments, bank transactions, transfers, and their bank side.

use super::*;

impl Ledger {
    pub(super) fn payment_rows(&self, direction: Direction) -> Vec<Row> {
        let payments = self
            .payments
            .iter()
            .filter(|payment| payment.direction == direction);
        let mut rows: Vec<Row> = payments.map(|payment| self.payment_row(payment)).collect();
        match self.facts.platform {
            Platform::Xero => {}
            Platform::QuickBooksOnline => {
                let notes = self.credit_notes.iter();
                let notes = notes.filter(|note| note.direction == direction);
                notes.for_each(|note| rows.extend(self.applied_credit_rows(note)));
            }
        }
        rows
    }

    /// Applied credits, where each is a payment of nothing.
    fn applied_credit_rows(&self, note: &CreditNote) -> Vec<Row> {
        let row = |(position, allocation): (usize, &super::super::Allocation)| Row {
            id: self.allocation_number(note.meta.id, position).to_string(),
            date: Some(allocation.date),
            currency: Some(note.currency.clone()),
            currency_rate: Some(Money(note.currency_rate)),
            contact: self.contact(note.contact),
            total_amount: Some(Money(cents(Decimal::ZERO))),
            links: Some(vec![
                Link {
                    data_type: documents_of(note.direction),
                    id: self.api_id(List::Invoices, allocation.invoice),
                    amount: Some(Money(allocation.amount)),
                },
                Link {
                    data_type: notes_of(note.direction),
                    id: self.api_id(List::CreditNotes, note.meta.id),
                    amount: Some(Money(allocation.amount)),
                },
            ]),
            version: 1,
            ..Row::of(&note.meta)
        };
        note.allocations.iter().enumerate().map(row).collect()
    }

    pub(super) fn payment_row(&self, payment: &Payment) -> Row {
        let (data_type, id, contact, currency) = match payment.target {
            PaymentTarget::Invoice(id) => {
                let invoice = self.invoices.get(id);
                let facts = invoice.map(|invoice| (invoice.contact, invoice.currency.clone()));
                let (contact, currency) = facts.unzip();
                let id = self.api_id(List::Invoices, id);
                (documents_of(payment.direction), id, contact, currency)
            }
            PaymentTarget::CreditNote(id) => {
                let facts = self
                    .credit_notes
                    .get(id)
                    .map(|note| (note.contact, note.currency.clone()));
                let (contact, currency) = facts.unzip();
                let id = self.api_id(List::CreditNotes, id);
                (notes_of(payment.direction), id, contact, currency)
            }
        };
        Row {
            reference: Some(payment.reference.clone()),
            date: Some(payment.date),
            currency,
            currency_rate: Some(Money(payment.currency_rate)),
            contact: contact.and_then(|contact| self.contact(contact)),
            account: self.account(payment.account),
            total_amount: Some(Money(match payment.target {
                PaymentTarget::Invoice(_) => payment.amount,
                // A refund: money that goes back.
                PaymentTarget::CreditNote(_) => -payment.amount,
            })),
            reconciled: Some(payment.reconciled),
            links: Some(vec![Link {
                data_type,
                id,
                amount: Some(Money(payment.amount)),
            }]),
            ..self.row(List::Payments, &payment.meta)
        }
    }

    pub(super) fn statement_line_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for statement in self
            .feeds
            .statements
            .iter()
            .filter(|statement| statement.rejection.is_none())
        {
            let connection = self
                .feeds
                .connections
                .iter()
                .find(|kept| kept.id == statement.connection);
            let account = connection.and_then(|connection| self.account(connection.account));
            for (place, line) in statement.lines.iter().enumerate() {
                rows.push(Row {
                    id: format!("{}_{place}", statement.id),
                    reference: line.transaction_id.clone(),
                    description: Some(line.description.clone()),
                    date: Some(line.date),
                    account: account.clone(),
                    total_amount: Some(Money(line.amount)),
                    ..Row::of(&Meta::new(statement.id, statement.taken_at))
                });
            }
        }
        rows
    }

    pub(super) fn account_transaction_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for money in &self.bank_transactions {
            let data_type = match money.flow {
                MoneyFlow::Spend => "directCosts",
                MoneyFlow::Receive => "directIncomes",
            };
            let incoming = money.flow == MoneyFlow::Receive;
            let side = Side {
                list: List::BankTransactions,
                kind: match (money.flow, self.is_sale(money), self.is_card(money.account)) {
                    (MoneyFlow::Spend, ..) | (MoneyFlow::Receive, false, true) => "purchase",
                    (MoneyFlow::Receive, true, _) => "salesReceipt",
                    (MoneyFlow::Receive, false, false) => "deposit",
                },
                data_type,
                account: money.account,
                date: money.date,
                reconciled: money.reconciled,
            };
            let mut row = self.bank_side(&money.meta, side, signed(money.totals.total, incoming));
            row.currency = Some(money.currency.clone());
            rows.push(row);
        }
        for payment in &self.payments {
            if self
                .accounts
                .get(payment.account)
                .is_none_or(|account| account.bank.is_none())
            {
                continue;
            }
            let data_type = match payment.direction {
                Direction::Receivable => "payments",
                Direction::Payable => "billPayments",
            };
            let refund = match payment.target {
                PaymentTarget::Invoice(_) => false,
                PaymentTarget::CreditNote(_) => true,
            };
            let incoming = (payment.direction == Direction::Receivable) != refund;
            let side = Side {
                list: List::Payments,
                kind: match payment.direction {
                    Direction::Receivable => "payment",
                    Direction::Payable => "billPayment",
                },
                data_type,
                account: payment.account,
                date: payment.date,
                reconciled: payment.reconciled,
            };
            rows.push(self.bank_side(&payment.meta, side, signed(payment.bank_amount, incoming)));
        }
        for transfer in &self.transfers {
            let sides = [
                ("from", transfer.from, transfer.from_reconciled, -transfer.amount),
                ("to", transfer.to, transfer.to_reconciled, transfer.amount),
            ];
            for (name, account, reconciled, amount) in sides {
                let side = Side {
                    list: List::Transfers,
                    kind: "transfer",
                    data_type: "transfers",
                    account,
                    date: transfer.date,
                    reconciled,
                };
                let mut row = self.bank_side(&transfer.meta, side, amount);
                row.id = format!("{}_{name}", row.id);
                rows.push(row);
            }
        }
        rows
    }

    pub(super) fn bank_side(&self, meta: &Meta, side: Side, amount: Decimal) -> Row {
        let id = self.api_id(side.list, meta.id);
        Row {
            id: match self.facts.platform {
                Platform::Xero => id.clone(),
                Platform::QuickBooksOnline => format!("{}_{id}", side.kind),
            },
            status: Some(if side.reconciled {
                "reconciled"
            } else {
                "unreconciled"
            }),
            date: Some(side.date),
            currency: Some(self.facts.base_currency.clone()),
            account: self.account(side.account),
            total_amount: Some(Money(amount)),
            reconciled: Some(side.reconciled),
            record: Some(Link {
                data_type: side.data_type,
                id,
                amount: None,
            }),
            ..Row::of(meta)
        }
    }

    pub(super) fn bank_transaction_rows(&self, flow: MoneyFlow) -> Vec<Row> {
        let row = |money: &BankTransaction| {
            Row {
                reference: Some(money.reference.clone()),
                date: Some(money.date),
                currency: Some(money.currency.clone()),
                currency_rate: Some(Money(money.currency_rate)),
                contact: self.contact(money.contact),
                account: self.account(money.account),
                reconciled: Some(money.reconciled),
                lines: Some(if flow == MoneyFlow::Spend {
                    self.purchase_lines(&money.lines, money.line_amounts)
                } else {
                    self.lines(&money.lines, money.line_amounts)
                }),
                ..self.row(List::BankTransactions, &money.meta)
            }
            .with_totals(money.totals)
        };
        // Where money that goes back to a card is a purchase, its amounts are negative.
        let back = |row: Row| Row {
            sub_total: row.sub_total.map(|amount| Money(-amount.0)),
            total_tax: row.total_tax.map(|amount| Money(-amount.0)),
            total_amount: row.total_amount.map(|amount| Money(-amount.0)),
            ..row
        };
        let mut rows = Vec::new();
        for money in &self.bank_transactions {
            let to_card = match self.facts.platform {
                Platform::Xero => false,
                Platform::QuickBooksOnline => {
                    money.flow == MoneyFlow::Receive && !self.is_sale(money) && self.is_card(money.account)
                }
            };
            match (flow, money.flow, to_card) {
                (MoneyFlow::Spend, MoneyFlow::Spend, _) | (MoneyFlow::Receive, MoneyFlow::Receive, false) => {
                    rows.push(row(money));
                }
                (MoneyFlow::Spend, MoneyFlow::Receive, true) => rows.push(back(row(money))),
                (MoneyFlow::Spend, MoneyFlow::Receive, false)
                | (MoneyFlow::Receive, MoneyFlow::Receive, true)
                | (MoneyFlow::Receive, MoneyFlow::Spend, _) => {}
            }
        }
        rows
    }

    /// Whether money was received for things of the catalogue.
    pub fn is_sale(&self, money: &BankTransaction) -> bool {
        money.flow == MoneyFlow::Receive && money.lines.iter().any(|line| line.item.is_some())
    }

    pub fn is_card(&self, account: Uuid) -> bool {
        let account = self.accounts.get(account);
        account.is_some_and(|account| account.bank.as_ref().is_some_and(|bank| bank.is_card()))
    }

    pub(super) fn transfer_rows(&self) -> Vec<Row> {
        let rows = self.transfers.iter().map(|transfer| Row {
            reference: Some(transfer.reference.clone()),
            date: Some(transfer.date),
            currency: Some(self.facts.base_currency.clone()),
            account: self.account(transfer.from),
            to_account: self.account(transfer.to),
            total_amount: Some(Money(transfer.amount)),
            ..self.row(List::Transfers, &transfer.meta)
        });
        rows.collect()
    }
}
