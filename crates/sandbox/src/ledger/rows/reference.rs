//! What documents refer to: the company, accounts, tax rates, tracking, contacts, items.

use super::*;

impl Ledger {
    pub(super) fn company_row(&self) -> Row {
        let facts = &self.facts;
        Row {
            id: facts.id.to_string(),
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
            status: Some(active(account.status)),
            code: Some(account.code.clone()),
            name: Some(account.name.clone()),
            description: Some(account.description.clone()),
            class: Some(match account.kind.class() {
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
            ..Row::of(&account.meta)
        };
        self.accounts.iter().filter(wanted).map(row).collect()
    }

    pub(super) fn tax_rate_rows(&self) -> Vec<Row> {
        let rows = self.tax_rates.iter().map(|rate| Row {
            // Platforms name tax rates by code.
            id: rate.code.clone(),
            status: Some(active(rate.status)),
            code: Some(rate.code.clone()),
            name: Some(rate.name.clone()),
            rate: Some(Money(rate.effective_rate)),
            ..Row::of(&rate.meta)
        });
        rows.collect()
    }

    pub(super) fn tracking_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
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
                    parent_id: Some(category.meta.id),
                    ..Row::of(&category.meta)
                });
            }
        }
        rows
    }

    pub(super) fn contact_rows(&self, wanted: impl Fn(&Contact) -> bool) -> Vec<Row> {
        let row = |contact: &Contact| Row {
            status: Some(active(contact.status)),
            name: Some(contact.name.clone()),
            email: Some(contact.email.clone()),
            number: Some(contact.account_number.clone()),
            currency: contact.default_currency.clone(),
            ..Row::of(&contact.meta)
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
            name: Some(item.name.clone()),
            description: Some(item.description.clone()),
            sale_price: item.sale.as_ref().map(|terms| Money(terms.unit_price)),
            purchase_price: item.purchase.as_ref().map(|terms| Money(terms.unit_price)),
            ..Row::of(&item.meta)
        });
        rows.collect()
    }
}
