use serde::Serialize;

use super::Text;

/// A postal address.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address<'a> {
    #[serde(rename = "type")]
    pub kind: AddressType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Text<'a>>,
}

/// What an address is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum AddressType {
    Unknown,
    Billing,
    Delivery,
}

/// A telephone number.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Phone<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub kind: PhoneType,
}

/// Which telephone it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum PhoneType {
    Primary,
    Landline,
    Mobile,
    Fax,
    Unknown,
}

/// A person at a customer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Text<'a>>,
    pub phone: Vec<Phone<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address<'a>>,
    pub status: Status,
}

/// A page on the web.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebLink<'a> {
    #[serde(rename = "type")]
    pub kind: WebLinkType,
    pub url: Text<'a>,
}

/// What a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum WebLinkType {
    Website,
    Social,
    Unknown,
}

/// Whether a record is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Status {
    Unknown,
    Active,
    Archived,
}
