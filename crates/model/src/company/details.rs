use serde::{Deserialize, Serialize};

/// What an app says of a company beyond its name; all of it is optional.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The app's own id of it: no two companies of an environment share one.
    #[serde(skip)]
    pub external_id: Option<String>,
    /// ISO 4217, upper case.
    #[serde(skip)]
    pub currency: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub full_address: Option<String>,
    pub ticker: Option<String>,
    pub customer_type: Option<String>,
    /// The name that it does business under.
    pub dba_name: Option<String>,
    /// 1 to 12.
    pub fiscal_year_start_month: Option<u8>,
    /// A JSON object, as the app wrote it.
    pub metadata: Option<String>,
}
