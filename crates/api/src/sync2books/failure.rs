use ledgerline_engine::push::missing::Missing;
use ledgerline_model::push::Cause;

/// Why an expense is not in the books, in the dialect's words; what platforms say is quoted.
pub fn message(cause: Option<Cause>, message: Option<String>) -> Option<String> {
    let message = message?;
    Some(match cause {
        Some(Cause::Content) => match Missing::read(&message) {
            Some(missing) => {
                let Missing {
                    field,
                    word,
                    id,
                    is_archived,
                } = missing;
                let what = if is_archived {
                    "is inactive"
                } else {
                    "does not exist"
                };
                format!("Invalid {word} ID: {id} {what} ({field})")
            }
            None => format!("Validation error: {message}"),
        },
        Some(Cause::Connection) => format!("Connection expired: {message}"),
        Some(Cause::Platform | Cause::Doubt | Cause::Unreachable) | None => message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_begin_with_the_words_that_clients_look_for() {
        for (cause, said, expected) in [
            (
                Some(Cause::Content),
                "`lines[0].accountRef`: the books have no account `60`.",
                "Invalid account ID: 60 does not exist (lines[0].accountRef)",
            ),
            (
                Some(Cause::Content),
                "`lines[1].taxRateRef`: the tax rate `T2` is archived.",
                "Invalid tax rate ID: T2 is inactive (lines[1].taxRateRef)",
            ),
            (
                Some(Cause::Content),
                "`bankAccountRef` is missing.",
                "Validation error: `bankAccountRef` is missing.",
            ),
            (
                Some(Cause::Connection),
                "The connection is not linked any more.",
                "Connection expired: The connection is not linked any more.",
            ),
            (
                Some(Cause::Platform),
                "Business Validation Error",
                "Business Validation Error",
            ),
            (None, "written before", "written before"),
        ] {
            assert_eq!(message(cause, Some(said.to_owned())).as_deref(), Some(expected));
        }
        assert_eq!(message(Some(Cause::Content), None), None);
    }
}
