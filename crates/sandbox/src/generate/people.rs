//! Contacts, items and tracking of the generated company.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::ledger::{
    ActiveStatus, Address, AddressKind, Contact, Item, ItemTerms, Ledger, Meta, Phone, PhoneKind,
    TrackingCategory, TrackingOption,
};

use super::{chart::Region, random::Random};

const FIRST: [&str; 24] = [
    "Amara", "Bjørn", "Chloe", "Dmitri", "Elif", "Farah", "Grace", "Hiro", "Ines", "Jakub", "Kavya", "Liam",
    "Maya", "Noël", "Olga", "Priya", "Quentin", "Rosa", "Sven", "Tomás", "Uma", "Viktor", "Wanjiru", "Zoë",
];
const LAST: [&str; 24] = [
    "Abbott", "Bauer", "Castillo", "Dlamini", "Eriksen", "Ferrari", "Gupta", "Hughes", "Ito", "Jansen",
    "Kowalski", "Larsen", "Müller", "Nakamura", "O'Neill", "Petrov", "Quinn", "Rossi", "Şahin", "Tanaka",
    "Usman", "Varga", "Weiß", "Yilmaz",
];
const TRADE: [&str; 20] = [
    "Bakery",
    "Joinery",
    "Optics",
    "Nurseries",
    "Logistics",
    "Interiors",
    "Motors",
    "Print Works",
    "Dental Care",
    "Architects",
    "Brewery",
    "Outfitters",
    "Ceramics",
    "Media",
    "Roofing",
    "Catering",
    "Cycles",
    "Books",
    "Pharmacy",
    "Electrical",
];
const PLACE: [&str; 20] = [
    "Ashford",
    "Birchwood",
    "Cedar Hill",
    "Dunmore",
    "Eastgate",
    "Fairview",
    "Greenbank",
    "Harbour",
    "Ironbridge",
    "Juniper",
    "Kingsway",
    "Lakeside",
    "Maple",
    "Northfield",
    "Oakridge",
    "Parkside",
    "Queensway",
    "Riverside",
    "Stonegate",
    "Westbrook",
];
const FORM: [&str; 5] = ["Ltd", "& Sons", "Partners", "Group", "Co."];

/// Name, sale price, purchase price, sales account, purchase account; prices in ten thousandths.
const GOODS: &[(&str, i64, i64, &str, &str)] = &[
    ("Desk lamp", 349_000, 161_500, "200", "310"),
    ("Office chair", 1_890_000, 1_045_000, "200", "310"),
    ("Standing desk", 4_250_000, 2_610_000, "200", "310"),
    ("Cable, per metre", 12_345, 4_375, "200", "310"),
    ("Monitor arm", 890_000, 415_000, "200", "310"),
    ("Whiteboard", 1_249_900, 640_000, "200", "310"),
    ("Filing cabinet", 2_150_000, 1_280_000, "200", "310"),
    ("Paper, box", 189_500, 99_250, "200", "310"),
    ("Screws, each", 575, 225, "200", "310"),
    ("Fitting, per hour", 650_000, 0, "205", ""),
    ("Planning, per day", 5_400_000, 0, "205", ""),
    ("Call-out", 950_000, 0, "205", ""),
    ("Maintenance, per month", 1_200_000, 0, "210", ""),
    ("Delivery", 150_000, 0, "220", ""),
    ("Subcontracted fitting, per hour", 0, 420_000, "", "320"),
    ("Inward pallet", 0, 780_000, "", "330"),
    ("Courier parcel", 0, 87_500, "", "425"),
    ("Licence seat", 0, 145_000, "", "463"),
];

pub(super) fn tracking(ledger: &mut Ledger, random: &mut Random, at: Timestamp) {
    let categories: [(&str, &[&str]); 2] = [
        ("Region", &["North", "South", "East", "West", "Overseas"]),
        ("Department", &["Showroom", "Workshop", "Projects", "Head office"]),
    ];
    for (name, options) in categories {
        let mut category = category(random, at, name, options);
        // The last one was used before, and is not any more.
        if let Some(last) = category.options.last_mut() {
            last.status = ActiveStatus::Archived;
        }
        ledger.tracking.put(category);
    }
    let mut former = category(random, at, "Campaign", &["Spring", "Autumn"]);
    former.status = ActiveStatus::Archived;
    ledger.tracking.put(former);
}

fn category(random: &mut Random, at: Timestamp, name: &str, options: &[&str]) -> TrackingCategory {
    let option = |random: &mut Random, name: &str| TrackingOption {
        id: random.id(),
        name: name.to_owned(),
        status: ActiveStatus::Active,
        deleted: false,
    };
    TrackingCategory {
        meta: Meta::new(random.id(), at),
        name: name.to_owned(),
        status: ActiveStatus::Active,
        options: options.iter().map(|name| option(random, name)).collect(),
    }
}

pub(super) fn items(ledger: &mut Ledger, region: Region, random: &mut Random, at: Timestamp) {
    for (index, goods) in GOODS.iter().enumerate() {
        let (name, sale_price, purchase_price, sales_account, purchase_account) = *goods;
        let terms = |ledger: &Ledger, price: i64, account: &str, tax_code: &str| {
            let account = ledger.account_by_code(account)?.meta.id;
            let unit_price = Decimal::new(price, 4).normalize();
            Some(ItemTerms {
                unit_price,
                account,
                tax_code: tax_code.to_owned(),
            })
        };
        let sale = terms(ledger, sale_price, sales_account, region.sales_tax);
        let purchase = terms(ledger, purchase_price, purchase_account, region.purchase_tax);
        let mut item = Item {
            meta: Meta::new(random.id(), at),
            code: format!("A-{:03}", 100 + index * 10),
            name: name.to_owned(),
            description: if sale.is_some() {
                format!("{name}, as in the catalogue")
            } else {
                String::new()
            },
            purchase_description: if purchase.is_some() {
                format!("{name}, bought in")
            } else {
                String::new()
            },
            sale,
            purchase,
        };
        // One was taken off the list before anybody looked.
        item.meta.deleted = name == "Filing cabinet";
        ledger.items.put(item);
    }
}

/// `count` contacts, of which some are customers, some suppliers, some both, some neither, some archived.
pub(super) fn contacts(
    ledger: &mut Ledger,
    region: Region,
    random: &mut Random,
    count: usize,
    at: Timestamp,
) {
    let foreign = ledger.facts.foreign_currencies.clone();
    for index in 0..count {
        // Of twenty: eleven customers, six suppliers, one both, two neither.
        let (is_customer, is_supplier) = match index % 20 {
            0..=10 => (true, false),
            11..=16 => (false, true),
            17 => (true, true),
            _ => (false, false),
        };
        let mut contact = contact(random, region, index, at);
        (contact.is_customer, contact.is_supplier) = (is_customer, is_supplier);
        if index % 20 == 3 || index % 20 == 13 {
            contact.default_currency = random.pick(&foreign).cloned();
        }
        if index % 20 == 19 {
            contact.status = ActiveStatus::Archived;
        }
        ledger.contacts.put(contact);
    }
}

/// One more contact, the `index`th, which nobody has traded with.
pub(crate) fn contact(random: &mut Random, region: Region, index: usize, at: Timestamp) -> Contact {
    let (first_name, last_name) = (random.one_of(FIRST), random.one_of(LAST));
    let person = index % 7 == 5;
    let name = if person {
        format!("{first_name} {last_name} {}", index + 1)
    } else {
        format!(
            "{} {} {} {}",
            random.one_of(PLACE),
            random.one_of(TRADE),
            random.one_of(FORM),
            index + 1
        )
    };
    let number = index + 1;
    let address = |random: &mut Random, kind| Address {
        kind,
        line1: format!("{} {} Road", random.between(1, 240), random.one_of(LAST)),
        line2: if random.happens(0.2) {
            "Unit 4".to_owned()
        } else {
            String::new()
        },
        city: random.one_of(PLACE).to_owned(),
        region: String::new(),
        postal_code: format!(
            "{}{} {}",
            random.one_of(["AB", "CD", "EF"]),
            random.between(1, 29),
            random.between(100, 999)
        ),
        country: region.country.to_owned(),
    };
    let phone = |random: &mut Random, kind| Phone {
        kind,
        country_code: "00".to_owned(),
        area_code: random.between(200, 989).to_string(),
        number: random.between(1_000_000, 9_999_999).to_string(),
    };
    let mut addresses = vec![address(random, AddressKind::Postal)];
    if random.happens(0.4) {
        addresses.push(address(random, AddressKind::Street));
    }
    let mut phones = vec![phone(random, PhoneKind::Default)];
    if random.happens(0.3) {
        phones.push(phone(random, PhoneKind::Mobile));
    }
    Contact {
        meta: Meta::new(random.id(), at),
        name,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email: if random.happens(0.9) {
            format!("accounts{number}@books.example")
        } else {
            String::new()
        },
        status: ActiveStatus::Active,
        is_customer: false,
        is_supplier: false,
        account_number: if random.happens(0.5) {
            format!("C{number:05}")
        } else {
            String::new()
        },
        tax_number: if random.happens(0.5) {
            format!("{}{:09}", region.country_code, random.below(1_000_000_000))
        } else {
            String::new()
        },
        company_number: if person {
            String::new()
        } else {
            format!("{:08}", random.below(100_000_000))
        },
        default_currency: None,
        bank_account: String::new(),
        addresses,
        phones,
    }
}
