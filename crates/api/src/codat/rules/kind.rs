use ledgerline_model::event::{Body, PullSnapshot};
use ledgerline_model::run::Reason;

/// What a rule can be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    SyncStarted,
    SyncCompleted,
    SyncFailed,
    ConnectionStatusChanged,
    NewCompanySynchronized,
    DataSyncCompleted,
    DatasetDataChanged,
    DataSyncStatusChangedToError,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::SyncStarted,
        Self::SyncCompleted,
        Self::SyncFailed,
        Self::ConnectionStatusChanged,
        Self::NewCompanySynchronized,
        Self::DataSyncCompleted,
        Self::DatasetDataChanged,
        Self::DataSyncStatusChangedToError,
    ];

    /// As alerts name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SyncStarted => "Sync Started",
            Self::SyncCompleted => "Sync Completed",
            Self::SyncFailed => "Sync Failed",
            Self::ConnectionStatusChanged => "DataConnectionStatusChanged",
            Self::NewCompanySynchronized => "New company synchronized",
            Self::DataSyncCompleted => "Data sync completed",
            Self::DatasetDataChanged => "Dataset data changed",
            Self::DataSyncStatusChangedToError => "Data Sync Status Changed To Error",
        }
    }

    /// Documents, portal and clients spell the names differently: case, spaces and hyphens mean nothing, nor does
    /// whether a sync is `complete` or `completed`.
    pub fn named(name: &str) -> Option<Self> {
        let wanted = plain(name);
        Self::ALL.into_iter().find(|kind| plain(kind.name()) == wanted)
    }

    /// Whether the event is of this kind.
    pub fn is_of(self, body: &Body) -> bool {
        match (self, body) {
            (Self::SyncStarted, Body::PushStarted { .. })
            | (Self::SyncCompleted, Body::PushSucceeded { .. })
            | (Self::SyncFailed, Body::PushFailed { .. })
            | (
                Self::ConnectionStatusChanged,
                Body::ConnectionConnected { .. }
                | Body::ConnectionReconnected { .. }
                | Body::ConnectionDisconnected { .. },
            ) => true,
            (Self::NewCompanySynchronized, Body::RunCompleted { run, .. }) => {
                Reason::from_key(&run.reason) == Some(Reason::Initial) && run.pulls.iter().any(is_complete)
            }
            (Self::DataSyncCompleted, Body::RunCompleted { run, .. }) => run.pulls.iter().any(is_complete),
            (Self::DatasetDataChanged, Body::RunCompleted { run, .. }) => run.pulls.iter().any(has_changed),
            (Self::DataSyncStatusChangedToError, Body::RunCompleted { run, .. }) => {
                run.pulls.iter().any(|pull| !is_complete(pull))
            }
            (
                Self::SyncStarted
                | Self::SyncCompleted
                | Self::SyncFailed
                | Self::ConnectionStatusChanged
                | Self::NewCompanySynchronized
                | Self::DataSyncCompleted
                | Self::DatasetDataChanged
                | Self::DataSyncStatusChangedToError,
                _,
            ) => false,
        }
    }
}

pub fn is_complete(pull: &PullSnapshot) -> bool {
    pull.state == COMPLETE
}

pub fn has_changed(pull: &PullSnapshot) -> bool {
    is_complete(pull) && (pull.changed > 0 || pull.deleted > 0)
}

/// Key of a Pull that ended well.
const COMPLETE: &str = "Complete";

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let letters = letters.replace("synchronised", "synchronized");
    match letters.as_str() {
        "synccomplete" => "synccompleted".to_owned(),
        "datasynccomplete" => "datasynccompleted".to_owned(),
        "syncfail" => "syncfailed".to_owned(),
        "syncstart" => "syncstarted".to_owned(),
        _ => letters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_portal_and_clients_mean_the_same() {
        for (spelling, kind) in [
            ("sync-failed", Kind::SyncFailed),
            ("sync-complete", Kind::SyncCompleted),
            ("Sync Completed", Kind::SyncCompleted),
            ("sync-started", Kind::SyncStarted),
            ("DataConnectionStatusChanged", Kind::ConnectionStatusChanged),
            ("Data connection status changed", Kind::ConnectionStatusChanged),
            ("New company synchronised", Kind::NewCompanySynchronized),
            ("data-sync-completed", Kind::DataSyncCompleted),
            ("DatasetDataChanged", Kind::DatasetDataChanged),
            (
                "Data Sync Status Changed To Error ()",
                Kind::DataSyncStatusChangedToError,
            ),
        ] {
            assert_eq!(Kind::named(spelling), Some(kind), "{spelling}");
        }
        assert_eq!(Kind::named("Push Operation Timed Out"), None);
        assert_eq!(Kind::named(""), None);
    }
}
