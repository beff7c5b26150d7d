use crate::LocalDateTime;

use super::Check;

/// Nothing is due before it was issued.
pub(super) fn due(
    check: &mut Check<'_>,
    field: &str,
    issued: Option<LocalDateTime>,
    due: Option<LocalDateTime>,
) {
    let (Some(issued), Some(due)) = (issued, due) else {
        return;
    };
    let (issued, due) = (issued.0.date(), due.0.date());
    if due < issued {
        check.warn(
            "due-before-issued",
            field,
            format!("It is due on {due}, before it was issued on {issued}."),
        );
    }
}
