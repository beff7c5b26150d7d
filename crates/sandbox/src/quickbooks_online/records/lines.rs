use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lists::{full_name, rate_number};
use super::{Cx, Object, Side};
use crate::ledger::{
    ActiveStatus, Direction, Ledger, Line, LineAmounts, List, TaxRate, Totals, Tracked, cents, to_base,
};
use crate::quickbooks_online::json::number;

/// What kind of document lines are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Sale,
    Purchase,
    Deposit,
}

/// What documents with lines have in common.
pub(super) struct Document<'a> {
    pub(super) on: On,
    pub(super) line_amounts: LineAmounts,
    pub(super) lines: &'a [Line],
    pub(super) totals: Totals,
    pub(super) currency: &'a str,
    pub(super) currency_rate: Decimal,
    /// It comes to nothing, and so do its lines.
    pub(super) void: bool,
    pub(super) contact: Uuid,
}

impl Cx<'_> {
    /// Lines, tax, totals, currency and location.
    pub(super) fn document(&self, object: &mut Object, document: &Document<'_>) {
        let nothing = Totals {
            sub_total: Decimal::ZERO,
            total_tax: Decimal::ZERO,
            total: Decimal::ZERO,
        };
        let totals = if document.void { nothing } else { document.totals };
        self.in_currency(object, document.currency, document.currency_rate);
        let foreign = document.currency != self.ledger.facts.base_currency;
        object
            .set("Line", self.lines(document, totals))
            .set("TxnTaxDetail", self.tax_detail(document, totals))
            .money("TotalAmt", totals.total);
        // Bills and what belongs to them have no such field.
        if foreign && document.on != On::Purchase {
            object.money("HomeTotalAmt", to_base(totals.total, document.currency_rate));
        }
        if !self.is_us {
            let amounts = match document.line_amounts {
                LineAmounts::Exclusive => "TaxExcluded",
                LineAmounts::Inclusive => "TaxInclusive",
                LineAmounts::NoTax => "NotApplicable",
            };
            object.set("GlobalTaxCalculation", amounts);
        }
        let of_first = document.lines.first().map(|line| line.tracking.as_slice());
        object.some("DepartmentRef", self.tracked(of_first.unwrap_or_default(), 1));
    }

    pub(super) fn in_currency(&self, object: &mut Object, currency: &str, rate: Decimal) {
        object.set("CurrencyRef", self.currency(currency));
        if !self.ledger.facts.foreign_currencies.is_empty() {
            object.set("ExchangeRate", number(exchange_rate(rate)));
        }
    }

    fn lines(&self, document: &Document<'_>, totals: Totals) -> Vec<Value> {
        let mut lines: Vec<Value> = document
            .lines
            .iter()
            .enumerate()
            .map(|(place, line)| self.line(document, place, line))
            .collect();
        if document.on == On::Sale {
            lines.push(json!({
                "Amount": number(totals.sub_total),
                "DetailType": "SubTotalLineDetail",
                "SubTotalLineDetail": {},
            }));
        }
        lines
    }

    fn line(&self, document: &Document<'_>, place: usize, line: &Line) -> Value {
        let (amount, quantity) = if document.void {
            (Decimal::ZERO, Decimal::ZERO)
        } else {
            (line.net(document.line_amounts), line.quantity)
        };
        let mut detail = Object::default();
        let kind = match (document.on, line.item) {
            (On::Sale, item) => {
                detail
                    .some("ItemRef", item.map(|item| self.item(item)))
                    .money("UnitPrice", line.unit_amount)
                    .money("Qty", quantity)
                    .set("ItemAccountRef", self.account(line.account));
                "SalesItemLineDetail"
            }
            (On::Purchase, Some(item)) => {
                detail
                    .set("BillableStatus", "NotBillable")
                    .set("ItemRef", self.item(item))
                    .money("UnitPrice", line.unit_amount)
                    .money("Qty", quantity);
                "ItemBasedExpenseLineDetail"
            }
            (On::Purchase, None) => {
                detail
                    .set("AccountRef", self.account(line.account))
                    .set("BillableStatus", "NotBillable");
                "AccountBasedExpenseLineDetail"
            }
            (On::Deposit, _) => {
                let mut entity = self.contact(document.contact);
                let customer = self
                    .ledger
                    .contacts
                    .get(document.contact)
                    .is_some_and(|contact| contact.is_customer);
                entity["type"] = if customer { "CUSTOMER" } else { "VENDOR" }.into();
                detail.set("AccountRef", self.account(line.account));
                if !document.contact.is_nil() {
                    detail.set("Entity", entity);
                }
                "DepositLineDetail"
            }
        };
        if document.on != On::Deposit || !self.is_us {
            detail.set(
                "TaxCodeRef",
                json!({ "value": tax_code_of(self.ledger, &line.tax_code) }),
            );
        }
        if document.line_amounts == LineAmounts::Inclusive && !document.void {
            detail.money("TaxInclusiveAmt", line.line_amount);
        }
        detail.some("ClassRef", self.tracked(&line.tracking, 0));
        let mut object = Object::default();
        object
            .set("Id", (place + 1).to_string())
            .set("LineNum", place + 1)
            .text("Description", &line.description)
            .money("Amount", amount)
            .set("DetailType", kind)
            .set(kind, detail.done());
        object.done()
    }

    fn tax_detail(&self, document: &Document<'_>, totals: Totals) -> Value {
        let mut detail = Object::default();
        detail.money("TotalTax", totals.total_tax);
        if document.void || document.line_amounts == LineAmounts::NoTax {
            return detail.done();
        }
        let side = match document.on {
            On::Sale | On::Deposit => Side::Sales,
            On::Purchase => Side::Purchases,
        };
        let mut codes: Vec<&str> = Vec::new();
        for line in document.lines {
            if !codes.contains(&line.tax_code.as_str()) {
                codes.push(&line.tax_code);
            }
        }
        let mut taxes = Vec::new();
        for code in codes {
            let Some(rate) = self.ledger.tax_rate_by_code(code) else {
                continue;
            };
            if rate.effective_rate.is_zero() && self.is_us {
                continue;
            }
            let of_code = || document.lines.iter().filter(|line| line.tax_code == code);
            let tax: Decimal = of_code().map(|line| line.tax_amount).sum();
            let net: Decimal = of_code().map(|line| line.net(document.line_amounts)).sum();
            taxes.push(tax_line(self.ledger, rate, side, tax, net));
            if self.is_us {
                detail.set("TxnTaxCodeRef", self.tax_code_of_document(rate));
            }
        }
        detail.set("TaxLine", taxes);
        detail.done()
    }

    fn tax_code_of_document(&self, rate: &TaxRate) -> Value {
        json!({ "value": self.ledger.api_id(List::TaxRates, rate.meta.id) })
    }

    // References.

    pub(super) fn id_only(&self, list: List, id: Uuid) -> Value {
        json!({ "value": self.ledger.api_id(list, id) })
    }

    pub(super) fn account(&self, id: Uuid) -> Value {
        match self.ledger.accounts.get(id) {
            Some(account) => json!({
                "value": self.ledger.api_id(List::Accounts, id),
                "name": full_name(self.ledger, account),
            }),
            None => Value::Null,
        }
    }

    pub(super) fn system_account(&self, direction: Direction) -> Value {
        let role = match direction {
            Direction::Receivable => crate::ledger::SystemRole::Receivables,
            Direction::Payable => crate::ledger::SystemRole::Payables,
        };
        self.account(self.ledger.system_account(role))
    }

    pub(super) fn contact(&self, id: Uuid) -> Value {
        match self.ledger.contacts.get(id) {
            Some(contact) => json!({
                "value": self.ledger.api_id(List::Contacts, id),
                "name": self.ledger.listed_name(&contact.name, contact.status == ActiveStatus::Active),
            }),
            None => json!({}),
        }
    }

    fn item(&self, id: Uuid) -> Value {
        match self.ledger.items.get(id) {
            Some(item) => json!({
                "value": self.ledger.api_id(List::Items, id),
                "name": self.ledger.listed_name(&item.name, !item.meta.deleted),
            }),
            None => Value::Null,
        }
    }

    pub(super) fn tax_code(&self, code: &str) -> Value {
        match self.ledger.tax_rate_by_code(code) {
            Some(rate) => json!({
                "value": self.ledger.api_id(List::TaxRates, rate.meta.id),
                "name": rate.name,
            }),
            None => Value::Null,
        }
    }

    pub(super) fn currency(&self, code: &str) -> Value {
        let name = match code {
            "AUD" => "Australian Dollar",
            "CAD" => "Canadian Dollar",
            "EUR" => "Euro",
            "GBP" => "British Pound Sterling",
            "NZD" => "New Zealand Dollar",
            "USD" => "United States Dollar",
            other => other,
        };
        json!({ "value": code, "name": name })
    }

    /// The option of a dimension, by the dimension's place.
    pub(super) fn tracked(&self, tracked: &[Tracked], place: usize) -> Option<Value> {
        tracked.iter().find_map(|tracked| {
            let (category, position) = self.ledger.option_place(tracked.category, tracked.option)?;
            let option = self
                .ledger
                .tracking
                .get(tracked.category)?
                .options
                .get(position)?;
            (category == place).then(|| {
                json!({
                    "value": self.ledger.option_number(category, position).to_string(),
                    "name": option.name,
                })
            })
        })
    }

    /// What is open of a contact's documents, in its currency.
    pub(super) fn open_balance(&self, contact: Uuid) -> Decimal {
        let invoices = self.ledger.invoices.iter();
        let due = invoices.filter(|invoice| {
            invoice.contact == contact && !invoice.meta.deleted && invoice.status.is_posted()
        });
        let notes = self.ledger.credit_notes.iter();
        let left =
            notes.filter(|note| note.contact == contact && !note.meta.deleted && note.status.is_posted());
        cents(
            due.map(|invoice| invoice.amount_due).sum::<Decimal>()
                - left.map(|note| note.remaining).sum::<Decimal>(),
        )
    }
}

fn tax_line(ledger: &Ledger, rate: &TaxRate, side: Side, tax: Decimal, net: Decimal) -> Value {
    json!({
        "Amount": number(cents(tax)),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": { "value": rate_number(ledger, rate, 0, side).to_string() },
            "PercentBased": true,
            "TaxPercent": number(rate.effective_rate),
            "NetAmountTaxable": number(cents(net)),
        },
    })
}

/// Base units per foreign unit; the ledger has it the other way round.
fn exchange_rate(rate: Decimal) -> Decimal {
    if rate.is_zero() {
        return Decimal::ONE;
    }
    (Decimal::ONE / rate).round_dp(6)
}

/// What lines name a tax rate by.
fn tax_code_of(ledger: &Ledger, code: &str) -> String {
    let rate = ledger.tax_rate_by_code(code);
    if ledger.facts.country_code == "US" {
        let taxed = rate.is_some_and(|rate| !rate.effective_rate.is_zero());
        return if taxed { "TAX" } else { "NON" }.to_owned();
    }
    rate.map_or_else(String::new, |rate| ledger.api_id(List::TaxRates, rate.meta.id))
}

/// The tax rate that a line names.
pub(in crate::quickbooks_online) fn tax_rate_of<'a>(
    ledger: &'a Ledger,
    reference: &str,
) -> Option<&'a TaxRate> {
    match reference {
        "NON" => ledger.tax_rate_by_code("NONE"),
        "TAX" => ledger
            .tax_rates
            .iter()
            .find(|rate| rate.for_sales && !rate.effective_rate.is_zero()),
        number => {
            let id = ledger.numbered(List::TaxRates, number.parse().ok()?)?;
            ledger.tax_rates.get(id)
        }
    }
}
