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
                lines: Some(self.lines(&invoice.lines, invoice.line_amounts)),
                links: Some(
                    invoice
                        .settlements
                        .iter()
                        .map(|settlement| settled_by(direction, settlement.by, settlement.amount))
                        .collect(),
                ),
                ..Row::of(&invoice.meta)
            }
            .with_totals(invoice.totals)
        };
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
                id: allocation.invoice.to_string(),
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
                lines: Some(self.lines(&note.lines, note.line_amounts)),
                links: Some(allocations.collect()),
                ..Row::of(&note.meta)
            }
            .with_totals(note.totals)
        });
        rows.collect()
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
                tax: Money(Decimal::ZERO),
                tax_code: line.tax_code.clone(),
                item: None,
                tracking: line.tracking.iter().map(|tracked| tracked.option).collect(),
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
                ..Row::of(&journal.meta)
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
                lines: Some(self.lines(&order.lines, order.line_amounts)),
                ..Row::of(&order.meta)
            }
            .with_totals(order.totals)
        });
        rows.collect()
    }
}
