//! What a restart keeps: organisations with their books, consents and tokens, and the time.
//!
//! The file named by the operator holds everything but the books; these are beside it, one file an organisation, since they are large and change on their own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Organisation, Sandbox, ledger::Ledger, organisation::About};

/// How soon a change is on disk.
const SAVE_EVERY: Duration = Duration::from_millis(300);

/// The state file of a sandbox.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// As of which changes the files are.
    saved: Versions,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Versions {
    changes: u64,
    ledgers: BTreeMap<Uuid, u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    offset_micros: i64,
    organisations: Vec<SavedOrganisation>,
    #[serde(default)]
    quickbooks_online: serde_json::Value,
    xero: serde_json::Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedOrganisation {
    id: Uuid,
    about: About,
    access_epoch: u64,
}

impl StateFile {
    /// Take over what the file has, if it is there. `sandbox` is to be a new one.
    pub fn open(path: &Path, sandbox: &Sandbox) -> io::Result<Self> {
        let mut file = Self {
            path: path.to_owned(),
            saved: Versions::default(),
        };
        let Some(saved) = read::<Saved>(path)? else {
            return Ok(file);
        };
        for organisation in saved.organisations {
            let path = file.ledger_path(organisation.id);
            let missing = || {
                io::Error::new(
                    io::ErrorKind::NotFound,
                    format!("`{}` is missing", path.display()),
                )
            };
            let ledger: Ledger = read(&path)?.ok_or_else(missing)?;
            file.saved.ledgers.insert(organisation.id, ledger.version);
            let restored = Organisation::new(organisation.about, ledger);
            restored.restore_access_epoch(organisation.access_epoch);
            sandbox.add_organisation(restored);
        }
        sandbox.clock.restore_offset(saved.offset_micros);
        sandbox
            .quickbooks_online
            .restore(saved.quickbooks_online)
            .map_err(|error| in_file(path, error))?;
        sandbox
            .xero
            .restore(saved.xero)
            .map_err(|error| in_file(path, error))?;
        file.saved.changes = sandbox.changes();
        Ok(file)
    }

    /// Save every change soon after it, and what is left once `stop` comes.
    pub async fn keep(mut self, sandbox: Arc<Sandbox>, stop: impl Future<Output = ()>) -> io::Result<()> {
        let mut stop = std::pin::pin!(stop);
        loop {
            let stopped = tokio::time::timeout(SAVE_EVERY, &mut stop).await.is_ok();
            let world = sandbox.clone();
            // Writing takes its time: not on a thread that serves others.
            let saving = tokio::task::spawn_blocking(move || {
                let saved = self.save(&world);
                (self, saved)
            });
            let (file, saved) = saving.await.map_err(io::Error::other)?;
            self = file;
            match saved {
                Err(error) if stopped => return Err(error),
                Err(error) => tracing::error!(%error, "The state of the sandbox is not saved"),
                Ok(()) if stopped => return Ok(()),
                Ok(()) => {}
            }
        }
    }

    /// Save what has changed.
    pub fn save(&mut self, sandbox: &Sandbox) -> io::Result<()> {
        // Read before the content: what changes in between is saved again.
        let changes = sandbox.changes();
        let organisations = sandbox.organisations();
        for organisation in &organisations {
            let ledger = organisation.ledger();
            if self.saved.ledgers.get(&organisation.id) != Some(&ledger.version) {
                write(&self.ledger_path(organisation.id), &*ledger)?;
                self.saved.ledgers.insert(organisation.id, ledger.version);
            }
        }
        if self.saved.changes == changes && self.path.exists() {
            return Ok(());
        }
        let saved = Saved {
            offset_micros: sandbox.clock.offset_micros(),
            organisations: organisations
                .iter()
                .map(|organisation| SavedOrganisation {
                    id: organisation.id,
                    about: organisation.about.clone(),
                    access_epoch: organisation.access_epoch(),
                })
                .collect(),
            quickbooks_online: sandbox.quickbooks_online.snapshot(),
            xero: sandbox.xero.snapshot(),
        };
        write(&self.path, &saved)?;
        self.saved.changes = changes;
        Ok(())
    }

    fn ledger_path(&self, organisation: Uuid) -> PathBuf {
        beside(&self.path, &format!(".{organisation}.ledger"))
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(io::Error::new(
                error.kind(),
                format!("`{}`: {error}", path.display()),
            ));
        }
    };
    serde_json::from_reader(BufReader::new(file))
        .map(Some)
        .map_err(|error| in_file(path, error))
}

/// The whole file or none of it: it is written beside, and takes the place of the old one.
fn write<T: Serialize>(path: &Path, content: &T) -> io::Result<()> {
    let unfinished = beside(path, ".unfinished");
    let mut writer = BufWriter::new(File::create(&unfinished)?);
    serde_json::to_writer(&mut writer, content)?;
    writer.flush()?;
    writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    std::fs::rename(&unfinished, path)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    path.with_file_name(name)
}

fn in_file(path: &Path, error: serde_json::Error) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("`{}` is not a state of this sandbox: {error}", path.display()),
    )
}
