//! Those the organisation trades with.

use serde::{Deserialize, Serialize};

use super::{ActiveStatus, Meta};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub meta: Meta,
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub status: ActiveStatus,
    /// It was invoiced.
    pub is_customer: bool,
    /// It billed us.
    pub is_supplier: bool,
    pub account_number: String,
    pub tax_number: String,
    pub company_number: String,
    /// The currency of its documents unless told; the base currency if none.
    pub default_currency: Option<String>,
    pub bank_account: String,
    pub addresses: Vec<Address>,
    pub phones: Vec<Phone>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub kind: AddressKind,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// Where post goes.
    Postal,
    /// Where goods go.
    Street,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    pub kind: PhoneKind,
    pub country_code: String,
    pub area_code: String,
    pub number: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    Default,
    Direct,
    Mobile,
    Fax,
}
