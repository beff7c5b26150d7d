use std::path::Path;

/// The committed descriptions are those that the handlers give: `just gen` writes them anew.
#[test]
fn the_committed_descriptions_are_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi");
    let address = "http://127.0.0.1:8080".parse().unwrap();
    for (name, description) in [
        ("codat", ledgerline_api::codat::description(&address)),
        ("accend", ledgerline_api::accend::description(&address)),
        ("sync2books", ledgerline_api::sync2books::description(&address)),
    ] {
        let committed = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let given = description.to_pretty_json().unwrap();
        assert_eq!(committed.trim_end(), given, "run `just gen`");
    }
}
