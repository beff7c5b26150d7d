use serde_json::{Value, json};
use uuid::Uuid;

use super::company::{address_of, phone};
use super::{Cx, Head, Object, Side, Source};
use crate::ledger::{
    Account, AccountKind, ActiveStatus, AddressKind, Ledger, List, PhoneKind, SystemRole, TaxRate,
};
use crate::quickbooks_online::json::number;

/// Components of one tax rate, of both sides, that have numbers.
const PARTS_OF_A_RATE: u64 = 16;

pub(super) fn account(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let account = cx.ledger.accounts.get(id)?;
    let active = account.status == ActiveStatus::Active && !account.meta.deleted;
    let (kind, sub_type, class) = account_type(cx.ledger, account);
    let own = balance(cx.ledger, account, false);
    object
        .set("Name", cx.ledger.listed_name(&account.name, active))
        .set("SubAccount", account.parent.is_some())
        .some(
            "ParentRef",
            account.parent.map(|parent| cx.id_only(List::Accounts, parent)),
        )
        .set("FullyQualifiedName", full_name(cx.ledger, account))
        .text("Description", &account.description)
        .set("Active", active)
        .set("Classification", class)
        .set("AccountType", kind)
        .set("AccountSubType", sub_type)
        .text("AcctNum", &account.code)
        .set("CurrentBalance", number(own))
        .set(
            "CurrentBalanceWithSubAccounts",
            number(balance(cx.ledger, account, true)),
        )
        .set("CurrencyRef", cx.currency(&cx.ledger.facts.base_currency));
    Some(())
}

/// What the account holds, debit positive; nothing for income and expenses, which hold nothing.
fn balance(ledger: &Ledger, account: &Account, with_parts: bool) -> rust_decimal::Decimal {
    if account.kind.class().is_profit_and_loss() {
        return rust_decimal::Decimal::ZERO;
    }
    let balances = ledger.balances(jiff::civil::Date::MAX);
    let of = |id: Uuid| balances.get(&id).copied().unwrap_or_default();
    let parts = ledger
        .accounts
        .iter()
        .filter(|part| with_parts && part.parent == Some(account.meta.id));
    of(account.meta.id) + parts.map(|part| of(part.meta.id)).sum::<rust_decimal::Decimal>()
}

/// The names from the whole to the part, with colons between.
pub(in crate::quickbooks_online) fn full_name(ledger: &Ledger, account: &Account) -> String {
    let active = account.status == ActiveStatus::Active && !account.meta.deleted;
    let own = ledger.listed_name(&account.name, active);
    match account.parent.and_then(|parent| ledger.accounts.get(parent)) {
        Some(parent) => format!("{}:{own}", parent.name),
        None => own,
    }
}

/// Type, sub-type and classification.
pub(in crate::quickbooks_online) fn account_type(
    ledger: &Ledger,
    account: &Account,
) -> (&'static str, &'static str, &'static str) {
    match account.role {
        Some(SystemRole::Receivables) => return ("Accounts Receivable", "AccountsReceivable", "Asset"),
        Some(SystemRole::Payables) => return ("Accounts Payable", "AccountsPayable", "Liability"),
        Some(SystemRole::SalesTax) => return ("Other Current Liability", "GlobalTaxPayable", "Liability"),
        Some(SystemRole::RetainedEarnings) => return ("Equity", "RetainedEarnings", "Equity"),
        Some(SystemRole::RealisedCurrencyGains) => return ("Other Expense", "ExchangeGainOrLoss", "Expense"),
        _ => {}
    }
    match account.kind {
        AccountKind::Bank if ledger.is_card(account.meta.id) => ("Credit Card", "CreditCard", "Liability"),
        AccountKind::Bank if account.code == "091" => ("Bank", "Savings", "Asset"),
        AccountKind::Bank => ("Bank", "Checking", "Asset"),
        AccountKind::CurrentAsset if account.code == "615" => {
            ("Other Current Asset", "UndepositedFunds", "Asset")
        }
        AccountKind::CurrentAsset => ("Other Current Asset", "OtherCurrentAssets", "Asset"),
        AccountKind::Prepayment => ("Other Current Asset", "PrepaidExpenses", "Asset"),
        AccountKind::Inventory => ("Other Current Asset", "Inventory", "Asset"),
        AccountKind::FixedAsset => ("Fixed Asset", "OtherFixedAssets", "Asset"),
        AccountKind::NonCurrentAsset => ("Other Asset", "OtherLongTermAssets", "Asset"),
        AccountKind::CurrentLiability | AccountKind::Liability => {
            ("Other Current Liability", "OtherCurrentLiabilities", "Liability")
        }
        AccountKind::TermLiability => ("Long Term Liability", "NotesPayable", "Liability"),
        AccountKind::Equity if account.code == "965" => ("Equity", "OpeningBalanceEquity", "Equity"),
        AccountKind::Equity => ("Equity", "OwnersEquity", "Equity"),
        AccountKind::Sales => ("Income", "SalesOfProductIncome", "Revenue"),
        AccountKind::Revenue => ("Income", "ServiceFeeIncome", "Revenue"),
        AccountKind::OtherIncome => ("Other Income", "OtherMiscellaneousIncome", "Revenue"),
        AccountKind::DirectCosts => ("Cost of Goods Sold", "SuppliesMaterialsCogs", "Expense"),
        AccountKind::Expense | AccountKind::Overheads => {
            ("Expense", "OfficeGeneralAdministrativeExpenses", "Expense")
        }
        AccountKind::Depreciation => ("Other Expense", "Depreciation", "Expense"),
    }
}

/// A customer or a vendor.
pub(super) fn person(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let contact = cx.ledger.contacts.get(id)?;
    let active = contact.status == ActiveStatus::Active && !contact.meta.deleted;
    let name = cx.ledger.listed_name(&contact.name, active);
    let phone_of = |kind: PhoneKind| contact.phones.iter().find(|found| found.kind == kind).map(phone);
    let currency = contact
        .default_currency
        .as_ref()
        .unwrap_or(&cx.ledger.facts.base_currency);
    object
        .set("DisplayName", name.as_str())
        .set("PrintOnCheckName", contact.name.as_str())
        .text(
            "CompanyName",
            if contact.company_number.is_empty() {
                ""
            } else {
                &contact.name
            },
        )
        .text("GivenName", &contact.first_name)
        .text("FamilyName", &contact.last_name)
        .set("Active", active)
        .some("BillAddr", address_of(&contact.addresses, AddressKind::Postal))
        .some("PrimaryPhone", phone_of(PhoneKind::Default))
        .some("Mobile", phone_of(PhoneKind::Mobile))
        .set("CurrencyRef", cx.currency(currency))
        .set("Balance", number(cx.open_balance(id)));
    if !contact.email.is_empty() {
        object.set("PrimaryEmailAddr", json!({ "Address": contact.email }));
    }
    if contact.is_customer {
        object
            .set("FullyQualifiedName", name)
            .some("ShipAddr", address_of(&contact.addresses, AddressKind::Street))
            .set("BalanceWithJobs", number(cx.open_balance(id)))
            .set("Taxable", true)
            .set("Job", false)
            .set("BillWithParent", false)
            .set("IsProject", false)
            .set("PreferredDeliveryMethod", "Print")
            .text("PrimaryTaxIdentifier", &masked(&contact.tax_number));
    } else {
        object
            .set("Vendor1099", false)
            .text("AcctNum", &contact.account_number)
            .text("TaxIdentifier", &masked(&contact.tax_number));
    }
    Some(())
}

/// All but the last four signs are hidden.
fn masked(text: &str) -> String {
    let shown = text.chars().count().saturating_sub(4);
    text.chars()
        .enumerate()
        .map(|(place, sign)| if place < shown { 'X' } else { sign })
        .collect()
}

pub(super) fn item(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let item = cx.ledger.items.get(id)?;
    let active = !item.meta.deleted;
    let name = cx.ledger.listed_name(&item.name, active);
    let kind = match (&item.sale, &item.purchase) {
        (Some(_), Some(_)) => "NonInventory",
        (Some(_), None) | (None, Some(_) | None) => "Service",
    };
    object
        .set("Name", name.as_str())
        .set("FullyQualifiedName", name)
        .text("Sku", &item.code)
        .text("Description", &item.description)
        .set("Active", active)
        .set("Type", kind)
        .set("TrackQtyOnHand", false)
        .set("Taxable", item.sale.is_some());
    if let Some(sale) = &item.sale {
        object
            .money("UnitPrice", sale.unit_price)
            .set("IncomeAccountRef", cx.account(sale.account));
        if !cx.is_us {
            object.set("SalesTaxCodeRef", cx.tax_code(&sale.tax_code));
        }
    }
    if let Some(purchase) = &item.purchase {
        object
            .money("PurchaseCost", purchase.unit_price)
            .text("PurchaseDesc", &item.purchase_description)
            .set("ExpenseAccountRef", cx.account(purchase.account));
        if !cx.is_us {
            object.set("PurchaseTaxCodeRef", cx.tax_code(&purchase.tax_code));
        }
    }
    Some(())
}

pub(super) fn option(cx: &Cx<'_>, object: &mut Object, category: Uuid, position: usize) -> Option<()> {
    let category = cx.ledger.tracking.get(category)?;
    let option = category.options.get(position)?;
    let active = option.status == ActiveStatus::Active && !option.deleted && !category.meta.deleted;
    let name = cx.ledger.listed_name(&option.name, active);
    let kind = if cx.ledger.tracking.index_of(category.meta.id) == Some(0) {
        "SubClass"
    } else {
        "SubDepartment"
    };
    object
        .set("Name", name.as_str())
        .set("FullyQualifiedName", name)
        .set(kind, false)
        .set("Active", active);
    Some(())
}

pub(super) fn attachable(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let file = cx.ledger.attachments.get(id)?;
    let attached: Vec<Value> = file
        .attached_to
        .iter()
        .filter_map(|to| {
            let list = cx.ledger.list_of_transaction(*to)?;
            let entity = super::money::entity_of(cx.ledger, list, *to)?;
            let value = cx.ledger.api_id(list, *to);
            Some(json!({ "EntityRef": { "type": entity, "value": value }, "IncludeOnSend": false }))
        })
        .collect();
    object
        .text("FileName", &file.file_name)
        .text("ContentType", &file.content_type)
        .text("Note", &file.note)
        .set("AttachableRef", attached);
    if file.size > 0 {
        object.set("Size", file.size);
    }
    Some(())
}

// Tax.

/// Every code; where lines say only whether they are taxed, the two words for that too.
pub(super) fn tax_codes(ledger: &Ledger) -> Vec<Head> {
    let heads = ledger.tax_rates.iter().map(|rate| {
        let number = ledger.number(List::TaxRates, rate.meta.id).unwrap_or_default();
        let active = rate.status == ActiveStatus::Active && !rate.meta.deleted;
        Head {
            deleted: false,
            ..Head::of(number, &rate.meta, active, Source::Record(rate.meta.id))
        }
    });
    let mut heads: Vec<Head> = heads.collect();
    if ledger.facts.country_code == "US" {
        heads.extend(["TAX", "NON"].map(|code| Head {
            number: 0,
            created_at: ledger.facts.created_at,
            updated_at: ledger.facts.created_at,
            sync_token: 0,
            active: true,
            deleted: false,
            source: Source::Pseudo(code),
        }));
    }
    heads
}

/// The rates behind the codes: one for each component and side.
pub(super) fn tax_rates(ledger: &Ledger) -> Vec<Head> {
    let mut heads = Vec::new();
    for rate in &ledger.tax_rates {
        let active = rate.status == ActiveStatus::Active && !rate.meta.deleted;
        for side in sides(rate) {
            for position in 0..rate.components.len() {
                let number = rate_number(ledger, rate, position, side);
                heads.push(Head {
                    deleted: false,
                    ..Head::of(
                        number,
                        &rate.meta,
                        active,
                        Source::Component(rate.meta.id, position, side),
                    )
                });
            }
        }
    }
    heads
}

fn sides(rate: &TaxRate) -> impl Iterator<Item = Side> {
    let sides = [
        (rate.for_sales, Side::Sales),
        (rate.for_purchases, Side::Purchases),
    ];
    sides
        .into_iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, side)| side)
}

/// The number of one component of a tax rate.
pub(super) fn rate_number(ledger: &Ledger, rate: &TaxRate, position: usize, side: Side) -> u64 {
    let index = ledger.tax_rates.index_of(rate.meta.id).unwrap_or_default() as u64;
    let side = match side {
        Side::Sales => 0,
        Side::Purchases => 1,
    };
    index * PARTS_OF_A_RATE + position as u64 * 2 + side + 1
}

pub(super) fn tax_code(cx: &Cx<'_>, object: &mut Object, id: Uuid) -> Option<()> {
    let rate = cx.ledger.tax_rates.get(id)?;
    let active = rate.status == ActiveStatus::Active && !rate.meta.deleted;
    let list = |side: Side| {
        let details: Vec<Value> = rate
            .components
            .iter()
            .enumerate()
            .map(|(position, component)| {
                let mut detail = json!({
                    "TaxRateRef": {
                        "value": rate_number(cx.ledger, rate, position, side).to_string(),
                        "name": rate_name(rate, &component.name, side),
                    },
                    "TaxTypeApplicable": "TaxOnAmount",
                    "TaxOrder": position,
                });
                if component.is_compound {
                    detail["TaxTypeApplicable"] = "TaxOnAmountPlusTax".into();
                    detail["TaxOnTaxOrder"] = 0.into();
                }
                detail
            })
            .collect();
        json!({ "TaxRateDetail": details })
    };
    let empty = || json!({ "TaxRateDetail": [] });
    object
        .set("Name", rate.name.as_str())
        .set("Description", rate.name.as_str())
        .set("Active", active)
        .set("Hidden", false)
        .set("Taxable", !rate.effective_rate.is_zero())
        .set("TaxGroup", true)
        .set(
            "SalesTaxRateList",
            if rate.for_sales {
                list(Side::Sales)
            } else {
                empty()
            },
        )
        .set(
            "PurchaseTaxRateList",
            if rate.for_purchases {
                list(Side::Purchases)
            } else {
                empty()
            },
        );
    Some(())
}

pub(super) fn pseudo_code(object: &mut Object, code: &str) {
    object
        .set("Name", code)
        .set(
            "Description",
            if code == "TAX" { "Taxable" } else { "Not taxable" },
        )
        .set("Active", true)
        .set("Taxable", code == "TAX")
        .set("TaxGroup", false);
}

pub(super) fn tax_rate(
    cx: &Cx<'_>,
    object: &mut Object,
    id: Uuid,
    position: usize,
    side: Side,
) -> Option<()> {
    let rate = cx.ledger.tax_rates.get(id)?;
    let component = rate.components.get(position)?;
    let name = rate_name(rate, &component.name, side);
    object
        .set("Name", name.as_str())
        .set("Description", name)
        .set(
            "Active",
            rate.status == ActiveStatus::Active && !rate.meta.deleted,
        )
        .money("RateValue", component.rate)
        .set("AgencyRef", json!({ "value": "1" }))
        .set("SpecialTaxType", "NONE")
        .set("DisplayType", "ReadOnly")
        .set(
            "EffectiveTaxRate",
            json!([{ "RateValue": number(component.rate), "EffectiveDate": "2000-01-01T00:00:00Z" }]),
        );
    Some(())
}

fn rate_name(rate: &TaxRate, component: &str, side: Side) -> String {
    let side = match side {
        Side::Sales => "Sales",
        Side::Purchases => "Purchases",
    };
    if rate.components.len() > 1 {
        format!("{} - {component} ({side})", rate.name)
    } else {
        format!("{} ({side})", rate.name)
    }
}
