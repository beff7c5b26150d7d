//! What apps send: expense transactions and their kin, from the dialect's JSON into ours.

/// One object of a request, read member by member.
mod fields;

/// Journals of the second version, made of lines that balance.
mod adjustment;
/// Which datasets a sync takes.
mod datasets;
/// The company's defaults.
mod defaults;
/// Payments, refunds and the other types, in the words of both versions of the API.
mod expense;
/// What employees laid out.
mod reimbursement;
/// Money between two accounts of the business.
mod transfer;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use ledgerline_model::DatasetId;
use ledgerline_model::push::Expense;
use serde_json::value::RawValue;
use uuid::Uuid;

pub use defaults::Defaults;
pub use expense::{TYPES, Update};
pub use transfer::Transfer;

use super::super::errors::Problem;
use expense::Form;
use fields::{Object, Problems, objects};

/// How many transactions one request may hold.
const MAX_ITEMS: usize = 50;

/// Which of the bodies that `data/expense-transactions` and `expense-transactions` take it was.
#[derive(Clone, PartialEq, Debug)]
pub enum Created {
    /// `{"items": […]}`: they wait in a dataset.
    Dataset(Vec<Expense>),
    /// A bare list: they are synced at once.
    Sync(Vec<Expense>),
}

/// Expense transactions of either version: the shape of the body tells which.
pub fn created(body: &RawValue) -> Result<Created, Vec<Problem>> {
    if is_list(body) {
        return list(body, |object| expense::read(object, Form::Second)).map(Created::Sync);
    }
    checked(|problems| {
        let body = Object::of(body, String::new(), problems)?;
        let items = body.required("items", |body, name| Some(body.objects(name, 1, MAX_ITEMS)))?;
        Some(each(&items, |object| expense::read(object, Form::First)))
    })
    .map(Created::Dataset)
}

/// What a transaction is to become. `id` is that of the path.
pub fn updated(body: &RawValue, id: &str) -> Result<Update, Vec<Problem>> {
    checked(|problems| {
        let body = Object::of(body, String::new(), problems)?;
        expense::read_update(&body, id)
    })
}

pub fn adjustments(body: &RawValue) -> Result<Vec<Expense>, Vec<Problem>> {
    list(body, adjustment::read)
}

pub fn reimbursements(body: &RawValue) -> Result<Vec<Expense>, Vec<Problem>> {
    list(body, |object| reimbursement::read(object, None))
}

/// `id` is that of the path.
pub fn reimbursement(body: &RawValue, id: &str) -> Result<Expense, Vec<Problem>> {
    checked(|problems| {
        let body = Object::of(body, String::new(), problems)?;
        reimbursement::read(&body, Some(id))
    })
}

/// `id` is that of the path, `currency` the one of the account that the money leaves.
pub fn transfer(body: &RawValue, id: &str) -> Result<Transfer, Vec<Problem>> {
    checked(|problems| {
        let body = Object::of(body, String::new(), problems)?;
        transfer::read(&body, id)
    })
}

pub fn defaults(body: &RawValue) -> Result<Defaults, Vec<Problem>> {
    checked(|problems| defaults::read(&Object::of(body, String::new(), problems)?))
}

/// `None`: all datasets that wait.
pub fn datasets(body: &RawValue) -> Result<Option<Vec<DatasetId>>, Vec<Problem>> {
    checked(|problems| datasets::read(&Object::of(body, String::new(), problems)?))
}

/// The id of a new transaction that its path names.
pub fn id(asked: &str) -> Result<String, Vec<Problem>> {
    let problem = || Problem {
        item: "TransactionId".to_owned(),
        message: "The field TransactionId must be a UUID.".to_owned(),
    };
    match Uuid::try_parse(asked) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(vec![problem()]),
    }
}

fn is_list(body: &RawValue) -> bool {
    body.get().starts_with('[')
}

/// The transactions of a bare list.
fn list(
    body: &RawValue,
    read: impl Fn(&Object<'_>) -> Option<Expense>,
) -> Result<Vec<Expense>, Vec<Problem>> {
    checked(|problems| {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(body.get()) else {
            problems.note("", "A list of transactions is expected here.");
            return None;
        };
        if !(1..=MAX_ITEMS).contains(&items.len()) {
            problems.note("", format!("The list must hold between 1 and {MAX_ITEMS} items."));
            return None;
        }
        Some(each(&objects(&items, "", problems), read))
    })
}

fn each(items: &[Object<'_>], read: impl Fn(&Object<'_>) -> Option<Expense>) -> Vec<Expense> {
    let mut seen: HashSet<String> = HashSet::with_capacity(items.len());
    let mut expenses = Vec::with_capacity(items.len());
    for item in items {
        let Some(expense) = read(item) else { continue };
        if !seen.insert(expense.id.clone()) {
            item.refuse("id", "is that of an earlier transaction of the same request");
        }
        expenses.push(expense);
    }
    expenses
}

/// What `read` makes of a request, unless it found anything wrong with it.
fn checked<T>(read: impl FnOnce(&Problems) -> Option<T>) -> Result<T, Vec<Problem>> {
    let problems = Problems::default();
    let value = read(&problems);
    match (value, problems.into_inner()) {
        (Some(value), problems) if problems.is_empty() => Ok(value),
        (_, problems) => Err(problems),
    }
}
