use std::process::{Command, Stdio};

use super::plans;

/// The tour checks each of its steps itself, and ends at the first that is not as it should be. It does most of what
/// there is to do: each statement on its way costs the same in a store that has grown.
#[tokio::test]
async fn the_tour_runs_through_and_goes_through_nothing_that_grows() {
    let ended = Command::new(env!("CARGO_BIN_EXE_ledgerline"))
        .args(["demo", "--tour", "--log-json"])
        .env("RUST_LOG", "error,sqlx::query=debug")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ended.stdout);
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{printed}{errors}");
    let last = printed.lines().last().unwrap();
    let counts = last.strip_prefix("tour ok: ").unwrap();
    let counts: Vec<(&str, &str)> = counts
        .split(", ")
        .map(|count| count.split_once(' ').unwrap())
        .collect();
    let names: Vec<&str> = counts.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, ["data types", "records", "webhooks"], "{last}");
    for (count, _) in counts {
        assert!(count.parse::<u64>().unwrap() > 0, "{last}");
    }
    // Each expense is planned and written into the books of both platforms.
    assert_eq!(printed.matches(", once in the books").count(), 6, "{printed}");
    let statements = plans::statements(&errors);
    assert!(statements.len() > 100, "{}", statements.len());
    let unbounded = plans::unbounded(&statements).await;
    assert!(unbounded.is_empty(), "{}", unbounded.join("\n"));
}
