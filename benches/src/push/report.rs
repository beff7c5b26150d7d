use super::case::Case;
use super::limit::least_seconds;

/// What was found, as a table.
pub fn print(cases: &[Case]) {
    println!(
        "\n{:<48}{:>7}{:>9}{:>9}{:>9}{:>8}{:>13}{:>9}{:>8}",
        "", "items", "seconds", "items/s", "limit/s", "ratio", "commits/item", "PG tx/it", "CPU ms"
    );
    for case in cases {
        let items = case.items as f64;
        let per_second = items / case.seconds;
        let least = least_seconds(&case.setting, case.items as u64);
        let (limit, ratio) = least.map_or_else(Default::default, |least| {
            let ratio = 100.0 * least / case.seconds;
            (format!("{:.1}", items / least), format!("{ratio:.0}%"))
        });
        let transactions = case
            .transactions
            .map(|count| format!("{:.2}", count as f64 / items));
        println!(
            "{:<48}{:>7}{:>9.1}{per_second:>9.1}{limit:>9}{ratio:>8}{:>13.3}{:>9}{:>8.1}",
            case.setting.to_string(),
            case.items,
            case.seconds,
            case.commits as f64 / items,
            transactions.unwrap_or_default(),
            1000.0 * case.cpu_seconds / items
        );
        println!(
            "{:<48}{:.2} requests of the platform for each",
            "",
            case.requests as f64 / items
        );
    }
}
