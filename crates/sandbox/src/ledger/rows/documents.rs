//! Invoices, credit notes, manual journals, purchase orders.

use super::*;

impl Ledger {
    pub(super) fn invoice_rows(&self, direction: Direction) -> Vec<Row> {
        let row = |invoice: &Invoice| {
            let partly = invoice.amount_paid + invoice.amount_credited > Decimal::ZERO;
            Row {
                status: Some(document_status(invoice.status, partly)),
                number: Some(invoice.number.clone()),
                reference: Some(invoice.reference.clone()),
                date: Some(invoice.date),
                due_date: Some(invoice.due_date),
                paid_on: invoice.fully_paid_on,
                currency: Some(invoice.currency.clone()),
                currency_rate: Some(Money(invoice.currency_rate)),
                contact: self.contact(invoice.contact),
                amount_due: Some(Money(invoice.amount_due)),
                lines: Some(match direction {
                    Direction::Receivable => self.lines(&invoice.lines, invoice.line_amounts),
                    Direction::Payable => self.purchase_lines(&invoice.lines, invoice.line_amounts),
                }),
                links: Some(
                    invoice
                        .settlements
                        .iter()
                        .map(|settlement| self.settled_by(direction, settlement.by, settlement.amount))
                        .collect(),
                ),
                ..self.row(List::Invoices, &invoice.meta)
            }
            .with_totals(invoice.totals)
        };
        let row = |invoice: &Invoice| self.nothing_if_void(row(invoice), invoice.status);
        self.invoices
            .iter()
            .filter(|invoice| invoice.direction == direction)
            .map(row)
            .collect()
    }

    pub(super) fn credit_note_rows(&self, direction: Direction) -> Vec<Row> {
        let notes = self
            .credit_notes
            .iter()
            .filter(|note| note.direction == direction);
        let rows = notes.map(|note| {
            let allocations = note.allocations.iter().map(|allocation| Link {
                data_type: documents_of(direction),
                id: self.api_id(List::Invoices, allocation.invoice),
                amount: Some(Money(allocation.amount)),
            });
            Row {
                status: Some(document_status(note.status, !note.uses.is_empty())),
                number: Some(note.number.clone()),
                reference: Some(note.reference.clone()),
                date: Some(note.date),
                paid_on: note.fully_paid_on,
                currency: Some(note.currency.clone()),
                currency_rate: Some(Money(note.currency_rate)),
                contact: self.contact(note.contact),
                amount_due: Some(Money(note.remaining)),
                lines: Some(match direction {
                    Direction::Receivable => self.lines(&note.lines, note.line_amounts),
                    Direction::Payable => self.purchase_lines(&note.lines, note.line_amounts),
                }),
                links: Some(allocations.collect()),
                ..self.row(List::CreditNotes, &note.meta)
            }
            .with_totals(note.totals)
        });
        let notes = self.credit_notes.iter();
        let notes = notes.filter(|note| note.direction == direction);
        rows.zip(notes)
            .map(|(row, note)| self.nothing_if_void(row, note.status))
            .collect()
    }

    fn settled_by(&self, direction: Direction, by: SettledBy, amount: Decimal) -> Link {
        let (data_type, id) = match (by, self.facts.platform) {
            (SettledBy::Payment(id), _) => (payments_of(direction), self.api_id(List::Payments, id)),
            (SettledBy::Allocation { credit_note, .. }, Platform::Xero) => {
                (notes_of(direction), credit_note.to_string())
            }
            (
                SettledBy::Allocation {
                    allocation,
                    credit_note,
                },
                Platform::QuickBooksOnline,
            ) => {
                let note = self.credit_notes.get(credit_note);
                let position =
                    note.and_then(|note| note.allocations.iter().position(|made| made.id == allocation));
                let number = self.allocation_number(credit_note, position.unwrap_or_default());
                (payments_of(direction), number.to_string())
            }
        };
        Link {
            data_type,
            id,
            amount: Some(Money(amount)),
        }
    }

    pub(super) fn manual_journal_rows(&self) -> Vec<Row> {
        // A draft is in no ledger yet, a voided one no longer.
        let posted = self
            .manual_journals
            .iter()
            .filter(|journal| journal.status != ManualJournalStatus::Draft);
        let rows = posted.map(|journal| {
            let lines = journal.lines.iter().map(|line| RowLine {
                description: line.description.clone(),
                account: self.account(line.account),
                quantity: None,
                unit_amount: None,
                amount: Money(line.amount),
                tax: Some(Money(Decimal::ZERO)),
                tax_code: self.tax_code(&line.tax_code),
                item: None,
                tracking: self.tracked(&line.tracking),
            });
            Row {
                status: Some(match journal.status {
                    ManualJournalStatus::Draft => "draft",
                    ManualJournalStatus::Posted => "posted",
                    ManualJournalStatus::Void => "void",
                }),
                description: Some(journal.narration.clone()),
                date: Some(journal.date),
                currency: Some(self.facts.base_currency.clone()),
                lines: Some(lines.collect()),
                deleted: journal.meta.deleted || journal.status == ManualJournalStatus::Void,
                ..self.row(List::ManualJournals, &journal.meta)
            }
        });
        rows.collect()
    }

    pub(super) fn purchase_order_rows(&self) -> Vec<Row> {
        let rows = self.purchase_orders.iter().map(|order| {
            Row {
                status: Some(match order.status {
                    PurchaseOrderStatus::Draft | PurchaseOrderStatus::Submitted => "draft",
                    PurchaseOrderStatus::Authorised => "open",
                    PurchaseOrderStatus::Billed => "closed",
                }),
                number: Some(order.number.clone()),
                reference: Some(order.reference.clone()),
                date: Some(order.date),
                delivery_date: order.delivery_date,
                expected_arrival_date: order.expected_arrival_date,
                currency: Some(order.currency.clone()),
                currency_rate: Some(Money(order.currency_rate)),
                contact: self.contact(order.contact),
                lines: Some(self.purchase_lines(&order.lines, order.line_amounts)),
                ..self.row(List::PurchaseOrders, &order.meta)
            }
            .with_totals(order.totals)
        });
        rows.collect()
    }
}
