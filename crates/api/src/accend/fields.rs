use ledgerline_model::company::Details;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::errors::Error;
use crate::body::given;

const MAX_NAME: usize = 500;
const MAX_TEXT: usize = 1000;
const MAX_METADATA: usize = 16 * 1024;

/// The bodies that say something of a customer differ in what they need beside this.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, ToSchema)]
        pub struct $name {
            $($(#[$of])* pub $field: $type,)*
            /// Your own id; no two customers share one.
            #[serde(default, deserialize_with = "given")]
            external_customer_id: Option<Option<String>>,
            #[serde(default, deserialize_with = "given")]
            website: Option<Option<String>>,
            #[serde(default, deserialize_with = "given")]
            address: Option<Option<String>>,
            #[serde(default, deserialize_with = "given")]
            full_address: Option<Option<String>>,
            /// ISO 4217.
            #[serde(default, deserialize_with = "given")]
            currency: Option<Option<String>>,
            #[serde(default, deserialize_with = "given")]
            ticker: Option<Option<String>>,
            /// 1 to 12.
            #[serde(default, deserialize_with = "given")]
            fiscal_year_start_month: Option<Option<u8>>,
            #[serde(default, deserialize_with = "given")]
            customer_type: Option<Option<String>>,
            #[serde(default, deserialize_with = "given")]
            dba_name: Option<Option<String>>,
            /// Any object; kept as it was written.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = Option<Object>)]
            metadata: Option<Option<Box<RawValue>>>,
        }

        impl $name {
            /// Set what was given.
            pub fn set(&self, details: &mut Details) -> Result<(), Error> {
                set_text(&mut details.external_id, "external_customer_id", &self.external_customer_id)?;
                set_text(&mut details.website, "website", &self.website)?;
                set_text(&mut details.address, "address", &self.address)?;
                set_text(&mut details.full_address, "full_address", &self.full_address)?;
                set_text(&mut details.ticker, "ticker", &self.ticker)?;
                set_text(&mut details.customer_type, "customer_type", &self.customer_type)?;
                set_text(&mut details.dba_name, "dba_name", &self.dba_name)?;
                if let Some(currency) = &self.currency {
                    details.currency = currency.as_deref().map(checked_currency).transpose()?;
                }
                if let Some(month) = self.fiscal_year_start_month {
                    details.fiscal_year_start_month = month.map(checked_month).transpose()?;
                }
                if let Some(metadata) = &self.metadata {
                    details.metadata = metadata.as_deref().map(checked_metadata).transpose()?;
                }
                Ok(())
            }
        }
    };
}

body! {
    /// A new customer.
    CustomerCreate {
        legal_name: String,
    }
}

body! {
    /// A customer, whole: what is not given is cleared.
    CustomerReplace {
        /// With its prefix or plain.
        customer_id: String,
        legal_name: String,
    }
}

body! {
    /// What is to change; null clears.
    CustomerUpdate {
        #[serde(default)]
        legal_name: Option<String>,
    }
}

/// A name as it is stored.
pub fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::bad_field("legal_name", "it is empty"));
    }
    checked(name, "legal_name", MAX_NAME)
}

fn set_text(kept: &mut Option<String>, field: &str, told: &Option<Option<String>>) -> Result<(), Error> {
    if let Some(told) = told {
        let told = told.as_deref().map(str::trim).filter(|text| !text.is_empty());
        *kept = told.map(|text| checked(text, field, MAX_TEXT)).transpose()?;
    }
    Ok(())
}

fn checked(text: &str, field: &str, longest: usize) -> Result<String, Error> {
    if text.chars().count() > longest {
        return Err(Error::bad_field(
            field,
            format!("it has more than {longest} characters"),
        ));
    }
    if text
        .chars()
        .any(|character| character.is_control() && character != '\n')
    {
        return Err(Error::bad_field(field, "it holds a control character"));
    }
    Ok(text.to_owned())
}

fn checked_currency(currency: &str) -> Result<String, Error> {
    let is_code = currency.len() == 3 && currency.chars().all(|character| character.is_ascii_alphabetic());
    if !is_code {
        return Err(Error::bad_field(
            "currency",
            "it has to be a code of ISO 4217, e.g. `USD`",
        ));
    }
    Ok(currency.to_ascii_uppercase())
}

fn checked_month(month: u8) -> Result<u8, Error> {
    match month {
        1..=12 => Ok(month),
        _ => Err(Error::bad_field(
            "fiscal_year_start_month",
            "it has to be from 1 to 12",
        )),
    }
}

fn checked_metadata(metadata: &RawValue) -> Result<String, Error> {
    let text = metadata.get();
    if !text.starts_with('{') {
        return Err(Error::bad_field("metadata", "it has to be an object"));
    }
    if text.len() > MAX_METADATA {
        return Err(Error::bad_field(
            "metadata",
            format!("it has more than {MAX_METADATA} bytes"),
        ));
    }
    Ok(text.to_owned())
}
