//! What documents refer to: the company, accounts, tax rates, tracking, contacts, items.

use super::*;

impl Ledger {
    pub(super) fn company_row(&self) -> Row {
        let facts = &self.facts;
        Row {
            id: match facts.platform {
                Platform::Xero => facts.id.to_string(),
                Platform::QuickBooksOnline => facts.realm_id(),
            },
            version: 1,
            created_at: facts.created_at,
            updated_at: facts.created_at,
            name: Some(facts.name.clone()),
            number: Some(facts.registration_number.clone()),
            currency: Some(facts.base_currency.clone()),
            ..Row::default()
        }
    }

    pub(super) fn account_rows(&self, today: Date, banks_only: bool) -> Vec<Row> {
        let balances = self.trial_balance(today);
        let wanted = |account: &&Account| !banks_only || account.bank.is_some();
        let row = |account: &Account| Row {
            code: Some(account.code.clone()),
            name: Some(self.listed_name(&account.name, is_listed(account.status, &account.meta))),
            description: Some(account.description.clone()),
            class: Some(match account.kind.class() {
                // What is owed on a card is no asset there.
                AccountClass::Asset
                    if self.facts.platform == Platform::QuickBooksOnline && self.is_card(account.meta.id) =>
                {
                    "liability"
                }
                AccountClass::Asset => "asset",
                AccountClass::Liability => "liability",
                AccountClass::Equity => "equity",
                AccountClass::Revenue => "income",
                AccountClass::Expense => "expense",
            }),
            number: account.bank.as_ref().map(|bank| bank.number.clone()),
            currency: Some(match &account.bank {
                Some(bank) => bank.currency.clone(),
                None => self.facts.base_currency.clone(),
            }),
            balance: Some(Money(balances.get(&account.meta.id).copied().unwrap_or_default())),
            ..self.list_row(List::Accounts, &account.meta, account.status)
        };
        self.accounts.iter().filter(wanted).map(row).collect()
    }

    pub(super) fn tax_rate_rows(&self) -> Vec<Row> {
        let rows = self.tax_rates.iter().map(|rate| Row {
            code: Some(rate.code.clone()),
            name: Some(rate.name.clone()),
            rate: Some(Money(rate.effective_rate)),
            ..self.list_row(List::TaxRates, &rate.meta, rate.status)
        });
        match self.facts.platform {
            // Its tax rates are named by code.
            Platform::Xero => rows
                .map(|row| Row {
                    id: row.code.clone().unwrap_or_default(),
                    ..row
                })
                .collect(),
            Platform::QuickBooksOnline => {
                let mut rows: Vec<Row> = rows.collect();
                if self.facts.country_code == "US" {
                    // What lines say there, whatever the rate is where the goods go.
                    rows.extend(["TAX", "NON"].map(|code| Row {
                        id: code.to_owned(),
                        name: Some(code.to_owned()),
                        status: Some("active"),
                        created_at: self.facts.created_at,
                        updated_at: self.facts.created_at,
                        version: 1,
                        ..Row::default()
                    }));
                }
                rows
            }
        }
    }

    pub(super) fn tracking_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        match self.facts.platform {
            Platform::Xero => {}
            Platform::QuickBooksOnline => return self.dimension_rows(),
        }
        for category in &self.tracking {
            rows.push(Row {
                status: Some(active(category.status)),
                name: Some(category.name.clone()),
                ..Row::of(&category.meta)
            });
            for option in &category.options {
                rows.push(Row {
                    id: option.id.to_string(),
                    deleted: option.deleted || category.meta.deleted,
                    status: Some(active(option.status)),
                    name: Some(option.name.clone()),
                    parent_id: Some(category.meta.id.to_string()),
                    ..Row::of(&category.meta)
                });
            }
        }
        rows
    }

    /// The options of each dimension, which is no record itself.
    fn dimension_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (place, category) in self.tracking.iter().enumerate() {
            for (position, option) in category.options.iter().enumerate() {
                let in_use = option.status == ActiveStatus::Active && !option.deleted;
                rows.push(Row {
                    id: self.option_id(place, position),
                    deleted: false,
                    status: Some(if in_use { "active" } else { "archived" }),
                    name: Some(self.listed_name(&option.name, in_use)),
                    ..Row::of(&category.meta)
                });
            }
        }
        rows
    }

    pub(super) fn contact_rows(&self, wanted: impl Fn(&Contact) -> bool) -> Vec<Row> {
        let row = |contact: &Contact| Row {
            name: Some(self.listed_name(&contact.name, contact.status == ActiveStatus::Active)),
            email: Some(contact.email.clone()),
            number: Some(contact.account_number.clone()),
            currency: contact.default_currency.clone(),
            ..self.list_row(List::Contacts, &contact.meta, contact.status)
        };
        self.contacts
            .iter()
            .filter(|contact| wanted(contact))
            .map(row)
            .collect()
    }

    pub(super) fn item_rows(&self) -> Vec<Row> {
        let rows = self.items.iter().map(|item| Row {
            code: Some(item.code.clone()),
            name: Some(self.listed_name(&item.name, !item.meta.deleted)),
            description: Some(item.description.clone()),
            sale_price: item.sale.as_ref().map(|terms| Money(terms.unit_price)),
            purchase_price: item.purchase.as_ref().map(|terms| Money(terms.unit_price)),
            ..self.list_row(List::Items, &item.meta, ActiveStatus::Active)
        });
        match self.facts.platform {
            // Items have no state there.
            Platform::Xero => rows.map(|row| Row { status: None, ..row }).collect(),
            Platform::QuickBooksOnline => rows.collect(),
        }
    }
}
