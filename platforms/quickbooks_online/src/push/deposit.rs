//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/deposit>

use ledgerline_model::Decimal;
use ledgerline_model::push::{ContactKind, Key, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, refused, text, total};
use serde::Serialize;

use super::account::{self, Ref};
use super::document::Document;
use super::head::{Head, prepared};
use super::tax::Taxation;
use super::tracking;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Deposit {
    #[serde(flatten)]
    head: Head,
    deposit_to_account_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_tax_calculation: Option<&'static str>,
    line: Vec<Line>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    detail_type: &'static str,
    amount: Decimal,
    description: String,
    deposit_line_detail: Detail,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    account_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_code_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_applicable_on: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_ref: Option<Ref>,
}

/// Money that came to a bank account.
pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    let account = account::of_money(references, &order.bank_account, "bankAccountRef")?;
    let taxation = Taxation::of_deposit(order, references)?;
    let entity = order.contact.as_ref().map(|contact| Ref {
        value: contact.id.clone(),
        kind: Some(match contact.kind {
            ContactKind::Supplier => "VENDOR",
            ContactKind::Customer => "CUSTOMER",
        }),
    });
    let mut lines = Vec::with_capacity(order.lines.len());
    for (index, line) in order.lines.iter().enumerate() {
        let of_line = account::find(references, &line.account, &format!("lines[{index}].accountRef"))?;
        let tax = taxation.line(line, index)?;
        let tracked = tracking::of_line(line, index)?;
        if tracked.customer.is_some() {
            let field = if tracked.is_billable {
                "invoiceTo"
            } else {
                "trackingRefs"
            };
            return Err(refused(
                format!("lines[{index}].{field}"),
                "lines of deposits have no customer besides the one who paid",
            ));
        }
        lines.push(Line {
            detail_type: "DepositLineDetail",
            amount: tax.amount,
            description: text::of_line(order, index),
            deposit_line_detail: Detail {
                account_ref: of_line.reference(),
                entity: entity.clone(),
                tax_applicable_on: (taxation == Taxation::Excluded).then_some("Purchase"),
                // Deposits of the United States have none at all.
                tax_code_ref: tax.code.filter(|_| taxation != Taxation::UnitedStates),
                class_ref: tracked.class,
            },
        });
    }
    total(order)?;
    let deposit = Deposit {
        head: Head::of(order, key, references, Document::Deposit, replaces)?,
        deposit_to_account_ref: account.reference(),
        department_ref: tracking::department(order)?,
        global_tax_calculation: taxation.calculation(),
        line: lines,
    };
    prepared(Document::Deposit, replaces, key, &deposit)
}
