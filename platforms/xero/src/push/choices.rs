use ledgerline_model::push::Choice;

/// A value that we chose, and by which rule.
pub(super) fn choice(field: &str, value: impl Into<String>, rule: &'static str) -> Choice {
    Choice {
        field: field.to_owned(),
        value: value.into(),
        rule,
    }
}
