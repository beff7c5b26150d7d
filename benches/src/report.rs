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
        run(
            "listed whole",
            &case.whole,
            per_10k(case.download.cpu_seconds, case.rows),
        );
        let share = case.changed.written as f64 / case.rows as f64;
        let of_changed = per_10k(
            case.download.cpu_seconds + case.insert.cpu_seconds * share,
            case.rows,
        );
        run(&format!("{} changed", case.changes), &case.changed, of_changed);
        run(
            "nothing changed",
            &case.unchanged,
            per_10k(case.download.cpu_seconds, case.rows),
        );
        let changes_alone = (case.changed.cpu_seconds - case.whole.cpu_seconds).max(0.0);
        let raw = limit * case.changed.written as f64 / 10_000.0;
        println!(
            "changed, without what is listed whole: {changes_alone:.2} CPU s, {:.1} % of the full pull, {:.1} times the limit of {} rows",
            100.0 * changes_alone / case.full.cpu_seconds,
            changes_alone / raw,
            case.changed.written
        );
        println!(
            "records written: {} full, {} after {} changes, {} with nothing changed; idle server: {:.1} MB",
            case.full.written,
            case.changed.written,
            case.changes,
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
