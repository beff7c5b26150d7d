use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledgerline_model::Ids;

use crate::config::Config;

/// The configured master key; else the one beside the SQLite file, made if it is not there.
pub fn find(config: &Config, ids: &dyn Ids) -> anyhow::Result<[u8; 32]> {
    if let Some(key) = &config.master_key {
        return decode(key.expose()).context("`master_key` is not 32 bytes in base64");
    }
    let Some(path) = config.database_url.strip_prefix("sqlite://") else {
        bail!("`master_key` is missing: with PostgreSQL it has to be given, 32 bytes in base64");
    };
    let file = key_file(Path::new(path.split('?').next().unwrap_or(path)));
    match std::fs::read_to_string(&file) {
        Ok(text) => decode(text.trim()).with_context(|| format!("`{}` holds no key", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&file, ids),
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", file.display())),
    }
}

/// Whether the key is one that lies beside the data, which is no place for live connections' keys.
pub fn is_beside_the_data(config: &Config) -> bool {
    config.master_key.is_none()
}

fn key_file(database: &Path) -> PathBuf {
    database.with_extension("key")
}

fn make(file: &Path, ids: &dyn Ids) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    ids.fill(&mut key);
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = match options.open(file) {
        Ok(out) => out,
        // Another process was first: its key counts.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return decode(std::fs::read_to_string(file)?.trim());
        }
        Err(error) => return Err(error).with_context(|| format!("`{}` cannot be made", file.display())),
    };
    writeln!(out, "{}", STANDARD.encode(key))?;
    out.sync_all()?;
    Ok(key)
}

fn decode(text: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = STANDARD.decode(text).context("it is not base64")?;
    <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| anyhow::anyhow!("it is not 32 bytes"))
}
