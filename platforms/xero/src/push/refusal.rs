use ledgerline_platform::Error;

/// Who refused it: nothing was sent.
const CODE: &str = "not-bookable";

/// The field, in the words of the dialects, that cannot be booked, and why.
pub(super) fn refused(field: impl Into<String>, message: String) -> Error {
    Error::Rejected {
        code: CODE.to_owned(),
        message,
        field: Some(field.into()),
    }
}
