use std::path::Path;

use anyhow::Context;

/// Print the documents, or write one file each.
pub fn run(dir: Option<&Path>) -> anyhow::Result<()> {
    let codat = ledgerline_api::codat::openapi().to_pretty_json()?;
    match dir {
        None => println!("{codat}"),
        Some(dir) => {
            let file = dir.join("codat.json");
            std::fs::create_dir_all(dir)?;
            std::fs::write(&file, codat + "\n").with_context(|| format!("`{}`", file.display()))?;
        }
    }
    Ok(())
}
