use std::path::Path;

use anyhow::Context;

/// The address that the committed documents name.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// Print the documents, one after the other, or write one file each.
pub fn run(dir: Option<&Path>) -> anyhow::Result<()> {
    let address = ADDRESS.parse()?;
    let documents = [
        ("codat", ledgerline_api::codat::description(&address)),
        ("accend", ledgerline_api::accend::description(&address)),
        ("sync2books", ledgerline_api::sync2books::description(&address)),
    ];
    for (name, document) in documents {
        let document = document.to_pretty_json()?;
        match dir {
            None => println!("{document}"),
            Some(dir) => {
                let file = dir.join(format!("{name}.json"));
                std::fs::create_dir_all(dir)?;
                std::fs::write(&file, document + "\n").with_context(|| format!("`{}`", file.display()))?;
            }
        }
    }
    Ok(())
}
