use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::ledger::{Account, Ledger, List};
use crate::quickbooks_online::records::account_type;

/// A row, or a section of rows.
pub(super) enum Row {
    /// An account and what it has in each column.
    Data {
        account: Option<Uuid>,
        title: String,
        amounts: Vec<Decimal>,
        group: Option<&'static str>,
    },
    /// Its own amounts stand in its head, if it is an account itself.
    Section {
        account: Option<Uuid>,
        title: String,
        own: Option<Vec<Decimal>>,
        rows: Vec<Row>,
        total_title: String,
        total: Vec<Decimal>,
        group: Option<&'static str>,
    },
    /// A section that has nothing but its total.
    Total {
        title: &'static str,
        amounts: Vec<Decimal>,
        group: &'static str,
    },
}

impl Row {
    /// A section of what is `of` it; none where that is nothing.
    pub(super) fn section(
        title: &str,
        total_title: &str,
        group: Option<&'static str>,
        rows: Vec<Row>,
        width: usize,
    ) -> Self {
        let mut total = vec![Decimal::ZERO; width];
        rows.iter().for_each(|row| add(&mut total, row.amounts()));
        Self::Section {
            account: None,
            title: title.to_owned(),
            own: None,
            rows,
            total_title: total_title.to_owned(),
            total,
            group,
        }
    }

    pub(super) fn amounts(&self) -> &[Decimal] {
        match self {
            Self::Data { amounts, .. } | Self::Total { amounts, .. } => amounts,
            Self::Section { total, .. } => total,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Data { .. } => false,
            Self::Section { rows, .. } => rows.iter().all(Self::is_empty),
            Self::Total { amounts, .. } => amounts.iter().all(Decimal::is_zero),
        }
    }

    pub(super) fn write(&self, ledger: &Ledger) -> Value {
        let mut row = Map::new();
        match self {
            Self::Data {
                account,
                title,
                amounts,
                group,
            } => {
                row.insert(
                    "ColData".to_owned(),
                    cells(ledger, *account, title, Some(amounts)),
                );
                row.insert("type".to_owned(), "Data".into());
                insert_group(&mut row, *group);
            }
            Self::Section {
                account,
                title,
                own,
                rows,
                total_title,
                total,
                group,
            } => {
                let blank = vec![Decimal::ZERO; total.len()];
                let own = own.as_ref().unwrap_or(&blank);
                if !title.is_empty() {
                    row.insert(
                        "Header".to_owned(),
                        json!({ "ColData": cells(ledger, *account, title, Some(own)) }),
                    );
                }
                let rows: Vec<Value> = rows.iter().map(|row| row.write(ledger)).collect();
                row.insert("Rows".to_owned(), json!({ "Row": rows }));
                row.insert(
                    "Summary".to_owned(),
                    json!({ "ColData": cells(ledger, None, total_title, Some(total)) }),
                );
                row.insert("type".to_owned(), "Section".into());
                insert_group(&mut row, *group);
            }
            Self::Total {
                title,
                amounts,
                group,
            } => {
                row.insert(
                    "Summary".to_owned(),
                    json!({ "ColData": cells(ledger, None, title, Some(amounts)) }),
                );
                row.insert("type".to_owned(), "Section".into());
                insert_group(&mut row, Some(group));
            }
        }
        Value::Object(row)
    }
}

fn insert_group(row: &mut Map<String, Value>, group: Option<&'static str>) {
    if let Some(group) = group {
        row.insert("group".to_owned(), group.into());
    }
}

fn cells(ledger: &Ledger, account: Option<Uuid>, title: &str, amounts: Option<&[Decimal]>) -> Value {
    let mut first = json!({ "value": title });
    if let Some(account) = account {
        first["id"] = ledger.api_id(List::Accounts, account).into();
    }
    let mut cells = vec![first];
    cells.extend(
        amounts
            .unwrap_or_default()
            .iter()
            .map(|amount| json!({ "value": text(*amount) })),
    );
    cells.into()
}

/// Two places; nothing for nothing.
pub(super) fn text(amount: Decimal) -> String {
    if amount.is_zero() {
        String::new()
    } else {
        format!("{amount:.2}")
    }
}

pub(super) fn add(to: &mut [Decimal], amounts: &[Decimal]) {
    to.iter_mut().zip(amounts).for_each(|(to, amount)| *to += *amount);
}

/// The accounts of some types as rows, parts within their wholes. `amounts` are positive on the side that the report shows.
pub(super) fn accounts(
    ledger: &Ledger,
    types: &[&str],
    amounts: &impl Fn(&Account) -> Vec<Decimal>,
) -> Vec<Row> {
    let of_type = |account: &&Account| types.contains(&account_type(ledger, account).0);
    let tops = ledger.accounts.iter().filter(of_type).filter(|account| {
        // What is part of an account of another type stands for itself.
        let whole = account.parent.and_then(|parent| ledger.accounts.get(parent));
        whole.is_none_or(|whole| !of_type(&whole))
    });
    tops.filter_map(|account| {
        let own = amounts(account);
        let has_own = own.iter().any(|amount| !amount.is_zero());
        let parts = ledger
            .accounts
            .iter()
            .filter(|part| part.parent == Some(account.meta.id) && of_type(part));
        let parts: Vec<Row> = parts
            .filter_map(|part| {
                let amounts = amounts(part);
                amounts
                    .iter()
                    .any(|amount| !amount.is_zero())
                    .then(|| data(part, amounts))
            })
            .collect();
        if parts.is_empty() {
            return has_own.then(|| data(account, own));
        }
        let mut total = own.clone();
        parts.iter().for_each(|part| add(&mut total, part.amounts()));
        Some(Row::Section {
            account: Some(account.meta.id),
            title: account.name.clone(),
            own: Some(own),
            rows: parts,
            total_title: format!("Total {}", account.name),
            total,
            group: None,
        })
    })
    .collect()
}

fn data(account: &Account, amounts: Vec<Decimal>) -> Row {
    Row::Data {
        account: Some(account.meta.id),
        title: account.name.clone(),
        amounts,
        group: None,
    }
}
