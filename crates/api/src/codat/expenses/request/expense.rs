use ledgerline_model::push::{Contact, ContactKind, Expense, ExpenseKind, Line, Tracking, TrackingKind};
use ledgerline_model::{Date, Decimal};
use uuid::Uuid;

use super::fields::Object;

const MAX_LINES: usize = 100;
const MAX_TRACKING: usize = 10;

/// The types that a request may name, in the order of the dialect's documents.
pub const TYPES: [(&str, ExpenseKind); 8] = [
    ("Payment", ExpenseKind::Payment),
    ("Refund", ExpenseKind::Refund),
    ("Reward", ExpenseKind::Reward),
    ("Chargeback", ExpenseKind::Chargeback),
    ("TransferIn", ExpenseKind::TransferIn),
    ("TransferOut", ExpenseKind::TransferOut),
    ("AdjustmentIn", ExpenseKind::AdjustmentIn),
    ("AdjustmentOut", ExpenseKind::AdjustmentOut),
];

/// Which version of the API the transaction is written for: they differ in what has to be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    First,
    Second,
}

/// A transaction as it is to become; one without a currency keeps the one that it has.
#[derive(Clone, PartialEq, Debug)]
pub struct Update {
    pub currency: Option<String>,
    /// Its `currency` is empty where none was given.
    pub expense: Expense,
}

pub fn read(item: &Object<'_>, form: Form) -> Option<Expense> {
    let id = item.required("id", id);
    let currency = item.required("currency", Object::currency);
    let content = Content::read(item, form);
    content?.into_expense(id?, currency?)
}

pub fn read_update(body: &Object<'_>, id: &str) -> Option<Update> {
    let currency = body.currency("currency");
    // What may be left out in either version may be left out here.
    let content = Content::read(body, Form::Second)?;
    Some(Update {
        expense: content.into_expense(id.to_owned(), currency.clone().unwrap_or_default())?,
        currency,
    })
}

/// The app's id in the one spelling under which it is remembered.
pub fn id(item: &Object<'_>, name: &str) -> Option<String> {
    let text = item.required_text(name)?;
    match Uuid::try_parse(&text) {
        Ok(id) => Some(id.to_string()),
        Err(_) => {
            item.refuse(name, "must be a UUID");
            None
        }
    }
}

/// What a new transaction and a changed one share.
struct Content {
    kind: Option<ExpenseKind>,
    issue_date: Option<Date>,
    currency_rate: Option<Decimal>,
    contact: Option<Contact>,
    bank_account: Option<String>,
    merchant_name: Option<String>,
    lines: Vec<Line>,
    notes: Option<String>,
    post_as_draft: bool,
}

impl Content {
    /// Every field is looked at, so that all that is wrong is noted.
    fn read(item: &Object<'_>, form: Form) -> Option<Self> {
        Some(Self {
            kind: item.required("type", kind),
            issue_date: item.required("issueDate", Object::date),
            currency_rate: item.rate("currencyRate"),
            contact: item.object("contactRef").and_then(|contact| supplier(&contact)),
            bank_account: item.reference("bankAccountRef"),
            merchant_name: item.text("merchantName"),
            lines: item.required("lines", |item, name| Some(lines(item, name, form)))?,
            notes: notes(item),
            post_as_draft: item.flag("postAsDraft").unwrap_or_default(),
        })
    }

    fn into_expense(self, id: String, currency: String) -> Option<Expense> {
        Some(Expense {
            id,
            kind: self.kind?,
            issue_date: self.issue_date?,
            currency,
            currency_rate: self.currency_rate,
            contact: self.contact,
            bank_account: self.bank_account,
            merchant_name: self.merchant_name,
            lines: self.lines,
            notes: self.notes,
            due_date: None,
            post_as_draft: self.post_as_draft,
        })
    }
}

/// What is said of the transaction; a `reference` of the app's comes first. The books' own number is our mark.
pub fn notes(item: &Object<'_>) -> Option<String> {
    let said: Vec<String> = ["reference", "notes"]
        .into_iter()
        .filter_map(|name| item.text(name))
        .collect();
    (!said.is_empty()).then(|| said.join(" - "))
}

fn kind(item: &Object<'_>, name: &str) -> Option<ExpenseKind> {
    let text = item.required_text(name)?;
    let found = TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&text));
    if found.is_none() {
        let known = TYPES.map(|(known, _)| known).join(", ");
        item.refuse(name, &format!("must be one of {known}"));
    }
    found.map(|(_, kind)| *kind)
}

/// `{"id", "type": "Supplier"}`; the first version says `contactType`, and clients of 2023 a `1`.
fn supplier(contact: &Object<'_>) -> Option<Contact> {
    for name in ["type", "contactType"] {
        if contact.has(name) && !is_supplier(contact, name) {
            contact.refuse(name, "must be Supplier");
        }
    }
    Some(Contact {
        id: contact.required_text("id")?,
        kind: ContactKind::Supplier,
    })
}

fn is_supplier(contact: &Object<'_>, name: &str) -> bool {
    contact.is(name, "\"supplier\"") || contact.is(name, "1")
}

fn lines(item: &Object<'_>, name: &str, form: Form) -> Vec<Line> {
    let found = item.objects(name, 1, MAX_LINES);
    found.iter().filter_map(|found| line(found, form)).collect()
}

/// Also of a reimbursement.
pub fn line(line: &Object<'_>, form: Form) -> Option<Line> {
    let net = line.required("netAmount", Object::amount);
    let tax = match form {
        Form::First => line.required("taxAmount", Object::amount),
        Form::Second if line.has("taxAmount") => line.amount("taxAmount"),
        Form::Second => Some(Decimal::ZERO),
    };
    let account = match form {
        Form::First => line.required("accountRef", Object::reference),
        Form::Second => line.reference("accountRef"),
    };
    if line.has("itemRef") {
        line.refuse(
            "itemRef",
            "is not supported: name the account of the line in AccountRef",
        );
    }
    Some(Line {
        tax_rate: line.reference("taxRateRef"),
        description: line.text("description"),
        tracking: tracking(line),
        invoice_to: invoice_to(line),
        account,
        net: net?,
        tax: tax?,
    })
}

/// Classes, locations and options; in the second version customers too.
pub fn tracking(line: &Object<'_>) -> Vec<Tracking> {
    let found = line.objects("trackingRefs", 0, MAX_TRACKING);
    let each = found.iter().filter_map(|found| {
        let kind = if !found.has("dataType") || found.is("dataType", "\"trackingcategories\"") {
            TrackingKind::Category
        } else if found.is("dataType", "\"customers\"") {
            TrackingKind::Customer
        } else {
            found.refuse("dataType", "must be trackingCategories or customers");
            return None;
        };
        Some(Tracking {
            id: found.required_text("id")?,
            kind,
        })
    });
    each.collect()
}

/// The customer that a line is billed on to.
pub fn invoice_to(line: &Object<'_>) -> Option<String> {
    let customer = line.object("invoiceTo")?;
    if customer.has("type") && !customer.is("type", "\"customer\"") {
        customer.refuse("type", "must be customer");
    }
    customer.required_text("id")
}
