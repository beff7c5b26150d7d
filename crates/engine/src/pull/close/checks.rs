use ledgerline_model::Decimal;
use ledgerline_model::consistency::ControlCheck;
use ledgerline_platform::Totals;

use super::books::{Books, Side};

/// What the platform states against what the records make. A total that the platform does not tell, or that not all
/// types were read for, is no check.
pub(super) fn of(totals: &Totals, books: &Books) -> Vec<ControlCheck> {
    let mut checks = vec![ControlCheck::new("trial_balance", totals.debits, totals.credits)];
    checks.extend(control("ar_control", totals.receivables, books.receivables));
    checks.extend(control("ap_control", totals.payables, books.payables));
    if let Some(earnings) = &totals.earnings {
        checks.push(ControlCheck::new(
            "current_year_earnings",
            earnings.balance_sheet,
            earnings.accounts,
        ));
    }
    for bank in &totals.banks {
        let name = format!("bank_balance:{}", bank.account);
        checks.push(ControlCheck::new(name, bank.stated, bank.booked));
    }
    checks
}

fn control(name: &str, stated: Option<Decimal>, side: Option<Side>) -> Option<ControlCheck> {
    let side = side?;
    Some(ControlCheck {
        tolerance: side.tolerance(),
        ..ControlCheck::new(name, stated?, side.total)
    })
}

#[cfg(test)]
mod tests {
    use ledgerline_platform::BankTotal;

    use super::*;

    #[test]
    fn each_total_that_is_told_is_checked_to_the_cent() {
        let money = |text: &str| text.parse::<Decimal>().unwrap();
        let totals = Totals {
            debits: money("900.00"),
            credits: money("900.00"),
            receivables: Some(money("120.50")),
            payables: None,
            banks: vec![BankTotal {
                account: "b1".into(),
                stated: money("10"),
                booked: money("9.99"),
            }],
            earnings: None,
        };
        let books = Books {
            receivables: Some(Side {
                total: money("120.40"),
                foreign: 1,
            }),
            payables: Some(Side {
                total: money("7"),
                foreign: 0,
            }),
        };
        let said: Vec<String> = of(&totals, &books)
            .into_iter()
            .map(|check| format!("{} {} {}", check.name, check.difference, check.agrees()))
            .collect();
        assert_eq!(
            said,
            [
                "trial_balance 0.00 true",
                "ar_control -0.10 false",
                "bank_balance:b1 -0.01 false"
            ]
        );
    }
}
