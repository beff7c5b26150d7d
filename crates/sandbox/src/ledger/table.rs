//! Records in the order in which they were made, found by id.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::Meta;

/// A row of a [`Table`].
pub trait Record {
    fn meta(&self) -> &Meta;
}

#[derive(Debug, Clone)]
pub struct Table<T> {
    rows: Vec<T>,
    by_id: HashMap<Uuid, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            by_id: HashMap::new(),
        }
    }
}

impl<T: Record> Table<T> {
    /// Every row, deleted ones too, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    pub fn get(&self, id: Uuid) -> Option<&T> {
        self.by_id.get(&id).and_then(|index| self.rows.get(*index))
    }

    pub fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        self.by_id.get(&id).and_then(|index| self.rows.get_mut(*index))
    }

    /// Put a row at the end, or in the place of the one with its id.
    pub fn put(&mut self, row: T) {
        let id = row.meta().id;
        if let Some(place) = self.by_id.get(&id).and_then(|index| self.rows.get_mut(*index)) {
            *place = row;
        } else {
            self.by_id.insert(id, self.rows.len());
            self.rows.push(row);
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As the how manieth the row was made; it stays so.
    pub fn index_of(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The row made as the `index`th.
    pub fn at(&self, index: usize) -> Option<&T> {
        self.rows.get(index)
    }
}

impl<'a, T: Record> IntoIterator for &'a Table<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl<'de, T: Record + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<T>::deserialize(deserializer)?;
        let by_id = rows
            .iter()
            .enumerate()
            .map(|(index, row)| (row.meta().id, index))
            .collect();
        Ok(Self { rows, by_id })
    }
}

macro_rules! records {
    ($($record:ty),* $(,)?) => {
        $(impl Record for $record {
            fn meta(&self) -> &Meta {
                &self.meta
            }
        })*
    };
}

records!(
    super::Account,
    super::TaxRate,
    super::TrackingCategory,
    super::Contact,
    super::Item,
    super::Invoice,
    super::CreditNote,
    super::Payment,
    super::BankTransaction,
    super::Transfer,
    super::ManualJournal,
    super::PurchaseOrder,
    super::Attachment,
);
