use serde_json::Value;

use super::body::Body;
use super::{Place, Target};
use crate::ids;
use crate::ledger::{
    Account, AccountKind, ActiveStatus, Address, AddressKind, Attachment, BankDetails, BankKind, Contact,
    Item, ItemTerms, List, Phone, PhoneKind, TrackingOption,
};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::{self, Entity, Source, tax_rate_of};
use crate::quickbooks_online::upload::SHA256;

/// Signs that a name has at most.
const NAME: usize = 100;

pub(super) fn account(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let former = target.ledger.accounts.get(target.id()).cloned();
    let name = name(body, "Name")?;
    let taken = target
        .ledger
        .accounts
        .iter()
        .find(|account| account.name.eq_ignore_ascii_case(&name) && account.meta.id != target.id());
    if let Some(taken) = taken {
        return Err(Fault::duplicate_name(
            &target.ledger.api_id(List::Accounts, taken.meta.id),
        ));
    }
    let (kind, bank) = match &former {
        // What an account is stays.
        Some(former) => (former.kind, former.bank.clone()),
        None => kind(
            body.required_text("AccountType")?,
            &target.ledger.facts.base_currency,
        )?,
    };
    let parent = match body.reference("ParentRef") {
        Some(_) => Some(body.account(target.ledger, "ParentRef")?.meta.id),
        None => None,
    };
    let account = Account {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        code: body.short_text("AcctNum", 20)?.to_owned(),
        name,
        description: body.short_text("Description", NAME)?.to_owned(),
        kind,
        status: status(body),
        role: former.as_ref().and_then(|former| former.role),
        tax_code: former
            .as_ref()
            .map_or_else(|| "NONE".to_owned(), |former| former.tax_code.clone()),
        bank,
        takes_payments: false,
        parent,
    };
    target
        .ledger
        .accounts
        .put(undeleted(account, |account| &mut account.meta.deleted));
    Ok(target.number(List::Accounts))
}

/// What an account of a type is in the books.
fn kind(account_type: &str, currency: &str) -> Result<(AccountKind, Option<BankDetails>), Fault> {
    let bank = |kind| {
        Some(BankDetails {
            kind,
            number: String::new(),
            currency: currency.to_owned(),
            fed: false,
        })
    };
    Ok(match account_type {
        "Bank" => (AccountKind::Bank, bank(BankKind::Bank)),
        "Credit Card" => (AccountKind::Bank, bank(BankKind::CreditCard)),
        "Other Current Asset" => (AccountKind::CurrentAsset, None),
        "Fixed Asset" => (AccountKind::FixedAsset, None),
        "Other Asset" => (AccountKind::NonCurrentAsset, None),
        "Other Current Liability" => (AccountKind::CurrentLiability, None),
        "Long Term Liability" => (AccountKind::TermLiability, None),
        "Equity" => (AccountKind::Equity, None),
        "Income" => (AccountKind::Revenue, None),
        "Other Income" => (AccountKind::OtherIncome, None),
        "Cost of Goods Sold" => (AccountKind::DirectCosts, None),
        "Expense" => (AccountKind::Expense, None),
        "Other Expense" => (AccountKind::Depreciation, None),
        "Accounts Receivable" | "Accounts Payable" => {
            return Err(Fault::not_simulated("second receivables or payables accounts"));
        }
        other => {
            return Err(Fault::malformed(format!(
                "AccountType: '{other}' is none of its values"
            )));
        }
    })
}

pub(super) fn person(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let former = target.ledger.contacts.get(target.id()).cloned();
    let display_name = match name(body, "DisplayName") {
        Ok(name) => name,
        Err(fault) => {
            let parts = [body.text("GivenName"), body.text("FamilyName")];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            if parts.is_empty() {
                return Err(fault);
            }
            parts.join(" ")
        }
    };
    let taken =
        target.ledger.contacts.iter().find(|contact| {
            contact.name.eq_ignore_ascii_case(&display_name) && contact.meta.id != target.id()
        });
    if let Some(taken) = taken {
        return Err(Fault::duplicate_name(
            &target.ledger.api_id(List::Contacts, taken.meta.id),
        ));
    }
    let is_customer = target.entity == Entity::Customer;
    let mut addresses = Vec::new();
    for (name, kind) in [
        ("BillAddr", AddressKind::Postal),
        ("ShipAddr", AddressKind::Street),
    ] {
        if !body.0[name].is_null() {
            addresses.push(address(body.part(name), kind));
        }
    }
    let mut phones = Vec::new();
    for (name, kind) in [
        ("PrimaryPhone", PhoneKind::Default),
        ("Mobile", PhoneKind::Mobile),
    ] {
        let number = body.part(name).text("FreeFormNumber");
        if !number.is_empty() {
            phones.push(Phone {
                kind,
                country_code: String::new(),
                area_code: String::new(),
                number: number.to_owned(),
            });
        }
    }
    let contact = Contact {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        name: display_name,
        first_name: body.text("GivenName").to_owned(),
        last_name: body.text("FamilyName").to_owned(),
        email: body.part("PrimaryEmailAddr").text("Address").to_owned(),
        status: status(body),
        is_customer,
        is_supplier: !is_customer,
        account_number: body.text("AcctNum").to_owned(),
        // It is shown in part only, and not to be overwritten by that.
        tax_number: former
            .as_ref()
            .map(|former| former.tax_number.clone())
            .unwrap_or_default(),
        company_number: former
            .as_ref()
            .map(|former| former.company_number.clone())
            .unwrap_or_default(),
        default_currency: body
            .reference("CurrencyRef")
            .filter(|currency| *currency != target.ledger.facts.base_currency)
            .map(str::to_owned),
        bank_account: String::new(),
        addresses,
        phones,
    };
    target.ledger.contacts.put(contact);
    Ok(target.number(List::Contacts))
}

fn address(body: Body<'_>, kind: AddressKind) -> Address {
    Address {
        kind,
        line1: body.text("Line1").to_owned(),
        line2: body.text("Line2").to_owned(),
        city: body.text("City").to_owned(),
        region: body.text("CountrySubDivisionCode").to_owned(),
        postal_code: body.text("PostalCode").to_owned(),
        country: body.text("Country").to_owned(),
    }
}

pub(super) fn item(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let former = target.ledger.items.get(target.id()).cloned();
    let name = name(body, "Name")?;
    let taken = target
        .ledger
        .items
        .iter()
        .find(|item| item.name.eq_ignore_ascii_case(&name) && item.meta.id != target.id());
    if let Some(taken) = taken {
        return Err(Fault::duplicate_name(
            &target.ledger.api_id(List::Items, taken.meta.id),
        ));
    }
    match body.text("Type") {
        "" | "Service" | "NonInventory" => {}
        other => return Err(Fault::not_simulated(&format!("items of type {other}"))),
    }
    let terms = |price: &'static str, account: &'static str, tax: &'static str| {
        if body.reference(account).is_none() {
            return Ok(None);
        }
        let code = body
            .reference(tax)
            .and_then(|code| tax_rate_of(target.ledger, code));
        Ok(Some(ItemTerms {
            unit_price: body.amount(price)?.unwrap_or_default(),
            account: body.account(target.ledger, account)?.meta.id,
            tax_code: code.map_or_else(|| "NONE".to_owned(), |code| code.code.clone()),
        }))
    };
    let sale = terms("UnitPrice", "IncomeAccountRef", "SalesTaxCodeRef")?;
    let purchase = terms("PurchaseCost", "ExpenseAccountRef", "PurchaseTaxCodeRef")?;
    if sale.is_none() && purchase.is_none() {
        return Err(Fault::missing("IncomeAccountRef"));
    }
    let mut item = Item {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        code: body.short_text("Sku", NAME)?.to_owned(),
        name,
        description: body.text("Description").to_owned(),
        purchase_description: body.text("PurchaseDesc").to_owned(),
        sale,
        purchase,
    };
    item.meta.deleted = body.flag("Active") == Some(false);
    target.ledger.items.put(item);
    Ok(target.number(List::Items))
}

/// A class or a department.
pub(super) fn option(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let place = usize::from(target.entity == Entity::Department);
    let name = name(body, "Name")?;
    let mut category = target
        .ledger
        .tracking
        .at(place)
        .cloned()
        .ok_or_else(|| Fault::not_found(target.entity.name()))?;
    let own = match target.place {
        Place::Option(_, position) => Some(position),
        Place::New(_) | Place::Of(_) => None,
    };
    let taken = category
        .options
        .iter()
        .enumerate()
        .find(|(position, option)| option.name.eq_ignore_ascii_case(&name) && own != Some(*position));
    if let Some((position, _)) = taken {
        let number = target.ledger.option_number(place, position).to_string();
        return Err(Fault::duplicate_name(&number));
    }
    if body.reference("ParentRef").is_some() {
        return Err(Fault::not_simulated("parts of classes and locations"));
    }
    let option = TrackingOption {
        id: own
            .and_then(|position| category.options.get(position))
            .map_or_else(
                || ids::derived("option", &target.id().to_string()),
                |option| option.id,
            ),
        name,
        status: status(body),
        deleted: false,
    };
    let position = match own {
        Some(position) => {
            if let Some(found) = category.options.get_mut(position) {
                *found = option;
            }
            position
        }
        None => {
            category.options.push(option);
            category.options.len() - 1
        }
    };
    category.meta.touch(target.now);
    target.ledger.tracking.put(category);
    Ok(target.ledger.option_number(place, position).to_string())
}

/// A note, or a file that was uploaded, for any number of documents.
pub(super) fn attachable(target: &mut Target<'_>, body: Body<'_>) -> Result<String, Fault> {
    let former = target.ledger.attachments.get(target.id()).cloned();
    let file_name = body.text("FileName");
    let note = body.text("Note");
    if file_name.is_empty() && note.is_empty() {
        return Err(Fault::business("an attachment has a note or a file"));
    }
    let mut attached_to = Vec::new();
    for reference in body.list("AttachableRef") {
        let entity_ref = reference.part("EntityRef");
        let id = entity_ref.required_text("value")?;
        let entity = Entity::named(entity_ref.required_text("type")?)
            .ok_or_else(|| Fault::reference("Entity", entity_ref.text("type")))?;
        let head = records::find(target.ledger, entity, id)
            .filter(|head| !head.deleted)
            .ok_or_else(|| Fault::not_found(entity.name()))?;
        match head.source {
            Source::Record(record) if target.ledger.list_of_transaction(record).is_some() => {
                attached_to.push(record);
            }
            _ => {
                let what = format!("attachments of {}", entity.name());
                return Err(Fault::not_simulated(&what));
            }
        }
    }
    let attachment = Attachment {
        meta: target.meta(former.as_ref().map(|former| &former.meta)),
        file_name: file_name.to_owned(),
        content_type: body.text("ContentType").to_owned(),
        size: match (&body.0["Size"], &former) {
            (Value::Number(size), None) => size.as_u64().unwrap_or_default(),
            (_, Some(former)) => former.size,
            (_, None) => 0,
        },
        sha256: match &former {
            Some(former) => former.sha256.clone(),
            None => body.text(SHA256).to_owned(),
        },
        note: note.to_owned(),
        attached_to,
    };
    target.ledger.attachments.put(attachment);
    Ok(target.number(List::Attachments))
}

/// A name, without what the platform put behind it when the record was taken off its list.
fn name(body: Body<'_>, field: &'static str) -> Result<String, Fault> {
    let name = body.required_text(field)?;
    body.short_text(field, NAME)?;
    if name.contains(':') {
        return Err(Fault::malformed(format!("{field} has a colon")));
    }
    Ok(name.strip_suffix(" (deleted)").unwrap_or(name).to_owned())
}

fn status(body: Body<'_>) -> ActiveStatus {
    if body.flag("Active") == Some(false) {
        ActiveStatus::Archived
    } else {
        ActiveStatus::Active
    }
}

/// What is in use again is no longer deleted.
fn undeleted<T>(mut record: T, deleted: impl Fn(&mut T) -> &mut bool) -> T {
    *deleted(&mut record) = false;
    record
}
