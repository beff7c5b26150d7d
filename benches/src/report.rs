use crate::case::Case;
use crate::ours::Run;

/// What was found, as tables.
pub fn print(cases: &[Case]) {
    for case in cases {
        let size = case.invoices;
        println!("\n{:?}, {size} invoices, {} records", case.store, case.rows);
        println!(
            "{:<28}{:>10}{:>11}{:>11}{:>10}{:>9}{:>9}{:>8}",
            "", "records", "records/s", "CPU s/10k", "CPU s", "of it DB", "peak MB", "ratio"
        );
        line(
            "limit: download + parse",
            case.rows,
            case.download.seconds,
            case.download.cpu_seconds,
        );
        line(
            "limit: raw insert",
            case.rows,
            case.insert.seconds,
            case.insert.cpu_seconds,
        );
        let limit = per_10k(case.download.cpu_seconds + case.insert.cpu_seconds, case.rows);
        run("full pull", &case.full, limit);
        let parsed = per_10k(case.download.cpu_seconds, case.rows);
        run("nothing changed", &case.unchanged, parsed);
        let as_many = case.changed_download.cpu_seconds + case.changed_insert.cpu_seconds;
        line(
            "limit of what changed: d + p",
            case.changed_insert.count,
            case.changed_download.seconds,
            case.changed_download.cpu_seconds,
        );
        line(
            "limit of what changed: raw",
            case.changed_insert.count,
            case.changed_insert.seconds,
            case.changed_insert.cpu_seconds,
        );
        run(
            &format!("{} changed, told", case.changes),
            &case.changed,
            per_10k(as_many, case.changed_insert.count),
        );
        run("listed whole", &case.listed, parsed);
        run("both, as many changed again", &case.all_changed, parsed);
        println!(
            "1 % changed, of types that the platform tells the changes of: {:.2} CPU s, {:.1} % of the full pull, {:.1} times the limit of as many rows ({:.3} CPU s)",
            case.changed.cpu_seconds,
            100.0 * case.changed.cpu_seconds / case.full.cpu_seconds,
            case.changed.cpu_seconds / as_many,
            as_many
        );
        println!(
            "apart: types that are listed whole each time: {:.2} CPU s, {:.1} % of the full pull; both in one Run: {:.2} CPU s, {:.1} %",
            case.listed.cpu_seconds,
            100.0 * case.listed.cpu_seconds / case.full.cpu_seconds,
            case.all_changed.cpu_seconds,
            100.0 * case.all_changed.cpu_seconds / case.full.cpu_seconds,
        );
        println!(
            "records written: {} full, {} after {} changes ({} more of those listed whole), {} with nothing changed; idle server: {:.1} MB",
            case.full.written,
            case.changed.written,
            case.changes,
            case.listed.written,
            case.unchanged.written,
            case.idle_megabytes
        );
    }
    println!();
    for small in cases {
        for large in cases
            .iter()
            .filter(|large| large.store == small.store && large.invoices > small.invoices)
        {
            println!(
                "{:?}: peak memory of {} against {} invoices: {:.2} (full), {:.2} (changed), {:.2} (nothing changed)",
                small.store,
                large.invoices,
                small.invoices,
                large.full.peak_megabytes / small.full.peak_megabytes,
                large.changed.peak_megabytes / small.changed.peak_megabytes,
                large.unchanged.peak_megabytes / small.unchanged.peak_megabytes
            );
        }
    }
}

fn line(name: &str, records: u64, seconds: f64, cpu: f64) {
    let per_second = records as f64 / seconds;
    println!(
        "{name:<28}{records:>10}{per_second:>11.0}{:>11.3}{cpu:>10.2}",
        per_10k(cpu, records)
    );
}

/// `limit` is the CPU seconds for 10k records that it would cost at least.
fn run(name: &str, run: &Run, limit: f64) {
    let ours = per_10k(run.cpu_seconds, run.read);
    println!(
        "{:<28}{:>10}{:>11.0}{ours:>11.3}{:>10.2}{:>9.2}{:>9.1}{:>7.0}%",
        name,
        run.read,
        run.read as f64 / run.seconds,
        run.cpu_seconds,
        run.database_seconds,
        run.peak_megabytes,
        100.0 * limit / ours
    );
}

fn per_10k(cpu_seconds: f64, records: u64) -> f64 {
    cpu_seconds * 10_000.0 / records.max(1) as f64
}
