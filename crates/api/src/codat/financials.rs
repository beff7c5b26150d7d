use http::HeaderMap;
use jiff::civil::Date;
use ledgerline_model::query::{ListRequest, Moment};
use ledgerline_model::records::{
    BalanceSheetMonth, CashFlowMonth, ProfitAndLossMonth, ReportBasis, ReportInput, ReportLine,
};
use ledgerline_model::{DataType, Decimal, LocalDateTime};
use ledgerline_store::reading;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::as_of;
use super::errors::Error;
use super::owned::CompanyOf;
use super::query::Parameters;
use super::records::{readable, readable_connection};

/// Months of the longest window that anybody keeps: ten times a century would do.
const MAX_MONTHS: u32 = 1200;

/// Balance sheets at the ends of periods, the newest first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceSheets {
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    reports: Vec<BalanceSheet>,
    #[serde(flatten)]
    available: Available,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BalanceSheet {
    /// The last day of the period.
    date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    assets: Option<ReportLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    liabilities: Option<ReportLine>,
    net_assets: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    equity: Option<ReportLine>,
}

/// Profit and loss of periods, the newest first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfitAndLosses {
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    report_basis: ReportBasis,
    reports: Vec<ProfitAndLoss>,
    #[serde(flatten)]
    available: Available,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfitAndLoss {
    from_date: LocalDateTime,
    to_date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    income: Option<ReportLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_of_sales: Option<ReportLine>,
    gross_profit: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    expenses: Option<ReportLine>,
    net_operating_profit: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_expenses: Option<ReportLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_income: Option<ReportLine>,
    net_other_income: Decimal,
    net_profit: Decimal,
}

/// What moved the company's cash in periods, the newest first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CashFlows {
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    report_basis: ReportBasis,
    report_input: ReportInput,
    reports: Vec<CashFlow>,
    #[serde(flatten)]
    available: Available,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CashFlow {
    from_date: LocalDateTime,
    to_date: LocalDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    cash_receipts: Option<ReportLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cash_payments: Option<ReportLine>,
}

/// Which months there are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Available {
    #[serde(skip_serializing_if = "Option::is_none")]
    most_recent_available_month: Option<LocalDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_available_month: Option<LocalDateTime>,
}

/// The company's balance sheets at the ends of the asked periods, composed from those of months.
pub async fn balance_sheet(
    of: CompanyOf,
    parameters: Parameters,
) -> Result<(HeaderMap, axum::Json<BalanceSheets>), Error> {
    let asked = Periods::of(&parameters)?;
    let months: Months<BalanceSheetMonth> = Months::read(&of, DataType::BalanceSheet, &parameters).await?;
    let reports = months.periods(&asked).map(|months| {
        let last = &months[0].1;
        BalanceSheet {
            date: last.date,
            assets: last.assets.clone(),
            liabilities: last.liabilities.clone(),
            net_assets: last.net_assets,
            equity: last.equity.clone(),
        }
    });
    let sheets = BalanceSheets {
        currency: months.newest().and_then(|month| month.currency.clone()),
        reports: reports.collect(),
        available: months.available(),
    };
    Ok((months.headers, axum::Json(sheets)))
}

/// The company's profit and loss of the asked periods, summed from those of months.
pub async fn profit_and_loss(
    of: CompanyOf,
    parameters: Parameters,
) -> Result<(HeaderMap, axum::Json<ProfitAndLosses>), Error> {
    let asked = Periods::of(&parameters)?;
    let months: Months<ProfitAndLossMonth> = Months::read(&of, DataType::ProfitAndLoss, &parameters).await?;
    let statements = ProfitAndLosses {
        currency: months.newest().and_then(|month| month.currency.clone()),
        report_basis: months
            .newest()
            .map_or(ReportBasis::Unknown, |month| month.report_basis),
        reports: months.periods(&asked).map(sum).collect(),
        available: months.available(),
    };
    Ok((months.headers, axum::Json(statements)))
}

/// The company's cash flow of the asked periods, summed from those of months.
pub async fn cash_flow_statement(
    of: CompanyOf,
    parameters: Parameters,
) -> Result<(HeaderMap, axum::Json<CashFlows>), Error> {
    let asked = Periods::of(&parameters)?;
    let months: Months<CashFlowMonth> = Months::read(&of, DataType::CashFlowStatement, &parameters).await?;
    let newest = months.newest();
    let statements = CashFlows {
        currency: newest.and_then(|month| month.currency.clone()),
        report_basis: newest.map_or(ReportBasis::Unknown, |month| month.report_basis),
        report_input: newest.map_or(ReportInput::Unknown, |month| month.report_input),
        reports: months.periods(&asked).map(sum_flows).collect(),
        available: months.available(),
    };
    Ok((months.headers, axum::Json(statements)))
}

/// Which periods are asked for.
struct Periods {
    /// Months of each.
    length: u32,
    count: u32,
    /// First day of the last month of the newest period; absent: the most recent month.
    start_month: Option<Date>,
}

impl Periods {
    fn of(parameters: &Parameters) -> Result<Self, Error> {
        let missing = |name| Error::bad_request(format!("The parameter `{name}` is required."));
        let number = |name| {
            let number = parameters.number(name, 1..=MAX_MONTHS)?;
            number.ok_or_else(|| missing(name))
        };
        let start_month = parameters.text("startMonth").map(|text| {
            let moment = Moment::parse(text).ok_or_else(|| {
                Error::bad_request("The parameter `startMonth` has to be a date, e.g. `2027-03-01`.")
            })?;
            let utc = moment.in_utc().to_zoned(jiff::tz::TimeZone::UTC);
            Ok::<Date, Error>(utc.date().first_of_month())
        });
        Ok(Self {
            length: number("periodLength")?,
            count: number("periodsToCompare")?,
            start_month: start_month.transpose()?,
        })
    }
}

/// Statements of months, the newest first, each with the first day of its month.
struct Months<T> {
    months: Vec<(Date, T)>,
    /// Of which Run they are, where they are asked for as of an instant.
    headers: HeaderMap,
}

impl<T: DeserializeOwned> Months<T> {
    async fn read(of: &CompanyOf, data_type: DataType, parameters: &Parameters) -> Result<Self, Error> {
        let mut tx = of.engine.store.read().await?;
        let connection = readable_connection(&mut tx, of).await?;
        let records = readable(&of.engine, &mut tx, &connection, data_type, parameters).await?;
        let all = ListRequest {
            filter: None,
            order: None,
            page: 1,
            page_size: MAX_MONTHS,
        };
        let page = reading::list(&mut tx, records, &all).await?;
        let headers =
            as_of::sets::headers(&mut tx, &connection, data_type, parameters, records.as_of).await?;
        let mut months = Vec::with_capacity(page.records.len());
        for record in page.records.into_iter().filter(|record| !record.is_deleted) {
            let Ok(month) = format!("{}-01", record.remote_id).parse() else {
                continue;
            };
            let statement =
                serde_json::from_str(&record.standard).map_err(|error| Error::internal(&error))?;
            months.push((month, statement));
        }
        months.sort_by_key(|(month, _)| std::cmp::Reverse(*month));
        Ok(Self { months, headers })
    }
}

impl<T> Months<T> {
    fn newest(&self) -> Option<&T> {
        self.months.first().map(|(_, statement)| statement)
    }

    fn available(&self) -> Available {
        let month = |of: Option<&(Date, T)>| of.map(|(month, _)| LocalDateTime::from(*month));
        Available {
            most_recent_available_month: month(self.months.first()),
            earliest_available_month: month(self.months.last()),
        }
    }

    /// The months of each period, newest first; a period that lacks a month is left out.
    fn periods(&self, asked: &Periods) -> impl Iterator<Item = &[(Date, T)]> {
        let newest = self.months.first().map(|(month, _)| *month);
        let start = asked.start_month.or(newest).unwrap_or(Date::ZERO);
        let (length, count) = (asked.length as usize, asked.count as usize);
        (0..count)
            .map(move |period| i64::try_from(period * length))
            .map_while(move |back| {
                let back = jiff::Span::new().try_months(back.ok()?).ok()?;
                start.checked_sub(back).ok()
            })
            .filter_map(move |last| {
                let from = self.months.iter().position(|(month, _)| *month == last)?;
                let months = self.months.get(from..from + length)?;
                is_whole(months).then_some(months)
            })
    }
}

/// Whether each month follows the one after it in the list.
fn is_whole<T>(months: &[(Date, T)]) -> bool {
    months.windows(2).all(|pair| {
        pair[0]
            .0
            .yesterday()
            .is_ok_and(|day| day.first_of_month() == pair[1].0)
    })
}

fn sum(months: &[(Date, ProfitAndLossMonth)]) -> ProfitAndLoss {
    let total = |of: fn(&ProfitAndLossMonth) -> Decimal| {
        months
            .iter()
            .fold(Decimal::ZERO, |total, (_, month)| total + of(month))
    };
    let line = |of| sum_lines(months, of);
    let (newest, oldest) = (&months[0].1, &months[months.len() - 1].1);
    ProfitAndLoss {
        from_date: oldest.from_date,
        to_date: newest.to_date,
        income: line(|month| &month.income),
        cost_of_sales: line(|month| &month.cost_of_sales),
        gross_profit: total(|month| month.gross_profit),
        expenses: line(|month| &month.expenses),
        net_operating_profit: total(|month| month.net_operating_profit),
        other_expenses: line(|month| &month.other_expenses),
        other_income: line(|month| &month.other_income),
        net_other_income: total(|month| month.net_other_income),
        net_profit: total(|month| month.net_profit),
    }
}

fn sum_flows(months: &[(Date, CashFlowMonth)]) -> CashFlow {
    let receipts = sum_lines(months, |month| &month.cash_receipts);
    let payments = sum_lines(months, |month| &month.cash_payments);
    let (newest, oldest) = (&months[0].1, &months[months.len() - 1].1);
    let (cash_receipts, cash_payments) = match newest.report_input {
        // Where the lines are movements of accounts, what moved there and back has not moved.
        ReportInput::Indirect => {
            let (receipts, payments) = CashFlowMonth::sides(net(receipts, payments).items);
            (Some(receipts), Some(payments))
        }
        ReportInput::Direct | ReportInput::Unknown => (receipts, payments),
    };
    CashFlow {
        from_date: oldest.from_date,
        to_date: newest.to_date,
        cash_receipts,
        cash_payments,
    }
}

/// Lines of receipts, less those of payments.
fn net(receipts: Option<ReportLine>, payments: Option<ReportLine>) -> ReportLine {
    let mut net = receipts.unwrap_or_else(|| ReportLine::titled(""));
    if let Some(mut payments) = payments {
        negate(&mut payments);
        add(&mut net, &payments);
    }
    net
}

fn negate(line: &mut ReportLine) {
    line.value = -line.value;
    line.items.iter_mut().for_each(negate);
}

/// Oldest first, so that lines stand where they stood when they first appeared.
fn sum_lines<T>(months: &[(Date, T)], of: fn(&T) -> &Option<ReportLine>) -> Option<ReportLine> {
    let lines = months.iter().rev().filter_map(|(_, month)| of(month).as_ref());
    lines.fold(None, |sum: Option<ReportLine>, line| match sum {
        Some(mut sum) => {
            add(&mut sum, line);
            Some(sum)
        }
        None => Some(line.clone()),
    })
}

/// Add a line and, by account or else by name, the lines below it.
fn add(sum: &mut ReportLine, line: &ReportLine) {
    sum.value = sum.value + line.value;
    for item in &line.items {
        let same = |known: &&mut ReportLine| match (&known.account_id, &item.account_id) {
            (Some(one), Some(other)) if !one.is_empty() || !other.is_empty() => one == other,
            _ => known.name == item.name,
        };
        match sum.items.iter_mut().find(same) {
            Some(known) => add(known, item),
            None => sum.items.push(item.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: &str, items: Vec<ReportLine>) -> ReportLine {
        ReportLine {
            account_id: None,
            name: Some(name.to_owned()),
            value: value.parse().unwrap(),
            items,
        }
    }

    fn asked(length: u32, count: u32, start_month: Option<&str>) -> Periods {
        Periods {
            length,
            count,
            start_month: start_month.map(|date| date.parse().unwrap()),
        }
    }

    /// November 2026 is missing.
    fn months() -> Months<()> {
        let months = [
            "2027-03-01",
            "2027-02-01",
            "2027-01-01",
            "2026-12-01",
            "2026-10-01",
        ];
        Months {
            months: months.map(|month| (month.parse().unwrap(), ())).to_vec(),
            headers: HeaderMap::new(),
        }
    }

    fn found(asked: &Periods) -> Vec<String> {
        let months = months();
        let periods = months.periods(asked);
        periods
            .map(|months| format!("{}..{}", months[months.len() - 1].0, months[0].0))
            .collect()
    }

    #[test]
    fn periods_go_back_from_the_newest_month_and_lack_no_month() {
        assert_eq!(
            found(&asked(2, 5, None)),
            ["2027-02-01..2027-03-01", "2026-12-01..2027-01-01"]
        );
        assert_eq!(
            found(&asked(1, 2, None)),
            ["2027-03-01..2027-03-01", "2027-02-01..2027-02-01"]
        );
        assert_eq!(
            found(&asked(1, 3, Some("2026-12-01"))),
            ["2026-12-01..2026-12-01", "2026-10-01..2026-10-01"]
        );
        assert!(found(&asked(3, 1, Some("2026-12-01"))).is_empty());
        assert!(found(&asked(1200, 1200, None)).is_empty());
    }

    /// What a yearly statement of the platform would say is what twelve of its months come to.
    #[test]
    fn what_moved_there_and_back_within_a_period_has_not_moved() {
        let month = |month: u32, flows: [(&str, &str); 3]| {
            let flows = flows.map(|(name, value)| line(name, value, vec![]));
            let (receipts, payments) = CashFlowMonth::sides(flows);
            let date: Date = format!("2027-0{month}-01").parse().unwrap();
            let month = CashFlowMonth {
                currency: None,
                report_basis: ReportBasis::Unknown,
                report_input: ReportInput::Indirect,
                from_date: date.into(),
                to_date: date.last_of_month().into(),
                cash_receipts: Some(receipts),
                cash_payments: Some(payments),
            };
            (date, month)
        };
        let mut months = [
            month(2, [("Profit", "5.00"), ("Owed", "-4.50"), ("Tax", "-1")]),
            month(1, [("Profit", "-1.25"), ("Owed", "4.50"), ("Tax", "0.40")]),
        ];
        let said = |months: &[(Date, CashFlowMonth)]| {
            let sum = sum_flows(months);
            let side = |side: Option<ReportLine>| {
                let side = side.unwrap();
                let items = side
                    .items
                    .iter()
                    .map(|item| format!("{} {}", item.name.as_deref().unwrap(), item.value));
                format!("{}: {}", side.value, items.collect::<Vec<_>>().join(", "))
            };
            (side(sum.cash_receipts), side(sum.cash_payments))
        };
        assert_eq!(
            said(&months),
            ("3.75: Profit 3.75".into(), "0.60: Tax 0.60".into())
        );
        for (_, month) in &mut months {
            month.report_input = ReportInput::Direct;
        }
        assert_eq!(
            said(&months),
            (
                "9.90: Owed 4.50, Tax 0.40, Profit 5.00".into(),
                "6.75: Profit 1.25, Owed 4.50, Tax 1".into()
            )
        );
    }

    #[test]
    fn lines_are_summed_by_name_without_rounding() {
        let mut sum = line("Income", "10.10", vec![line("Sales", "10.10", vec![])]);
        let later = line(
            "Income",
            "5.25",
            vec![line("Sales", "4.20", vec![]), line("Other", "1.05", vec![])],
        );
        add(&mut sum, &later);
        assert_eq!(
            serde_json::to_string(&sum).unwrap(),
            r#"{"name":"Income","value":15.35,"items":[{"name":"Sales","value":14.30,"items":[]},{"name":"Other","value":1.05,"items":[]}]}"#
        );
    }
}
