use serde::Serialize;

/// Why an item is rejected.
#[derive(Serialize, Clone)]
pub(super) struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
}

impl Problem {
    fn new(r#type: &'static str, title: &'static str, status: u16, detail: impl Into<String>) -> Self {
        Self {
            r#type,
            title,
            status,
            detail: detail.into(),
        }
    }

    pub(super) fn invalid_request(detail: &str) -> Self {
        Self::new("invalid-request", "Invalid Request", 400, detail)
    }

    /// The account is fed already, by us or by somebody else.
    pub(super) fn already_connected() -> Self {
        Self::new(
            "feed-already-connected-in-current-organisation",
            "Feed Connection failed",
            409,
            "The AccountToken, AccountId or AccountNumber is already connected to another Xero Bank Account in the selected Xero Organization.",
        )
    }

    pub(super) fn account_not_valid() -> Self {
        Self::new(
            "account-not-valid",
            "Feed Connection failed",
            400,
            "The account is not an active bank account of that type and currency.",
        )
    }

    pub(super) fn unknown_connection() -> Self {
        Self::new(
            "invalid-feed-connection",
            "Invalid Feed Connection",
            404,
            "There is no such feed connection in the organisation.",
        )
    }

    pub(super) fn duplicate_statement() -> Self {
        Self::new(
            "duplicate-statement",
            "Duplicate Statement Received",
            409,
            "Every line of the statement was delivered before.",
        )
    }

    pub(super) fn invalid_end_balance() -> Self {
        Self::new(
            "invalid-end-balance",
            "Invalid End Balance",
            422,
            "The end balance is not the start balance and the lines.",
        )
    }

    pub(super) fn invalid_dates() -> Self {
        Self::new(
            "invalid-start-and-end-date",
            "Invalid Start And End Date",
            422,
            "The start date is after the end date, in the future, or older than a year.",
        )
    }

    /// The kind, for what is kept of it.
    pub(super) fn kept(self) -> crate::ledger::Rejection {
        crate::ledger::Rejection {
            kind: self.r#type.to_owned(),
            title: self.title.to_owned(),
            status: self.status,
            detail: self.detail,
        }
    }
}
