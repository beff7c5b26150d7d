use std::fmt;

/// Something that an expense refers to and that the books do not have, or use no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Its path in the expense.
    pub field: String,
    /// What it would be: `account`, `tax rate`, `supplier`, `customer` or `tracking category`.
    pub word: String,
    pub id: String,
    pub is_archived: bool,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            word,
            id,
            is_archived,
        } = self;
        if *is_archived {
            write!(f, "`{field}`: the {word} `{id}` is archived.")
        } else {
            write!(f, "`{field}`: the books have no {word} `{id}`.")
        }
    }
}

impl Missing {
    /// What a message says that was kept; `None`: it says something else.
    pub fn read(message: &str) -> Option<Self> {
        let (field, rest) = message.strip_prefix('`')?.split_once("`: ")?;
        let unknown = rest.strip_prefix("the books have no ");
        let unknown = unknown.and_then(|rest| rest.strip_suffix("`."));
        let archived = rest.strip_prefix("the ");
        let archived = archived.and_then(|rest| rest.strip_suffix("` is archived."));
        let (word, id) = unknown.or(archived)?.split_once(" `")?;
        Some(Self {
            field: field.to_owned(),
            word: word.to_owned(),
            id: id.to_owned(),
            is_archived: unknown.is_none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Missing;

    #[test]
    fn what_is_written_can_be_read() {
        for (id, is_archived) in [
            ("429", false),
            ("odd ` id`.", false),
            ("odd ` is archived.", true),
        ] {
            let missing = Missing {
                field: "lines[0].taxRateRef".to_owned(),
                word: "tax rate".to_owned(),
                id: id.to_owned(),
                is_archived,
            };
            assert_eq!(Missing::read(&missing.to_string()), Some(missing));
        }
        for other in [
            "",
            "`type`: transactions of this type cannot be written.",
            "No.",
            "`a`: the b.",
        ] {
            assert_eq!(Missing::read(other), None, "{other}");
        }
    }
}
