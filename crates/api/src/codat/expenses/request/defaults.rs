use super::fields::Object;

/// The company's defaults as a request sets them: all three are named, and one without an id is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Defaults {
    pub bank_account: Option<String>,
    pub supplier: Option<String>,
    pub customer: Option<String>,
}

pub fn read(body: &Object<'_>) -> Option<Defaults> {
    let one = |name| body.required(name, Object::object).map(|found| found.text("id"));
    let (bank_account, supplier, customer) = (one("bankAccount"), one("supplier"), one("customer"));
    Some(Defaults {
        bank_account: bank_account?,
        supplier: supplier?,
        customer: customer?,
    })
}
