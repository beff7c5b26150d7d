use rust_decimal::Decimal;

use super::{Charge, Offer, Stock};
use crate::generate::random::Random;
use crate::ledger::{Direction, Line, LineAmounts, Tracked};

impl Stock {
    pub(super) fn lines(
        &self,
        random: &mut Random,
        direction: Direction,
        line_amounts: LineAmounts,
    ) -> Vec<Line> {
        let offers = match direction {
            Direction::Receivable => &self.sold,
            Direction::Payable => &self.bought,
        };
        let count = random.one_of([1, 1, 1, 2, 2, 3, 4]);
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            let overhead = direction == Direction::Payable && random.happens(0.5);
            let line = match (random.pick(offers), random.pick(&self.overheads)) {
                (Some(offer), _) if !overhead => self.offer_line(random, offer, line_amounts),
                (_, Some(charge)) => self.charge_line(random, charge, line_amounts),
                (Some(offer), None) => self.offer_line(random, offer, line_amounts),
                (None, None) => continue,
            };
            lines.push(line);
        }
        lines
    }

    fn offer_line(&self, random: &mut Random, offer: &Offer, line_amounts: LineAmounts) -> Line {
        // Cheap things sell by the hundred, so that every line comes to something.
        let quantity = if offer.unit_price < Decimal::TEN {
            random.between(100, 900)
        } else {
            random.between(1, 12)
        };
        let mut line = Line {
            id: random.id(),
            description: offer.name.clone(),
            quantity: Decimal::from(quantity),
            unit_amount: offer.unit_price,
            discount_rate: random
                .happens(0.08)
                .then(|| Decimal::from(random.one_of([5, 10, 15]))),
            line_amount: Decimal::ZERO,
            tax_amount: Decimal::ZERO,
            tax_code: offer.tax_code.clone(),
            account: offer.account,
            item: Some(offer.item),
            tracking: self.tracked(random),
        };
        self.finish(&mut line, line_amounts);
        line
    }

    pub(super) fn charge_line(
        &self,
        random: &mut Random,
        charge: &Charge,
        line_amounts: LineAmounts,
    ) -> Line {
        let mut line = Line {
            id: random.id(),
            description: format!(
                "{}, {}",
                charge.name,
                random.one_of(["as agreed", "this month", "one-off"])
            ),
            quantity: Decimal::ONE,
            unit_amount: random.money(1_250, 64_000),
            discount_rate: None,
            line_amount: Decimal::ZERO,
            tax_amount: Decimal::ZERO,
            tax_code: charge.tax_code.clone(),
            account: charge.account,
            item: None,
            tracking: self.tracked(random),
        };
        self.finish(&mut line, line_amounts);
        line
    }

    pub(super) fn finish(&self, line: &mut Line, line_amounts: LineAmounts) {
        if line_amounts == LineAmounts::NoTax {
            line.tax_code = "NONE".to_owned();
        }
        line.calculate(line_amounts, self.tax(&line.tax_code));
    }

    pub(super) fn tracked(&self, random: &mut Random) -> Vec<Tracked> {
        if !random.happens(0.3) {
            return Vec::new();
        }
        self.tracking
            .iter()
            .filter_map(|options| random.pick(options).copied())
            .collect()
    }
}

pub(super) fn line_amounts(random: &mut Random) -> LineAmounts {
    let exclusive = LineAmounts::Exclusive;
    random.one_of([
        exclusive,
        exclusive,
        exclusive,
        exclusive,
        LineAmounts::Inclusive,
        exclusive,
        LineAmounts::NoTax,
    ])
}
