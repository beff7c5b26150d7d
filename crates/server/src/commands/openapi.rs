use std::path::Path;

use anyhow::Context;

/// The address that the committed documents name.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// Print the documents, or write one file each.
pub fn run(dir: Option<&Path>) -> anyhow::Result<()> {
    let codat = ledgerline_api::codat::description(&ADDRESS.parse()?).to_pretty_json()?;
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
