use ledgerline_model::AppId;
use ledgerline_model::push::Leg;
use ledgerline_store::{Tx, apps};

use super::super::errors::Error;

/// In whose words an app wants to be answered, where the versions of the dialect contradict each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compat {
    /// `compat.integrationType`: how rows name the leg of the document, `expense` or `expenses`.
    documents: &'static str,
    /// `compat.expenses=v1`: mapping options name all eight types, not the four of the second version.
    pub names_eight_types: bool,
}

impl Compat {
    pub async fn of(tx: &mut Tx, app: AppId) -> Result<Self, Error> {
        let found = apps::find(tx, app).await?.ok_or_else(Error::not_found)?;
        let is = |setting: &str, wanted: &str| {
            let value = found.settings.extra.get(setting);
            value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        };
        Ok(Self {
            documents: if is("compat.integrationType", "expenses") {
                "expenses"
            } else {
                "expense"
            },
            names_eight_types: is("compat.expenses", "v1"),
        })
    }

    pub const fn integration_type(self, leg: Leg) -> &'static str {
        match leg {
            Leg::BankFeed => "bankfeeds",
            Leg::Expense => self.documents,
        }
    }
}
