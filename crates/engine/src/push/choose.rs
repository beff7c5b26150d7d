//! From an expense to an order: every choice made, and traced. Pure.

use ledgerline_model::push::{
    Choice, Contact, ContactKind, Expense, ExpenseKind, Leg, Line, Mapping, Order, OrderLine,
};
use ledgerline_platform::push::PushAbout;

/// Which rule chose a value.
const OWN: &str = "the transaction's own";
const OF_LINE: &str = "the line's own";
const DEFAULT: &str = "the company's default";
const OF_PLATFORM: &str = "the platform's default";

/// Make every choice, or say which field cannot be booked.
pub(super) fn choose(
    expense: &Expense,
    leg: Leg,
    mapping: &Mapping,
    about: &PushAbout,
) -> Result<(Order, Vec<Choice>), String> {
    let mut trace = Trace(Vec::new());
    if !about.kinds.contains(&expense.kind) {
        return Err("`type`: transactions of this type cannot be written to the platform.".into());
    }
    let bank_account = trace
        .first(
            "bankAccountRef".into(),
            [
                (expense.bank_account.as_ref(), OWN),
                (mapping.bank_account.as_ref(), DEFAULT),
            ],
        )
        .ok_or_else(|| missing("bankAccountRef"))?;
    let contact = contact(&mut trace, expense, mapping, about)?;
    let lines = expense.lines.iter().enumerate();
    let lines = lines
        .map(|(index, line)| choose_line(&mut trace, index, line, expense.kind, mapping, about))
        .collect::<Result<Vec<OrderLine>, String>>()?;
    let order = Order {
        transaction: expense.id.clone(),
        leg,
        kind: expense.kind,
        date: expense.issue_date,
        due_date: expense.due_date,
        currency: expense.currency.clone(),
        currency_rate: expense.currency_rate,
        bank_account,
        contact,
        merchant_name: expense.merchant_name.clone(),
        lines,
        notes: expense.notes.clone(),
        is_draft: expense.post_as_draft,
    };
    Ok((order, trace.0))
}

fn contact(
    trace: &mut Trace,
    expense: &Expense,
    mapping: &Mapping,
    about: &PushAbout,
) -> Result<Option<Contact>, String> {
    let rule = about.contacts.iter().find(|(kind, _)| *kind == expense.kind);
    let Some((_, kind)) = rule else {
        return Ok(None);
    };
    let (default, default_kind) = match kind {
        ContactKind::Supplier => (mapping.supplier.as_ref(), ContactKind::Supplier),
        ContactKind::Customer => (mapping.customer.as_ref(), ContactKind::Customer),
    };
    let own = expense.contact.as_ref();
    let id = trace
        .first(
            "contactRef".into(),
            [(own.map(|contact| &contact.id), OWN), (default, DEFAULT)],
        )
        .ok_or_else(|| missing("contactRef"))?;
    let kind = own.map_or(default_kind, |contact| contact.kind);
    Ok(Some(Contact { id, kind }))
}

fn choose_line(
    trace: &mut Trace,
    index: usize,
    line: &Line,
    kind: ExpenseKind,
    mapping: &Mapping,
    about: &PushAbout,
) -> Result<OrderLine, String> {
    let field = |name: &str| format!("lines[{index}].{name}");
    let account = trace
        .first(
            field("accountRef"),
            [
                (line.account.as_ref(), OF_LINE),
                (mapping.account.as_ref(), DEFAULT),
            ],
        )
        .ok_or_else(|| missing(&field("accountRef")))?;
    let of_platform = about.default_tax_rate.map(str::to_owned);
    let tax_rate = if kind.is_transfer() {
        line.tax_rate.clone()
    } else {
        trace.first(
            field("taxRateRef"),
            [
                (line.tax_rate.as_ref(), OF_LINE),
                (mapping.tax_rate.as_ref(), DEFAULT),
                (of_platform.as_ref(), OF_PLATFORM),
            ],
        )
    };
    Ok(OrderLine {
        net: line.net,
        tax: line.tax,
        tax_rate,
        account,
        description: line.description.clone(),
        tracking: line.tracking.clone(),
        invoice_to: line.invoice_to.clone(),
    })
}

/// How a message ends that only the company's defaults could have spared.
pub(super) const NO_DEFAULT: &str = "the company has no default for it.";

fn missing(field: &str) -> String {
    format!("`{field}` is missing, and {NO_DEFAULT}")
}

struct Trace(Vec<Choice>);

impl Trace {
    /// The first of these that says something.
    fn first<const N: usize>(
        &mut self,
        field: String,
        rules: [(Option<&String>, &'static str); N],
    ) -> Option<String> {
        let mut rules = rules.into_iter();
        let (value, rule) =
            rules.find_map(|(value, rule)| Some((value.filter(|value| !value.is_empty())?, rule)))?;
        self.0.push(Choice {
            field,
            value: value.clone(),
            rule,
        });
        Some(value.clone())
    }
}
