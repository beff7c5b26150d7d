use ledgerline_model::Decimal;
use ledgerline_model::push::Order;

use crate::Error;

/// Who refused it: nothing was sent.
const CODE: &str = "not-bookable";

/// The field, in the words of the dialects, that cannot be booked, and why.
pub fn refused(field: impl Into<String>, message: impl Into<String>) -> Error {
    Error::Rejected {
        code: CODE.to_owned(),
        message: message.into(),
        field: Some(field.into()),
    }
}

/// An amount that books with two decimals keep as it is.
pub fn cents(amount: Decimal, field: impl Into<String>) -> Result<Decimal, Error> {
    if amount.normalized().scale() > 2 {
        return Err(refused(
            field,
            format!("the books keep two decimals, and {amount} has more"),
        ));
    }
    Ok(amount)
}

/// Net and tax of an order that is booked on one side of an account.
pub fn total(order: &Order) -> Result<Decimal, Error> {
    let total = order.total();
    if total.is_negative() {
        return Err(refused(
            "lines",
            format!("the total must not be negative, and is {total}"),
        ));
    }
    cents(total, "lines")
}
